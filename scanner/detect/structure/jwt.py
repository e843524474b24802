"""JSON web tokens: what header and claims say."""

import time
from typing import Any

from scanner.detect.structure.decode import json_object
from scanner.detect.structure.verdict import Verdict, disproved, proved, told

_LAST_SECOND = 253402300799
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_LONG = 366 * 86400  # seconds; what lives longer is told by its end alone
# Tokens that documentation shows: jwt.io, RFC 7519 section 3.1, OpenID Connect Core section 2.
_SAMPLES = (
    {"sub": "1234567890"},
    {"iss": "joe", "http://example.com/is_root": True},
    {"iss": "https://server.example.com", "sub": "24400320"},
    {"iss": "http://server.example.com", "sub": "248289761001"},
)


def jwt(secret: bytes) -> Verdict:
    """Judge a JSON web token (RFC 7519) by its header and claims.

    The reason tells until when it is valid; the clock is not asked, so that a verdict depends on
    the content alone.
    """
    parts = secret.split(b".")
    header, claims = json_object(parts[0]), json_object(parts[1]) if len(parts) == 3 else None
    if header is None or claims is None or not isinstance(header.get("alg"), str):
        return disproved("does not decode to a JSON web token")
    public = _public(claims)
    if public:
        return disproved(public)
    if header["alg"].lower() == "none":
        return told(f"is a JSON web token without a signature, {_life(claims)}")
    return proved(f"is a JSON web token, {_life(claims)}")


def _public(claims: dict[str, Any]) -> str:
    """Return why everybody may know the token, nothing if that is not so."""
    if any(claims.items() >= sample.items() for sample in _SAMPLES):
        return "has the claims of a well-known sample token"
    issuer = str(claims.get("iss"))
    if issuer == "supabase-demo":
        return "is the key that every local Supabase begins with"
    if claims.get("role") == "anon" and "supabase" in issuer:
        return "is a Supabase anonymous key, made to be public"
    return ""


def _life(claims: dict[str, Any]) -> str:
    """Return in words how long a token is valid."""
    end, begin = claims.get("exp"), claims.get("iat", claims.get("nbf"))
    if not isinstance(end, (int, float)) or not 0 <= end <= _LAST_SECOND:
        return "which does not expire"
    day = time.strftime("%Y-%m-%d", time.gmtime(end))
    if isinstance(begin, (int, float)) and 0 <= begin < end <= begin + _LONG:
        return f"made to be valid for {_duration(end - begin)}, until {day}"
    return f"valid until {day}"


def _duration(seconds: float) -> str:
    for size, name in _UNITS:
        count = round(seconds / size)
        if seconds >= size and (count > 1 or seconds == size):
            return f"{count} {name}{'s' if count > 1 else ''}"
    return "a moment"
