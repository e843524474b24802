"""Finds all keywords of all rules in one pass, ignoring ASCII case.

pyahocorasick builds the automaton. Where the kernels are compiled, long content and the versions of
a content run through the same automaton laid out as a dense table over bytes; otherwise through
pyahocorasick itself.
"""

from array import array
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

import ahocorasick

from scanner import kernels
from scanner.kernels import deltas

REACH = 3072
"""How far around a change, in bytes, a line is searched anew: further than any near rule looks."""
_WORTH_A_TABLE = 1 << 16


class Word(NamedTuple):
    """A keyword's length and the rules it belongs to."""

    length: int
    rules: tuple[int, ...]


class Automaton:
    """Keywords with the rules they belong to, searched together."""

    def __init__(self, keywords: Mapping[str, tuple[int, ...]]) -> None:
        """Build from `keywords`: lower-case ASCII words and the rules of each."""
        self.words = [Word(len(word), rules) for word, rules in keywords.items()]
        self._automaton = ahocorasick.Automaton()
        for number, word in enumerate(keywords):
            self._automaton.add_word(word, number)
        self._automaton.make_automaton()
        self._search: deltas.Search | None = None

    def hits(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield the end and the number of every keyword in `data`; by end, the longest first."""
        if kernels.COMPILED and (self._search or len(data) >= _WORTH_A_TABLE):
            change = self.search().whole(data)
            return pairs(change[2]) if change else iter(())
        return self._iterate(data)

    def search(self) -> deltas.Search:
        """Return what finds the keywords in contents and in what deltas change in them."""
        if self._search is None:
            self._search = (
                _dense(self._automaton) if kernels.COMPILED else deltas.Search(self._iterate, REACH)
            )
        return self._search

    def _iterate(self, data: bytes) -> Iterator[tuple[int, int]]:
        if not self._automaton:
            return
        # bytes.lower folds ASCII only, so offsets stay; Latin-1 gives one character a byte.
        for last, number in self._automaton.iter(data.lower().decode("latin-1")):
            yield last + 1, number


def pairs(packed: bytes) -> Iterator[tuple[int, int]]:
    """Yield numbers packed as 64-bit integers two by two."""
    numbers = iter(array("q", packed))
    return zip(numbers, numbers, strict=True)


def _dense(automaton: Any) -> deltas.Search:
    """Return the automaton as a table: a row a state, a column a class of bytes that act alike."""
    nodes, edges, links = automaton.dump() if automaton else ([(0, 0)], [], [])
    children: dict[int, dict[int, int]] = {}
    for parent, label, child in edges:
        children.setdefault(parent, {})[label[0]] = child
    fail = dict(links)
    root = nodes[0][0]
    breadth_first, texts = _breadth_first(root, children)
    accepting = {node: _outputs(node, root, texts, fail, automaton) for node in breadth_first}
    order = sorted(breadth_first, key=lambda node: bool(accepting[node]))
    labels = sorted({label for edges_of in children.values() for label in edges_of})
    column = {label: index for index, label in enumerate(labels, 1)}
    classes = bytes(column.get(b + 32 if 65 <= b <= 90 else b, 0) for b in range(256))
    width = len(labels) + 1
    row = {node: index * width for index, node in enumerate(order)}
    table = array("I", bytes(4 * width * len(order)))
    for node in breadth_first:
        start = row[node]
        if node != root:
            base = row[fail.get(node, root)]
            table[start : start + width] = table[base : base + width]
        for label, child in children.get(node, {}).items():
            table[start + column[label]] = row[child]
    starts = array("I", [0])
    words = array("I")
    for node in order:
        if accepting[node]:
            words.extend(accepting[node])
            starts.append(len(words))
    first = width * (len(order) - len(starts) + 1)
    compiled: Any = deltas.Search
    return cast("deltas.Search", compiled(table, classes, starts, words, first, width, REACH))


def _breadth_first(
    root: int, children: dict[int, dict[int, int]]
) -> tuple[list[int], dict[int, str]]:
    order, words = [root], {root: ""}
    for node in order:
        for label, child in children.get(node, {}).items():
            words[child] = words[node] + chr(label)
            order.append(child)
    return order, words


def _outputs(
    node: int, root: int, texts: dict[int, str], fail: dict[int, int], automaton: Any
) -> list[int]:
    """Return the number of every keyword that ends in `node`, the longest first."""
    found = []
    while node != root:
        number = automaton.get(texts[node], None)
        if number is not None:
            found.append(number)
        node = fail.get(node, root)
    return found
