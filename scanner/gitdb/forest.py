"""Walks a pack's delta forest depth first: each entry is inflated once, each delta applied once.

Ids come from hashing, so deltas that name their base by id find it here whatever an index says.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from scanner.gitdb.damage import DamageError, MissingBaseError, OversizeError
from scanner.gitdb.delta import add_work, apply_delta
from scanner.gitdb.objects import GitObject, Limits, object_id
from scanner.gitdb.pack import OFS_DELTA, REF_DELTA, WHOLE, Pack

_OUTSIDE = 8


class Grown(NamedTuple):
    """An object the walk arrived at; `row` counts the pack's entries by offset, from 0."""

    row: int
    id: bytes
    kind: bytes
    data: bytes


class _Frame:
    """A base whose children are being visited, `child` next."""

    __slots__ = ("child", "data", "row")

    def __init__(self, row: int, child: int, data: bytes) -> None:
        self.row = row
        self.child = child
        self.data: bytes | None = data


class _Path:
    """The bases between the root and where the walk stands.

    Over the budget, the bases nearest to the root lose their data until the walk is back at them.
    """

    __slots__ = ("_budget", "_dropped", "_held", "frames")

    def __init__(self, budget: int) -> None:
        self.frames: list[_Frame] = []
        self._budget = budget
        self._held = 0
        self._dropped = 0  # how many frames from the root on have lost their data

    def push(self, row: int, child: int, data: bytes) -> None:
        self.frames.append(_Frame(row, child, data))
        self._held += len(data)
        while self._held > self._budget and self._dropped < len(self.frames) - 1:
            frame = self.frames[self._dropped]
            self._held -= len(frame.data or b"")
            frame.data = None
            self._dropped += 1

    def restore(self, data: bytes) -> None:
        self.frames[-1].data = data
        self._held += len(data)
        self._dropped = len(self.frames) - 1

    def pop(self) -> None:
        self._held -= len(self.frames.pop().data or b"")
        self._dropped = min(self._dropped, len(self.frames))


