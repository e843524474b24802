"""UTF-16 and UTF-32: whole content, and runs of text inside binary content."""

from array import array
from collections.abc import Iterator

from scanner.detect.views.view import Layout, Mapped, View
from scanner.kernels import wide

# Longest first: the UTF-16-LE mark is a prefix of the UTF-32-LE mark.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_PART = 2048  # bytes decoded to find one character's place; a multiple of every unit
_SAMPLE = 4096
_SHORTEST = 8  # bytes of content that are too few to judge by
_RUN = 8  # characters that make a run in binary content
# Where the zeros stand in ASCII text, by position in the unit.
_SHAPES = (
    ("utf-32-le", 4, (1, 2, 3)),
    ("utf-32-be", 4, (0, 1, 2)),
    ("utf-16-le", 2, (1,)),
    ("utf-16-be", 2, (0,)),
)


class Wide(Mapped):
    """Text in units of two or four bytes, given as UTF-8; `step` is Python's codec name."""

    __slots__ = ()

    def _locate_encoded(self, part: int, start: int, end: int, offset: int) -> tuple[int, int]:
        text = self._parent[start:end].decode(self.step, "replace")
        index = len(text.encode()[:offset].decode("utf-8", "ignore"))
        lower = start + len(text[:index].encode(self.step))
        return lower, lower + len(text[index : index + 1].encode(self.step))


def transcode(content: bytes) -> View | None:
    """Return `content` as UTF-8 if all of it is UTF-16 or UTF-32, else None.

    A byte order mark decides where the rest is mostly text; without one the zero bytes of ASCII
    characters must stand where the encoding puts them and everything must decode. What a mark
    introduces may hold invalid units; each becomes U+FFFD.
    """
    for mark, codec in _MARKS:
        if content.startswith(mark) and _readable(content, len(mark), codec):
            return _whole(content, len(mark), codec)
    if len(content) < _SHORTEST or b"\0" not in content:
        return None
    for codec, width, zeros in _SHAPES:
        if len(content) % width == 0 and _shaped(content, width, zeros):
            try:
                content.decode(codec)
            except UnicodeDecodeError:
                continue
            if _readable(content, 0, codec):
                return _whole(content, 0, codec)
    return None


def embedded_wide(content: bytes) -> Iterator[View]:
    """Yield the runs of UTF-16 and UTF-32 text in binary content, joined into a view an encoding.

    A run has at least eight characters, all of them printable ASCII or Latin-1.
    """
    if b"\0" not in content:
        return
    for width in (4, 2):
        low, high = Layout(), Layout()
        gap = width - 1
        places = array("q", wide.runs(content, width))
        for start, end in zip(places[::2], places[1::2], strict=True):
            # A character without zeros after it belongs to the other byte order, whose zeros come
            # first. With zeros on both sides the orders read the same, and one is enough.
            spare = (end - start) % width
            lead = start - gap
            if spare and lead >= 0 and content.startswith(bytes(gap), lead):
                _append(high, content, lead, end, width, gap)
                continue
            if end - spare - start >= _RUN * width:
                _append(low, content, start, end - spare, width, 0)
                if spare:
                    _append(high, content, start + 1, end, width, gap)
        for layout, order in ((low, "le"), (high, "be")):
            if layout.data:
                yield Wide(f"utf-{8 * width}-{order}", content, layout)


def _append(
    layout: Layout, content: bytes, start: int, end: int, width: int, position: int
) -> None:
    """Add characters of Latin-1, each at `position` in its unit, as a run of its own."""
    if layout.data:
        layout.newline()
    for first in range(start, end, _PART):
        last = min(first + _PART, end)
        text = content[first + position : last : width]
        if not text.isascii():
            text = text.decode("latin-1").encode()
        layout.add(text, first, last, encoded=True)


def _whole(content: bytes, start: int, codec: str) -> View:
    layout = Layout()
    _gather(layout, content, start, len(content), codec)
    return Wide(codec, content, layout)


def _gather(layout: Layout, content: bytes, start: int, end: int, codec: str) -> None:
    while start < end:
        stop = min(start + _PART, end)
        if stop < end and codec.startswith("utf-16") and _high(content, stop - 2, codec):
            stop -= 2  # keep a surrogate pair together
        text = content[start:stop].decode(codec, "replace")
        layout.add(text.encode(), start, stop, encoded=True)
        start = stop


def _high(content: bytes, position: int, codec: str) -> bool:
    return content[position + codec.endswith("le")] & 0xFC == 0xD8


def _samples(content: bytes, start: int) -> Iterator[bytes]:
    """Yield up to three stretches from `start` on, at places that suit any unit."""
    length = len(content) - start
    middle = length // 2 // _SAMPLE * _SAMPLE
    last = max(length - 1, 0) // _SAMPLE * _SAMPLE
    for place in sorted({0, middle, last}):
        yield content[start + place : start + place + _SAMPLE]


def _shaped(content: bytes, width: int, zeros: tuple[int, ...]) -> bool:
    """Tell whether zero bytes stand where `zeros` says, and hardly anywhere else."""
    wanted = other = units = 0
    for sample in _samples(content, 0):
        units += len(sample) // width
        for place in range(width):
            count = sample[place::width].count(0)
            if place in zeros:
                wanted += count
            else:
                other += count
    # Other scripts than Latin fill the byte next to the character's lowest, but only that. Some of
    # their characters end in a zero byte, such as the wide space of East Asian text, U+3000.
    return wanted >= (len(zeros) - 0.7) * units and other <= 0.1 * units


def _readable(content: bytes, start: int, codec: str) -> bool:
    """Tell whether a sample decodes to text with hardly a control or impossible character."""
    bad = total = 0
    for sample in _samples(content, start):
        text = sample.decode(codec, "replace")
        total += len(text)
        bad += sum(not (c.isprintable() or c.isspace()) or c == "\ufffd" for c in text)
    return bad <= 0.02 * total + 2  # a sample may cut a surrogate pair
