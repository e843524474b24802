"""Packs that are as their index says: laid out at once and walked without looking anything up.

Whatever is odd about a pack makes it unsound, here or while it is walked; `walk` then reads it with
more care, and says what is wrong with it.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence, Set

from scanner.gitdb.damage import DamageError
from scanner.gitdb.delta import apply_delta
from scanner.gitdb.files import forget
from scanner.gitdb.inflate import AT_ONCE, BROKEN, SHORT_RESULT, SHORT_STREAM, inflate_whole
from scanner.gitdb.objects import HASHES, object_id
from scanner.gitdb.pack import WHOLE
from scanner.gitdb.store import IndexedPack
from scanner.kernels import packs, walk
from scanner.kernels.pure.walk import Visitor

_PIECE = 16 << 20  # bytes of a pack in memory at a time while its checksum is taken


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
        self._buffer = buffer
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
        self._forest = walk.Forest(
            self._view,
            self._starts,
            self._offsets,
            self._sizes,
            (self._child, self._sibling),
            self._derive,
            inflate_whole,
            AT_ONCE,
            (SHORT_RESULT, SHORT_STREAM),
        )
        if max(self._sizes) > limit:
            raise DamageError("it has an entry over the limit")
        self.forget()

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

    def verify(self) -> None:
        """Raise DamageError if the pack's checksum is wrong."""
        digest = hashlib.new(self.hash_name, usedforsecurity=False)
        for start in range(0, self._end, _PIECE):
            digest.update(self._view[start : min(start + _PIECE, self._end)])
            self.forget()
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
        visitor: Visitor,
        budget: int,
        late: Callable[[], bool],
        needed: bytearray | None = None,
    ) -> int:
        """Walk everything that grows from the whole entry `root`, depth first.

        Returns how many bytes of the pack that took. `visitor` sees each object, with the state it
        kept of the one it is made from. With `needed`, a flag by row, entries without it are passed
        over. Bases over `budget` bytes together are let go and made once more. The walk breaks off
        soon after `late` has turned true. Raises DamageError, and what the visitor raises.
        """
        kind = self.kinds[root]

        def check(row: int, data: bytes) -> None:
            self.check(row, kind, data)

        try:
            return self._forest.descend(root, visitor, budget, late, needed, self._named, check)
        except BROKEN as error:
            raise DamageError(f"compressed data is damaged: {error}") from None

    def forget(self) -> None:
        """Let go of the memory that what was read of the file takes."""
        forget(self._buffer)

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
