"""Tokens that carry a checksum of themselves, and what it says."""

import binascii
import re
import zlib

from scanner.detect.candidate import Verdict

_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE36 = b"0123456789abcdefghijklmnopqrstuvwxyz"
_ROUTABLE = re.compile(rb"[A-Za-z0-9_\-]+\.(?P<version>[0-9a-z]{2}\.)?[0-9a-z]{9}")
_RIGHT = Verdict(True, "its checksum is right")
_WRONG = Verdict(False, "its checksum is wrong")
_UNKNOWN = Verdict(None, "")


def base62_crc32(secret: bytes) -> Verdict:
    """Judge a token of GitHub or npm: a prefix, random characters, six digits of CRC-32.

    github.blog, "Behind GitHub's new authentication token formats" (2021). What the checksum of a
    fine-grained token covers is not published, so a mismatch says nothing there.
    """
    prefix, _, body = secret.rpartition(b"_")
    random, check = body[:-6], body[-6:]
    if not random or len(check) < 6:
        return _UNKNOWN
    if check == _digits(zlib.crc32(random), _BASE62, 6):
        return _RIGHT
    return _UNKNOWN if b"_" in prefix else _WRONG


def gitlab_routable(secret: bytes) -> Verdict:
    """Judge a routable token of GitLab, whose last seven base36 digits are CRC-32 of the rest.

    GitLab handbook, design document "Cells: Routable Tokens". Tokens with a version field are newer
    than that text, so a mismatch says nothing there.
    """
    form = _ROUTABLE.fullmatch(secret)
    if form is None:
        return _UNKNOWN
    if secret[-7:] == _digits(zlib.crc32(secret[:-7]), _BASE36, 7):
        return _RIGHT
    return _UNKNOWN if form["version"] else _WRONG


def grafana_crc32(secret: bytes) -> Verdict:
    """Judge a service account token of Grafana: text, `_`, CRC-32 of it in little-endian hex."""
    text, separator, check = secret.rpartition(b"_")
    if not separator or len(check) != 8:
        return _UNKNOWN
    return _RIGHT if check == binascii.hexlify(_little_endian(text)) else _WRONG


def confluent_crc32(secret: bytes) -> Verdict:
    """Judge an API secret of Confluent: `cflt`, 54 characters, their CRC-32 in base64.

    docs.confluent.io, "Use API Keys to Authenticate to Confluent Cloud".
    """
    if not secret.startswith(b"cflt") or len(secret) != 64:
        return _UNKNOWN
    check = binascii.b2a_base64(_little_endian(secret[4:-6]), newline=False)
    return _RIGHT if secret[-6:] == check[:6] else _WRONG


def _little_endian(text: bytes) -> bytes:
    return zlib.crc32(text).to_bytes(4, "little")


def _digits(value: int, alphabet: bytes, count: int) -> bytes:
    digits = bytearray(count)
    for place in reversed(range(count)):
        value, digit = divmod(value, len(alphabet))
        digits[place] = alphabet[digit]
    return bytes(digits)
