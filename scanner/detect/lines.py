"""Lines and columns of offsets."""

from collections.abc import Iterable, Iterator

_CONTINUATION = bytes(range(0x80, 0xC0))


def positions(data: bytes, offsets: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield line and column, both from 1, of each of `offsets`, which must not decrease.

    CR, LF and CRLF each end a line; what stands inside a CRLF is on the line that it ends. A column
    counts characters of UTF-8. All offsets together cost one pass over `data`.
    """
    line, column, at = 1, 1, 0
    for offset in offsets:
        end = offset - (data[offset - 1 : offset + 1] == b"\r\n")
        feeds = data.count(b"\n", at, end)
        lone = data.count(b"\r", at, end)
        lone -= data.count(b"\r\n", at, end) if lone else 0
        start = at
        if feeds or lone:
            start = max(data.rfind(b"\n", at, end), data.rfind(b"\r", at, end)) + 1
            line, column = line + feeds + lone, 1
        column += len(data[start:end].translate(None, _CONTINUATION))
        at = end
        yield line, column + offset - end
