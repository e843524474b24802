"""The trees that lead to findings, wherever they are stored, made few for attribution.

Most versions of a tree lead to the same findings by the same names. Those are one class, and one
tree of it stands for all while commits are walked; where the very tree is asked for, it is told.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import chain, compress
from typing import NamedTuple

from scanner.gitdb.attribution import Trees
from scanner.gitdb.sound import SoundPack
from scanner.kernels import trees as kernel
from scanner.sources.tree_portion import TreePortion

_TREE, _FILE = b"40000", b"100644"
_Entry = tuple[bytes, bytes, bytes]


class _Packed(NamedTuple):
    """The edges of one pack that matter, by tree, and by tree what it names in other packs."""

    pack: SoundPack
    names: Sequence[bytes]
    edges: "array[int]"
    at: "array[int]"
    leaving: Mapping[int, list[_Entry]]
    classes: "array[int]"
    chosen: dict[int, int]
    """By class, the tree that stands for all of it."""

    def stand_in(self, tree: int) -> bytes:
        """Return the id of the tree that stands for `tree`, empty if it leads nowhere."""
        if not self.at[2 * tree + 1] and tree not in self.leaving:
            return b""
        return self.pack.id_at(self.chosen[self.classes[tree]])

    def entries(self, tree: int) -> list[_Entry]:
        """Return mode, name and id of the entries of a tree that matter."""
        edges = self.edges
        return [
            (
                _TREE if edges[3 * n + 2] & 1 else _FILE,
                self.names[edges[3 * n + 2] >> 1],
                self.pack.id_at(edges[3 * n + 1]),
            )
            for n in range(self.at[2 * tree], self.at[2 * tree + 1])
        ] + self.leaving.get(tree, [])

    def child(self, tree: int, name: bytes) -> bytes:
        """Return the id of an entry of a tree, empty if there is none that matters."""
        edges = self.edges
        for n in range(self.at[2 * tree], self.at[2 * tree + 1]):
            if self.names[edges[3 * n + 2] >> 1] == name:
                return self.pack.id_at(edges[3 * n + 1])
        return next((id_ for _, its, id_ in self.leaving.get(tree, ()) if its == name), b"")


class LeadingTrees:
    """What trees name that leads to findings."""

    def __init__(self, kinds: Mapping[bytes, int], wanted: Iterable[bytes]) -> None:
        """Look for the ids in `kinds`, each with a number for what it holds, and `wanted` names."""
        self._kinds = kinds
        self._wanted = frozenset(wanted)
        self._packed: list[_Packed] = []
        self._loose: dict[bytes, list[_Entry]] = {}

    def add_pack(self, pack: SoundPack, portion: TreePortion) -> None:
        """Take in what the trees of a pack name."""
        names = portion.names
        leaving: dict[int, list[_Entry]] = {}
        for tree, name, id_, mode in portion.foreign:
            called = names[name]
            if mode.startswith(b"4") or id_ in self._kinds or called in self._wanted:
                leaving.setdefault(tree, []).append((mode, called, id_))
        kinds = array("I", bytes(4 * len(pack)))
        wanted = list(self._kinds)
        for id_, row in zip(wanted, pack.numbers(wanted), strict=True):
            if row >= 0:
                kinds[row] = self._kinds[id_]
        # A tree that names what other packs have is like no other.
        kinds_of_leaving = max(self._kinds.values(), default=0) + 1
        for number, tree in enumerate(leaving, kinds_of_leaving):
            kinds[tree] = number
        flags = bytes(map(bool, kinds))
        marked = bytes(name in self._wanted for name in names)
        edges = kernel.leading_to(portion.edges, flags, marked)
        at = kernel.spans(edges, len(pack))
        classes = kernel.classes(edges, kinds)
        chosen: dict[int, int] = {}
        for tree in chain(compress(range(len(pack)), at[1::2]), leaving):
            chosen.setdefault(classes[tree], tree)
        flat = array("I", edges)
        self._packed.append(_Packed(pack, names, flat, at, leaving, classes, chosen))

    def add(self, tree: bytes, entries: list[_Entry]) -> None:
        """Take in a tree that is in none of the packs."""
        kept = [
            entry
            for entry in entries
            if entry[0].startswith(b"4") or entry[2] in self._kinds or entry[1] in self._wanted
        ]
        if kept:
            self._loose[tree] = kept

    def into(self, trees: Trees) -> None:
        """Hand over the trees that stand for all."""
        chosen = {
            packed.pack.id_at(tree): packed.entries(tree)
            for packed in self._packed
            for tree in packed.chosen.values()
        }
        chosen.update(self._loose)
        standing = self.standing({id_ for its in chosen.values() for _, _, id_ in its})
        for name, entries in chosen.items():
            trees.add(name, [(mode, its, standing[id_]) for mode, its, id_ in entries])

    def standing(self, ids: Set[bytes]) -> dict[bytes, bytes]:
        """Return, by id, the id of the tree that stands for it; what is none stands for itself."""
        wanted = list(ids)
        found = dict(zip(wanted, wanted, strict=True))
        for packed in self._packed:
            for id_, row in zip(wanted, packed.pack.numbers(wanted), strict=True):
                if row >= 0:
                    found[id_] = packed.stand_in(row) or found[id_]
        return found

    def find(self, tree: bytes, path: bytes) -> bytes:
        """Return the id of the entry at `path` below `tree`, empty if none matters there."""
        for part in path.split(b"/"):
            if not tree:
                break
            tree = self._child(tree, part)
        return tree

    def reached(self, roots: Iterable[bytes]) -> set[bytes]:
        """Return the ids looked for, and those with wanted names, that `roots` lead to."""
        met: set[bytes] = set()
        flags = [bytearray(len(packed.pack)) for packed in self._packed]
        seen: set[bytes] = set()
        waiting = set(roots)
        while waiting:
            seen |= waiting
            named: list[_Entry] = []
            for packed, its in zip(self._packed, flags, strict=True):
                new = {row for row in packed.pack.numbers(list(waiting)) if row >= 0}
                new = {row for row in new if not its[row]}
                if not new:
                    continue
                before = bytes(its)
                for row in new:
                    its[row] = 1
                kernel.reach(packed.edges.tobytes(), its)
                for tree, entries in packed.leaving.items():
                    if its[tree] and not before[tree]:
                        named += entries
            for id_ in waiting & self._loose.keys():
                named += self._loose[id_]
            met.update(id_ for _, _, id_ in named)
            waiting = {id_ for mode, _, id_ in named if mode.startswith(b"4")} - seen
        for packed, its in zip(self._packed, flags, strict=True):
            met.update(self._met(packed, its))
        return met

    def _met(self, packed: _Packed, flags: bytearray) -> Iterable[bytes]:
        wanted = list(self._kinds)
        for id_, row in zip(wanted, packed.pack.numbers(wanted), strict=True):
            if row >= 0 and flags[row]:
                yield id_

    def _child(self, tree: bytes, name: bytes) -> bytes:
        loose = self._loose.get(tree)
        if loose is not None:
            return next((id_ for _, its, id_ in loose if its == name), b"")
        for packed in self._packed:
            (row,) = packed.pack.numbers([tree])
            if row >= 0:
                return packed.child(row, name)
        return b""
