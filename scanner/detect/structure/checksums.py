"""Tokens that carry a checksum of themselves, and what it says."""

import binascii
import re
import zlib

from scanner.detect.structure.decode import base32, digits
from scanner.detect.structure.verdict import UNKNOWN, Verdict, disproved, proved

_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE36 = b"0123456789abcdefghijklmnopqrstuvwxyz"
_CLASSIC = 36  # characters after the prefix of a token whose checksum is published
_ROUTABLE = re.compile(rb"[A-Za-z0-9_\-]+\.(?P<version>[0-9a-z]{2}\.)?[0-9a-z]{9}")
_HEX = re.compile(rb"[0-9A-F]{8}|[0-9a-f]{8}")
_RIGHT = proved("its checksum is right")
_WRONG = disproved("its checksum is wrong")
_SEED = 18 << 3
_NKEYS = {0: "account", 2 << 3: "cluster", 13 << 3: "server", 14 << 3: "operator", 20 << 3: "user"}
_NKEYS[23 << 3] = "curve"


def base62_crc32(secret: bytes) -> Verdict:
    """Judge a token of GitHub or npm: a prefix, random characters, six digits of CRC-32.

    github.blog, "Behind GitHub's new authentication token formats" (2021). What the checksum of
    fine-grained tokens, and of those with another length, covers is not published, so a mismatch
    says nothing there.
    """
    prefix, _, body = secret.rpartition(b"_")
    random, check = body[:-6], body[-6:]
    if not random or len(check) < 6:
        return UNKNOWN
    if check == digits(zlib.crc32(random), _BASE62, 6):
        return _RIGHT
    return UNKNOWN if b"_" in prefix or len(body) != _CLASSIC else _WRONG


def gitlab_routable(secret: bytes) -> Verdict:
    """Judge a routable token of GitLab, whose last seven base36 digits are CRC-32 of the rest.

    GitLab handbook, design document "Cells: Routable Tokens". Tokens with a version field are newer
    than that text, so a mismatch says nothing there.
    """
    form = _ROUTABLE.fullmatch(secret)
    if form is None:
        return UNKNOWN
    if secret[-7:] == digits(zlib.crc32(secret[:-7]), _BASE36, 7):
        return _RIGHT
    return UNKNOWN if form["version"] else _WRONG


def grafana_crc32(secret: bytes) -> Verdict:
    """Judge a service account token of Grafana: text, `_`, CRC-32 of it in little-endian hex.

    Grafana's source, pkg/components/satokengen.
    """
    text, separator, check = secret.rpartition(b"_")
    if not separator or len(check) != 8:
        return UNKNOWN
    return _RIGHT if check.lower() == binascii.hexlify(_little_endian(text)) else _WRONG


def confluent_crc32(secret: bytes) -> Verdict:
    """Judge an API secret of Confluent: `cflt`, 54 characters, their CRC-32 in base64.

    docs.confluent.io, "Use API Keys to Authenticate to Confluent Cloud".
    """
    if not secret.startswith(b"cflt") or len(secret) != 64:
        return UNKNOWN
    check = binascii.b2a_base64(_little_endian(secret[4:-6]), newline=False)
    return _RIGHT if secret[-6:] == check[:6] else _WRONG


def hex_crc32(secret: bytes) -> Verdict:
    """Judge a token that ends in CRC-32 of all before it, in hex, as those of Atlassian do.

    No provider publishes that, so a mismatch says nothing.
    """
    text, check = secret[:-8], secret[-8:]
    if not text or not _HEX.fullmatch(check):
        return UNKNOWN
    return _RIGHT if int(check, 16) == zlib.crc32(text) else UNKNOWN


def nkey_seed(secret: bytes) -> Verdict:
    """Judge an NKEY seed of NATS: base32 of two bytes of kind, 32 of seed, CRC-16 of both.

    docs.nats.io, "NKeys"; github.com/nats-io/nkeys, crc16.go and strkey.go. Other bytes of kind
    than the known ones say nothing.
    """
    data = base32(secret)
    if data is None or len(data) != 36 or not _crc16_right(data):
        return disproved("its checksum is wrong")
    kind = _NKEYS.get((data[0] & 7) << 5 | data[1] >> 3)
    if data[0] & 0xF8 != _SEED or kind is None:
        return UNKNOWN
    return proved(f"its checksum is right; it is the seed of a key of kind {kind}")


def stellar_seed(secret: bytes) -> Verdict:
    """Judge a secret seed of Stellar: base32 of a version byte, 32 bytes, CRC-16 (SEP-23)."""
    data = base32(secret)
    right = data is not None and len(data) == 35 and data[0] == _SEED and _crc16_right(data)
    return _RIGHT if right else _WRONG


def _crc16_right(data: bytes) -> bool:
    """Tell whether the last two bytes are CRC-16/XMODEM of the others, little-endian."""
    return binascii.crc_hqx(data[:-2], 0).to_bytes(2, "little") == data[-2:]


def _little_endian(text: bytes) -> bytes:
    return zlib.crc32(text).to_bytes(4, "little")
