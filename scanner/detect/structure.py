"""What a credential's own text proves or disproves: a checksum, an encoding, fields within.

A check is a pure function of the secret and never raises. It answers None where it cannot tell.
"""

import binascii
import time
from collections.abc import Callable
from typing import Any

from scanner.detect.candidate import Verdict
from scanner.detect.checksums import (
    base62_crc32,
    confluent_crc32,
    gitlab_routable,
    grafana_crc32,
)

_STANDARD = bytes.maketrans(b"-_", b"+/")
_BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PYPI = (b"\x02\x01\x08pypi.org", b"\x02\x01\x0dtest.pypi.org")
_LAST_SECOND = 253402300799
_HEX = frozenset(b"0123456789abcdef")


def jwt(secret: bytes) -> Verdict:
    """Judge a JSON web token (RFC 7519) by its header and claims.

    The reason tells until when it is valid; the clock is not asked, so that a verdict depends on
    the content alone.
    """
    parts = secret.split(b".")
    header, claims = _json(parts[0]), _json(parts[1]) if len(parts) == 3 else None
    if header is None or claims is None or not isinstance(header.get("alg"), str):
        return Verdict(False, "does not decode to a JSON web token")
    if claims.get("sub") == "1234567890":
        return Verdict(False, "has the claims of a well-known sample token")
    if claims.get("role") == "anon" and "supabase" in str(claims.get("iss")):
        return Verdict(False, "is a Supabase anonymous key, made to be public")
    if header["alg"].lower() == "none":
        return Verdict(None, "is a JSON web token without a signature")
    expiry = claims.get("exp")
    if not isinstance(expiry, (int, float)) or not 0 <= expiry <= _LAST_SECOND:
        return Verdict(True, "is a JSON web token that does not expire")
    day = time.strftime("%Y-%m-%d", time.gmtime(expiry))
    return Verdict(True, f"is a JSON web token valid until {day}")


def aws_key_id(secret: bytes) -> Verdict:
    """Judge an AWS access key id, which newer ones encode the account's number in.

    After four characters of prefix come 80 bits in base32: a bit that newer ids set, then 40 bits
    of account number (labs.withsecure.com, "A bitwise analysis of AWS access key identifiers").
    """
    value = 0
    for byte in secret[4:20]:
        digit = _BASE32.find(byte)
        if digit < 0:
            return Verdict(False, "holds characters that AWS does not use in key ids")
        value = value << 5 | digit
    if len(secret) != 20 or not value >> 79:
        return Verdict(None, "")
    account = value >> 39 & 0xFFFFFFFFFF
    if account >= 10**12:
        return Verdict(False, "names no possible AWS account")
    return Verdict(True, f"belongs to AWS account {account:012d}")


def pypi_macaroon(secret: bytes) -> Verdict:
    """Judge a PyPI token by the location its macaroon (libmacaroons, version 2) begins with."""
    data = _base64(secret.removeprefix(b"pypi-"))
    if data is not None and data.startswith(_PYPI):
        return Verdict(True, "is a macaroon issued by PyPI")
    return Verdict(False, "is not a macaroon of PyPI")


def jfrog_reference(secret: bytes) -> Verdict:
    """Judge a JFrog reference token, base64 of `reftkn:VERSION:EXPIRY:RANDOM`."""
    data = _base64(secret)
    if data is not None and data.startswith(b"reftkn:") and data.count(b":") == 3:
        return Verdict(True, "decodes to a reference token")
    return Verdict(False, "does not decode to a reference token")


def discord_token(secret: bytes) -> Verdict:
    """Judge a Discord bot token, whose first part is the bot's numeric id in base64."""
    data = _base64(secret.partition(b".")[0])
    if data is not None and data.isdigit() and 17 <= len(data) <= 20:
        return Verdict(True, f"belongs to the Discord account {data.decode()}")
    return Verdict(False, "does not begin with a Discord account")


def azure_key(secret: bytes) -> Verdict:
    """Judge an Azure account key: base64 of 64 bytes, or of 32 for messaging services."""
    data = _base64(secret)
    if data is not None and len(data) in (32, 64):
        return Verdict(True, f"decodes to {len(data)} bytes, as account keys do")
    return Verdict(False, "does not decode to an account key")


def base64_json(secret: bytes) -> Verdict:
    """Judge a token that holds a JSON object in base64, alone or before a `.` or the last `_`."""
    body = secret[max(0, secret.find(b"eyJ")) :]
    for part in (body, body.partition(b".")[0], body.rpartition(b"_")[0]):
        if _json(part) is not None:
            return Verdict(True, "holds JSON, as such tokens do")
    return Verdict(False, "does not hold JSON")


def letters_and_digits(secret: bytes) -> Verdict:
    """Doubt a token that lacks letters or digits, which one drawn at random hardly does."""
    if any(48 <= b <= 57 for b in secret) and any(65 <= b <= 90 or 97 <= b <= 122 for b in secret):
        return Verdict(None, "")
    return Verdict(False, "lacks letters or digits")


def not_hex(secret: bytes) -> Verdict:
    """Doubt a token that consists of lower-case hex digits where any alphanumeric may stand."""
    if _HEX.issuperset(secret):
        return Verdict(False, "may be a hash, since it holds hex digits alone")
    return Verdict(None, "")


def _base64(text: bytes) -> bytes | None:
    text = text.rstrip(b"=").translate(_STANDARD)
    try:
        return binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
    except binascii.Error:
        return None


def _json(text: bytes) -> dict[str, Any] | None:
    import json  # noqa: PLC0415 - few files hold a token that needs it

    data = _base64(text)
    if data is None:
        return None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


CHECKS: dict[str, Callable[[bytes], Verdict]] = {
    "aws-key-id": aws_key_id,
    "azure-key": azure_key,
    "base62-crc32": base62_crc32,
    "base64-json": base64_json,
    "confluent-crc32": confluent_crc32,
    "discord-token": discord_token,
    "gitlab-routable": gitlab_routable,
    "grafana-crc32": grafana_crc32,
    "jfrog-reference": jfrog_reference,
    "jwt": jwt,
    "letters-and-digits": letters_and_digits,
    "not-hex": not_hex,
    "pypi-macaroon": pypi_macaroon,
}
