"""When and where something entered history and left it, by walking tree changes of all commits.

What is followed is named by small integers (keys): blobs hold keys, and so may names of tree
entries. A key enters at a commit that holds it at a path where no parent does. It leaves at a
commit that lacks it at a path where a parent has it and no parent had dropped it before. Commits
are visited parents first, each with the set of (key, path) pairs it holds as the bits of one
integer, so a merge, an unreachable commit and a root are all the same case.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from scanner.gitdb.ends import Changes, ends
from scanner.gitdb.graph import Graph

DEEPEST_PATH = 200
MOST_PAIRS = 100_000
MOST_TREES_OF_A_COMMIT = 200_000
_MOST_REMEMBERED = 128 << 20  # bytes
_OF_AN_ENTRY = 200  # bytes that remembering costs besides the bits

Keys = frozenset[int]
_NONE: Keys = frozenset()
_NOTHING = 0, 0


class Trees:
    """Of every tree, the entries that matter: those that hold keys, and its subtrees."""

    def __init__(self, blobs: Mapping[bytes, Keys], names: Mapping[bytes, Keys]) -> None:
        """Follow `blobs` (ids) and `names` (of tree entries), each with the keys it holds."""
        self._blobs = blobs
        self._names = names
        self._entries: dict[bytes, list[tuple[bytes, bytes, bool]]] = {}
        self._worth: dict[bytes, bool] = {}
        self.too_deep = False
        self.too_many = False
        """Whether there were more pairs, or more trees in one commit, than are followed."""

    def add(self, tree: bytes, entries: list[tuple[bytes, bytes, bytes]]) -> None:
        """Take in the entries (mode, name, id) of a tree."""
        kept = [
            (name, child, mode.startswith(b"4"))
            for mode, name, child in entries
            if mode.startswith(b"4") or child in self._blobs or name in self._names
        ]
        if kept:
            self._entries[tree] = kept

    def holdings(self, tree: bytes) -> Iterator[tuple[bytes, bytes, Keys]]:
        """Yield path, id and keys of everything below `tree` that holds keys."""
        stack = [(tree, b"", 0)]
        while stack:
            current, prefix, depth = stack.pop()
            for name, child, is_tree in self._entries.get(current, ()):
                keys = self.keys(name, child)
                if keys:
                    yield prefix + name, child, keys
                if is_tree and self.worth(child, depth):
                    stack.append((child, prefix + name + b"/", depth + 1))

    def keys(self, name: bytes, child: bytes) -> Keys:
        """Return the keys of one entry."""
        return self._blobs.get(child, _NONE) | self._names.get(name, _NONE)

    def entries(self, tree: bytes) -> list[tuple[bytes, bytes, bool]]:
        """Return name, id and whether it is a tree for the entries of `tree` that matter."""
        return self._entries.get(tree, [])

    def worth(self, tree: bytes, depth: int) -> bool:
        """Tell whether `tree`, `depth` levels down, holds any key in itself or below."""
        known = self._worth.get(tree)
        if known is None:
            if depth > DEEPEST_PATH:
                self.too_deep = True
                return False
            known = any(
                bool(self.keys(name, child)) or (is_tree and self.worth(child, depth + 1))
                for name, child, is_tree in self._entries.get(tree, ())
            )
            self._worth[tree] = known
        return known

    def find(self, tree: bytes, path: bytes) -> bytes:
        """Return the id of the entry at `path` below `tree`, empty if there is none."""
        current = tree
        for part in path.split(b"/"):
            for name, child, _ in self._entries.get(current, ()):
                if name == part:
                    current = child
                    break
            else:
                return b""
        return current


class Placed(NamedTuple):
    """A key at a path: `introduced` in one commit and, unless None, `removed` in another.

    What several branches removed comes once for each of them.

    `id` is the blob (or tree) that stood there at the introduction.
    """

    key: int
    path: bytes
    id: bytes
    introduced: bytes
    removed: bytes | None


class Attribution(NamedTuple):
    """Every introduction, which (key, path) pairs each class of commits holds, and all ids met.

    `met` are the ids of the blobs (and trees) with keys that stand in any commit.
    """

    placed: list[Placed]
    held: dict[int, set[tuple[int, bytes]]]
    met: set[bytes]


def attribute(
    graph: Graph, roots: Sequence[bytes], trees: Trees, classes: Sequence[int]
) -> Attribution:
    """Return where all keys entered and left.

    By number of the commit, `roots` has its tree, and `classes` the number of the class it is of.
    """
    walk = _Walk(graph, roots, trees)
    held: dict[int, int] = {}
    told: set[tuple[int, bytes]] = set()
    for commit in range(graph.sound):
        holds = walk.visit(commit)
        group = classes[commit], roots[commit]
        if group not in told:
            told.add(group)
            held[group[0]] = held.get(group[0], 0) | holds
    pairs = {group: {walk.pairs[bit] for bit in _bits(mask)} for group, mask in held.items()}
    return Attribution(list(walk.placed()), pairs, walk.met)


class _Walk:
    def __init__(self, graph: Graph, roots: Sequence[bytes], trees: Trees) -> None:
        self._graph = graph
        self._roots = roots
        self._trees = trees
        self._parents = graph.parents()
        self._bit: dict[tuple[int, bytes], int] = {}
        self.pairs: list[tuple[int, bytes]] = []
        self.met: set[bytes] = set()
        self._masks: dict[tuple[bytes, bytes], int] = {}
        # What each commit holds, and what it or any before it ever held, until its last child.
        self._held: list[tuple[int, int]] = [_NOTHING] * len(roots)
        self._visited = 0
        self._remembered = 0
        self._entered: dict[int, list[int]] = {}
        self._left: dict[int, list[int]] = {}

    def visit(self, commit: int) -> int:
        """Record what enters and leaves at `commit`; return what it holds, as bits."""
        tree, parents, held = self._roots[commit], self._parents[commit], self._held
        if len(parents) == 1 and self._roots[parents[0]] == tree:
            held[commit] = held[parents[0]]
        else:
            held[commit] = self._differs(commit, tree, [held[parent] for parent in parents])
        holds = held[commit][0]
        last = self._graph.last
        for done in (*parents, commit):
            if last[done] == commit:
                held[done] = _NOTHING
        return holds

    def _differs(self, commit: int, tree: bytes, before: list[tuple[int, int]]) -> tuple[int, int]:
        self._visited = 0
        holds = self._mask(tree, b"", 0)
        any_parent = ever = dropped = 0
        for parent_holds, parent_ever in before:
            any_parent |= parent_holds
            ever |= parent_ever
            dropped |= parent_ever & ~parent_holds
        for bit in _bits(holds & ~any_parent):
            self._entered.setdefault(bit, []).append(commit)
        for bit in _bits(any_parent & ~holds & ~dropped):
            self._left.setdefault(bit, []).append(commit)
        return holds, holds | ever

    def _mask(self, tree: bytes, prefix: bytes, depth: int) -> int:
        mask = self._masks.get((tree, prefix))
        if mask is None:
            self._visited += 1
            if self._visited > MOST_TREES_OF_A_COMMIT or len(self.pairs) > MOST_PAIRS:
                self._trees.too_many = True
                return 0
            mask = 0
            for name, child, is_tree in self._trees.entries(tree):
                keys = self._trees.keys(name, child)
                if keys:
                    self.met.add(child)
                for key in keys:
                    mask |= 1 << self._number(key, prefix + name)
                if is_tree and self._trees.worth(child, depth):
                    mask |= self._mask(child, prefix + name + b"/", depth + 1)
            size = mask.bit_length() // 8 + _OF_AN_ENTRY
            if self._remembered + size < _MOST_REMEMBERED:
                self._masks[tree, prefix] = mask
                self._remembered += size
        return mask

    def _number(self, key: int, path: bytes) -> int:
        bit = self._bit.setdefault((key, path), len(self.pairs))
        if bit == len(self.pairs):
            self.pairs.append((key, path))
        return bit

    def placed(self) -> Iterator[Placed]:
        """Yield every introduction, once for each of the removals that ended it."""
        changes = {
            bit: Changes(commits, self._left.get(bit, ()))
            for bit, commits in sorted(self._entered.items())
        }
        ended = ends(changes, self._parents, self._graph.last)
        ids = self._graph.ids
        for bit, change in changes.items():
            key, path = self.pairs[bit]
            its = ended.get(bit, {})
            for commit in change.entered:
                id_ = self._trees.find(self._roots[commit], path)
                for removal in its.get(commit) or (None,):
                    removed = None if removal is None else ids[removal]
                    yield Placed(key, path, id_, ids[commit], removed)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
