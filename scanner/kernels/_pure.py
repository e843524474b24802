# cython: annotation_typing=False
"""Inner loops. This file runs as it is, and Cython compiles the same file as `_fast`."""

from array import array


def keyword_hits(
    data: bytes, table: "array[int]", classes: bytes, first_accepting: int
) -> list[int]:
    """Run a dense automaton over `data`; return end offset and state of each hit, flattened.

    `classes` maps each of the 256 bytes to a column. `table` holds, for a state (the index of its
    row's first cell) plus a column, the next state. States from `first_accepting` on are hits.
    """
    hits: list[int] = []
    state = 0
    for i in range(len(data)):
        state = table[state + classes[data[i]]]
        if state >= first_accepting:
            hits.append(i + 1)
            hits.append(state)
    return hits
