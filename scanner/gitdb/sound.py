"""Packs that are as their index says: laid out at once and walked without looking anything up.

Whatever is odd about a pack makes it unsound, here or while it is walked; `walk` then reads it with
more care, and says what is wrong with it.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence, Set
from typing import TypeVar

from scanner.gitdb.damage import DamageError
from scanner.gitdb.delta import apply_delta
from scanner.gitdb.inflate import inflate_whole
from scanner.gitdb.objects import HASHES, object_id
from scanner.gitdb.pack import WHOLE
from scanner.gitdb.store import IndexedPack
from scanner.kernels import packs

State = TypeVar("State")
_ASKING = 0xFF  # entries between two looks at the time, minus one


class SoundPack:
    """A pack's entries by row, which is their order in the pack.

    `ids` are the ids of all entries joined, ascending; `order` has, by row, the number of the
    entry's id among them.
    """

    def __init__(self, packed: IndexedPack, hash_name: str, limit: int) -> None:
        """Lay out a pack; raises DamageError if it is unsound or an entry is over `limit` bytes."""
        index = packed.index
        buffer = packed.pack.buffer
        if index is None or index.count != packed.pack.count or not index.count:
            raise DamageError("its index does not agree with it")
        self.path = packed.pack.path
        status = os.stat(self.path)
        self.facts = (
            status.st_dev,
            status.st_ino,
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
        )
        """What tells this file from any other, and from itself before a change."""
        self.index = index
        self.size = packed.size
        self.hash_name = hash_name
        self.hash_size = HASHES[hash_name]
        self.checksum = bytes(buffer[-self.hash_size :])
        self.index_checksum = index.checksum
        if not index.belongs_to(self.checksum):
            raise DamageError("its index is another pack's, or damaged")
        self.ids = index.joined_ids()
        self._end = len(buffer) - self.hash_size
        self._view = memoryview(buffer)
        self.order, self._offsets = packs.by_offset(index.offsets())
        self._offsets.append(self._end)
        forest = packs.plant(self._view, self._offsets, self.hash_size, self.ids, self.order)
        if forest is None:
            raise DamageError("it has an entry that git does not write")
        kinds, self._starts, self._sizes, *links, self._named, self._costs = forest
        self._child, self._sibling, self._bases = links
        self.kinds = bytes(kinds)
        self._limit = limit
        if max(self._sizes) > limit:
            raise DamageError("it has an entry over the limit")

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self.kinds)

    def id(self, row: int) -> bytes:
        """Return what the index says is the id of an entry."""
        at = self.order[row] * self.hash_size
        return self.ids[at : at + self.hash_size]

    def kind(self, row: int) -> int:
        """Return the kind of the object an entry stands for, a key of `pack.WHOLE`."""
        while self._bases[row] >= 0:
            row = self._bases[row]
        return self.kinds[row]

    def numbers(self, names: Sequence[bytes]) -> Sequence[int]:
        """Return, for each of `names`, the number of that id in `ids`, or -1."""
        return packs.rows(self.ids, self.hash_size, b"".join(names))

    def all_ids(self) -> list[bytes]:
        """Return the ids by number."""
        return [self.id_at(number) for number in range(len(self))]

    def shared_with(self, other: "SoundPack") -> list[int]:
        """Return the numbers of those ids of `other` that this pack has as well."""
        found = packs.rows(self.ids, self.hash_size, other.ids)
        return [number for number, here in enumerate(found) if here >= 0]

    def rows_of(self, numbers: Set[int]) -> list[int]:
        """Return the rows of the ids with `numbers`."""
        if not numbers:
            return []
        return [row for row, number in enumerate(self.order) if number in numbers]

    def id_at(self, number: int) -> bytes:
        """Return the id with a number."""
        return self.ids[number * self.hash_size : (number + 1) * self.hash_size]

    def span(self, row: int) -> int:
        """Return how many bytes an entry takes up in the pack."""
        return self._offsets[row + 1] - self._offsets[row]

    def verify(self) -> None:
        """Raise DamageError if the pack's checksum is wrong."""
        digest = hashlib.new(self.hash_name, usedforsecurity=False)
        digest.update(self._view[: self._end])
        if digest.digest() != self.checksum:
            raise DamageError("its checksum is wrong")

    def ancestry(self, rows: Iterable[int]) -> bytearray:
        """Return, by row, 1 for `rows` and for everything they are made from."""
        needed = bytearray(len(self.kinds))
        for wanted in rows:
            row = wanted
            while row >= 0 and not needed[row]:
                needed[row] = 1
                row = self._bases[row]
        return needed

    def check(self, row: int, kind: int, data: bytes) -> None:
        """Raise DamageError if content is not what the entry's id stands for."""
        if object_id(WHOLE[kind], data, self.hash_name) != self.id(row):
            raise DamageError("an entry's content is another object's")

    def families(
        self, kinds: frozenset[int], parts: int, needed: bytearray | None = None
    ) -> tuple[list[list[int]], int]:
        """Return the rows of all whole entries of `kinds`, in groups to be walked together.

        What grows from them goes with them. All groups but the last cost at least one of `parts`
        equal shares; the dearest come first. The second is the cost of all, about nanoseconds.
        With `needed`, a flag by row, only roots that have it count.
        """
        cost = self._costs
        roots = [
            row
            for row, kind in enumerate(self.kinds)
            if kind in kinds and (needed is None or needed[row])
        ]
        everything = sum(cost[row] for row in roots)
        most = everything // parts + 1
        groups: list[tuple[int, list[int]]] = []
        group: list[int] = []
        total = 0
        for row in roots:
            group.append(row)
            total += cost[row]
            if total >= most:
                groups.append((total, group))
                group, total = [], 0
        if group:
            groups.append((total, group))
        return [rows for _, rows in sorted(groups, key=lambda g: -g[0])], everything

    def descend(
        self,
        root: int,
        first: Callable[[int, bytes], State],
        following: Callable[[int, bytes, State, bytes], tuple[bytes, State]],
        budget: int,
        late: Callable[[], bool],
        needed: bytearray | None = None,
    ) -> int:
        """Walk everything that grows from the whole entry `root`, depth first.

        Returns how many bytes of the pack that took.

        `first` takes row and content of the root and returns what to keep of it; `following` takes
        a row, its base's content, what was kept of it and the delta, and returns content and what
        to keep. With `needed`, a flag by row, entries without it are passed over. Bases over
        `budget` bytes together are let go and made once more. The walk breaks off soon after `late`
        has turned true. Raises DamageError.
        """
        child, sibling = self._child, self._sibling
        view, starts, offsets, sizes = self._view, self._starts, self._offsets, self._sizes
        data = self._inflate(root)
        kind = self.kinds[root]
        state = first(root, data)
        if root in self._named:
            self.check(root, kind, data)
        row, at = root, child[root]
        frames: list[tuple[int, int, State, bytes | None]] = []
        held = dropped = 0
        walked = self.span(root)
        steps = 0
        while True:
            while at >= 0:
                if needed is not None and not needed[at]:
                    at = sibling[at]
                    continue
                delta = inflate_whole(view[starts[at] : offsets[at + 1]], sizes[at])
                made, kept = following(at, data, state, delta)
                walked += offsets[at + 1] - offsets[at]
                steps += 1
                if not steps & _ASKING and late():
                    return walked
                if at in self._named:
                    self.check(at, kind, made)
                after = sibling[at]
                if child[at] >= 0:
                    if after >= 0:
                        frames.append((row, after, state, data))
                        held += len(data)
                        while held > budget and dropped < len(frames):
                            base, next_child, its, content = frames[dropped]
                            frames[dropped] = base, next_child, its, None
                            held -= len(content or b"")
                            dropped += 1
                    row, data, state, at = at, made, kept, child[at]
                else:
                    at = after
            if not frames:
                return walked
            row, at, state, content = frames.pop()
            dropped = min(dropped, len(frames))
            held -= len(content or b"")
            data = self._derive(row) if content is None else content

    def close(self) -> None:
        """Let go of the file."""
        self._view.release()

    def _derive(self, row: int) -> bytes:
        chain: list[int] = []
        while self._bases[row] >= 0:
            chain.append(row)
            row = self._bases[row]
        data = self._inflate(row)
        for made in reversed(chain):
            data = apply_delta(data, self._inflate(made), self._limit)
        return data

    def _inflate(self, row: int) -> bytes:
        stream = self._view[self._starts[row] : self._offsets[row + 1]]
        return inflate_whole(stream, self._sizes[row])
