"""A token for the server: one that is there, or one that it gives for another credential."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scanner.report.escape import visible
from scanner.vault.hashicorp.answer import LoginError, field
from scanner.vault.hashicorp.settings import variable

HOME_FILE = ".vault-token"  # where `vault login` and `bao login` leave it
# https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
KUBERNETES_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/token"
LARGEST = 1 << 16


def log_in(environ: Mapping[str, str], options: Mapping[str, str], client: Any) -> None:
    """Give `client`, an hvac.Client, its token. Raises LoginError if there is none to be had."""
    method = options.get("auth", "token")
    if method not in _METHODS:
        known = ", ".join(_METHODS)
        raise LoginError(f"auth={visible(method)} is not known; there are: {known}")
    token = _METHODS[method](environ, options, client)
    if not re.fullmatch(r"[!-~]{1,8192}", token):
        raise LoginError("the token holds characters that no token has; log in again")
    client.token = token


def _token(environ: Mapping[str, str], options: Mapping[str, str], client: Any) -> str:
    home = environ.get("HOME", "")
    token = variable(environ, "TOKEN")
    if not token and home:
        token = _read(os.path.join(home, HOME_FILE), optional=True)
    if not token:
        raise LoginError(
            "there is no token: set VAULT_TOKEN, run `vault login` or `bao login`, "
            "or log in otherwise with ?auth=approle, jwt or kubernetes"
        )
    return token


def _approle(environ: Mapping[str, str], options: Mapping[str, str], client: Any) -> str:
    answer = client.auth.approle.login(
        _needed(environ, "ROLE_ID"),
        variable(environ, "SECRET_ID") or None,  # a role may do without
        mount_point=options.get("auth_mount", "approle"),
        use_token=False,
    )
    return _given(answer)


def _jwt(environ: Mapping[str, str], options: Mapping[str, str], client: Any) -> str:
    mount = options.get("auth_mount", "jwt")
    answer = client.auth.jwt.jwt_login(
        _role(options), _web_token(environ), path=mount, use_token=False
    )
    return _given(answer)


def _kubernetes(environ: Mapping[str, str], options: Mapping[str, str], client: Any) -> str:
    answer = client.auth.kubernetes.login(
        _role(options),
        _web_token(environ, KUBERNETES_FILE),
        mount_point=options.get("auth_mount", "kubernetes"),
        use_token=False,
    )
    return _given(answer)


_METHODS: dict[str, Callable[[Mapping[str, str], Mapping[str, str], Any], str]] = {
    "token": _token,
    "approle": _approle,
    "kubernetes": _kubernetes,
    "jwt": _jwt,
}


def _given(answer: Any) -> str:
    token = field(answer, str, "auth", "client_token")
    if token is None:
        raise LoginError("the login gave no token; is it made for single sign-on or wrapping?")
    return token


def _role(options: Mapping[str, str]) -> str:
    if not options.get("role"):
        raise LoginError("name the role to log in with: ?role=NAME")
    return options["role"]


def _web_token(environ: Mapping[str, str], file: str = "") -> str:
    given = variable(environ, "JWT")
    file = variable(environ, "JWT_FILE") or file
    return given or (_read(file) if file else _needed(environ, "JWT"))


def _needed(environ: Mapping[str, str], name: str) -> str:
    value = variable(environ, name)
    if not value:
        raise LoginError(f"this login needs VAULT_{name}, which is not set")
    return value


def _read(file: str, optional: bool = False) -> str:
    try:
        with Path(file).open(encoding="ascii") as opened:
            return opened.read(LARGEST).strip()
    except FileNotFoundError as error:
        if optional:
            return ""
        reason = error.strerror
    except OSError as error:
        reason = error.strerror
    except UnicodeDecodeError:
        reason = "not a token"
    raise LoginError(f"{visible(file)} cannot be read: {reason}")
