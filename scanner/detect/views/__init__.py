"""Further content to search that is hidden in content by an encoding of text.

`transcode` and `embedded_wide` undo UTF-16 and UTF-32; `encoded` undoes base64, hexadecimal,
percent-encoding, `\\uXXXX` and HTML entities. Each view can say where a piece of its data stands,
encoded, in the bytes it was derived from. Nesting, and how deep, is the caller's: it asks again for
the views of a view's data.
"""

from collections.abc import Iterator

from scanner.detect.views.anchors import Anchors, anchors, block_lines
from scanner.detect.views.escapes import decoded_escapes
from scanner.detect.views.runs import decoded_runs
from scanner.detect.views.view import Mapped, View
from scanner.detect.views.wide import embedded_wide, transcode

__all__ = [
    "Anchors",
    "Mapped",
    "View",
    "anchors",
    "block_lines",
    "embedded_wide",
    "encoded",
    "transcode",
]


def encoded(
    data: bytes, source: View | None = None, found: Anchors | None = None
) -> Iterator[Mapped]:
    """Yield what the encoded parts of `data` decode to; work and memory are linear in `data`.

    Give `source` if `data` is that view's: what it copied without decoding is then not decoded
    once more on this level, which otherwise multiplies the work by the orders the kinds can come
    in. Give `found` if the anchors of `data` are known: it is then not searched.
    """
    if found is None:
        found = anchors(data)
    if found:
        yield from decoded_runs(data, found, source)
        yield from decoded_escapes(data, found, source)
