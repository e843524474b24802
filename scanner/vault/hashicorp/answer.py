"""What the server answered: a field of it, or the error that a refusal means.

https://developer.hashicorp.com/vault/api-docs#http-status-codes
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from requests import Response

from scanner.errors import LeaksealError
from scanner.report.escape import visible
from scanner.vault.store import AbsentError, RefusedError, StoreError, UnfitError

_Value = TypeVar("_Value")


class VaultError(StoreError):
    """Something went wrong with Vault; `problem` is the code of the `Problem` that this is."""

    problem = "address"


class UnreachableError(VaultError):
    """There is no server, or it gave no answer that can be used."""


class TlsError(VaultError, RefusedError):
    """The server cannot prove who it is, or does not accept our certificate."""

    problem = "tls"


class LoginError(VaultError, RefusedError):
    """There is no token, or the server does not accept it, or gives none."""

    problem = "login"


class DeniedError(VaultError, RefusedError):
    """The policies of the token do not allow it."""

    problem = "permission"


class SealedError(VaultError, RefusedError):
    """The server is sealed or was not initialised."""

    problem = "sealed"


class MountError(VaultError):
    """The mount is not a KV secrets engine, or its version cannot be told."""

    problem = "engine"


class MismatchError(VaultError):
    """Check-and-set found another version than the one that was named."""


class DeletedError(VaultError):
    """The newest version was deleted, and its number is still taken."""


class NotFoundError(VaultError, AbsentError):
    """There is nothing at a path; `answer` is what the server said nevertheless."""

    def __init__(self, message: str, answer: Any) -> None:
        """Keep `answer`."""
        super().__init__(message)
        self.answer = answer


def field(answer: Any, kind: type[_Value], *names: str) -> _Value | None:
    """Return what stands under `names`, one in the other; None if there is nothing of that kind."""
    for name in names:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer if type(answer) is kind else None


def failure(response: Response, what: str, sent: Any) -> LeaksealError | None:
    """Return the error that `response` to the request `what` means, if any.

    `sent` is all that must not be shown.
    """
    status = response.status_code
    if status == 204:
        return None
    answer = _json(response)
    if status == 200 and isinstance(answer, dict):
        return None
    if status in (200, 400, 404) and not isinstance(answer, dict):
        return UnreachableError(f"{what}: the answer is not Vault's; check VAULT_ADDR")
    if 300 <= status < 400:
        where = visible(response.headers.get("Location", "another server"))
        return UnreachableError(f"{what}: sent on to {where}; set VAULT_ADDR to where it ends")
    said = _said(answer, sent)
    if status == 404:
        absent = NotFoundError(f"{what}: there is nothing", answer)
        return VaultError(f"{what}: {said}") if said else absent
    return _refusal(status, said, what)


def _refusal(status: int, said: str, what: str) -> LeaksealError:
    shown = f"{what}: {said or 'refused'} (HTTP {status})"
    if "check-and-set parameter d" in said:  # "did not match", "does not match"
        return MismatchError(shown)
    if status == 413 or "too large" in said:
        return UnfitError(f"{what}: larger than this server takes")
    if status == 501 or (status == 503 and "sealed" in said):
        return SealedError(f"{what}: {said}; see `vault status`, and unseal or initialise it")
    if status in (401, 403):
        return LoginError(shown)
    if status == 429:
        return UnreachableError(
            f"{what}: the server is asked too often (HTTP 429); try again later"
        )
    if status == 412 or status >= 500:
        return UnreachableError(f"{shown}; try again later")
    return VaultError(shown)


def _json(response: Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):  # also for what is not UTF-8
        return None


def _said(answer: Any, sent: Any) -> str:
    """Return the server's own words, unless they repeat something that was sent to it."""
    errors = field(answer, list, "errors") or []
    said = ", ".join(" ".join(error.split()) for error in errors if isinstance(error, str))
    return "" if any(text in said for text in _texts(sent)) else visible(said)


def _texts(sent: Any) -> Iterator[str]:
    if isinstance(sent, str) and len(sent) > 3:  # a shorter one is found in any sentence
        yield " ".join(sent.split())
    elif isinstance(sent, dict):
        for name, value in sent.items():
            if name != "role":
                yield from _texts(value)
