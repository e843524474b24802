"""Finds runs of UTF-16 and UTF-32 text in binary content.

A run is of at least eight characters, each a printable one of ASCII or Latin-1, a tab or a line
break, and the zero bytes that make it a unit of two or four bytes. It goes from its first
character to its last, or to the zeros after that: whether the zeros come before or after is the
caller's to tell.
"""

import re
from array import array
from functools import cache

_SHORTEST = 8
# 0 for zero, 1 for a character of text, 2 for anything else.
_CLASSES = bytes(
    0 if byte == 0 else 1 if byte in b"\t\n\r" or 32 <= byte < 127 or byte >= 160 else 2
    for byte in range(256)
)


def runs(data: bytes, width: int) -> bytes:
    """Return start and end of each run in units of `width`, ascending, as packed 64-bit integers.

    Raises ValueError if `width` is neither two nor four.
    """
    if width not in (2, 4):
        raise ValueError("no such width")
    classes = data.translate(_CLASSES)
    zeros = bytes(width - 1)
    least = (b"\x01" + zeros) * (_SHORTEST - 1) + b"\x01"
    pattern = _run(zeros)
    found = array("q")
    start = classes.find(least)
    while start >= 0:
        match = pattern.match(classes, start)
        end = match.end() if match else start + len(least)
        found.extend((start, end))
        start = classes.find(least, end)
    return found.tobytes()


@cache
def _run(zeros: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:\x01%b)*+\x01?+" % zeros)
