"""How SOPS encrypts one value: AES-256-GCM, bound to the keys that lead to the value.

    ENC[AES256_GCM,data:…,iv:…,tag:…,type:str]

The format is that of https://github.com/getsops/sops, package `aes`; its nonces have 32 bytes.
"""

import os
import re
from base64 import b64decode, b64encode
from binascii import Error
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from scanner.vault.sops.layout import Path
from scanner.vault.sops.scalars import real
from scanner.vault.store import IntegrityError

_NONCE = 32
_TAG = 16
_FORMAT = re.compile(
    r"ENC\[AES256_GCM,data:([A-Za-z0-9+/=]+),iv:([A-Za-z0-9+/=]+),tag:([A-Za-z0-9+/=]+),"
    r"type:(str|int|float|bytes|bool|time|comment)\]"
)
_TRUE = (b"1", b"t", b"T", b"true", b"TRUE", b"True")


class Plain(NamedTuple):
    """A decrypted value; `kind` is its type in SOPS, `words` what the MAC is made of.

    Nothing protects the type, so `value` does not depend on it.
    """

    value: bytes
    kind: str
    words: bytes


def encrypt(value: bytes, key: bytes, bound_to: str) -> str:
    """Return `value` as an encrypted string of SOPS; an empty one stays as it is."""
    if not value:
        return ""
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(key).encrypt(nonce, value, bound_to.encode())
    data, iv, tag = (b64encode(p).decode() for p in (sealed[:-_TAG], nonce, sealed[-_TAG:]))
    return f"ENC[AES256_GCM,data:{data},iv:{iv},tag:{tag},type:str]"


def decrypt(text: str, key: bytes, bound_to: str) -> Plain:
    """Return what `encrypt` or SOPS encrypted; raise IntegrityError if it is not as it was."""
    if not text:
        return Plain(b"", "str", b"")
    match = _FORMAT.fullmatch(text)
    if match is None:
        raise IntegrityError("is not encrypted as SOPS does it")
    try:
        data, nonce, tag = (b64decode(part, validate=True) for part in match.groups()[:3])
        if not 8 <= len(nonce) <= 128 or len(tag) != _TAG:
            raise InvalidTag
        value = AESGCM(key).decrypt(nonce, data + tag, bound_to.encode())
        return Plain(value, match[4], _words(value, match[4]))
    except (Error, InvalidTag):
        raise IntegrityError("does not decrypt: it was damaged, moved or tampered with") from None
    except ValueError:
        raise IntegrityError(f"is no {match[4]}") from None


def _words(value: bytes, kind: str) -> bytes:
    if kind == "bool":
        return b"True" if value in _TRUE else b"False"
    if kind == "float":
        return real(value.decode("ascii")).encode()
    return b"" if kind == "comment" else value


def bound(path: Path) -> str:
    """Return what a value at `path` is bound to."""
    return ":".join(path) + ":"
