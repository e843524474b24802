"""Lays out a pack's delta forest: what each entry is, where it begins, what is made from it."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

OFS_DELTA = 6
REF_DELTA = 7

Forest = tuple[
    bytearray,
    "array[int]",
    "array[int]",
    "array[int]",
    "array[int]",
    "array[int]",
    set[int],
    "array[int]",
]
"""By row: kinds, where the compressed bytes start, their inflated sizes, the first of the entries
made from it, the next one made from the same base, the base (-1: none); the rows that entries name
as their base by id; and, by row of each whole entry, what it costs to walk all that grows from it.
"""

# Relative costs of an entry and of a compressed byte; a byte of its root counts a quarter.
_FIXED, _BYTE = 6000, 8
# A root that claims to be larger costs no more, so that no sum of costs is too large for 64 bits.
_LARGEST = 1 << 32
_SEARCHED = 50  # looking up one id costs about as much as putting so many into a table


def by_offset(offsets: "array[int]") -> tuple["array[int]", "array[int]"]:
    """Return the numbers of `offsets` (below 2**48) by ascending offset, and these offsets."""
    order = array("I", sorted(range(len(offsets)), key=offsets.__getitem__))
    return order, array("Q", map(offsets.__getitem__, order))


def plant(
    pack: Sequence[int],
    offsets: "array[int]",
    hash_size: int,
    ids: bytes,
    order: "array[int]",
) -> Forest | None:
    """Return the forest of the entries at `offsets`; None if anything is odd about it.

    `offsets` ascend, with the end of the last entry at the end. `ids` are all ids of the pack
    joined, ascending; `order` has, by row, the number of the entry's id.
    """
    count = len(order)
    if len(offsets) != count + 1 or len(ids) != count * hash_size or offsets[count] > len(pack):
        return None
    each = [ids[at : at + hash_size] for at in range(0, len(ids), hash_size)]
    if any(low >= high for low, high in pairwise(each)):
        return None
    kinds = bytearray(count)
    starts, sizes = array("Q", bytes(8 * count)), array("Q", bytes(8 * count))
    bases, child, sibling = (array("i", [-1]) * count for _ in range(3))
    rows = {number: row for row, number in enumerate(order)}
    named: set[int] = set()
    for row, (offset, stop) in enumerate(pairwise(offsets)):
        if not 12 <= offset < stop <= offsets[count]:
            return None
        try:
            kind, size, start, distance = _head(pack, offset, stop)
        except IndexError:
            return None
        base = -1
        if kind == OFS_DELTA:
            base = bisect_left(offsets, offset - distance, 0, row)
            if base >= row or offsets[base] != offset - distance:
                return None
        elif kind == REF_DELTA:
            name = bytes(pack[start : start + hash_size])
            start += hash_size
            number = bisect_left(each, name)
            if number == count or each[number] != name:
                return None
            base = rows[number]
            named.add(base)
        elif not 1 <= kind <= 4:
            return None
        if start >= stop:
            return None
        kinds[row], starts[row], sizes[row], bases[row] = kind, start, size, base
        if base >= 0:
            sibling[row] = child[base]
            child[base] = row
    costs = _costs(offsets, sizes, bases)
    return None if costs is None else (kinds, starts, sizes, child, sibling, bases, named, costs)


def rows(ids: bytes, hash_size: int, names: bytes) -> "array[int]":
    """Return, for each of the ids joined in `names`, its number among the sorted `ids`, or -1."""
    wanted = [names[at : at + hash_size] for at in range(0, len(names), hash_size)]
    count = len(ids) // hash_size
    if len(wanted) * _SEARCHED < count:
        return array("i", (_row(ids, hash_size, count, name) for name in wanted))
    numbers = {ids[at : at + hash_size]: at // hash_size for at in range(0, len(ids), hash_size)}
    return array("i", (numbers.get(name, -1) for name in wanted))


def _row(ids: bytes, hash_size: int, count: int, name: bytes) -> int:
    def id_at(number: int) -> bytes:
        return ids[number * hash_size : (number + 1) * hash_size]

    number = bisect_left(range(count), name, key=id_at)
    return number if number < count and id_at(number) == name else -1


def _head(pack: Sequence[int], offset: int, stop: int) -> tuple[int, int, int, int]:
    """Return kind, size, the offset after the head, and how far before it the base is."""
    code = pack[offset]
    position = offset + 1
    kind, size, shift = code >> 4 & 7, code & 15, 4
    while code & 0x80:
        if position >= stop or shift > 53:
            raise IndexError
        code = pack[position]
        position += 1
        size |= (code & 0x7F) << shift
        shift += 7
    distance = 0
    if kind == OFS_DELTA:
        if position >= stop:
            raise IndexError
        code = pack[position]
        position += 1
        distance = code & 0x7F
        while code & 0x80:
            if position >= stop or distance > 1 << 50:
                raise IndexError
            code = pack[position]
            position += 1
            distance = (distance + 1) << 7 | code & 0x7F
        if not 0 < distance <= offset:
            raise IndexError
    return kind, size, position, distance


def _costs(offsets: "array[int]", sizes: "array[int]", bases: "array[int]") -> "array[int] | None":
    """Return the cost of everything that grows from each root; None if bases go in a circle."""
    costs = array("q", bytes(8 * len(bases)))
    roots = array("i", [-1]) * len(bases)
    for row in range(len(bases)):
        known, steps = row, 0
        while roots[known] < 0 <= bases[known]:
            known = bases[known]
            steps += 1
            if steps > len(bases):
                return None
        root = known if roots[known] < 0 else roots[known]
        # Each entry learns its root once, or a long chain would be walked from each of its links.
        at = row
        while at >= 0 and roots[at] < 0:
            roots[at] = root
            at = bases[at]
        size = min(sizes[root], _LARGEST)
        costs[root] += _FIXED + (size >> 2) + _BYTE * (offsets[row + 1] - offsets[row])
    return costs
