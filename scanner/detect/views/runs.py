"""Base64 and hexadecimal: long runs of their alphabets, decoded if that gives something readable.

Alphabets and wrapping: RFC 4648 sections 4, 5 and 8; RFC 2045 section 6.8; RFC 7468 section 2.
"""

import re
from array import array
from binascii import a2b_base64, unhexlify
from collections.abc import Iterator
from heapq import merge
from typing import NamedTuple

from scanner.detect.views.anchors import Anchors
from scanner.detect.views.view import Layout, Mapped, View
from scanner.kernels import encoded as kernel

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_STANDARD = bytes.maketrans(b"-_", b"+/")
_HEAD = {"base64": 18, "hex": 16}  # decoded bytes that the rest was judged by
_LONGEST_LINE = 1024
_CONTEXT = 64  # bytes of the line before a run that are copied
_LARGE = 16 << 20  # bytes of joined text that make a view

# A line break as it is, or escaped in a string.
_BREAK = re.compile(rb"(?:\r?\n|(?:\\r)?\\n)[ \t]{0,64}+")
_END_OF_LINE = re.compile(rb"[^A-Za-z0-9+/_=-]")


class Runs(Mapped):
    """Decoded runs; `step` says of which encoding."""

    __slots__ = ()

    def _locate_encoded(self, part: int, start: int, end: int, offset: int) -> tuple[int, int]:
        if self.step == "hex":
            lower, upper = offset * 2, offset * 2 + 2
        else:
            lower = offset // 3 * 4
            upper = lower + 4
        line, gap = _lines(self._parent, start, end)
        return start + lower + lower // line * gap, start + upper + (upper - 1) // line * gap


class _Run(NamedTuple):
    """`data` is what `start` to `end` encode; `readable` that it is text."""

    data: bytes
    start: int
    end: int
    step: str
    readable: bool


def decoded_runs(data: bytes, found: Anchors, source: View | None) -> Iterator[Mapped]:
    """Yield what the base64 and hexadecimal runs decode to that were found in `data`.

    Readable text is joined into few views, each piece after the start of its line, so that a name
    in front of an encoded value stays in front of it. Compressed data, UTF-16 and binary private
    keys come one by one. Runs that `source`, the view that `data` is of, merely copied are left
    out.
    """
    layouts = {"base64": Layout(), "hex": Layout()}
    for run in _runs(data, found):
        if source is not None and not source.decoded(run.start, run.end):
            continue
        if not run.readable:
            layout = Layout()
            layout.add(run.data, run.start, run.end, encoded=True)
            yield Runs(run.step, data, layout)
            continue
        if len(layouts[run.step].data) > _LARGE:
            yield Runs(run.step, data, layouts[run.step])
            layouts[run.step] = Layout()
        _place(layouts[run.step], data, run)
    for step, layout in layouts.items():
        if layout.data:
            yield Runs(step, data, layout)


def _place(layout: Layout, data: bytes, run: _Run) -> None:
    """Append a run with what precedes it on its line, and the quote that closes it."""
    low = max(layout.end, run.start - _CONTEXT)
    line = data.rfind(b"\n", low, run.start) + 1 or low
    if layout.data and line > layout.end:
        layout.newline()
    # Letters that touch the run would pass for a part of what it decodes to.
    if before := data[line : run.start].rstrip(_ALPHABET):
        layout.add(before, line, line + len(before), encoded=False)
    layout.add(run.data, run.start, run.end, encoded=True)
    quote = data[run.end : run.end + 1]
    if quote in (b'"', b"'", b"`"):
        layout.add(quote, run.end, run.end + 1, encoded=False)


def _runs(data: bytes, found: Anchors) -> Iterator[_Run]:
    """Yield what is anchored, by position."""
    base64 = ((place, "base64") for place in _places(found.base64))
    hexadecimal = ((place, "hex") for place in _places(found.hexadecimal))
    for (start, end, stop), step in merge(base64, hexadecimal):
        encoded = _unwrapped(data, start, end, stop)
        if step == "hex":
            text = unhexlify(encoded[: len(encoded) & ~1])
        else:
            text = _from_base64(encoded)
            for _ in range(2):
                stop += data[stop : stop + 1] == b"="
        yield _Run(text, start, stop, step, bool(kernel.readable(text[: _HEAD[step]])))


def _places(packed: bytes) -> Iterator[tuple[int, int, int]]:
    numbers = iter(array("q", packed))
    return zip(numbers, numbers, numbers, strict=True)


def _from_base64(encoded: bytes) -> bytes:
    usable = encoded[:-1] if len(encoded) % 4 == 1 else encoded
    return a2b_base64(usable.translate(_STANDARD) + b"==")


def _unwrapped(data: bytes, start: int, end: int, stop: int) -> bytes:
    """Return the characters of a block whose first line ends at `end`, without the line breaks."""
    match = _BREAK.match(data, end) if stop > end else None
    return data[start:stop].replace(match[0], b"") if match else data[start:stop]


def _lines(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return the length of a block's lines and of the breaks between them."""
    match = _END_OF_LINE.search(data, start, min(end, start + _LONGEST_LINE + 1))
    gap = _BREAK.match(data, match.start(), end) if match else None
    return (gap.start() - start, len(gap[0])) if gap else (end - start + 1, 0)
