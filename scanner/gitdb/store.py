"""The packs of one object directory, each with whatever index there is for it.

A damaged index loses nothing: the pack is then read without one.
"""

import os
from collections.abc import Iterable

from scanner.gitdb.damage import PackDamageError, SkipLog
from scanner.gitdb.multipackindex import read_multi_pack_index
from scanner.gitdb.pack import HEADER, Pack
from scanner.gitdb.packindex import PackIndex


class IndexedPack:
    """A pack and what is known about the places of its objects.

    `index` is what the repository says, None if it says nothing usable; `whole` tells whether that
    agrees with the pack's own header, as far as can be seen without inflating.
    """

    __slots__ = ("index", "pack", "size", "whole")

    def __init__(self, pack: Pack, index: PackIndex | None, size: int) -> None:
        """Join a pack of `size` bytes and its index."""
        self.pack = pack
        self.index = index
        self.size = size
        self.whole = False

    def table(self) -> list[tuple[int, bytes]]:
        """Return the (offset, id) pairs of the index that can be true, by offset, and set `whole`.

        Raises PackDamageError if the pack cannot be opened.
        """
        end = len(self.pack.buffer)
        if self.index is None:
            return []
        named = self.index.by_offset()
        table = [row for row in named if HEADER <= row[0] < end]
        distinct = [
            row for number, row in enumerate(table) if not number or row[0] != table[number - 1][0]
        ]
        self.whole = (
            len(distinct) == len(named) == self.pack.count
            and len({row[1] for row in distinct}) == len(named)
            and (not named or named[0][0] == HEADER)
        )
        return distinct

    def learn(self, found: Iterable[tuple[bytes, int]], hash_size: int) -> None:
        """Add (id, offset) pairs that were proven by hashing to the index."""
        pairs = dict(found)
        if pairs or self.index is None:
            known = self.index.pairs() if self.index else ()
            self.index = PackIndex.build([*known, *pairs.items()], hash_size)


class ObjectStore:
    """The packs of one object directory, as they were when last looked at."""

    def __init__(self, directory: str, hash_size: int, skipped: SkipLog) -> None:
        """List the packs; what cannot be used goes to `skipped`."""
        self.directory = directory
        self.packs: list[IndexedPack] = []
        """All packs, also those without an index and those git has not finished writing."""
        self.promised: list[PackIndex] = []
        """The multi-pack-indexes read; each id they name should be found."""
        self._hash_size = hash_size
        self._skipped = skipped
        self._known: set[str] = set()
        self.refresh()

    def refresh(self) -> bool:
        """Add packs that have appeared, and return whether there are any."""
        folder = os.path.join(self.directory, "pack")
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            return False
        new = [
            name
            for name in names
            if name not in self._known and (name.endswith(".pack") or name.startswith("tmp_pack_"))
        ]
        if not new:
            return False
        self._known.update(new)
        placed = self._multi_pack_index(os.path.join(folder, "multi-pack-index"))
        for name in new:
            path = os.path.join(folder, name)
            index = self._index(path, placed.get(name.removesuffix(".pack"), []))
            try:
                size = os.stat(path).st_size
            except OSError:
                size = 0
            self.packs.append(IndexedPack(Pack(path, self._hash_size), index, size))
        return True

    def _multi_pack_index(self, path: str) -> dict[str, list[tuple[bytes, int]]]:
        if not os.path.lexists(path):
            return {}
        try:
            found = read_multi_pack_index(path, self._hash_size)
        except PackDamageError as error:
            self._skipped.add("corrupt-index", path, str(error), incomplete=False)
            return {}
        pairs = (pair for pairs in found.values() for pair in pairs)
        self.promised.append(PackIndex.build(pairs, self._hash_size))
        return found

    def _index(self, path: str, hints: list[tuple[bytes, int]]) -> PackIndex | None:
        """Return the index beside a pack or, if there is none, what the multi-pack-index knows."""
        beside = os.path.splitext(path)[0] + ".idx"
        if path.endswith(".pack") and os.path.lexists(beside):
            try:
                return PackIndex.load(beside, self._hash_size)
            except PackDamageError as error:
                self._skipped.add("corrupt-index", beside, str(error), incomplete=False)
        return PackIndex.build(hints, self._hash_size) if hints else None
