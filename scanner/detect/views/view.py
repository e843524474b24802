"""Content derived from other content, and where each part of it came from."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence


class View:
    """Decoded bytes to search, and the step that led to them.

    `data` is ASCII-compatible text or, where something further must unfold it, the raw bytes.
    `step` is a word for the report: "base64", "utf-16-le", "gzip", "zip:NAME", …
    This class stands for content whose parts cannot be told apart in the parent, such as
    compressed data: every span is the whole of it.
    """

    __slots__ = ("_end", "_start", "data", "step")

    def __init__(self, data: bytes, step: str, start: int, end: int) -> None:
        """Hold `data`, which the parent's bytes `start` to `end` encode."""
        self.data = data
        self.step = step
        self._start = start
        self._end = end

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return start and end, in the parent, of the encoded form of `data[start:end]`."""
        return self._start, self._end

    def decoded(self, start: int, end: int) -> bool:
        """Tell whether anything in `data[start:end]` was encoded, rather than copied as it is.

        A match of which this is False stands in the parent as well. In nested views the spans have
        to be asked all the way up: what is copied on one level was already seen on that level.
        """
        return True


class Layout:
    """The consecutive parts of a view: where each starts in `data`, and where it came from."""

    __slots__ = ("data", "encoded", "ends", "starts", "targets")

    def __init__(self) -> None:
        """Start without parts."""
        self.data = bytearray()
        self.targets = array("q")
        self.starts = array("q")
        self.ends = array("q")
        self.encoded = bytearray()

    def add(self, data: bytes, start: int, end: int, *, encoded: bool) -> None:
        """Append `data`, which the parent's bytes `start` to `end` encode or, plainly, are."""
        self.targets.append(len(self.data))
        self.starts.append(start)
        self.ends.append(end)
        self.encoded.append(encoded)
        self.data += data

    def newline(self) -> None:
        """Separate what follows from what precedes; the newline counts to the part before it."""
        self.data += b"\n"

    @property
    def end(self) -> int:
        """Return where the last part ends in the parent, or 0."""
        return self.ends[-1] if self.ends else 0


class Mapped(View):
    """Content put together from parts that are decoded and parts that are copied.

    A subclass knows its encoding and so where in an encoded part a piece of the decoded one stands.
    """

    __slots__ = ("_encoded", "_ends", "_parent", "_starts", "_targets")

    def __init__(self, step: str, parent: bytes, layout: Layout) -> None:
        """Hold what `layout` has gathered from `parent`."""
        super().__init__(bytes(layout.data), step, 0, len(parent))
        self._parent = parent
        self._targets: Sequence[int] = layout.targets
        self._starts: Sequence[int] = layout.starts
        self._ends: Sequence[int] = layout.ends
        self._encoded = bytes(layout.encoded)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return start and end, in the parent, of the encoded form of `data[start:end]`."""
        first = self._part(start)
        last = self._part(max(start, end - 1))
        lower = self._locate(first, start - self._targets[first])[0]
        upper = self._locate(last, max(start, end - 1) - self._targets[last])[1]
        return lower, max(lower, upper)

    def decoded(self, start: int, end: int) -> bool:
        """Tell whether anything in `data[start:end]` was encoded, rather than copied as it is."""
        first, last = self._part(start), self._part(max(start, end - 1))
        for part in range(first, last + 1):
            if self._encoded[part]:
                base = self._targets[part]
                if first < part < last or self._touches(part, max(start - base, 0), end - base):
                    return True
        return False

    def likeness(self) -> tuple[str | bytes, ...]:
        """Return what decides `data`, and what `decoded` says of any part of it."""
        targets = array("q", self._targets).tobytes()
        return self.step, self.data, targets, self._encoded

    def _part(self, position: int) -> int:
        return max(bisect_right(self._targets, position) - 1, 0)

    def _locate(self, part: int, offset: int) -> tuple[int, int]:
        """Return start and end, in the parent, of what byte `offset` of a part came from."""
        start, end = self._starts[part], self._ends[part]
        if not self._encoded[part]:
            return min(start + offset, end), min(start + offset + 1, end)
        lower, upper = self._locate_encoded(part, start, end, offset)
        return min(lower, end), min(upper, end)

    def _locate_encoded(self, part: int, start: int, end: int, offset: int) -> tuple[int, int]:
        raise NotImplementedError

    def _touches(self, part: int, start: int, end: int) -> bool:
        """Tell whether bytes `start` to `end` of an encoded part hold anything encoded."""
        return True
