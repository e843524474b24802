"""Puts commits in an order, and says which can be reached.

Commits are numbers. `parents` are the parents of all of them, one after another, and `starts` where
those of each begin, with the end of the last. None names a parent twice.
"""

from array import array

Layout = tuple["array[int]", "array[int]", "array[int]", "array[int]", int]


def laid_out(starts: "array[int]", parents: "array[int]") -> Layout:
    """Number commits anew, so that parents come before children.

    Returns, by new number, the old one; starts and parents in new numbers; by commit, the last of
    its children, or itself if it has none; and how many commits are their own ancestors in no way.
    The others come after those, in the order they had.
    """
    count = len(starts) - 1
    waiting = [starts[n + 1] - starts[n] for n in range(count)]
    children: list[list[int]] = [[] for _ in range(count)]
    for n in range(count):
        for parent in parents[starts[n] : starts[n + 1]]:
            children[parent].append(n)
    order = [n for n in range(count) if not waiting[n]]
    for n in order:
        for child in children[n]:
            waiting[child] -= 1
            if not waiting[child]:
                order.append(child)
    sound = len(order)
    order += [n for n in range(count) if waiting[n]]
    place = array("I", bytes(4 * count))
    for new, old in enumerate(order):
        place[old] = new
    new_starts, new_parents, last = array("I", [0]), array("I"), array("I", range(count))
    for new, old in enumerate(order):
        for parent in parents[starts[old] : starts[old + 1]]:
            new_parents.append(place[parent])
            last[place[parent]] = new
        new_starts.append(len(new_parents))
    return array("I", order), new_starts, new_parents, last, sound


def mark(
    starts: "array[int]", parents: "array[int]", tips: "array[int]", marks: bytearray, value: int
) -> None:
    """Mark `tips` and all their ancestors with `value`; what has a mark keeps it.

    What is only reached by way of what had a mark is not marked.
    """
    waiting = []
    for tip in tips:
        if not marks[tip]:
            marks[tip] = value
            waiting.append(tip)
    while waiting:
        n = waiting.pop()
        for parent in parents[starts[n] : starts[n + 1]]:
            if not marks[parent]:
                marks[parent] = value
                waiting.append(parent)
