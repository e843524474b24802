"""Finds the values of Kubernetes Secret manifests, in YAML and in JSON.

Each value under `data` (base64) and `stringData` is a candidate of its own. Only a manifest's
outline is read: the siblings of `kind: Secret` by indentation or by braces, in a bounded window.
"""

import binascii
import re
from collections.abc import Iterator

from scanner.detect.candidate import Candidate
from scanner.detect.randomness import looks_random
from scanner.detect.values import placeholder, reference
from scanner.model import Confidence, Rule

_WINDOW = 1 << 16
_SHORTEST = 4

_KIND = re.compile(rb"[\"']?kind[\"']?[ \t]*:[ \t]*[\"']?Secret[\"']?(?=[ \t]*(?:[,}#\r\n]|\Z))")
_BLOCK_KEY = re.compile(rb"[\"']?(data|stringData)[\"']?:[ \t]*(?:#.*)?\Z")
_ENTRY = re.compile(rb"[ \t]+(?P<quote>[\"']?)(?P<name>[\w.\-/]{1,253})(?P=quote):[ \t]+(?=\S)")
_SCALAR = re.compile(
    rb"\"(?P<double>(?:[^\"\\]|\\.)*+)\"|'(?P<single>(?:[^']|'')*+)'"
    rb"|(?P<plain>[^\s#|>&*!{\[\"'](?:[^#]|(?<=\S)#)*+)"
)
_TOKEN = re.compile(rb"\"(?:[^\"\\]|\\.)*+\"|[{}]")
_JSON_BLOCK = re.compile(rb"\"(data|stringData)\"\s{0,16}:\s{0,16}\{\Z")
_PAIR = re.compile(
    rb"\"(?P<name>[^\"\\]{1,253})\"\s{0,64}:\s{0,64}\"(?P<value>(?:[^\"\\]|\\.){0,16384}+)\""
)
_ESCAPE = re.compile(rb"\\(?:u00([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"0": b"\0"}
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{2,}={0,2}")
_PUBLIC_NAME = re.compile(
    rb"(?!(?i:.*secret[._-]?id\Z))"
    rb"(?i:(?:.*[._-])?(?:user|[a-z]*name(?:_in)?|login|email|from|sender|host|port|address"
    rb"|db|database|namespace|url|uri|endpoint|domain|path|region|zone|location|bucket"
    rb"|ca(?:\.crt|\.pem|cert)?|tls\.crt|.*\.(?:crt|cer|pub)|(?:[a-z]+-?)?id|arn"
    rb"|type|kind|provider|driver|engine|adapter|dialect|protocol|scheme|mode|level|format|algorithm"
    rb"|version|enabled|debug|issuer|realm|audience|subject|scopes?|org(?:ani[sz]ation)?|project"
    rb"|account|tenant|cluster|env(?:ironment)?|stage|timeout|ttl|interval|size|count|replicas))"
)


def candidates(data: bytes, start: int, end: int, rule: Rule) -> Iterator[Candidate]:
    """Yield every secret value of the manifest whose `kind: Secret` holds `data[start:end]`."""
    kind = _KIND.search(data, max(0, start - 1), end + 16)
    if kind is None or kind.start() > start or kind.end() < end:
        return
    low, high = max(0, start - _WINDOW), min(len(data), end + _WINDOW)
    if kind[0].startswith(b'"') and data.find(b"{", low, start) >= 0:
        # Two manifests share no braces but a list's, so another one bounds this one.
        before = data.rfind(b'"Secret"', low, start)
        low = before + 8 if before >= 0 else low
        after = data.find(b'"Secret"', kind.end(), high)
        yield from _json(data, kind.start(), low, after if after >= 0 else high)
    else:
        yield from _yaml(data, kind.start(), low, high)


def _yaml(data: bytes, kind: int, low: int, high: int) -> Iterator[Candidate]:
    head = data.rfind(b"\n", low, kind) + 1 or low
    column = kind - head
    first = max(data.rfind(b"\n---", low, kind) + 1, low)
    last = data.find(b"\n---", kind, high)
    block, inner = b"", -1
    for at, end in _siblings(data, first, head, last if last >= 0 else high, column):
        text = data[at:end].rstrip()
        indent = _indent(text)
        if indent == column or text[max(0, column - 2) : column] == b"- ":
            opened = _BLOCK_KEY.match(text, column)
            block, inner = (opened[1] if opened else b""), -1
            continue
        entry = _ENTRY.match(text) if block else None
        if entry is None or inner not in (-1, indent):
            continue
        # What is deeper than the first entry belongs to a value of several lines.
        inner = indent
        scalar = _SCALAR.match(text, entry.end())
        if scalar is not None:
            kept = scalar.lastgroup or "plain"
            span = at + scalar.start(kept), at + scalar.end(kept)
            yield from _candidate(span, entry["name"], _yaml_value(scalar), block == b"data")


def _yaml_value(scalar: re.Match[bytes]) -> bytes:
    if scalar["double"] is not None:
        return _ESCAPE.sub(_unescape, scalar["double"])
    if scalar["single"] is not None:
        return scalar["single"].replace(b"''", b"'")
    return scalar["plain"]


def _indent(text: bytes) -> int:
    return len(text) - len(text.lstrip(b" \t"))


def _siblings(
    data: bytes, first: int, head: int, last: int, column: int
) -> Iterator[tuple[int, int]]:
    """Yield start and end of the lines of the mapping that holds the line at `head`."""
    begin = head
    if data[head + column - 2 : head + column] != b"- ":
        while begin > first:
            above = data.rfind(b"\n", first, begin - 1) + 1 or first
            text = data[above : begin - 1].rstrip()
            indent = _indent(text)
            if indent == column and _KIND.match(text, column):
                return
            if text and indent < column:
                if text[:column].strip() == b"-" and len(text) > column:
                    begin = above
                break
            begin = above
    at = max(begin, first)
    while at < last:
        end = data.find(b"\n", at, last)
        end = end if end >= 0 else last
        text = data[at:end].rstrip()
        indent = _indent(text)
        if at > head and text and indent < column and not text.lstrip().startswith(b"#"):
            return
        yield at, end
        at = end + 1


def _json(data: bytes, kind: int, low: int, high: int) -> Iterator[Candidate]:
    """Walk the braces to the object around `kind`, and read the blocks that lie right in it."""
    opened: list[tuple[int, list[tuple[int, int]]]] = []
    blocks: list[tuple[int, int]] = []
    depth = -1
    for token in _TOKEN.finditer(data, low, high):
        if depth < 0 and token.start() >= kind:
            if not opened:
                return
            depth, blocks = len(opened), opened[-1][1]
        if token[0] == b"{":
            opened.append((token.start(), []))
        elif token[0] == b"}" and opened:
            begin, _ = opened.pop()
            if len(opened) < depth:
                break
            if opened:
                opened[-1][1].append((begin, token.end()))
    for begin, end in blocks:
        name = _JSON_BLOCK.search(data, max(low, begin - 64), begin + 1)
        if name is None:
            continue
        for pair in _PAIR.finditer(data, begin, end):
            value = _ESCAPE.sub(_unescape, pair["value"])
            yield from _candidate(pair.span("value"), pair["name"], value, name[1] == b"data")


def _unescape(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 16)]) if match[1] else _ESCAPED.get(match[2], match[2])


