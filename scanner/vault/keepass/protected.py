"""Whether pykeepass has read all protected fields of a KDBX 4 file as they are.

It drops control characters from them, which KeePassXC keeps, and leaves those encrypted that are
not text. Written again, both would be lost to their owner.
"""

import zlib
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from Cryptodome.Cipher import AES, ChaCha20
from lxml import etree
from pykeepass.kdbx_parsing.twofish import Twofish

_HASHES = 64  # of the header, after it
_HASH = 32  # of a block, before it
_BLOCK = 16
_GZIP = 31  # what zlib calls it
_VALUES = "//Value[@Protected='True']"


def spoilt(raw: bytes, database: Any) -> bool:
    """Tell whether a protected field in `raw` is longer or shorter than in the open `database`."""
    stored = etree.fromstring(_xml(raw, database)).xpath(_VALUES)
    read = database.tree.xpath(_VALUES)
    return [len(b64decode(field.text or "")) for field in stored] != [
        len((field.text or "").encode()) for field in read
    ]


def _xml(raw: bytes, database: Any) -> bytes:
    """Return the XML in `raw`, which is known to be sound, before any field of it is decrypted."""
    header = database.kdbx.header
    fields = header.value.dynamic_header
    encrypted = b"".join(_blocks(raw, len(header.data) + _HASHES))
    cipher = _cipher(
        fields.cipher_id.data, database.kdbx.body.master_key, fields.encryption_iv.data
    )
    payload: bytes = cipher.decrypt(encrypted)
    if fields.compression_flags.data.compression:
        payload = zlib.decompressobj(_GZIP).decompress(payload)  # the padding is left over
    elif fields.cipher_id.data != "chacha20":
        payload = payload[: -payload[-1]]
    return payload[_inner_header(payload) :]


def _blocks(raw: bytes, start: int) -> Iterator[bytes]:
    while True:
        start += _HASH + 4
        end = start + int.from_bytes(raw[start - 4 : start], "little")
        if start == end:
            return
        yield raw[start:end]
        start = end


def _cipher(name: str, key: bytes, iv: bytes) -> Any:
    if name == "chacha20":
        return ChaCha20.new(key=key, nonce=iv)
    if name == "twofish":
        return Twofish.new(key, mode=Twofish.MODE_CBC, IV=iv)
    return AES.new(key, AES.MODE_CBC, iv)


def _inner_header(payload: bytes) -> int:
    """Return where the inner header ends: a type, a length and that many bytes, up to type 0."""
    place = 0
    while True:
        kind, size = payload[place], int.from_bytes(payload[place + 1 : place + 5], "little")
        place += 5 + size
        if kind == 0:
            return place
