"""How to reach the server, from the environment variables of its own command line tools.

https://developer.hashicorp.com/vault/docs/commands#configure-environment-variables and
https://openbao.org/docs/commands/#environment-variables; the `BAO_` form of a name wins.
"""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from scanner.report.escape import visible
from scanner.vault.loopback import is_loopback
from scanner.vault.store import Problem

TIMEOUT = 60.0  # seconds, and two more tries: what the command line tools do
RETRIES = 2


class Settings(NamedTuple):
    """What a connection needs. If a problem is fatal, nothing may be sent."""

    address: str
    namespace: str
    authorities: str  # file or folder of certificates; those of certifi if empty
    certificate: tuple[str, str] | None  # of the client, and its key
    server_name: str  # in the server's certificate, if not the one in the address
    proxy: str
    timeout: float
    attempts: int
    problems: tuple[Problem, ...]


def variable(environ: Mapping[str, str], name: str) -> str:
    """Return the setting `name`, such as `ADDR`, or an empty string."""
    return environ.get(f"BAO_{name}", "") or environ.get(f"VAULT_{name}", "")


def settings(environ: Mapping[str, str], options: Mapping[str, str]) -> Settings:
    """Return what `environ` and the options of the URI say; what is wrong becomes a problem."""
    address = variable(environ, "ADDR").rstrip("/")
    certificate = variable(environ, "CLIENT_CERT"), variable(environ, "CLIENT_KEY")
    authorities = variable(environ, "CACERT") or variable(environ, "CAPATH")
    namespace = options.get("namespace") or variable(environ, "NAMESPACE")
    problems = [*_address(address), *_files(authorities, *certificate)]
    if not re.fullmatch(r"[!-~]*", namespace):
        problems.append(Problem("address", f"{visible(namespace)} cannot be a namespace"))
    if variable(environ, "SKIP_VERIFY").lower() in ("1", "t", "true"):
        message = "VAULT_SKIP_VERIFY is ignored: certificates are always checked; see VAULT_CACERT"
        problems.append(Problem("tls", message, fatal=False))
    return Settings(
        address,
        namespace,
        authorities,
        (certificate[0], certificate[1]) if certificate[0] else None,
        variable(environ, "TLS_SERVER_NAME"),
        variable(environ, "PROXY_ADDR"),
        _seconds(variable(environ, "CLIENT_TIMEOUT")),
        1 + _count(variable(environ, "MAX_RETRIES")),
        tuple(problems),
    )


def _address(address: str) -> list[Problem]:
    if not address:
        return [
            Problem("address", "set VAULT_ADDR to the server, as in https://vault.example:8200")
        ]
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or port == 0 or parts.scheme not in ("http", "https"):
        return [
            Problem("address", "VAULT_ADDR is not an address such as https://vault.example:8200")
        ]
    if parts.username is not None or parts.query or parts.fragment or not address.isprintable():
        return [Problem("address", "VAULT_ADDR may hold scheme, host, port and path, nothing else")]
    if parts.scheme == "http" and not is_loopback(host):
        message = f"VAULT_ADDR sends secrets to {visible(host)} in the clear; use https://"
        return [Problem("tls", message)]
    return []


def _files(authorities: str, certificate: str, key: str) -> list[Problem]:
    problems = [
        Problem("tls", f"{name} names {visible(path)}, which cannot be read")
        for name, path in (
            ("VAULT_CACERT or VAULT_CAPATH", authorities),
            ("VAULT_CLIENT_CERT", certificate),
            ("VAULT_CLIENT_KEY", key),
        )
        if path and not os.access(path, os.R_OK)
    ]
    if bool(certificate) != bool(key):
        problems.append(Problem("tls", "set VAULT_CLIENT_CERT and VAULT_CLIENT_KEY, or neither"))
    return problems


def _seconds(text: str) -> float:
    """Read Go's form of a duration as far as it is used here: `90`, `90s`, `1.5m`."""
    match = re.fullmatch(r"(\d{1,5}(?:\.\d{1,3})?)(ms|s|m)?", text)
    if match is None:
        return TIMEOUT
    return float(match[1]) * {"ms": 0.001, "m": 60.0}.get(match[2] or "s", 1.0) or TIMEOUT


def _count(text: str) -> int:
    return int(text) if re.fullmatch(r"\d", text) else RETRIES
