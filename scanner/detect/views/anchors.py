"""Where encoded text stands in content, which is a matter of few lines each."""

from typing import NamedTuple

from scanner.kernels import encoded as kernel

block_lines = kernel.block_lines


class Anchors(NamedTuple):
    """The places from which `encoded` builds its views, as packed 64-bit integers, ascending.

    Of a run: start and end of its first line, and the end of its block before the padding. Of an
    escape: where it starts. False if there are none.
    """

    base64: bytes = b""
    hexadecimal: bytes = b""
    percent: bytes = b""
    backslash: bytes = b""
    html: bytes = b""

    def __bool__(self) -> bool:
        """Tell whether there is anything to build a view from."""
        return any(self)


NOTHING = Anchors()


def anchors(data: bytes, start: int = 0, end: int | None = None) -> Anchors:
    """Return the anchors that begin in `data[start:end]`, which are whole lines.

    An anchor depends on the line it stands in and on the lines of its block, nothing else: of a
    range that `block_lines` gave, it is exactly the anchors of `data` that begin in it.
    """
    found = kernel.places(data, start, len(data) if end is None else end)
    return Anchors(*found) if found else NOTHING
