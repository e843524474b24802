"""What opens a KeePass database: a password, a key file or both, named by the environment."""

import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

from scanner.model import Secret
from scanner.report.escape import visible
from scanner.vault import durable
from scanner.vault.store import RefusedError, StoreError

_IN_FILE = "LEAKSEAL_KDBX_PASSWORD_FILE"
_DIRECT = "LEAKSEAL_KDBX_PASSWORD"
_KEY_FILE = "LEAKSEAL_KDBX_KEY_FILE"
_LARGEST = 1 << 20


class Key(NamedTuple):
    """The parts of a composite key; at least one is there. `file` is the key file's content."""

    password: Secret | None
    file: Secret | None


def key(environ: Mapping[str, str]) -> Key:
    """Return the key that the environment names.

    Raises RefusedError if it names none, or a file that cannot be read or that others can read.
    """
    password = _password(environ)
    path = environ.get(_KEY_FILE)
    if password is None and not path:
        raise RefusedError(f"no key for the KeePass database; set {_IN_FILE} or {_KEY_FILE}")
    return Key(password, Secret(_read(path, _KEY_FILE)) if path else None)


def _password(environ: Mapping[str, str]) -> Secret | None:
    path = environ.get(_IN_FILE)
    if path:
        line = _read(path, _IN_FILE, private=True).removesuffix(b"\n").removesuffix(b"\r")
    else:
        line = os.fsencode(environ.get(_DIRECT, ""))
    try:
        line.decode()
    except UnicodeDecodeError:
        raise RefusedError(f"{_IN_FILE if path else _DIRECT} is not in UTF-8") from None
    return Secret(line) if line else None


def _read(path: str, variable: str, *, private: bool = False) -> bytes:
    try:
        content = durable.read(os.path.abspath(path), _LARGEST, follow=True)
        mode = os.stat(path).st_mode
    except (StoreError, OSError, ValueError):
        content = None
    if not content:
        raise RefusedError(f"{variable}: {visible(path)} is empty or cannot be read")
    if private and sys.platform != "win32" and mode & 0o077:
        raise RefusedError(f"{variable}: {visible(path)} can be read by others; chmod 600 it")
    return content
