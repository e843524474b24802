"""A keyword automaton by its definition, as the table the compiled kernel runs."""

from array import array


def occurrences(words, data):
    """Yield end and number of every keyword in `data`, ASCII case ignored; the longest first."""
    lowered = data.lower()
    longest_first = sorted(range(len(words)), key=lambda number: -len(words[number]))
    for end in range(1, len(data) + 1):
        for number in longest_first:
            if lowered.endswith(words[number], 0, end):
                yield end, number


def table(words):
    """Return table, classes, starts, words, first and width: a row a state, the accepting last.

    A state is the longest end of what was read that begins a keyword.
    """
    states = {word[:length] for word in words for length in range(len(word) + 1)} | {b""}
    ending = {s: [n for end, n in occurrences(words, s) if end == len(s)] for s in states}
    order = sorted(states, key=lambda s: (bool(ending[s]), s))
    letters = sorted(set(b"".join(words)))
    width = len(letters) + 1
    row = {state: number * width for number, state in enumerate(order)}
    rows = array("I")
    for state in order:
        for letter in (None, *letters):
            read = b"" if letter is None else state + bytes([letter])
            rows.append(next(row[read[at:]] for at in range(len(read) + 1) if read[at:] in row))
    folded = (bytes([byte]).lower()[0] for byte in range(256))
    column = {letter: number for number, letter in enumerate(letters, 1)}
    classes = bytes(column.get(byte, 0) for byte in folded)
    starts, numbers = array("I", [0]), array("I")
    for state in filter(ending.get, order):
        numbers.extend(ending[state])
        starts.append(len(numbers))
    first = width * (len(order) - len(starts) + 1)
    return rows, classes, starts, numbers, first, width
