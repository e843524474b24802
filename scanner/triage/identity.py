"""Fingerprints: a name for a secret that says nothing about it to those without the key.

With a key, a fingerprint is HMAC-SHA-256 over rule family and secret. Without one it is scrypt over
the same, salted with the repository's identity: slow on purpose, so that guessing a weak password
from a published report costs, and cached under a key that never leaves this machine.
docs/fingerprints.md says what a reader of a report can and cannot learn.
"""

import hashlib
import hmac
import os
import stat
from collections.abc import Callable, Mapping
from typing import NamedTuple

from scanner.errors import UsageError

ENVIRONMENT = "LEAKSEAL_KEY"
SHORTEST_KEY = 16
_LARGEST_KEY = 4096
_DIGITS = 40
_CHECKED = b"leakseal: which key a baseline was made with"
_DERIVED = "root:"


class Identity(NamedTuple):
    """How fingerprints are made; `source` says where the key came from, for the report.

    `key` is the same for all who make the same fingerprints, and safe to publish: a check value of
    the key, or the salt.
    """

    source: str
    fingerprint: Callable[[str, bytes], str]
    key: str


def keyed(key: bytes, source: str) -> Identity:
    """Return an identity by HMAC with `key`; raise UsageError if it is shorter than 16 bytes."""
    if len(key) < SHORTEST_KEY:
        raise UsageError(f"the key from {source} is shorter than {SHORTEST_KEY} bytes")

    def fingerprint(family: str, secret: bytes) -> str:
        return hmac.new(key, _message(family, secret), hashlib.sha256).hexdigest()[:_DIGITS]

    check = hmac.new(key, _CHECKED, hashlib.sha256).hexdigest()[:16]
    return Identity(source, fingerprint, f"hmac:{check}")


def salt_of(key: str) -> bytes | None:
    """Return the salt that the `key` of an Identity tells, None if it was made with a real key."""
    return key.removeprefix(_DERIVED).encode() if key.startswith(_DERIVED) else None


def unkeyed(
    salt: bytes, cache: Mapping[str, str], remember: Callable[[str, str], None]
) -> Identity:
    """Return an identity by scrypt with `salt`; `cache` holds what was derived before.

    The cache's keys are opaque names made by `cache_name`; `remember` is told of new ones.
    """
    local = cache.get("key", "") or os.urandom(32).hex()
    if "key" not in cache:
        remember("key", local)

    def fingerprint(family: str, secret: bytes) -> str:
        message = _message(family, secret)
        name = hmac.new(local.encode(), salt + message, hashlib.sha256).hexdigest()
        known = cache.get(name)
        if known is None:
            known = hashlib.scrypt(message, salt=salt, n=1 << 12, r=8, p=1, dklen=20).hex()
            remember(name, known)
        return known

    name = _DERIVED + salt.decode("ascii", "replace")
    return Identity("derived without a key", fingerprint, name)


def read_key(path: str, forbidden: str | None) -> bytes:
    """Return the key in the file `path`, without its final line break.

    Raises UsageError if it cannot be read, others may read it, or it lies in the work tree
    `forbidden`, where it would be committed sooner or later.
    """
    try:
        with open(path, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            key = file.read(_LARGEST_KEY + 1)
    except OSError as error:
        raise UsageError(f"the key file {path} cannot be read: {error.strerror}") from None
    if forbidden and _inside(path, forbidden):
        raise UsageError(f"the key file {path} lies in the work tree; keep it outside")
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"others can read the key file {path}; run: chmod 600 {path}")
    if len(key) > _LARGEST_KEY:
        raise UsageError(f"the key file {path} is larger than {_LARGEST_KEY} bytes")
    return key.rstrip(b"\r\n")


def _message(family: str, secret: bytes) -> bytes:
    return family.encode() + b"\0" + secret


def _inside(path: str, folder: str) -> bool:
    real, top = os.path.realpath(path), os.path.realpath(folder)
    git = os.path.join(top, ".git")
    return real.startswith(top + os.sep) and not real.startswith(git + os.sep)
