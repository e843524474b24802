"""Lines and columns of offsets."""

from collections.abc import Iterable, Iterator

_CONTINUATION = bytes(range(0x80, 0xC0))


def positions(data: bytes, offsets: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield line and column, both from 1, of each of `offsets`, which must not decrease.

    CR, LF and CRLF each end a line; no offset may stand inside a CRLF. A column counts characters
    of UTF-8. All offsets together cost one pass over `data`.
    """
    line, column, at = 1, 1, 0
    for offset in offsets:
        feeds = data.count(b"\n", at, offset)
        lone = data.count(b"\r", at, offset)
        lone -= data.count(b"\r\n", at, offset) if lone else 0
        start = at
        if feeds or lone:
            start = max(data.rfind(b"\n", at, offset), data.rfind(b"\r", at, offset)) + 1
            line, column = line + feeds + lone, 1
        column += len(data[start:offset].translate(None, _CONTINUATION))
        at = offset
        yield line, column
