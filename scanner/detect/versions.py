"""findings(content) for a content made from another one by a delta: only what changed is read.

A mark of a near rule depends on nothing but its line, and on a bounded stretch of a long one; so
what stands on lines that were copied whole stands in the new version too, further on. Keywords of
far rules are carried along and judged anew in every version that has any. Encoded text is carried
by its places; only if those lines change is anything decoded again. What is not plain text is
evaluated in full.
"""

from array import array
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from scanner.detect.automaton import pairs
from scanner.detect.direct import LONGEST_LINE, Mark
from scanner.detect.engine import Engine, Result
from scanner.detect.overlaps import Found
from scanner.detect.views import Anchors, anchors, encoded
from scanner.kernels import deltas
from scanner.kernels.pure.deltas import ENCODED, ODD, Change

_STRIDES = (3, 3, 1, 1, 1)
_NO_ANCHORS = Anchors()
_OF_A_COPY = 24  # bytes


class Version(NamedTuple):
    """What has to be known of a content to evaluate what is made from it.

    `far` are the keywords of far rules, as `deltas.parted` gives them. `hidden` is what stands in
    the encoded text at `anchors`, with the limits `exceeded` there. `whole` is the result for a
    content that is not plain text, for which nothing else is kept.
    """

    marks: Sequence[Mark]
    far: bytes
    anchors: Anchors
    hidden: Sequence[Found] = ()
    exceeded: Sequence[tuple[str, str]] = ()
    whole: Result | None = None


EMPTY = Version((), b"", _NO_ANCHORS)
"""What is to be known of a content in which no keyword stands, and nothing encoded."""


class Versions:
    """Evaluates contents, each whole or by what it was made from."""

    def __init__(self, engine: Engine) -> None:
        """Evaluate with the rules of `engine`."""
        self._engine = engine
        self._direct = engine.direct
        self._search = engine.direct.automaton.search()

    def first(self, data: bytes) -> Version | None:
        """Return what to keep of a content by itself; None if there is nothing in it."""
        change = self._search.whole(data)
        if change is None:
            return None
        _, _, packed, flags = change
        if flags & ODD:
            return self._whole(data)
        found = anchors(data) if flags & ENCODED else _NO_ANCHORS
        near, far = self._direct.parted(packed)
        marks = self._direct.near(data, near)
        return self._kept(marks, far, found, *self._hidden(data, found))

    def changed(self, base: Version | None, data: bytes, change: Change) -> Version | None:
        """Return what to keep of `data`, as `first` does, by how it differs from another content.

        `base` is what was kept of that.
        """
        if base is not None and base.whole is not None:
            return self.first(data)
        if change[3] & ODD:
            return self._whole(data)
        return self._changed(base, data, change)

    def visitor(
        self,
        limit: int,
        whole: Callable[[int, bytes], Version | None],
        changed: Callable[[int, bytes, Version | None, Change | None], Version | None],
        prefix: bytes,
    ) -> deltas.Changed:
        """Return what finds the changes of up to `limit` bytes long contents in a walk of deltas.

        It hands over contents as `deltas.Changed` does, with what was kept of them; those without
        a change that matters, if they begin with `prefix`, to `changed`.
        """

        def same(row: int, data: bytes) -> None:
            changed(row, data, None, None)

        direct = self._direct
        known = direct.lines.entries
        return deltas.Changed(
            self._search, limit, whole, changed, same, prefix, direct.kinds, known, LONGEST_LINE
        )

    def each(self, limit: int, take: Callable[[int, bytes, int | None], int]) -> deltas.Each:
        """Return what hands every content of a walk of deltas to `take`, as `deltas.Each` does."""
        return deltas.Each(self._search, limit, take)

    def commits(
        self, limit: int, take: Callable[[int, bytes], object], hash_size: int
    ) -> deltas.Commits:
        """Return what hands commits of a walk of deltas to `take`, as `deltas.Commits` does."""
        return deltas.Commits(self._search, limit, take, hash_size)

    def result(self, version: Version, data: bytes) -> Result:
        """Return findings(data), of which `version` was kept."""
        if version.whole is not None:
            return version.whole
        marks = [*version.marks, *self._engine.far.marks(data, version.far)]
        exceeded: list[tuple[str, str]] = []
        if self._direct.searches is not None:
            words = set(array("q", version.far)[2::3])
            marks += self._direct.searched(data, words, exceeded)
        exceeded += version.exceeded
        if not (marks or version.hidden):
            return Result((), tuple(exceeded))
        found = [*self._direct.settled(data, marks), *version.hidden]
        return self._engine.result(data, self._engine.chosen(data, found), exceeded)

    def _whole(self, data: bytes) -> Version:
        return Version((), b"", _NO_ANCHORS, whole=self._engine.findings(data))

    def _hidden(
        self, data: bytes, found: Anchors
    ) -> tuple[Sequence[Found], Sequence[tuple[str, str]]]:
        return self._engine.hidden(encoded(data, found=found)) if found else ((), ())

    def _changed(self, base: Version | None, data: bytes, change: Change) -> Version | None:
        copies, regions, packed, flags = change
        near, far = self._direct.parted(packed)
        marks = self._direct.near(data, near) if near else []
        if base is None:
            if not (marks or far or flags & ENCODED):
                return None
            base = EMPTY
        if base.marks:
            places = array("q", [n for m in base.marks for n in (m.start, m.end)]).tobytes()
            for i, start, _ in deltas.carry(places, copies, regions):
                mark = base.marks[i]
                marks.append(mark.moved(start - mark.start))
        if base.far:
            far = deltas.carried(base.far, copies, regions, far)
        return self._kept(marks, far, *self._encoded(base, data, change))

    def _kept(
        self,
        marks: list[Mark],
        far: bytes,
        found: Anchors,
        hidden: Sequence[Found],
        exceeded: Sequence[tuple[str, str]],
    ) -> Version | None:
        """Return a version, None for nothing; marks by where they start, since `carry` needs it."""
        marks.sort(key=_start)
        return Version(marks, far, found, hidden, exceeded) if marks or far or found else None

    def _encoded(
        self, base: Version, data: bytes, change: Change
    ) -> tuple[Anchors, Sequence[Found], Sequence[tuple[str, str]]]:
        """Return the anchors of `data` and what stands there."""
        copies, regions, _, flags = change
        if not (base.anchors or flags & ENCODED):
            return _NO_ANCHORS, (), ()
        # Without the flag there is nothing encoded in any region, and all of them are whole lines.
        lines = _whole_lines(data, regions) if flags & ENCODED else []
        if lines is None:
            found = anchors(data)
            return found, *self._hidden(data, found)
        carried = [
            deltas.shift(places, stride, copies, regions) if places else b""
            for places, stride in zip(base.anchors, _STRIDES, strict=True)
        ]
        new = [line for line in (anchors(data, *line) for line in lines) if line]
        if not new and _all_in_order(base.anchors, carried, copies):
            hidden = _moved(base.hidden, copies)
            if hidden is not None:
                return Anchors(*carried), hidden, base.exceeded
        found = Anchors(
            *(
                _merged((old, *more), stride)
                for old, stride, *more in zip(carried, _STRIDES, *new, strict=True)
            )
        )
        return found, *self._hidden(data, found)


