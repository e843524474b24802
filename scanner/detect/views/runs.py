"""Base64 and hexadecimal: long runs of their alphabets, decoded if that gives something readable.

Alphabets and wrapping: RFC 4648 sections 4, 5 and 8; RFC 2045 section 6.8; RFC 7468 section 2.
"""

import re
from binascii import Error, a2b_base64, unhexlify
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from scanner.detect.views.view import Layout, Mapped, View

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
# The other characters of the alphabet come from few characters of text, but are frequent in paths
# and names: a run has a stretch without them, and only such a stretch is searched for.
_PLAIN = bytes(97 if byte in _ALPHABET[:62] else 32 for byte in range(256))
_STANDARD = bytes.maketrans(b"-_", b"+/")
_LEAST = 20  # characters of base64, padding included
_LEAST_RUN = _LEAST - 2
_DIGITS = b"0123456789abcdefABCDEF"
_LEAST_HEX = 32
_HEAD = 24  # characters that are decoded to judge the rest
# Lines from this length on that are equally long are one block; shorter ones may be a list.
_SHORTEST_LINE, _LONGEST_LINE = 60, 1024
_WITHIN = 2048  # bytes of a run that is searched for an encoded piece, such as one in a path
_CONTEXT = 64  # bytes of the line before a run that are copied
_LARGE = 16 << 20  # bytes of joined text that make a view
_TEXT = bytes((9, 10, 13, *range(32, 127)))
_STRANGE = 2  # bytes that text may have in its head apart from these

# A line break as it is, or escaped in a string.
_BREAK = re.compile(rb"(?:\r?\n|(?:\\r)?\\n)[ \t]{0,64}+")
_LAST_LINE = re.compile(rb"(?!--)[A-Za-z0-9+/_-]{1,1023}+(?=={0,2}(?:[\s\\\"'`<,;)\]}]|\Z))")
_RUN = re.compile(rb"[A-Za-z0-9+/_-]++")
_END_OF_LINE = re.compile(rb"[^A-Za-z0-9+/_=-]")
_PIECE = re.compile(rb"[A-Za-z0-9]{18,}+")
_HEX = re.compile(rb"[0-9A-Fa-f]{32,}+")
# JKS, JCEKS, gzip, zip, bzip2, xz, UTF-16 with and without a mark, an OpenSSH key, and DER of a
# private key or a PKCS #12 container: a sequence that starts with a version (RFC 5208, 5915, 7292,
# 8017).
_FURTHER = (
    rb"\xfe\xed\xfe\xed|\xce\xce\xce\xce|\x1f\x8b\x08|PK\x03\x04|BZh[1-9]1AY&SY|\xfd7zXZ\x00"
    rb"|\xff\xfe[\t\n\r -~]\x00|\xfe\xff\x00[\t\n\r -~]"
    rb"|(?:[\t\n\r -~]\x00){6}|(?:\x00[\t\n\r -~]){6}|openssh-key-v1\x00"
    rb"|\x30(?:[\x20-\x7f]|\x81.|\x82..)\x02\x01[\x00-\x03][\x02\x04\x30]"
)
_UTF_8 = (
    rb"(?:[\t\n\r -~]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})*+"
    rb"[\x80-\xff]{0,3}\Z"
)
_HEAD_OF = re.compile(rb"(%b)|(?:%b)" % (_FURTHER, _UTF_8), re.DOTALL)


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


def decoded_runs(data: bytes, source: View | None) -> Iterator[View]:
    """Yield what base64 and hexadecimal runs in `data` decode to.

    Readable text is joined into few views, each piece after the start of its line, so that a name
    in front of an encoded value stays in front of it. Compressed data, UTF-16 and binary private
    keys come one by one. Runs that `source`, the view that `data` is of, merely copied are left
    out.
    """
    layouts = {"base64": Layout(), "hex": Layout()}
    for run in _found(data):
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


def _found(data: bytes) -> Iterator[_Run]:
    shape = data.translate(_PLAIN)
    least = b"a" * _LEAST_RUN
    done = 0
    while (plain := shape.find(least, done)) >= 0:
        start, end = _bounds(data, plain, done)
        if _LEAST <= end - start < _SHORTEST_LINE and _dull(data[start:end]):
            done = end
            continue
        run = _base64(data, start, end) or _hex(data, start, end)
        if run is None and end - start >= _SHORTEST_LINE:
            done = _block_end(data, start, end)
            if done > end or end - start > _WITHIN:
                continue
        run = run or _piece(data, start, end)
        if run is not None:
            yield run
            end = run.end
        done = end


