"""Finds where encoded text stands: base64 and hexadecimal runs, and escapes of characters.

What is found is a matter of the line it stands in and, for a run, of the lines of its block: lines
of one length that a base64 encoder wrote, the last maybe shorter. Positions are handed over packed,
as bytes of 64-bit integers:

runs     start and end of the run's first line, and the end of its block before the padding
escapes  the start of each escape that makes its line worth decoding
"""

import re
from array import array
from binascii import a2b_base64, unhexlify
from collections.abc import Iterator
from functools import lru_cache

Places = tuple[bytes, bytes, bytes, bytes, bytes]
"""Base64 runs, hexadecimal runs, percent, backslash and HTML escapes, each ascending."""

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
_SHORTEST_LINE, _LONGEST_LINE, _INDENTATION = 60, 1024, 64
_WITHIN = 2048  # bytes of a run that is searched for an encoded piece, such as one in a path
_TEXT = bytes((9, 10, 13, *range(32, 127)))
_STRANGE = 2  # bytes that text may have in its head apart from these

# A line break as it is, or escaped in a string.
_BREAK = re.compile(rb"(?:\r?\n|(?:\\r)?\\n)[ \t]{0,64}+")
_LAST_LINE = re.compile(rb"(?!--)[A-Za-z0-9+/_-]{1,1023}+(?=={0,2}(?:[\s\\\"'`<,;)\]}]|\Z))")
_RUN = re.compile(rb"[A-Za-z0-9+/_-]++")
_PIECE = re.compile(rb"[A-Za-z0-9]{18,}+")
_HEX = re.compile(rb"[0-9A-Fa-f]{32,}+")
_NOT_HEX = re.compile(rb"(?<!\\)[G-Zg-z+/_-]")  # in a block, whose breaks may be escaped
_NEXT_LINE = re.compile(rb"[ \t]{0,64}+([A-Za-z0-9+/_-]{1,1025}+)")
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

# Not `%02d` and its like: of the control characters, only those that text has.
_PERCENT = re.compile(rb"%(?:[2-7][0-9A-Fa-f]|0[9AaDd]|[C-Fc-f][0-9A-Fa-f]%[89ABab][0-9A-Fa-f])")
_ASCII = rb"(?:[2-7][0-9A-Fa-f]|0[9AaDd])"
_BACKSLASH = re.compile(
    rb"\\(?:x%b|u00%b|u\{0{0,4}%b\}|U000000%b)" % (_ASCII, _ASCII, _ASCII, _ASCII)
)
_ENTITY = re.compile(
    rb"&(?:#(?=[0-9]{1,7};)0*+(?:9|1[03]|3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-7])"
    rb"|#[xX](?=[0-9A-Fa-f]{1,6};)0*+(?:[9AaDd]|[2-7][0-9A-Fa-f])"
    rb"|(?:%b));"
    % b"|".join(
        # Those of the WHATWG's named character references that stand for ASCII.
        b"AMP DiacriticalGrave GT Hat LT NewLine QUOT Tab UnderBar VerticalLine amp apos ast bsol "
        b"colon comma commat dollar equals excl fjlig grave gt lbrace lbrack lcub lowbar lpar lsqb "
        b"lt midast num percnt period plus quest quot rbrace rbrack rcub rpar rsqb semi sol verbar "
        b"vert".split()
    )
)


def places(data: bytes, start: int, end: int) -> Places | None:
    """Return where encoded text begins in `data[start:end]`; None, quickly, if there is none.

    Give whole lines, and those that `block_lines` adds to them, to find what there is in them.
    """
    start = max(start, 0)
    end = max(start, min(end, len(data)))
    base64, hexadecimal = array("q"), array("q")
    for is_hex, *run in _runs(data, start, end):
        (hexadecimal if is_hex else base64).extend(run)
    found = (
        base64.tobytes(),
        hexadecimal.tobytes(),
        _escapes(_PERCENT, b"%", data, start, end),
        _escapes(_BACKSLASH, b"\\", data, start, end),
        _escapes(_ENTITY, b"&", data, start, end),
    )
    return found if any(found) else None


def _escapes(escape: re.Pattern[bytes], mark: bytes, data: bytes, start: int, end: int) -> bytes:
    if data.find(mark, start, end) < 0:
        return b""
    return array("q", (match.start() for match in escape.finditer(data, start, end))).tobytes()


def _runs(data: bytes, low: int, high: int) -> Iterator[tuple[bool, int, int, int]]:
    """Yield the runs that begin between `low` and `high`: if they are hexadecimal, and where."""
    shape = data[low:high].translate(_PLAIN)
    least = b"a" * _LEAST_RUN
    spoilt = _Spoilt()
    done = low
    while (plain := shape.find(least, done - low)) >= 0:
        start, end = _bounds(data, low + plain, done)
        if _LEAST <= end - start < _SHORTEST_LINE and _dull(data[start:end]):
            done = end
            continue
        run = _base64(data, start, end) or _hex(data, start, end, spoilt)
        if run is None and end - start >= _SHORTEST_LINE:
            done = _block_end(data, start, end)[0]
            if done > end or end - start > _WITHIN:
                continue
        run = run or _piece(data, start, end, spoilt)
        if run is not None:
            yield run
            end = run[3]
        done = end


