"""When and where something entered history and left it, by walking tree changes of all commits.

What is followed is named by small integers (keys): blobs hold keys, and so may names of tree
entries. A key enters at a commit that holds it at a path where no parent does. It leaves at a
commit that lacks it at a path where a parent has it and no parent had dropped it before. Commits
are visited parents first, each with the set of (key, path) pairs it holds as the bits of one
integer, so a merge, an unreachable commit and a root are all the same case.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from scanner.gitdb.ends import Changes, ends

DEEPEST_PATH = 200
MOST_PAIRS = 100_000
MOST_TREES_OF_A_COMMIT = 200_000
_MOST_REMEMBERED = 128 << 20  # bytes
_OF_AN_ENTRY = 200  # bytes that remembering costs besides the bits

Keys = frozenset[int]
_NONE: Keys = frozenset()


class Graph(NamedTuple):
    """All commits, each with its tree and parents; ids are raw bytes."""

    commits: Mapping[bytes, tuple[bytes, tuple[bytes, ...]]]

    def parents_first(self, children: Mapping[bytes, list[bytes]]) -> list[bytes]:
        """Return all commits so that each comes after those of its parents that are present.

        `children` are as the method of this name returns them.
        """
        waiting = {
            commit: sum(parent in self.commits for parent in set(parents))
            for commit, (_, parents) in self.commits.items()
        }
        ready = [commit for commit, count in waiting.items() if not count]
        for commit in ready:
            for child in children.get(commit, ()):
                waiting[child] -= 1
                if not waiting[child]:
                    ready.append(child)
        return ready

    def children(self) -> dict[bytes, list[bytes]]:
        """Return the commits that name each commit as a parent."""
        children: dict[bytes, list[bytes]] = {}
        for commit, (_, parents) in self.commits.items():
            for parent in set(parents):
                children.setdefault(parent, []).append(commit)
        return children

    def ancestors(self, tips: set[bytes], known: set[bytes] | None = None) -> set[bytes]:
        """Return `tips` and all their ancestors that are present, without those in `known`."""
        seen = set(known or ())
        found = [tip for tip in tips if tip in self.commits and tip not in seen]
        seen.update(found)
        for commit in found:
            for parent in self.commits[commit][1]:
                if parent not in seen and parent in self.commits:
                    seen.add(parent)
                    found.append(parent)
        return set(found)


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


def attribute(graph: Graph, trees: Trees, classes: Mapping[bytes, int]) -> Attribution:
    """Return where all keys entered and left; `classes` sorts commits into numbered classes."""
    children = graph.children()
    walk = _Walk(graph, trees, children)
    held: dict[int, int] = {}
    for commit in graph.parents_first(children):
        holds = walk.visit(commit)
        group = classes[commit]
        held[group] = held.get(group, 0) | holds
    pairs = {group: {walk.pairs[bit] for bit in _bits(mask)} for group, mask in held.items()}
    return Attribution(list(walk.placed()), pairs, walk.met)


class _Walk:
    def __init__(self, graph: Graph, trees: Trees, children: Mapping[bytes, list[bytes]]) -> None:
        self._graph = graph
        self._trees = trees
        self._bit: dict[tuple[int, bytes], int] = {}
        self.pairs: list[tuple[int, bytes]] = []
        self.met: set[bytes] = set()
        self._masks: dict[tuple[bytes, bytes], int] = {}
        self._held: dict[bytes, tuple[int, int]] = {}
        self._pending = {c: len(kids) for c, kids in children.items()}
        self._order: list[bytes] = []
        self._visited = 0
        self._remembered = 0
        self._entered: dict[int, list[bytes]] = {}
        self._left: dict[int, list[bytes]] = {}

    def visit(self, commit: bytes) -> int:
        """Record what enters and leaves at `commit`; return what it holds, as bits."""
        tree, parents = self._graph.commits[commit]
        self._order.append(commit)
        self._visited = 0
        holds = self._mask(tree, b"", 0)
        before = [self._held[p] for p in dict.fromkeys(parents) if p in self._held]
        any_parent = ever = dropped = 0
        for parent_holds, parent_ever in before:
            any_parent |= parent_holds
            ever |= parent_ever
            dropped |= parent_ever & ~parent_holds
        for bit in _bits(holds & ~any_parent):
            self._entered.setdefault(bit, []).append(commit)
        for bit in _bits(any_parent & ~holds & ~dropped):
            self._left.setdefault(bit, []).append(commit)
        if self._pending.get(commit):
            self._held[commit] = (holds, holds | ever)
        for parent in set(parents):
            if parent in self._held:
                self._pending[parent] -= 1
                if not self._pending[parent]:
                    del self._held[parent]
        return holds

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
        ended = ends(changes, self._order, self._graph.commits)
        for bit, change in changes.items():
            key, path = self.pairs[bit]
            its = ended.get(bit, {})
            for commit in change.entered:
                id_ = self._trees.find(self._graph.commits[commit][0], path)
                for removal in its.get(commit) or (None,):
                    yield Placed(key, path, id_, commit, removal)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