@lru_cache(1 << 16)
def _dull(run: bytes) -> bool:
    """Tell whether a run, too short to be a line of a block, encodes nothing.

    Remembered, because the versions of a file hold the same digests and long names again and again.
    """
    end = len(run)
    return not (_base64(run, 0, end) or _hex(run, 0, end) or _piece(run, 0, end))


def _bounds(data: bytes, plain: int, done: int) -> tuple[int, int]:
    """Return start and end, in the whole alphabet, of the run around `plain`, after `done`."""
    start = plain
    if data[plain - 1 : plain] in (b"+", b"/", b"-", b"_"):
        before = data[max(done, plain - _LONGEST_LINE) : plain]
        start -= len(before) - len(before.rstrip(_ALPHABET))
    match = _RUN.match(data, plain)
    end = match.end() if match else plain
    if data[start - 1 : start] == b"\\" and data[start] in b"nrt":
        start += 1
    return start, end


def _base64(data: bytes, start: int, end: int) -> _Run | None:
    """Return what starts at `start` as base64, or None if it does not look like it."""
    short = end - start < _LEAST
    if short and data.count(b"=", end, end + 2) < _LEAST - (end - start):
        return None
    readable = _readable(_from_base64(data[start : min(end, start + _HEAD)]))
    if readable is None:
        return None
    stop = _block_end(data, start, end)
    text = _from_base64(_unwrapped(data, start, end, stop))
    for _ in range(2):
        stop += data[stop : stop + 1] == b"="
    return _Run(text, start, stop, "base64", readable)


def _hex(data: bytes, start: int, end: int) -> _Run | None:
    """Return what starts at `start` as hexadecimal, or None if it does not look like it."""
    head = data[start : start + _LEAST_HEX]
    if end - start < _LEAST_HEX or head.translate(None, _DIGITS):
        return None
    readable = _readable(unhexlify(head))
    if readable is None:
        return None
    match = _HEX.match(data, start, end)
    last = match.end() if match else end
    stop = _block_end(data, start, end) if last == end else last
    try:
        text = _from_hex(_unwrapped(data, start, end, stop))
    except Error:  # a line of the block holds something else
        stop = last
        text = _from_hex(data[start:stop])
    return _Run(text, start, stop, "hex", readable)


def _piece(data: bytes, start: int, end: int) -> _Run | None:
    """Return what is encoded further on in a run, such as a path that ends in base64."""
    within = min(end, start + _WITHIN)
    for match in _PIECE.finditer(data, start, within):
        if match.start() > start and (run := _base64(data, match.start(), end)):
            return run
    if end - start > _LEAST_HEX:
        for match in _HEX.finditer(data, start, within):
            if match.start() > start and (run := _hex(data, match.start(), match.end())):
                return run
    return None


def _from_base64(encoded: bytes) -> bytes:
    usable = encoded[:-1] if len(encoded) % 4 == 1 else encoded
    return a2b_base64(usable.translate(_STANDARD) + b"==")


def _from_hex(encoded: bytes) -> bytes:
    return unhexlify(encoded[: len(encoded) & ~1])


def _readable(head: bytes) -> bool | None:
    """Return True for text, False for bytes worth unfolding further, None for anything else."""
    match = _HEAD_OF.match(head)
    if match is not None:
        return match[1] is None
    return True if len(head.translate(None, _TEXT)) <= _STRANGE else None


def _block_end(data: bytes, start: int, end: int) -> int:
    """Return the end of the block of lines of one length, the last maybe shorter, from `start`."""
    length = end - start
    if length % 4 or not _SHORTEST_LINE <= length <= _LONGEST_LINE:
        return end
    match = _BREAK.match(data, end)
    if match is None:
        return end
    gap = match[0]
    while data.startswith(gap, end):
        line = _RUN.match(data, end + len(gap))
        if line is None or line.end() - line.start() != length:
            break
        end = line.end()
    if data.startswith(gap, end) and (match := _LAST_LINE.match(data, end + len(gap))):
        return match.end() if len(match[0]) < length else end
    return end


def _unwrapped(data: bytes, start: int, end: int, stop: int) -> bytes:
    """Return the characters of a block whose first line ends at `end`, without the line breaks."""
    match = _BREAK.match(data, end) if stop > end else None
    return data[start:stop].replace(match[0], b"") if match else data[start:stop]


def _lines(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return the length of a block's lines and of the breaks between them."""
    match = _END_OF_LINE.search(data, start, min(end, start + _LONGEST_LINE + 1))
    gap = _BREAK.match(data, match.start(), end) if match else None
    return (gap.start() - start, len(gap[0])) if gap else (end - start + 1, 0)