def _start(mark: Mark) -> int:
    return mark.start


def _whole_lines(data: bytes, regions: bytes) -> list[tuple[int, int]] | None:
    """Return the lines to search for encoded text; None if a region does not hold its lines whole.

    That is so for very long lines.
    """
    lines: list[tuple[int, int]] = []
    for low, high in pairs(regions):
        if (low and data[low - 1] != 10) or (high < len(data) and data[high - 1] != 10):
            return None
        lines.append((low, high))
    return lines


def _all_in_order(before: Sequence[bytes], after: Sequence[bytes], copies: bytes) -> bool:
    """Tell whether all records were carried, each once and in the order they had."""
    if len(copies) <= _OF_A_COPY:
        return list(map(len, before)) == list(map(len, after))
    flat = array("q", copies)
    sources = zip(flat[1::3], flat[2::3], strict=True)
    return list(map(len, before)) == list(map(len, after)) and all(
        source + length <= following for (source, length), (following, _) in pairwise(sources)
    )


def _moved(found: Sequence[Found], copies: bytes) -> list[Found] | None:
    """Return `found` at their places in what was copied; None if that cannot be told of one."""
    moved: list[Found] = []
    for f in found:
        ends = array("q", (f.start, f.start + 1, f.end - 1, f.end)).tobytes()
        places = deltas.carry(ends, copies, b"")
        if len(places) != 2 or places[0][1] >= places[1][2]:
            return None
        moved.append(f._replace(start=places[0][1], end=places[1][2]))
    return moved


def _merged(parts: Sequence[bytes], stride: int) -> bytes:
    """Return records of `stride` numbers each, in order, from parts that are."""
    some = [part for part in parts if part]
    if len(some) < 2:
        return b"".join(some)
    flat = array("q", b"".join(some))
    if stride == 1:
        return array("q", sorted(flat)).tobytes()
    records = sorted(zip(*(flat[i::stride] for i in range(stride)), strict=True))
    return array("q", [n for record in records for n in record]).tobytes()
