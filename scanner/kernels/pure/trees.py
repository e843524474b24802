"""Reads trees as edges between rows of a pack: which tree names which object, and how.

An edge is three 32-bit numbers: the row of a tree, the row of what it names, and twice the number
of the name, plus one if it is named as a tree. A reader tells an edge that many versions of a tree
share once, without the tree:

edges    row and name of each
changes  by tree that has any: its row, that of the tree whose edges it begins with (or NONE), how
         many of those are gone, how many are new, and the numbers of those gone, ascending; what is
         new are the edges that follow those of the change before
"""

from array import array
from collections.abc import Iterable

from scanner.kernels.pure.deltas import applied
from scanner.kernels.pure.walk import Visitor

_GITLINK = b"160000"
NONE = 0xFFFFFFFF

Part = tuple[bytes, bytes, "array[int]"]
"""Changes and edges of a reader, and a new number for each of its names."""


class Reader(Visitor):
    """Collects what trees name."""

    def __init__(
        self,
        ids: bytes,
        hash_size: int,
        order: "array[int]",
        flags: bytes,
        wanted: frozenset[bytes],
        repeated: frozenset[int],
        limit: int,
        budget: int,
    ) -> None:
        """Look for rows with a flag and for `wanted` names; `ids` are those of all rows, sorted.

        Trees come by their row in the pack, for which `order` has that among the ids; those among
        `repeated` are counted by themselves. They may have up to `limit` bytes; what is known of
        those that others are made from may take up to `budget` bytes.
        """
        self.names: list[bytes] = []
        """Every name met, by its number."""
        self.foreign: list[tuple[int, int, bytes, bytes]] = []
        """Row of the tree, name, id and mode of what is not among the rows, links excepted."""
        self.garbled: list[int] = []
        """The trees that end in something that is no entry."""
        self.count = 0
        self.size = 0
        """How many trees were read, garbled ones excepted, and their bytes."""
        self.again = (0, 0)
        """The same of those among them that are repeated."""
        self._numbers: dict[bytes, int] = {}
        self._rows = {
            ids[at : at + hash_size]: at // hash_size for at in range(0, len(ids), hash_size)
        }
        self._hash_size = hash_size
        self._order = order
        self._flags = flags
        self._wanted = wanted
        self._repeated = repeated
        self._limit = limit
        self._edges = array("I")
        self._changes = array("I")

    @property
    def edges(self) -> bytes:
        """Return the edges to trees, to flagged rows and under wanted names."""
        return self._edges.tobytes()

    @property
    def changes(self) -> bytes:
        """Return which tree has which of the edges."""
        return self._changes.tobytes()

    def first(self, row: int, data: bytes) -> object:
        """Take in a tree; return what to hand to `next` for those that are made from it."""
        if not self._read(self._order[row], data):
            self.garbled.append(row)
            return None
        self.count += 1
        self.size += len(data)
        if row in self._repeated:
            count, size = self.again
            self.again = count + 1, size + len(data)
        return None

    def next(self, row: int, base: bytes, state: object, delta: bytes) -> tuple[bytes, object]:
        """Take in a tree that a delta makes of `base`; return it and what `first` returns.

        `state` is what was returned for the base. Raises OverflowError if the tree is over the
        limit, ValueError if the delta is not for this base or lies about itself.
        """
        data, _ = applied(base, delta, self._limit)
        return data, self.first(row, data)

    def _read(self, tree: int, data: bytes) -> bool:
        """Take in a tree; return False if it ends in something that is no entry."""
        position, before = 0, len(self._edges)
        find = data.find
        end = len(data) - self._hash_size
        while position < end:
            space = find(b" ", position, position + 12)
            stop = find(b"\0", space)
            after = stop + 1 + self._hash_size
            if space < 0 or stop < 0 or stop >= end:
                break
            name, mode = data[space + 1 : stop], data[position:space]
            number = self._numbers.get(name)
            if number is None:
                number = self._numbers[name] = len(self.names)
                self.names.append(name)
            row = -1 if mode == _GITLINK else self._rows.get(data[stop + 1 : after], -1)
            if row < 0:
                if mode != _GITLINK or name in self._wanted:
                    self.foreign.append((tree, number, data[stop + 1 : after], mode))
            else:
                is_tree = mode.startswith(b"4")
                if is_tree or self._flags[row] or name in self._wanted:
                    self._edges.extend((row, number * 2 + is_tree))
            position = after
        if len(self._edges) > before:
            self._changes.extend((tree, NONE, 0, (len(self._edges) - before) // 2))
        return position == len(data)


def leading(parts: Iterable[Part], flags: bytes, marked: bytes) -> bytes:
    """Return the edges that lead, in any number of steps, to what is flagged or marked.

    `parts` are what readers of one pack have told; `flags` are by row, `marked` by new number of a
    name. The edges come by tree, name and row.
    """
    trees: dict[int, list[tuple[int, int]]] = {}
    for changes, edges, numbers in parts:
        flat, pairs = array("I", changes), array("I", edges)
        named = [2 * numbers[name >> 1] + (name & 1) for name in pairs[1::2]]
        all_edges = list(zip(named, pairs[::2], strict=True))
        held: dict[int, list[int]] = {NONE: []}
        at = new = 0
        while at < len(flat):
            tree, base, less, more = flat[at : at + 4]
            gone = set(flat[at + 4 : at + 4 + less])
            if tree in trees or base not in held:
                raise ValueError("a change makes no sense")
            its = [number for number in held[base] if number not in gone]
            its.extend(range(new, new + more))
            held[tree] = its
            trees[tree] = sorted(all_edges[number] for number in its)
            at, new = at + 4 + less, new + more
        if new != len(all_edges):
            raise ValueError("an edge is in no tree")
    rows = array("I")
    for tree in sorted(trees):
        for name, row in trees.pop(tree):
            rows.extend((tree, row, name))
    return leading_to(rows.tobytes(), flags, marked)


def leading_to(edges: bytes, flags: bytes, marked: bytes) -> bytes:
    """Return those of `edges` that lead, in any number of steps, to what is flagged or marked."""
    rows = array("I", edges)
    reached = bytearray(flags)
    triples = list(zip(rows[::3], rows[1::3], rows[2::3], strict=True))
    holders: dict[int, list[int]] = {}
    for tree, row, name in triples:
        holders.setdefault(row, []).append(tree)
        if marked[name >> 1]:
            reached[tree] = 1
    waiting = [row for row in holders if reached[row]]
    while waiting:
        for tree in holders.get(waiting.pop(), ()):
            if not reached[tree]:
                reached[tree] = 1
                waiting.append(tree)
    kept = array("I")
    for tree, row, name in triples:
        if reached[row] or marked[name >> 1]:
            kept.extend((tree, row, name))
    return kept.tobytes()


def spans(edges: bytes, count: int) -> "array[int]":
    """Return, by row of `count`, the number of the first of a tree's edges and of the one after."""
    at = array("I", bytes(8 * count))
    for number, tree in enumerate(array("I", edges)[::3]):
        if at[2 * tree + 1] != number:
            at[2 * tree] = number
        at[2 * tree + 1] = number + 1
    return at


def classes(edges: bytes, kinds: "array[int]") -> "array[int]":
    """Sort trees by what they lead to: two are of one class if they lead to the same by same names.

    `kinds` gives, by row, the class of what is no tree, 0 for what leads nowhere; a tree that has a
    class there keeps it. Returns the classes by row; those of trees follow the highest in `kinds`.
    """
    flat = array("I", edges)
    at = spans(edges, len(kinds))
    found = array("I", kinds)
    known: dict[bytes, int] = {}
    following = max(kinds, default=0) + 1
    entered = bytearray(len(kinds))
    for root in dict.fromkeys(flat[::3]):
        stack = [root] if not found[root] else []
        while stack:
            tree = stack[-1]
            its = flat[3 * at[2 * tree] : 3 * at[2 * tree + 1]]
            if not entered[tree]:
                # One that was entered before and waits is led to by itself.
                entered[tree] = 1
                stack += [row for row in its[1::3] if at[2 * row + 1] and not entered[row]]
                continue
            stack.pop()
            if not found[tree]:
                key = array("I", its)
                key[::3] = array("I", bytes(4 * (len(its) // 3)))
                key[1::3] = array("I", [found[row] for row in its[1::3]])
                found[tree] = known.setdefault(key.tobytes(), following)
                following += found[tree] == following
    return found


def reach(edges: bytes, flags: bytearray) -> None:
    """Flag, in place, all rows that edges lead to from flagged ones, in any number of steps."""
    flat = array("I", edges)
    held: dict[int, list[int]] = {}
    for tree, row in zip(flat[::3], flat[1::3], strict=True):
        held.setdefault(tree, []).append(row)
    waiting = [tree for tree in held if flags[tree]]
    while waiting:
        for row in held.get(waiting.pop(), ()):
            if not flags[row]:
                flags[row] = 1
                waiting.append(row)
