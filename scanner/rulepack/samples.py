"""Synthetic examples: a rule's example text with `<<…>>` parts filled in reproducibly.

A rule pack must not hold strings that look like credentials, so its examples spell out how to make
one. The same text always gives the same bytes.

`<<>>`                 nothing: splits a literal that would otherwise look like a credential
`<<alnum 36>>`         random characters; alphabets: alnum, lower, upper, digits, hex, HEX, alpha,
                       base64, base64url, base32, lowernum, uppernum, password
`<<checksum P N>>`     P, N random base62 characters, and their CRC-32 in six base62 digits
`<<checked KIND …>>`   a credential whose own checksum is right, see `checked_samples`
`<<b64 TEXT>>`         base64 of TEXT (itself expanded; nested parts are written with `[[…]]`)
`<<jwt>>`              a signed JSON web token (RFC 7519)
`<<uuid>>`             a random UUID (RFC 4122, version 4)
`<<der N>>`            base64 of an ASN.1 SEQUENCE with N content bytes, on lines of 64
`<<pkcs8>>`            base64 of an RSA key's outline (RFC 5958), with escaped line breaks
"""

import base64
import hashlib
import json
import re
import string
import zlib
from collections.abc import Callable

from scanner.errors import RuleError
from scanner.rulepack import checked_samples

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
ALPHABETS = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "lowernum": string.ascii_lowercase + string.digits,
    "uppernum": string.ascii_uppercase + string.digits,
    "digits": string.digits,
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
    "base32": string.ascii_uppercase + "234567",
    "password": string.ascii_letters + string.digits + "!%*+_.-",
}

_PART = re.compile(r"<<(.*?)>>", re.DOTALL)
_INNER = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)


class _Stream:
    """Reproducible bytes: SHA-256 in counter mode over a seed."""

    def __init__(self, seed: str) -> None:
        self._seed = hashlib.sha256(seed.encode()).digest()
        self._block = 0
        self._left = b""

    def take(self, count: int) -> bytes:
        while len(self._left) < count:
            self._left += hashlib.sha256(self._seed + self._block.to_bytes(8, "big")).digest()
            self._block += 1
        taken, self._left = self._left[:count], self._left[count:]
        return taken

    def text(self, alphabet: str, count: int) -> str:
        return "".join(alphabet[b % len(alphabet)] for b in self.take(count))


def checksum(body: str) -> str:
    """Return CRC-32 of `body` as six base62 digits, as GitHub and npm tokens end with."""
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits = BASE62[digit] + digits
    return digits


def expand(template: str) -> str:
    """Return `template` with all its parts made; raise RuleError for a part that is unknown."""
    stream = _Stream(template)
    return _PART.sub(lambda m: _make(m[1], stream), template)


def _make(spec: str, stream: _Stream) -> str:
    name, _, rest = spec.strip().partition(" ")
    if not name:
        return ""
    try:
        if name in ALPHABETS:
            return stream.text(ALPHABETS[name], int(rest))
        return _MAKERS[name](rest, stream)
    except (KeyError, TypeError, ValueError):
        raise RuleError(f"example part <<{spec}>> is not understood") from None


def _checksum(rest: str, stream: _Stream) -> str:
    prefix, count = rest.split()
    body = stream.text(ALPHABETS["alnum"], int(count))
    return prefix + body + checksum(body)


def _b64(rest: str, stream: _Stream) -> str:
    text = _INNER.sub(lambda m: _make(m[1], stream), rest)
    return base64.b64encode(text.encode()).decode()


def _jwt(_rest: str, stream: _Stream) -> str:
    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    head = json.dumps({"alg": "HS256", "typ": "JWT"}).encode()
    body = json.dumps({"sub": stream.take(6).hex(), "iat": 1700000000}).encode()
    return ".".join((part(head), part(body), part(stream.take(32))))


def _uuid(_rest: str, stream: _Stream) -> str:
    digits = stream.take(16).hex()
    fields = (digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:])
    return "-".join(fields)


def _der(rest: str, stream: _Stream) -> str:
    count = int(rest)
    data = b"\x30\x82" + (count + 4).to_bytes(2, "big") + b"\x02\x01\x00\x04" + stream.take(count)
    text = base64.b64encode(data).decode()
    return "\n".join(text[i : i + 64] for i in range(0, len(text), 64))


def _checked(rest: str, stream: _Stream) -> str:
    kind, *arguments = rest.split()
    return checked_samples.MAKERS[kind](stream.take, *arguments)


def _pkcs8(_rest: str, stream: _Stream) -> str:
    key = b"\x30\x82\x04\xa2" + stream.take(1186)
    head = bytes.fromhex("020100300d06092a864886f70d0101010500048204a6")
    data = b"\x30\x82" + (len(head) + len(key)).to_bytes(2, "big") + head + key
    text = base64.b64encode(data).decode()
    return r"\n".join(text[i : i + 64] for i in range(0, len(text), 64))


_MAKERS: dict[str, Callable[[str, _Stream], str]] = {
    "checked": _checked,
    "checksum": _checksum,
    "b64": _b64,
    "jwt": _jwt,
    "uuid": _uuid,
    "der": _der,
    "pkcs8": _pkcs8,
}
