"""Whether what stands at a place can be the value that another tool saw there.

Tools cut a value out of a line in different ways, and some hash only a part of it. So it is enough
that the value stands on that line, or that it and ours are a part of one another.
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
        return any(_sha1(part) == known.sha1 for whole in (secret, text) for part in _parts(whole))
    return not known.values or any(_is_there(v.reveal(), secret, text) for v in known.values)


def _is_there(value: bytes, secret: bytes, text: bytes) -> bool:
    """Tell whether `value` stands in `text` in any notation, or is part of `secret` or holds it."""
    if any(form in text for form in forms(value) if len(form) >= SHORTEST):
        return True
    one, other = _solid(value), _solid(secret)
    return one in other or other in one


def _solid(value: bytes) -> bytes:
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