def _candidate(
    span: tuple[int, int], name: bytes, value: bytes, encoded: bool
) -> Iterator[Candidate]:
    """Yield the value, with low confidence where it is no secret: so no vaguer rule takes it."""
    secret = value.strip()
    if encoded:
        bare = secret.rstrip(b"=")
        if not _BASE64.fullmatch(secret) or len(bare) % 4 == 1:
            return
        secret = binascii.a2b_base64(bare + b"=" * (-len(bare) % 4)).strip()
    if not secret:
        return
    confidence = Confidence.HIGH if looks_random(secret) else Confidence.MEDIUM
    reasons = [f"value of {name[:64].decode('ascii', 'replace')} in a Kubernetes Secret"]
    harmless = _harmless(name, secret)
    if harmless:
        confidence = Confidence.LOW
        reasons.append(harmless)
    yield Candidate(*span, secret, confidence, tuple(reasons))


def _harmless(name: bytes, secret: bytes) -> str:
    if len(secret) < _SHORTEST or (secret.isdigit() and len(secret) < 6):
        return "too short for a secret"
    if reference(secret) or placeholder(secret):
        return "the value is a placeholder"
    if _PUBLIC_NAME.fullmatch(name) or secret.startswith(b"-----BEGIN CERTIFICATE"):
        return "the value is not secret by its name"
    return "a file of several lines" if b"\n" in secret else ""
