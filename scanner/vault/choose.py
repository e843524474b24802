"""From a URI to an open store. A store's library is imported only when a URI asks for it."""

import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from scanner.errors import UsageError
from scanner.report.escape import visible
from scanner.vault.store import Store


class _Kind(NamedTuple):
    module: str  # below scanner.vault
    extra: str  # what to install, as in leakseal[extra]
    libraries: str  # what that brings
    example: str


KINDS = {
    "sops": _Kind("sops.store", "sops", "cryptography and pyrage", "sops://secrets.enc.yaml"),
    "vault": _Kind("hashicorp.store", "vault", "hvac", "vault://kv/acme"),
    "aws-sm": _Kind("aws.secrets_manager", "aws", "boto3", "aws-sm://eu-west-1/acme"),
    "ssm": _Kind("aws.parameter_store", "aws", "boto3", "ssm:///acme"),
    "k8s": _Kind("kubernetes.store", "k8s", "cryptography and kubernetes", "k8s://default/acme"),
    "kdbx": _Kind("keepass.store", "kdbx", "pykeepass", "kdbx://secrets.kdbx"),
}


def store(uri: str, environ: Mapping[str, str], folder: str) -> Store:
    """Return the store on the base `uri`; a file it names is relative to `folder`.

    Raises UsageError if the URI makes no sense or the library for it is not installed.
    """
    parts, module = _module(uri)
    opened: Store = module.open_store(parts, environ, folder)
    return opened


def entry(uri: str, environ: Mapping[str, str], folder: str) -> tuple[Store, str]:
    """Return the store and the name of the entry at `uri`, as `Store.address` gave it."""
    parts, module = _module(uri)
    found: tuple[Store, str] = module.open_entry(parts, environ, folder)
    return found


def _module(uri: str) -> tuple[SplitResult, Any]:
    scheme = uri.partition("://")[0]
    kind = KINDS.get(scheme) if "://" in uri else None
    if kind is None:
        known = ", ".join(kind.example for kind in KINDS.values())
        raise UsageError(f"{visible(uri)} names no store; stores look like: {known}")
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise UsageError(f"{visible(uri)} cannot be read: {error}") from None
    if "@" in parts.netloc:
        raise UsageError(f"leave the credentials out of {scheme}://…; see docs/stores.md")
    try:
        return parts, importlib.import_module(f"scanner.vault.{kind.module}")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("scanner."):
            raise
        raise UsageError(
            f"{scheme}:// needs {kind.libraries}; run: pip install 'leakseal[{kind.extra}]'"
        ) from None
