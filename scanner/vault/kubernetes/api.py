"""Requests to the API server: bounded in time and size, repeated where that is safe.

The library sets up TLS, client certificates and tokens; requests go through its connection pool
directly, because its own calls log bodies and put them into exceptions.
See https://kubernetes.io/docs/reference/using-api/api-concepts/.
"""

import json
import time
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import urllib3
from kubernetes.client import Configuration
from kubernetes.client.rest import RESTClientObject
from kubernetes.config import ConfigException
from urllib3.exceptions import (
    HTTPError,
    InsecureRequestWarning,
    ReadTimeoutError,
    SSLError,
)

from scanner import __version__
from scanner.report.escape import visible
from scanner.vault.loopback import is_loopback
from scanner.vault.store import RefusedError, StoreError

CONNECT_SECONDS = 10.0
READ_SECONDS = 15.0
PAUSES = (0.25, 1.0, 2.0)  # before each further attempt
LONGEST_PAUSE = 10.0  # what a server may ask for with Retry-After
_LARGEST = 8 << 20  # of an answer; a Secret is below 2 MiB
_METADATA = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
_TRANSIENT = (429, 500, 502, 503, 504)


class UntrustedError(RefusedError):
    """The server did not prove who it is, or would be spoken to in clear text."""


class Answer(NamedTuple):
    """The status of an answer and its JSON object, empty if it was none."""

    status: int
    body: dict[str, Any]
    retry_after: str = ""

    @property
    def reason(self) -> str:
        """Return why the server refused, as a word such as `AlreadyExists`; empty if unsaid."""
        return str(self.body.get("reason", ""))

    @property
    def details(self) -> dict[str, Any]:
        """Return what a failure is about."""
        details = self.body.get("details")
        return details if isinstance(details, dict) else {}

    @property
    def causes(self) -> list[dict[str, Any]]:
        """Return the causes of a failure, each with a `reason` and perhaps a `field`."""
        causes = self.details.get("causes")
        return [one for one in causes if isinstance(one, dict)] if isinstance(causes, list) else []


class Api:
    """An API server and who we are to it."""

    def __init__(self, configuration: Configuration) -> None:
        """Take how to reach the server; nothing is sent yet."""
        self.url: str = configuration.host
        self.verified: bool = configuration.verify_ssl
        self._configuration = configuration
        self._pool = RESTClientObject(configuration).pool_manager
        if not self.verified:  # preflight says it in our words
            urllib3.disable_warnings(InsecureRequestWarning)

    @property
    def in_clear(self) -> bool:
        """Tell whether requests would cross a network without TLS."""
        parts = urlsplit(self.url)
        return parts.scheme != "https" and not is_loopback(parts.hostname or "")

    def request(
        self,
        method: str,
        path: tuple[str, ...],
        body: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
        *,
        metadata_only: bool = False,
    ) -> Answer:
        """Return the answer, also where it is a refusal; raise StoreError if there is none.

        A request is repeated if it could not be answered for now. That is safe for every request of
        ours: a second creation or a second write over the same version is refused by the server.
        """
        if self.in_clear:
            raise UntrustedError(
                f"{self.server} is not https, so tokens and values could be read on the way;"
                " nothing was sent"
            )
        url = f"{self.url}/{'/'.join(quote(part, safe='') for part in path)}"
        if query:
            url += "?" + urlencode(query)
        accept = _METADATA if metadata_only else "application/json"
        content = None if body is None else json.dumps(body).encode()
        for pause in PAUSES:
            try:
                answer = self._once(method, url, accept, content)
            except RefusedError:
                raise
            except StoreError:
                time.sleep(pause)
                continue
            wanted = _seconds(answer.retry_after)
            if answer.status not in _TRANSIENT or wanted > LONGEST_PAUSE:
                return answer
            time.sleep(max(pause, wanted))
        return self._once(method, url, accept, content)

    @property
    def server(self) -> str:
        """Return the server for messages."""
        parts = urlsplit(self.url)
        return visible(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _once(self, method: str, url: str, accept: str, content: bytes | None) -> Answer:
        try:
            response = self._pool.request(
                method,
                url,
                body=content,
                headers=self._headers(accept),
                timeout=urllib3.Timeout(CONNECT_SECONDS, READ_SECONDS),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            try:
                raw = response.read(_LARGEST + 1)
            finally:
                response.close()
        except SSLError as error:
            raise UntrustedError(
                f"{self.server} is not trusted, or speaks no TLS: {visible(str(error), 200)}"
            ) from None
        except ReadTimeoutError:
            raise StoreError(f"{self.server} did not answer in time; run it again") from None
        except ConfigException:
            raise RefusedError(f"cannot renew the token for {self.server}; log in again") from None
        except (HTTPError, OSError):
            raise StoreError(
                f"{self.server} cannot be reached, or the connection broke; try kubectl version"
            ) from None
        if len(raw) > _LARGEST:
            raise StoreError(f"{self.server} answered more than {_LARGEST} bytes")
        return Answer(response.status, _object(raw), response.headers.get("Retry-After", ""))

    def _headers(self, accept: str) -> dict[str, str]:
        settings: Any = self._configuration.auth_settings()  # renews a token that ran out
        return {
            "Accept": accept,
            "Content-Type": "application/json",
            "User-Agent": f"leakseal/{__version__}",  # becomes the name of the field manager
            **{one["key"]: one["value"].strip() for one in settings.values()},
        }


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(retry_after: str) -> float:
    return float(retry_after) if retry_after.isdecimal() else 0.0
