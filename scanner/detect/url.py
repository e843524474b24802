"""Finds passwords in URLs: before the `@` of `scheme://user:password@host`, or in parameters.

A rule's pattern opens the URL: the scheme up to and with `://`, or `jdbc:driver:`. A rule whose
keyword is `://` itself looks at any URL, but only before the `@`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from scanner.detect.candidate import Candidate
from scanner.detect.randomness import looks_random
from scanner.detect.values import placeholder, reference, sequence
from scanner.detect.words import worded
from scanner.model import Confidence, Rule

_LONGEST_SCHEME = 32
_LONGEST_USERINFO = 400
_LONGEST_URL = 1024
_SHORTEST_TOKEN = 16
_WORDED = 0.8

_SCHEME_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-._")
_USERINFO = re.compile(
    rb"(?P<user>[^\s\x00-\x1f\"'<>`\\:/?#@,;|]{0,128}+):"
    rb"(?P<password>[^\s\x00-\x1f\"'<>`/?#]{0,256})@(?P<host>[\w.\-\[\]:${}%<*]{1,128})"
)
# People also write `/`, `?` and `#` in a password as they are; a host or a port precedes none.
_UNQUOTED = re.compile(
    rb"(?P<user>[^\s\x00-\x1f\"'<>`\\:/?#@,;|]{0,128}+):"
    rb"(?P<password>(?!\d{1,5}[/?#])[^\s\x00-\x1f\"'<>`@]{4,128})@"
    rb"(?P<host>[A-Za-z0-9][A-Za-z0-9\-]{0,63}+\.[A-Za-z0-9.\-]{2,128}+)(?=[:/\"'`\s]|\Z)"
)
_BARE_TOKEN = re.compile(rb"(?P<user>[A-Za-z0-9_\-]{20,128})@(?P<host>[A-Za-z0-9.\-]{3,128})")
_PARAMETER = re.compile(
    rb"(?:[?&;:,(/]|u0026)(?i:[a-z]{0,16}password|passwd|pwd)="
    rb"(?P<password>[^\s\x00-\x1f\"'<>`&;,)\\]{1,256})"
)
_USER_PARAMETER = re.compile(rb"(?:[?&;:,(/]|u0026)(?i:user|username|uid)=([\w.@%+\-]{1,64})")
_URL_END = re.compile(rb"[\s\x00-\x1f\"'`<]")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_LOCAL = re.compile(
    rb"(?i:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1\]|(?:host|hostname|server|servername|ip|db"
    rb"|database|mysql|mariadb|postgres|postgresql|redis|mongo|mongodb|rabbitmq|rabbit|broker|proxy"
    rb"|foo|bar|test|some-?host|my-?host|your-?host|myserver|host\.docker\.internal)\d?"
    rb"|10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|[\w.\-]+\.(?:local|localhost|test|invalid))"
)
_EXAMPLE = re.compile(
    rb"(?i:(?:[\w\-]+\.)*(?:example(?:\.[a-z]{2,4})*|domain\.(?:com|tld)|host\.com))"
)
_TRIVIAL = frozenset((b"tiger", b"scott", b"guest", b"x", b"pw", b"p", b"s3cr3t", b"bar", b"port"))
_NO_PASSWORD = frozenset((b"", b"x-oauth-basic", b"x", b"X", b"unused", b"api_token"))


def candidates(data: bytes, start: int, end: int, rule: Rule) -> Iterator[Candidate]:
    """Yield the passwords of the URL whose scheme holds or ends with `data[start:end]`."""
    generic = data.startswith(b"://", start)
    if generic:
        # Most URLs have no user; this costs them next to nothing.
        if data.find(b"@", end, end + _LONGEST_USERINFO) < 0:
            return
        start = _scheme_start(data, start)
    opening = _opening(rule.pattern).match(data, start)
    if opening is None or opening.end() < end:
        return
    if opening[0].endswith(b"//"):
        found = _from_userinfo(data, opening.end(), opening[0])
        if found is not None:
            yield found
            return
    if not generic:
        yield from _from_parameters(data, opening.end())


@lru_cache(maxsize=256)
def _opening(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode())


def _scheme_start(data: bytes, at: int) -> int:
    lowest = max(0, at - _LONGEST_SCHEME)
    while at > lowest and data[at - 1] in _SCHEME_BYTES:
        at -= 1
    return at


def _from_userinfo(data: bytes, at: int, scheme: bytes) -> Candidate | None:
    match = _USERINFO.match(data, at) or _UNQUOTED.match(data, at)
    if match is None:
        return _token(_BARE_TOKEN.match(data, at)) if scheme.startswith(b"http") else None
    if match["password"] in _NO_PASSWORD:
        return _token(match)
    host = match["host"]
    # An image's digest (`name:tag@sha256:…`) has the same shape.
    if host.startswith(b"sha256:"):
        return None
    return _candidate(match, unquote(match["user"]), host)


def _token(match: re.Match[bytes] | None) -> Candidate | None:
    """Return the user's place as the secret: services take a token there, with no password."""
    if match is None or len(match["user"]) < _SHORTEST_TOKEN or not looks_random(match["user"]):
        return None
    # Sentry's DSN names a project by a key that is public.
    if b"sentry" in match["host"] or b"ingest" in match["host"] or _EXAMPLE.match(match["host"]):
        return None
    reason = f"token in a URL to {_shown(match['host'])}"
    return Candidate(*match.span("user"), match["user"], Confidence.MEDIUM, (reason,))


