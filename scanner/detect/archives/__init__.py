"""Files inside compressed files and archives, within a budget.

Read with the standard library: gzip, bzip2, xz, zip (so also jar, docx, whl, …) and tar. They are
recognised by their first bytes, zip by its end as well. Nothing is written anywhere; names of
members only become labels.
"""

import re
from collections.abc import Iterator

from scanner.detect.archives.budget import Budget
from scanner.detect.archives.stream import Stream, bunzip, drain, gunzip, unxz
from scanner.detect.archives.tars import untar
from scanner.detect.archives.zips import find_end, leads, unzip
from scanner.detect.views.view import View

__all__ = ["Budget", "mark", "members"]

_GZIP, _BZIP2, _XZ = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00"
_MARK = re.compile(
    rb"(?P<gzip>\x1f\x8b\x08)"
    # After the digit a block, or the end of an empty stream.
    rb"|(?P<bzip2>BZh.(?:1AY&SY|\x17\x72\x45\x38\x50\x90))"
    rb"|(?P<xz>\xfd7zXZ\x00)|(?P<tar>.{257}ustar)|(?P<zip>PK(?:\x03\x04|\x05\x06))",
    re.DOTALL,
)


def mark(content: bytes) -> int:
    """Return how far the bytes reach that tell, from the start, that this is an archive; or 0."""
    found = _MARK.match(content)
    return found.end() if found else 0


def members(content: bytes, budget: Budget) -> Iterator[View]:
    """Yield what `content` holds if it is an archive or compressed, one member at a time.

    Damaged and oversized members come as far as they could be read; `budget.exceeded` then says
    what is missing. An archive inside a member is the caller's to ask for.
    """
    end = len(content)
    found = _MARK.match(content)
    kind = found.lastgroup if found else ""
    if kind == "gzip":
        yield from _single(gunzip(content, 0, end), "gzip", _GZIP, content, budget)
    elif kind == "bzip2":
        yield from _single(bunzip(content, 0, end), "bzip2", _BZIP2, content, budget)
    elif kind == "xz":
        yield from _single(unxz(content, 0, end), "xz", _XZ, content, budget)
    elif kind == "tar":
        yield from untar(content, budget)
    else:
        record = find_end(content)
        if kind == "zip" or leads(content, record):
            yield from unzip(content, record, budget)


def _single(
    stream: Stream | None, step: str, magic: bytes, content: bytes, budget: Budget
) -> Iterator[View]:
    """Yield what a compressed file holds; streams that follow each other are one file."""
    if budget.admit():
        data = drain(stream, step, budget, magic)
        if data:
            yield View(data, step, 0, len(content))
