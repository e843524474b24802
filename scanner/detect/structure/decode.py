"""Encodings that tokens and keys are written in; what cannot be decoded gives None."""

import binascii
from typing import Any

_STANDARD = bytes.maketrans(b"-_", b"+/")
_BASE58 = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_LONGEST = 1024  # characters of base58 or bech32


def base64(text: bytes) -> bytes | None:
    """Return the bytes that base64 in either alphabet, padded or not, stands for (RFC 4648)."""
    text = text.rstrip(b"=").translate(_STANDARD)
    try:
        return binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
    except binascii.Error:
        return None


def exactly(text: bytes, size: int) -> bool:
    """Tell whether base64 stands for `size` bytes, with no bit set beyond them."""
    data = base64(text)
    if data is None or len(data) != size:
        return False
    bare = text.rstrip(b"=").translate(_STANDARD)
    return binascii.b2a_base64(data, newline=False).rstrip(b"=") == bare


def json_object(text: bytes) -> dict[str, Any] | None:
    """Return the JSON object (RFC 8259) that stands in base64."""
    import json  # noqa: PLC0415 - few files hold a token that needs it

    data = base64(text)
    if data is None:
        return None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def base32(text: bytes) -> bytes | None:
    """Return the bytes that base32 stands for (RFC 4648), unpadded and in upper case."""
    import base64 as codec  # noqa: PLC0415 - likewise

    try:
        return codec.b32decode(text + b"=" * (-len(text) % 8))
    except binascii.Error:
        return None


def digits(value: int, alphabet: bytes, count: int) -> bytes:
    """Return the last `count` digits of `value`, the most significant first."""
    written = bytearray(count)
    for place in reversed(range(count)):
        value, digit = divmod(value, len(alphabet))
        written[place] = alphabet[digit]
    return bytes(written)


def base58(text: bytes, alphabet: bytes = _BASE58) -> bytes | None:
    """Return the bytes that base58 stands for (draft-msporny-base58), a 1 for each zero before."""
    if len(text) > _LONGEST:
        return None
    value = 0
    for byte in text:
        digit = alphabet.find(byte)
        if digit < 0:
            return None
        value = value * 58 + digit
    zeros = len(text) - len(text.lstrip(alphabet[:1]))
    return bytes(zeros) + value.to_bytes((value.bit_length() + 7) // 8, "big")


def base58check(text: bytes, alphabet: bytes = _BASE58) -> bytes | None:
    """Return what base58check stands for, without its checksum; None if that is wrong.

    Bitcoin's wiki, "Base58Check encoding": the checksum is the first four bytes of SHA-256 applied
    twice.
    """
    from hashlib import sha256  # noqa: PLC0415 - likewise

    data = base58(text, alphabet)
    if data is None:
        return None
    body, check = data[:-4], data[-4:]
    return body if body and sha256(sha256(body).digest()).digest()[:4] == check else None


def bech32(text: bytes) -> tuple[bytes, bytes] | None:
    """Return the lower-case name and the bytes of bech32 text; None if the checksum is wrong.

    BIP 173, without its limit of 90 characters.
    """
    if text.lower() != text and text.upper() != text:
        return None
    name, separator, coded = text.lower().rpartition(b"1")
    values = [_BECH32.find(byte) for byte in coded]
    if not separator or not name or len(text) > _LONGEST or len(values) < 6 or min(values) < 0:
        return None
    spread = [byte >> 5 for byte in name] + [0] + [byte & 31 for byte in name]
    if _polymod(spread + values) != 1:
        return None
    number, bits = 0, 5 * (len(values) - 6)
    for value in values[:-6]:
        number = number << 5 | value
    spare = bits % 8
    if spare > 4 or number & ((1 << spare) - 1):
        return None
    return name, (number >> spare).to_bytes(bits // 8, "big")


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_BECH32_GENERATORS):
            if top >> bit & 1:
                check ^= generator
    return check