class _Spoilt:
    """Lines that look like a block of hexadecimal, but for which one of them is something else.

    Remembered, because otherwise every line would ask all that follow.
    """

    __slots__ = ("length", "until")

    def __init__(self) -> None:
        """Know of none: lines of `length` that begin before `until` are of such a block."""
        self.length = self.until = 0


@lru_cache(1 << 16)
def _dull(run: bytes) -> bool:
    """Tell whether a run, too short to be a line of a block, encodes nothing.

    Remembered, because the versions of a file hold the same digests and long names again and again.
    """
    end, none = len(run), _Spoilt()
    return not (_base64(run, 0, end) or _hex(run, 0, end, none) or _piece(run, 0, end, none))


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


def _base64(data: bytes, start: int, end: int) -> tuple[bool, int, int, int] | None:
    """Return what starts at `start` as base64, or None if it does not look like it."""
    missing = _LEAST - (end - start)
    if missing > 0 and not data[end : end + 2].startswith(b"=" * missing):
        return None
    head = data[start : min(end, start + _HEAD)]
    if len(head) % 4 == 1:
        head = head[:-1]
    if readable(a2b_base64(head.translate(_STANDARD) + b"==")) is None:
        return None
    return False, start, end, _block_end(data, start, end)[0]


def _hex(data: bytes, start: int, end: int, spoilt: _Spoilt) -> tuple[bool, int, int, int] | None:
    """Return what starts at `start` as hexadecimal, or None if it does not look like it."""
    head = data[start : start + _LEAST_HEX]
    if end - start < _LEAST_HEX or head.translate(None, _DIGITS):
        return None
    if readable(unhexlify(head)) is None:
        return None
    match = _HEX.match(data, start, end)
    line = match.end() if match else end
    if line < end or (start < spoilt.until and end - start == spoilt.length):
        return True, start, line, line
    stop, last = _block_end(data, start, end)
    # Of an odd number of digits the last is left out; only the last line can be odd.
    if stop > end and (other := _NOT_HEX.search(data, start, stop - (stop - last) % 2)):
        spoilt.length, spoilt.until = end - start, min(last, other.start())
        stop = end
    return True, start, end, stop


def _piece(data: bytes, start: int, end: int, spoilt: _Spoilt) -> tuple[bool, int, int, int] | None:
    """Return what is encoded further on in a run, such as a path that ends in base64."""
    within = min(end, start + _WITHIN)
    for match in _PIECE.finditer(data, start, within):
        if match.start() > start and (run := _base64(data, match.start(), end)):
            return run
    if end - start > _LEAST_HEX:
        for match in _HEX.finditer(data, start, within):
            if match.start() > start and (run := _hex(data, match.start(), match.end(), spoilt)):
                return run
    return None


def readable(head: bytes) -> bool | None:
    """Return True for text, False for bytes worth unfolding further, None for anything else."""
    match = _HEAD_OF.match(head)
    if match is not None:
        return match[1] is None
    return True if len(head.translate(None, _TEXT)) <= _STRANGE else None


def _block_end(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return the end of the block of lines of one length, the last maybe shorter, from `start`.

    And where the last line begins, or the last one that is as long as the first if it is followed
    by none.
    """
    length = end - start
    if length % 4 or not _SHORTEST_LINE <= length <= _LONGEST_LINE:
        return end, start
    match = _BREAK.match(data, end)
    if match is None:
        return end, start
    gap = match[0]
    last = start
    while data.startswith(gap, end):
        line = _RUN.match(data, end + len(gap))
        if line is None or line.end() - line.start() != length:
            break
        last, end = line.span()
    if data.startswith(gap, end) and (match := _LAST_LINE.match(data, end + len(gap))):
        return (match.end(), match.start()) if len(match[0]) < length else (end, last)
    return end, last


def block_lines(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return whole lines, grown until no block can lie across one of their ends.

    Without lines (`start` is `end`) what a block would join at that place is returned.
    """
    start, end = max(start, 0), min(end, len(data))
    while joined(data, start):
        start = data.rfind(b"\n", 0, start - 1) + 1
    while joined(data, end):
        end = data.find(b"\n", end) + 1 or len(data)
    return start, end


def joined(data: bytes, at: int) -> bool:
    """Tell whether a block may go on from the line before `at` to the one that starts there."""
    if not 0 < at < len(data) or data[at - 1] != 10:
        return False
    stop = at - 1 - (data[at - 2 : at - 1] == b"\r")
    first = _width(data, stop)
    if first < _SHORTEST_LINE or (match := _NEXT_LINE.match(data, at)) is None:
        return False
    second = len(match[1])
    full = second >= _SHORTEST_LINE and second % 4 == 0 and second <= first
    if not full and (second >= first & ~3 or not _LAST_LINE.match(data, match.start(1))):
        return False
    if _PIECE.search(data, stop - first, stop):
        return True
    # No block begins in such a line, but one may go through it.
    begin = stop - first
    blanks = data[max(0, begin - _INDENTATION) : begin]
    above = begin - len(blanks) + len(blanks.rstrip(b" \t")) - 1
    if first % 4 or above < 0 or data[above] != 10:
        return False
    return _width(data, above - (data[above - 1 : above] == b"\r")) >= first


def _width(data: bytes, stop: int) -> int:
    """Return how many characters of the alphabet end at `stop`, at most a longest line's."""
    before = data[max(0, stop - _LONGEST_LINE) : stop]
    return len(before) - len(before.rstrip(_ALPHABET))