def _from_parameters(data: bytes, at: int) -> Iterator[Candidate]:
    last = min(len(data), at + _LONGEST_URL)
    for mark in (b"://", b"jdbc:"):
        # Another URL begins here; without this bound, many in a row cost the square.
        another = data.find(mark, at, last)
        last = another if another >= 0 else last
    if data.find(b"=", at, last) < 0:
        return
    stop = _URL_END.search(data, at, last)
    last = stop.start() if stop else last
    host = re.match(rb"[\w.\-\[\]]{1,128}", data[at : min(last, at + 128)])
    user = _USER_PARAMETER.search(data, at, last)
    for match in _PARAMETER.finditer(data, at, last):
        found = _candidate(match, unquote(user[1]) if user else b"", host[0] if host else b"")
        if found is not None:
            yield found


def _candidate(match: re.Match[bytes], user: bytes, host: bytes) -> Candidate | None:
    written = match["password"]
    secret = unquote(written)
    name = host.rpartition(b":")[0] if host.count(b":") == 1 else host
    confidence, reasons = Confidence.HIGH, [_whose(user, name)]
    if reference(written) or written.startswith((b"{", b"$", b"%(", b":", b"[", b"<")):
        return None
    if secret == user:
        confidence = Confidence.LOW
        reasons.append("the password is the user's name")
    elif secret.lower() in _TRIVIAL or placeholder(secret) or sequence(secret):
        return None
    elif _EXAMPLE.fullmatch(name):
        confidence = Confidence.LOW
        reasons.append("the host is an example")
    elif _LOCAL.fullmatch(name) or reference(host):
        given = _LOCAL.fullmatch(name) is not None
        confidence = Confidence.LOW if worded(secret) >= _WORDED else Confidence.MEDIUM
        reasons.append("the host is local or a stand-in" if given else "the host is not given")
    elif not looks_random(secret):
        confidence = Confidence.MEDIUM
    return Candidate(*match.span("password"), secret, confidence, tuple(reasons))


def unquote(text: bytes) -> bytes:
    """Return `text` with its percent escapes undone (RFC 3986, section 2.1)."""
    return _PERCENT.sub(lambda m: bytes([int(m[1], 16)]), text)


def _whose(user: bytes, host: bytes) -> str:
    words = "password"
    if user:
        words += f" of {_shown(user)}"
    return f"{words} at {_shown(host)}" if host else words


def _shown(name: bytes) -> str:
    return "".join(c if c.isprintable() else "." for c in name[:64].decode("utf-8", "replace"))
