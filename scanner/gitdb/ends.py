"""Which introductions each removal ended.

A removal ends those introductions before it that no other introduction before it follows. What is
before a commit is a set of bits, one for each introduction asked for, passed on from parents to
children and let go with the last child.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

_MOST_BITS = 8192  # of one walk over the commits


class Changes(NamedTuple):
    """Commits where one thing entered and those where it left, by number, ascending."""

    entered: Sequence[int]
    left: Sequence[int]


Ends = dict[int, list[int]]
"""By the commit of an introduction, the removals that ended it."""


def ends(
    changes: Mapping[int, Changes], parents: Sequence[Sequence[int]], last: Sequence[int]
) -> dict[int, Ends]:
    """Return what ended the introductions of each of `changes`, by its number.

    `parents` are by commit, each before its children; `last` is each one's last child, or itself.
    """
    found = {n: {c.entered[0]: list(c.left)} for n, c in changes.items() if len(c.entered) == 1}
    several = {n: c for n, c in changes.items() if len(c.entered) > 1 and c.left}
    if several:
        for group in _groups(several):
            found.update(_ends(group, parents, last))
    return found


def _groups(changes: Mapping[int, Changes]) -> Iterator[dict[int, Changes]]:
    """Yield groups of changes whose introductions do not take too many bits."""
    group: dict[int, Changes] = {}
    bits: set[int] = set()
    for number, change in changes.items():
        if group and len(bits) + len(change.entered) > _MOST_BITS:
            yield group
            group, bits = {}, set()
        group[number] = change
        bits.update(change.entered)
    yield group


def _ends(
    changes: Mapping[int, Changes], parents: Sequence[Sequence[int]], last: Sequence[int]
) -> Iterator[tuple[int, Ends]]:
    entered = {commit for change in changes.values() for commit in change.entered}
    bits = {commit: bit for bit, commit in enumerate(sorted(entered))}
    left = {commit for change in changes.values() for commit in change.left}
    pasts = _pasts(bits, left, parents, last)
    commits = list(bits)
    past_of_bit = [pasts[commit] for commit in commits]
    for number, change in changes.items():
        mask = 0
        for commit in change.entered:
            mask |= 1 << bits[commit]
        found: Ends = {}
        for removal in change.left:
            for bit in _latest(pasts[removal] & mask, past_of_bit):
                found.setdefault(commits[bit], []).append(removal)
        yield number, found


def _pasts(
    bits: Mapping[int, int],
    left: Set[int],
    parents: Sequence[Sequence[int]],
    last: Sequence[int],
) -> dict[int, int]:
    """Return which of the introductions with `bits` are before each of them and of `left`."""
    asked = left | bits.keys()
    found: dict[int, int] = {}
    passed: dict[int, int] = {}
    for at in range(min(asked), max(asked) + 1):
        past = 0
        for parent in parents[at]:
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
