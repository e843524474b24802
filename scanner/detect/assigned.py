"""The value of a name that promises a credential: read, undone of escapes, and judged."""

import binascii
import re

from scanner.detect.assignment import Assigned, Style, read
from scanner.detect.candidate import Candidate
from scanner.detect.literals import Judgement, judge
from scanner.detect.names import Promise
from scanner.detect.namesakes import marks_operation
from scanner.detect.values import is_uuid
from scanner.model import Confidence

_LINE_BREAKS = re.compile(rb"(?:\\+[nr])+\Z")
_UNICODE_ESCAPE = re.compile(rb"u[0-9A-Fa-f]{4}\\?u[0-9A-Fa-f]{4}|\\u[0-9A-Fa-f]{4}")
_ESCAPE = re.compile(rb"\\(.)")
_QUOTES = ((b"'", b"'"), (b'"', b'"'))
_NEAR = 160  # bytes
_LONGEST_NAME = 12  # bytes of a user's name that is the password as well


def candidate(data: bytes, first: int, last: int, promised: Promise) -> Candidate | None:
    """Return what is assigned to the name at `data[first:last]`, if it may be a credential."""
    found = read(data, first, last)
    if found is None:
        return None
    value = _unescaped(data, found)
    if value.lower() in found.name.lower() or _UNICODE_ESCAPE.search(value):
        return None  # the latter is judged in the decoded text
    if is_uuid(value) and marks_operation(found.name):
        return None
    coded = _decoded(value) if found.scheme == b"basic" else b""
    if coded and b":" not in coded:
        return None
    judged = _basic(coded) if coded else judge(value, found.style, promised)
    if judged is None:
        return None
    confidence, reason = judged
    named_so = value.isalnum() and len(value) <= _LONGEST_NAME
    if confidence == Confidence.MEDIUM and named_so and _repeats(data, found.first, value):
        confidence, reason = Confidence.LOW, "another value on its line is the same"
    reasons = (f"assigned to {found.name.decode('ascii', 'replace')}", reason)
    return Candidate(found.first, found.last, value, confidence, reasons)


def _basic(pair: bytes) -> Judgement:
    """Return the judgement of the password in a pair for HTTP basic authentication (RFC 7617)."""
    judged = judge(pair.partition(b":")[2], Style.QUOTED, Promise.PASSWORD)
    confidence, reason = judged or (Confidence.LOW, "no password in it")
    return confidence, f"user and password in base64: {reason}"


def _decoded(value: bytes) -> bytes:
    """Return the text that `value` is in base64; empty if it is none."""
    try:
        text = binascii.a2b_base64(value, strict_mode=True)
        return text if text.decode().isprintable() else b""
    except ValueError:
        return b""


def _repeats(data: bytes, first: int, value: bytes) -> bool:
    """Tell whether `value` is also that of another name on the line before `data[first]`."""
    before = data[max(0, first - _NEAR) : first]
    before = before[before.rfind(b"\n") + 1 :]
    return any(opening + value + closing in before for opening, closing in ((b"=", b" "), *_QUOTES))


def _unescaped(data: bytes, found: Assigned) -> bytes:
    value = data[found.first : found.last]
    if b"\\" in value:
        value = _LINE_BREAKS.sub(b"", value)
        value = _ESCAPE.sub(rb"\1", value) if found.style is Style.QUOTED else value
    return value
