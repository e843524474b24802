"""Macaroons: bearer tokens that carry where they are from, and a signature."""

import binascii
import re
from typing import NamedTuple

from scanner.detect.structure.decode import base64
from scanner.detect.structure.verdict import UNKNOWN, Verdict, disproved, doubtful, proved

_PYPI = (b"pypi.org", b"test.pypi.org")
_LOCATION, _IDENTIFIER, _SIGNATURE = 1, 2, 6
_SIGNATURE_SIZE = 32
_MOST_FIELDS = 2000
_HEX = re.compile(rb"[0-9A-Fa-f]{20,}")


class _Parsed(NamedTuple):
    location: bytes
    whole: bool


def macaroon(secret: bytes) -> Verdict:
    """Judge a macaroon of libmacaroons, of version 1 or 2, in base64 or hex.

    github.com/rescrv/libmacaroons, doc/format.txt: a location, an identifier, caveats, and a
    signature of 32 bytes.
    """
    data = binascii.unhexlify(secret[: len(secret) & ~1]) if _HEX.fullmatch(secret) else None
    parsed = _parsed(base64(secret) if data is None else data)
    if parsed is None:
        return doubtful("does not decode to a macaroon")
    place = "".join(
        c if c.isprintable() else "." for c in parsed.location.decode("utf-8", "replace")
    )
    if not parsed.whole:
        return doubtful(f"is a macaroon issued by {place[:64]}, not whole")
    return proved(f"is a macaroon issued by {place[:64]}")


def pypi_macaroon(secret: bytes) -> Verdict:
    """Judge a PyPI token: `pypi-` and a macaroon of version 2 issued by PyPI or its test site.

    warehouse.pypa.io, "Macaroons".
    """
    data = base64(secret.removeprefix(b"pypi-"))
    parsed = _parsed(data)
    if data is None or parsed is None or parsed.location not in _PYPI:
        return disproved("is not a macaroon of PyPI")
    if not parsed.whole:
        return doubtful("begins as a macaroon of PyPI does, but is not whole")
    return proved(f"is a macaroon issued by {parsed.location.decode()}")


def fly_macaroon(secret: bytes) -> Verdict:
    """Judge a token of Fly.io: base64 of a MessagePack array of four, the last of 32 bytes.

    github.com/superfly/macaroon, macaroon.go. The nonce comes first, the signature last.
    """
    prefix, _, text = secret.partition(b"_")
    if not prefix.startswith(b"fm"):
        return UNKNOWN
    data = base64(text)
    if data is None or data[:1] != b"\x94":
        return doubtful("does not decode to a macaroon of Fly.io")
    if data[-34:-32] != b"\xc4\x20":
        return doubtful("begins as a macaroon of Fly.io does, but is not whole")
    return proved("is a macaroon issued by Fly.io")


def _parsed(data: bytes | None) -> _Parsed | None:
    if not data:
        return None
    return _version2(data) if data[0] == 2 else _version1(data)


def _version1(data: bytes) -> _Parsed | None:
    """Read packets, each of four hex digits of its size, a name, a blank, a value and a newline."""
    location = b""
    at = 0
    for number in range(_MOST_FIELDS):
        try:
            size = int(data[at : at + 4], 16)
        except ValueError:
            break
        name, _, value = data[at + 4 : at + size].partition(b" ")
        if size < 7 or (number == 0 and name != b"location"):
            break
        if name == b"location":
            location = location or value.rstrip(b"\n")
        if name == b"signature":
            whole = len(value) == _SIGNATURE_SIZE + 1 and at + size == len(data)
            return _Parsed(location, whole)
        at += size
    return _Parsed(location, False) if location else None


def _version2(data: bytes) -> _Parsed | None:
    """Read fields, each of a type, a size and a value; a zero byte ends a section."""
    location = b""
    at = 1
    for _ in range(_MOST_FIELDS):
        kind = data[at : at + 1]
        if not kind:
            break
        at += 1
        if kind == b"\0":
            continue
        size, at = _varint(data, at)
        value = data[at : at + size]
        if kind[0] == _LOCATION:
            location = location or value
        if kind[0] == _SIGNATURE:
            return _Parsed(location, len(value) == _SIGNATURE_SIZE and at + size == len(data))
        if kind[0] > _SIGNATURE or len(value) < size:
            break
        at += size
    return _Parsed(location, False) if location else None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return an integer of seven bits a byte, the least first, and where it ends."""
    value = shift = 0
    while at < len(data) and shift < 28:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return value, at
