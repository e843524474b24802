"""All commits by number, parents first."""

from array import array
from collections.abc import Iterable, Mapping

from scanner.kernels import graph as kernel

Commits = Mapping[bytes, tuple[bytes, tuple[bytes, ...]]]
"""Tree and parents of each commit; ids are raw bytes."""


class Graph:
    """Commits, each with a number over those of its parents.

    `ids` are by number; of these, the first `sound` are not their own ancestors, nor is anything
    before them. An index that lies can make others. `last` is the last child of each, or the commit
    itself if it has none.
    """

    def __init__(self, commits: Commits) -> None:
        """Number `commits`."""
        self.commits = commits
        old = dict(zip(commits, range(len(commits)), strict=True))
        starts, parents = array("I", [0]), array("I")
        cut: list[int] = []
        for n, (_, its) in enumerate(commits.values()):
            for parent in its if len(its) < 2 else dict.fromkeys(its):
                number = old.get(parent)
                if number is None:
                    cut.append(n)
                else:
                    parents.append(number)
            starts.append(len(parents))
        order, self._starts, self._parents, self.last, self.sound = kernel.laid_out(starts, parents)
        ids = list(commits)
        self.ids = [ids[n] for n in order]
        self.number = dict(zip(self.ids, range(len(ids)), strict=True))
        self.cut = frozenset(self.number[ids[n]] for n in cut)
        """Commits with a parent that is not present."""

    def parents(self) -> list[tuple[int, ...]]:
        """Return, by number, the parents that are present."""
        starts, flat = self._starts, self._parents.tolist()
        return [tuple(flat[starts[n] : starts[n + 1]]) for n in range(len(self.ids))]

    def mark(self, marks: bytearray, tips: Iterable[bytes], value: int) -> None:
        """Mark, by number, `tips` and their ancestors with `value`, as far as none has a mark."""
        numbers = array("I", [self.number[tip] for tip in tips if tip in self.number])
        kernel.mark(self._starts, self._parents, numbers, marks, value)
