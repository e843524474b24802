"""Sessions and clients of boto3 that cannot hang, send in the clear, or log what they carry.

Credentials, profile, region and endpoint come from where boto3 looks for them
(https://boto3.amazonaws.com/v1/documentation/api/latest/guide/configuration.html), but the
environment is the one that is given. What that does not name, boto3 looks up by itself.
"""

import logging
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader, create_loader

from scanner.errors import UsageError
from scanner.report.escape import visible
from scanner.vault.aws.errors import FAILURES, TlsError, UnavailableError, explained
from scanner.vault.aws.place import Place
from scanner.vault.loopback import is_loopback

CONNECT_SECONDS = 5
READ_SECONDS = 15
ATTEMPTS = 5  # with boto3's pauses in between, a call ends in about two minutes
_LOGGERS = ("boto3", "botocore", "urllib3")
_FILES = {
    "AWS_CONFIG_FILE": "config_file",
    "AWS_SHARED_CREDENTIALS_FILE": "credentials_file",
    "AWS_CA_BUNDLE": "ca_bundle",
}
_ENDPOINTS = {"kms": "KMS", "secretsmanager": "SECRETS_MANAGER", "ssm": "SSM"}
_KEYS = {
    "AWS_ACCESS_KEY_ID": "aws_access_key_id",
    "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
    "AWS_SESSION_TOKEN": "aws_session_token",
}


class Client:
    """A client of one service whose errors are those of `scanner.vault.aws.errors`."""

    def __init__(self, client: Any, service: str) -> None:
        """Wrap `client`, as boto3 made it for `service`."""
        self._client = client
        self._service = service

    def call(self, where: str, method: str, wanted: str, **parameters: Any) -> dict[str, Any]:
        """Return the answer to `method`, such as "get_parameter".

        `where` is said in errors. An answer without the member `wanted` raises UnavailableError:
        it does not come from AWS.
        """
        endpoint = urlsplit(self._client.meta.endpoint_url)
        host = endpoint.hostname or ""
        if endpoint.scheme != "https" and not is_loopback(host):
            raise TlsError(f"{where}: the way to {visible(host)} is not encrypted; use https://")
        action = f"{self._service}:{self._client.meta.method_to_api_mapping[method]}"
        send = getattr(self._client, method)
        try:
            answer: dict[str, Any] = send(**parameters)
        except FAILURES as error:
            raise explained(error, action, where) from None
        if wanted and wanted not in answer:
            raise UnavailableError(
                f"{where}: what answered {action} is not AWS; check the endpoint"
            )
        return answer

    def items(self, where: str, method: str, wanted: str, **parameters: Any) -> Iterator[Any]:
        """Yield the members of the list `wanted` in all pages of the answer to `method`."""
        while True:
            page = self.call(where, method, wanted, **parameters)
            yield from page[wanted]
            if not page.get("NextToken"):
                return
            parameters["NextToken"] = page["NextToken"]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def open_session(place: Place, environ: Mapping[str, str]) -> boto3.Session:
    """Return a session with the region, profile and credentials for `place`.

    Raises UsageError if there is no such profile, or a configuration file is malformed.
    """
    core = botocore.session.Session()
    core.register_component("data_loader", _service_models(environ.get("AWS_DATA_PATH")))
    for variable, setting in _FILES.items():
        if environ.get(variable):
            core.set_config_variable(setting, environ[variable])
    keys = {name: environ[key] for key, name in _KEYS.items() if environ.get(key)}
    if place.options.profile or "aws_access_key_id" not in keys:  # a profile that is named wins
        keys = {}
    profile = place.options.profile or _first(environ, "AWS_DEFAULT_PROFILE", "AWS_PROFILE")
    region = place.region or _first(environ, "AWS_REGION", "AWS_DEFAULT_REGION")
    try:
        return boto3.Session(
            botocore_session=core, profile_name=profile, region_name=region, **keys
        )
    except BotoCoreError as error:
        raise UsageError(f"{place.uri}: {visible(str(error))}") from None


def open_client(
    session: boto3.Session, service: str, environ: Mapping[str, str], attempts: int = 0
) -> Client:
    """Return a client that sends a request up to `attempts` times, 0 for as often as is sensible.

    Raises UsageError if there is no region, or the endpoint is not one.
    """
    specific = f"AWS_ENDPOINT_URL_{_ENDPOINTS[service]}"
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts or ATTEMPTS},
    )
    try:
        made = session.client(
            service,
            endpoint_url=_first(environ, specific, "AWS_ENDPOINT_URL"),
            config=config,
        )
    except (BotoCoreError, ValueError) as error:
        raise UsageError(f"AWS {service}: {visible(str(error))}") from None
    _keep_quiet()
    return Client(made, service)


@cache
def _service_models(folders: str | None) -> Loader:
    """Return the descriptions of AWS, parsed once: that is most of the time a client takes."""
    return create_loader(folders)


def _first(environ: Mapping[str, str], *names: str) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)


def _keep_quiet() -> None:
    """Keep DEBUG records of boto3 from every handler: they hold requests and answers whole.

    A filter on each logger holds even if somebody sets levels later; the level on the roots is for
    loggers of modules that are imported later.
    """
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.getEffectiveLevel(), logging.INFO))
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in _LOGGERS:
            logging.getLogger(name).addFilter(_not_debug)


def _not_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG
