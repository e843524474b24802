"""Requests that are bounded in time and size, and repeated where that is safe.

Proxies, certificates and passwords come from `Settings`, not from where requests looks for them.
"""

import time
from typing import Any, NamedTuple
from urllib.parse import unquote

import requests
from requests.adapters import HTTPAdapter

from scanner.report.escape import visible
from scanner.vault.hashicorp.answer import (
    DeniedError,
    LoginError,
    TlsError,
    UnreachableError,
    VaultError,
    failure,
)
from scanner.vault.hashicorp.settings import Settings
from scanner.vault.store import RefusedError

LARGEST = 64 << 20  # of an answer; a server takes requests of 32 MiB by default
PAUSE = 0.25  # before the first repetition, then twice as long each time
LONGEST_PAUSE = 10.0  # what a server may ask for with Retry-After
_LOOKUP = "auth/token/lookup-self"
# 412 comes from a Vault that has not seen our last write yet.
_TRANSIENT = (412, 429, 500, 502, 503, 504)


class Session:
    """What hvac has instead of a `requests.Session`; its answers are JSON objects or empty."""

    def __init__(self, settings: Settings) -> None:
        """Take how to reach the server; nothing is sent yet."""
        self._settings = settings
        self._accepted = self._known = (
            False  # the token was good for anything, for a look at itself
        )
        self.cert = settings.certificate
        self.verify = settings.authorities or True
        self.proxies = {"http": settings.proxy, "https": settings.proxy} if settings.proxy else {}
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cert, self._session.verify = self.cert, self.verify
        self._session.proxies = self.proxies
        if settings.server_name:  # the name in the certificate, where it is not in the address
            adapter = HTTPAdapter()
            adapter.init_poolmanager(1, 1, server_hostname=settings.server_name)
            self._session.mount("https://", adapter)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def request(
        self, method: str, url: str, headers: dict[str, str], **given: Any
    ) -> requests.Response:
        """Return the answer; raise StoreError, or UnfitError for what is too large for the server.

        Every request of ours may be repeated but a login, which can use up what it logs in with:
        a write names the version that it replaces, or replaces what is there by the same.
        """
        asked = _Request(method, url, headers, given.get("params"), given.get("json"))
        path = url.removeprefix(f"{self._settings.address}/v1/")
        what = f"{self._settings.address}, {method.upper()} {visible(unquote(path))}"
        login = path.startswith("auth/") and path.endswith("/login")
        response = self._repeated(asked, 1 if login else self._settings.attempts)
        sent = {"token": headers.get("X-Vault-Token"), "body": asked.body}
        error = failure(response, what, sent)
        if error is None:
            self._accepted = True
            self._known |= path == _LOOKUP
            return response
        if login and response.status_code in (400, 403, 404):
            raise LoginError(f"{error}; check credential, role and auth_mount")
        raise self._denied(what, headers) if response.status_code == 403 else error

    def _repeated(self, asked: "_Request", attempts: int) -> requests.Response:
        for attempt in range(attempts - 1):
            pause = PAUSE * 2**attempt
            try:
                response = self._exchange(asked)
            except UnreachableError:
                time.sleep(pause)
                continue
            if response.status_code not in _TRANSIENT:
                return response
            wanted = response.headers.get("Retry-After", "")
            time.sleep(min(float(wanted), LONGEST_PAUSE) if wanted.isdecimal() else pause)
        return self._exchange(asked)

    def _denied(self, what: str, headers: dict[str, str]) -> RefusedError:
        """Tell apart a token that is no longer valid from one that may not do this."""
        url = f"{self._settings.address}/v1/{_LOOKUP}"
        if self._exchange(_Request("get", url, headers)).status_code == 200:
            return DeniedError(f"{what}: the policies of the token do not allow it")
        if self._known:
            return LoginError(f"{what}: the token has expired or was revoked; log in again")
        if self._accepted:
            return DeniedError(f"{what}: not allowed, or the token has expired by now")
        return LoginError(f"{what}: the token is wrong or has expired; log in again")

    def _exchange(self, asked: "_Request") -> requests.Response:
        # Errors of requests hold the request, and with it tokens and values: none is passed on.
        where, seconds = self._settings.address, self._settings.timeout
        try:
            response = self._session.request(
                asked.method,
                asked.url,
                headers=asked.headers,
                params=asked.parameters,
                json=asked.body,
                timeout=seconds,
                allow_redirects=False,  # a token is for this server and no other
                stream=True,
            )
            response._content = _content(response, time.monotonic() + seconds)
        except requests.exceptions.SSLError as error:
            said = f"{where}: TLS failed: {_reason(error)}; see VAULT_CACERT"
            raise TlsError(said) from None
        except requests.exceptions.Timeout:
            raise UnreachableError(f"{where} gave no answer in {seconds:g} s") from None
        except requests.exceptions.ConnectionError as error:
            raise UnreachableError(f"{where} cannot be reached: {_reason(error)}") from None
        except OSError as error:  # the root of what requests raises
            kind = type(error).__name__
            raise UnreachableError(f"{where} cannot be asked or understood ({kind})") from None
        return response


class _Request(NamedTuple):
    method: str
    url: str
    headers: dict[str, str]
    parameters: Any = None
    body: Any = None


def _content(response: requests.Response, deadline: float) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(1 << 16):
        content += chunk
        if len(content) > LARGEST or time.monotonic() > deadline:
            response.close()
            raise VaultError(f"an answer is larger than {LARGEST >> 20} MiB or comes too slowly")
    return bytes(content)


def _reason(error: requests.RequestException) -> str:
    cause = error.args[0] if error.args else error
    return visible(str(getattr(cause, "reason", cause)), 200)