class Forest:
    """The entries of one pack as trees of deltas; every method yields each entry at most once."""

    def __init__(
        self,
        pack: Pack,
        offsets: Sequence[int],
        hash_name: str,
        limits: Limits,
        fetch: Callable[[bytes], GitObject | None],
    ) -> None:
        """Read the heads of the entries at `offsets`, which ascend.

        `fetch` finds objects outside of the pack by id.
        """
        self.pack = pack
        self.offsets = array("Q", offsets)
        self.damage: dict[int, DamageError] = {}
        """What is wrong with an entry, by row."""
        self.waiting: dict[bytes, list[int]] = {}
        """The rows of deltas whose base has not been met yet, by the base's id."""
        self.gaps = False
        """Whether there are bytes between entries that belong to none."""
        self._hash_name = hash_name
        self._limits = limits
        self._fetch = fetch
        count = len(self.offsets)
        self._stops = array("Q", self.offsets[1:])
        self._stops.append(max(pack.end, self.offsets[-1] + 1) if count else 0)
        self._kinds = bytearray(count)
        self._starts = array("Q", bytes(8 * count))
        self._sizes = array("Q", bytes(8 * count))
        self._base = array("q", [-1]) * count
        self._first_child = array("q", [-1]) * count
        self._sibling = array("q", [-1]) * count
        self._done = bytearray(count)
        self._outside: dict[int, bytes] = {}
        for row in range(count):
            try:
                self._plant(row)
            except DamageError as error:
                self.damage[row] = error

    def walk(self, only: bytes = b"") -> Iterator[Grown]:
        """Yield every object whose delta chain begins in this pack; of kind `only`, if given."""
        for row, kind in enumerate(bytes(self._kinds)):
            if kind in WHOLE and (not only or WHOLE[kind] == only):
                try:
                    data = self._content(row)
                except DamageError as error:
                    self.damage[row] = error
                    continue
                yield from self._grow(row, WHOLE[kind], data)

    def graft(self, base: GitObject) -> Iterator[Grown]:
        """Yield what grows from a base outside of the pack for which entries are waiting."""
        row = len(self._kinds)
        self._kinds.append(_OUTSIDE)
        self._done.append(1)
        self._outside[row] = base.id
        for table in (self._base, self._first_child, self._sibling):
            table.append(-1)
        self._adopt(base.id, row)
        yield from self._children(row, base.kind, base.data)

    def replace(self, row: int, content: GitObject) -> Iterator[Grown]:
        """Yield a damaged entry with content found elsewhere, and what grows from it."""
        self._kinds[row] = _OUTSIDE
        self._outside[row] = content.id
        self.damage.pop(row, None)
        yield from self._grow(row, content.kind, content.data)

    def unreached(self) -> dict[int, DamageError]:
        """Return the rows of all entries that were not yielded, with the reason for each."""
        missing = MissingBaseError("its delta chain has no readable base")
        return {
            row: self.damage.get(row, missing)
            for row in range(len(self.offsets))
            if not self._done[row]
        }

    @property
    def suspicious(self) -> bool:
        """Tell whether what was walked so far hints at entries that were not named."""
        return self.gaps or not all(isinstance(e, OversizeError) for e in self.damage.values())

    def span(self, row: int) -> int:
        """Return how many bytes an entry takes up in the pack."""
        return self._stops[row] - self.offsets[row]

    def _plant(self, row: int) -> None:
        entry = self.pack.entry(self.offsets[row])
        if entry.size > self._limits.max_object_size:
            raise OversizeError(f"{entry.size} bytes")
        self._starts[row] = entry.start
        self._sizes[row] = entry.size
        if entry.kind == OFS_DELTA:
            base = bisect_left(self.offsets, entry.base, 0, row)
            if self.offsets[base] != entry.base:
                raise MissingBaseError(f"no entry begins at its base's offset {entry.base}")
            self._link(row, base)
        elif entry.kind == REF_DELTA:
            self.waiting.setdefault(entry.base_id, []).append(row)
        self._kinds[row] = entry.kind

    def _link(self, row: int, base: int) -> None:
        self._base[row] = base
        self._sibling[row] = self._first_child[base]
        self._first_child[base] = row

    def _adopt(self, base_id: bytes, base: int) -> None:
        for row in self.waiting.pop(base_id, ()):
            self._link(row, base)

    def _grow(self, row: int, kind: bytes, data: bytes) -> Iterator[Grown]:
        yield self._named(row, kind, data)
        yield from self._children(row, kind, data)

    def _children(self, row: int, kind: bytes, data: bytes) -> Iterator[Grown]:
        """Yield all descendants of an entry."""
        path = _Path(self._limits.base_budget)
        while True:
            if self._first_child[row] >= 0:
                path.push(row, self._first_child[row], data)
            while True:
                if not path.frames:
                    return
                row = path.frames[-1].child
                try:
                    data = self._step(path)
                    break
                except DamageError as error:
                    self.damage[row] = error
            yield self._named(row, kind, data)

    def _step(self, path: _Path) -> bytes:
        """Return the content of the next child on the path and move on to its sibling."""
        frame = path.frames[-1]
        row = frame.child
        base = frame.data
        frame.child = self._sibling[row]
        try:
            if base is None:
                base = self._derive(frame.row)
                path.restore(base)
        finally:
            if frame.child < 0:
                # A base is let go before its last child grows: a long chain takes no memory.
                path.pop()
        return apply_delta(base, self._content(row), self._limits.max_object_size)

    def _named(self, row: int, kind: bytes, data: bytes) -> Grown:
        name = object_id(kind, data, self._hash_name)
        self._done[row] = 1
        if self.waiting:
            self._adopt(name, row)
        return Grown(row, name, kind, data)

    def _content(self, row: int) -> bytes:
        """Return an entry's inflated bytes, which are the delta for a delta."""
        stop = self._stops[row]
        data, end = self.pack.inflate(self._starts[row], stop, self._sizes[row])
        if end != stop:
            self.gaps = True
        return data

    def _derive(self, row: int) -> bytes:
        """Return the content of an entry that was walked before."""
        chain: list[int] = []
        while self._base[row] >= 0 and row not in self._outside:
            chain.append(row)
            row = self._base[row]
        if row in self._outside:
            found = self._fetch(self._outside[row])
            if found is None:
                raise MissingBaseError("its base can no longer be read")
            data = found.data
        else:
            data = self._content(row)
        limit = self._limits.max_object_size
        work = 0
        for child in reversed(chain):
            data = apply_delta(data, self._content(child), limit)
            work = add_work(work, data, limit)
        return data
