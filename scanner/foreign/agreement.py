"""Whether what stands at a place can be the value that another tool saw there.

Tools cut a value out of a line in different ways, and some hash only a part of it. So it is enough
that it and ours are a part of one another, or overlap on that line. That it stands on the same line
is not enough: a real secret can stand beside a harmless value that was accepted.
"""

import hashlib
import re
from collections.abc import Iterator

from scanner.foreign.known import Known
from scanner.model import Finding
from scanner.report.mask import SHORTEST, forms

_LONGEST = 256  # bytes of a text whose every part is hashed
_BREAKS = re.compile(rb"\\[nr]|\s")
_WORD = re.compile(rb"[^\s\"'`,;=:(){}\[\]<>]+")


def agrees(known: Known, finding: Finding, text: bytes) -> bool:
    """Tell whether nothing that `known` says of the value speaks against `finding`.

    `text` is what stands on the lines in question, nothing if that is not known.
    """
    secret = finding.secret.reveal()
    if known.sha1:
        if any(_sha1(part) == known.sha1 for part in _parts(secret)):
            return True
        same = {part for part in _parts(text) if _sha1(part) == known.sha1}
        return any(_overlap(part, secret, text) for part in same)
    return not known.values or any(_is_there(v.reveal(), secret, text) for v in known.values)


def _is_there(value: bytes, secret: bytes, text: bytes) -> bool:
    """Tell whether `value` overlaps `secret` in `text`, or one is a part of the other."""
    one, other = solid(value), solid(secret)
    if min(len(one), len(other)) >= SHORTEST and (one in other or other in one):
        return True
    return any(_overlap(form, secret, text) for form in forms(value) if len(form) >= SHORTEST)


def _overlap(part: bytes, secret: bytes, text: bytes) -> bool:
    """Tell whether `part` and `secret` share bytes of `text`.

    Where `text` does not have the whole `secret`, as of a key on several lines, it is enough that
    it has `part`.
    """
    whole = (form for form in forms(secret) if len(form) >= SHORTEST)
    ours = [place for form in whole for place in _places(form, text)]
    theirs = _places(part, text)
    if not ours:
        return any(True for _ in theirs)
    return any(a < d and c < b for a, b in theirs for c, d in ours)


def _places(part: bytes, text: bytes) -> Iterator[tuple[int, int]]:
    """Yield where `part` begins and ends in `text`."""
    at = text.find(part)
    while at >= 0:
        yield at, at + len(part)
        at = text.find(part, at + 1)


def solid(value: bytes) -> bytes:
    """Return a value without line breaks, which a key has in some notations only."""
    return _BREAKS.sub(b"", value)


def _parts(text: bytes) -> Iterator[bytes]:
    """Yield the parts of a text: all of a short one; of a long one its first line's and words."""
    if len(text) > _LONGEST:
        yield text
        yield from _WORD.findall(text)
        text = text.partition(b"\n")[0][:_LONGEST]
    size = len(text)
    yield from (text[start:end] for start in range(size) for end in range(start + 1, size + 1))


def _sha1(text: bytes) -> str:
    return hashlib.sha1(text, usedforsecurity=False).hexdigest()
