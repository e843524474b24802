"""Samples of credentials whose own checksum or structure is right.

Written in a rule's example as `<<checked KIND …>>`:

`aws PREFIX`             an AWS access key id that names a possible account
`base58check HEX N …`    base58check of the bytes HEX, N random ones, and so on in turn
`base58 N`               base58 of N random bytes
`bech32 NAME N`          bech32 of N random bytes; in upper case if NAME is
`confluent`              an API secret of Confluent
`crc16 HEX N`            base32 of the bytes HEX, N random ones, and their CRC-16
`grafana`                a service account token of Grafana
`hexcrc PREFIX N TEXT`   PREFIX, N random characters, TEXT, and CRC-32 of all that in hex
`macaroon V PLACE`       a macaroon of version V from PLACE in base64url; for version 2h in hex
`routable PREFIX`        a routable token of GitLab
`xrp`                    a family seed of the XRP Ledger
"""

import base64
import binascii
import hashlib
import string
import zlib
from collections.abc import Callable

Take = Callable[[int], bytes]
"""Returns so many bytes that look random."""

_ALNUM = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_XRP = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _alnum(take: Take, count: int) -> str:
    return "".join(_ALNUM[byte % 62] for byte in take(count))


def _aws(take: Take, prefix: str) -> str:
    account = int.from_bytes(take(8), "big") % 10**12
    value = 1 << 79 | account << 39 | int.from_bytes(take(4), "big")
    return prefix + "".join(_BASE32[value >> shift & 31] for shift in range(75, -1, -5))


def _digits(value: int, alphabet: str) -> str:
    text = ""
    while value:
        value, digit = divmod(value, len(alphabet))
        text = alphabet[digit] + text
    return text


def _checked(data: bytes) -> bytes:
    return data + hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]


def _base58(data: bytes, alphabet: str = _BASE58) -> str:
    zeros = len(data) - len(data.lstrip(b"\0"))
    return alphabet[0] * zeros + _digits(int.from_bytes(data, "big"), alphabet)


def _base58check(take: Take, *parts: str) -> str:
    given = (bytes.fromhex(part) if n % 2 == 0 else take(int(part)) for n, part in enumerate(parts))
    return _base58(_checked(b"".join(given)))


def _xrp(take: Take) -> str:
    return _base58(_checked(b"\x21" + take(16)), _XRP)


def _bech32(take: Take, name: str, count: str) -> str:
    size = int(count) * 8
    number = int.from_bytes(take(int(count)), "big") << -size % 5
    groups = (size + 4) // 5
    values = [number >> 5 * (groups - 1 - n) & 31 for n in range(groups)]
    low = name.lower().encode()
    spread = [byte >> 5 for byte in low] + [0] + [byte & 31 for byte in low]
    check = 1
    for value in [*spread, *values, 0, 0, 0, 0, 0, 0]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            check ^= generator if top >> bit & 1 else 0
    values += [(check ^ 1) >> 5 * (5 - n) & 31 for n in range(6)]
    text = "".join(_BECH32[value] for value in values)
    return f"{name}1{text.upper() if name.isupper() else text}"


def _confluent(take: Take) -> str:
    body = _alnum(take, 54)
    check = zlib.crc32(body.encode()).to_bytes(4, "little")
    return f"cflt{body}{base64.b64encode(check).decode()[:6]}"


def _crc16(take: Take, before: str, count: str) -> str:
    data = bytes.fromhex(before) + take(int(count))
    data += binascii.crc_hqx(data, 0).to_bytes(2, "little")
    return base64.b32encode(data).decode().rstrip("=")


def _grafana(take: Take) -> str:
    text = f"glsa_{_alnum(take, 32)}"
    return f"{text}_{zlib.crc32(text.encode()).to_bytes(4, 'little').hex()}"


def _hexcrc(take: Take, prefix: str, count: str, text: str = "") -> str:
    body = f"{prefix}{_alnum(take, int(count))}{text}"
    return f"{body}{zlib.crc32(body.encode()):08X}"


def _macaroon(take: Take, version: str, place: str) -> str:
    signature = take(32)
    if version == "1":
        fields = (("location", place.encode()), ("identifier", take(12)), ("signature", signature))
        data = b"".join(_packet(name, value) for name, value in fields)
    else:
        data = b"\x02\x01" + bytes([len(place)]) + place.encode() + b"\x02\x10" + take(16)
        data += b"\0\0\x06\x20" + signature
    return data.hex() if version == "2h" else base64.urlsafe_b64encode(data).decode().rstrip("=")


def _packet(name: str, value: bytes) -> bytes:
    size = 4 + len(name) + 1 + len(value) + 1
    return f"{size:04x}{name} ".encode() + value + b"\n"


def _routable(take: Take, prefix: str) -> str:
    payload = base64.urlsafe_b64encode(take(27)).decode()
    alphabet = _ALNUM[:10] + string.ascii_lowercase
    text = f"{prefix}{payload}.{_digits(len(payload), alphabet):0>2}"
    return text + f"{_digits(zlib.crc32(text.encode()), alphabet):0>7}"


MAKERS: dict[str, Callable[..., str]] = {
    "aws": _aws,
    "base58": lambda take, count: _base58(take(int(count))),
    "base58check": _base58check,
    "bech32": _bech32,
    "confluent": _confluent,
    "crc16": _crc16,
    "grafana": _grafana,
    "hexcrc": _hexcrc,
    "macaroon": _macaroon,
    "routable": _routable,
    "xrp": _xrp,
}
