"""Which introductions each removal ended.

A removal ends those introductions before it that no other introduction before it follows. What is
before a commit is a set of bits, one for each introduction asked for, passed on from parents to
children and let go with the last child.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_MOST_BITS = 8192  # of one walk over the commits


class Changes(NamedTuple):
    """Commits where one thing entered and those where it left, parents first."""

    entered: Sequence[bytes]
    left: Sequence[bytes]


Ends = dict[bytes, list[bytes]]
"""By the commit of an introduction, the removals that ended it."""


def ends(
    changes: Mapping[int, Changes],
    order: Sequence[bytes],
    parents: Mapping[bytes, tuple[bytes, tuple[bytes, ...]]],
) -> dict[int, Ends]:
    """Return what ended the introductions of each of `changes`, by its number.

    `order` has all commits parents first; `parents` gives tree and parents of each.
    """
    found = {n: {c.entered[0]: list(c.left)} for n, c in changes.items() if len(c.entered) == 1}
    several = {n: c for n, c in changes.items() if len(c.entered) > 1 and c.left}
    if several:
        walk = _Walk(order, parents)
        for group in _groups(several):
            found.update(walk.ends(group))
    return found


def _groups(changes: Mapping[int, Changes]) -> Iterator[dict[int, Changes]]:
    """Yield groups of changes whose introductions do not take too many bits."""
    group: dict[int, Changes] = {}
    bits: set[bytes] = set()
    for number, change in changes.items():
        if group and len(bits) + len(change.entered) > _MOST_BITS:
            yield group
            group, bits = {}, set()
        group[number] = change
        bits.update(change.entered)
    yield group


class _Walk:
    def __init__(
        self, order: Sequence[bytes], parents: Mapping[bytes, tuple[bytes, tuple[bytes, ...]]]
    ) -> None:
        self._order = order
        self._position = {commit: n for n, commit in enumerate(order)}
        position = self._position.get
        self._parents = [
            tuple(n for n in map(position, set(parents[commit][1])) if n is not None)
            for commit in order
        ]
        self._last = list(range(len(order)))
        for child, its in enumerate(self._parents):
            for parent in its:
                self._last[parent] = child

    def ends(self, changes: Mapping[int, Changes]) -> Iterator[tuple[int, Ends]]:
        position = self._position
        entered = {position[commit] for change in changes.values() for commit in change.entered}
        bits = {at: bit for bit, at in enumerate(sorted(entered))}
        left = {position[commit] for change in changes.values() for commit in change.left}
        pasts = self._pasts(bits, left)
        commits = [self._order[at] for at in bits]
        past_of_bit = [pasts[at] for at in bits]
        for number, change in changes.items():
            mask = 0
            for commit in change.entered:
                mask |= 1 << bits[position[commit]]
            found: Ends = {}
            for removal in change.left:
                before = pasts[position[removal]] & mask
                for bit in _latest(before, past_of_bit):
                    found.setdefault(commits[bit], []).append(removal)
            yield number, found

    def _pasts(self, bits: Mapping[int, int], left: set[int]) -> dict[int, int]:
        """Return which of the introductions with `bits` are before each of them and of `left`."""
        asked = left | bits.keys()
        found: dict[int, int] = {}
        passed: dict[int, int] = {}
        last = self._last
        for at in range(min(asked), max(asked) + 1):
            past = 0
            for parent in self._parents[at]:
                if parent in passed:
                    past |= passed[parent]
                    if last[parent] == at:
                        del passed[parent]
            if at in asked:
                found[at] = past
                if at in bits:
                    past |= 1 << bits[at]
            if past and last[at] != at:
                passed[at] = past
        return found


def _latest(before: int, pasts: Sequence[int]) -> Iterator[int]:
    """Yield those bits of `before` that are in no other's past; a past has lower bits only."""
    while before:
        bit = before.bit_length() - 1
        yield bit
        before &= ~(pasts[bit] | 1 << bit)
