"""What a name of leakseal is in a SOPS file, and what stands there."""

import hashlib
import hmac

from scanner.model import Secret
from scanner.vault.sops.file import METADATA, File
from scanner.vault.sops.rules import SUFFIX
from scanner.vault.store import Held

LARGEST = 1 << 20
_LONGEST_NAME = 100  # bytes; SOPS spreads a key of more than 128 over two lines
_DIGITS = 12
_VERSION_DIGITS = 16


def fit(name: str) -> str:
    """Return `name` as a key: printable, short, and one that `sops --extract` can be asked for."""
    key = "".join(c if c.isprintable() and c != "[" else "_" for c in name)
    reserved = key in ("", METADATA) or key.endswith(SUFFIX)
    if key == name and not reserved and len(key.encode()) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    cut = key.encode()[: _LONGEST_NAME - _DIGITS - 1].decode("utf-8", "ignore")
    return f"{cut}-{digest[:_DIGITS]}"


def held(file: File, name: str) -> Held | None:
    """Return what an entry of `file` holds; None if there is none.

    The version is a keyed hash: only who can decrypt the value can compare one with a guess.
    """
    entry = file.entries.get(name)
    if entry is None:
        return None
    value = entry.plain.value
    digest = hmac.digest(file.key, b"leakseal version\0" + name.encode() + b"\0" + value, "sha256")
    return Held(Secret(value), digest.hex()[:_VERSION_DIGITS], dict(entry.facts))
