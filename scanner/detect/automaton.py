"""Finds all keywords of all rules in one pass, ignoring ASCII case.

pyahocorasick builds the automaton. Where the kernels are compiled, long content runs through the
same automaton laid out as a dense table over bytes; otherwise through pyahocorasick itself.
"""

from array import array
from collections.abc import Iterator, Mapping
from typing import Any

import ahocorasick

from scanner import kernels

_WORTH_A_TABLE = 1 << 16


class Automaton:
    """Keywords with the rules they belong to, searched together."""

    def __init__(self, keywords: Mapping[str, tuple[int, ...]]) -> None:
        """Build from `keywords`: lower-case ASCII words and what to report for each."""
        self._automaton = ahocorasick.Automaton()
        for word, rules in keywords.items():
            self._automaton.add_word(word, (len(word), rules))
        self._automaton.make_automaton()
        self._dense: _Dense | None = None

    def hits(self, data: bytes) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """Yield start, end and rules of every keyword in `data`, ordered by end."""
        if not self._automaton:
            return iter(())
        if kernels.COMPILED and (self._dense or len(data) >= _WORTH_A_TABLE):
            self._dense = self._dense or _Dense(self._automaton)
            return self._dense.hits(data)
        return self._iterate(data)

    def _iterate(self, data: bytes) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        # bytes.lower folds ASCII only, so offsets stay; Latin-1 gives one character a byte.
        for last, (length, rules) in self._automaton.iter(data.lower().decode("latin-1")):
            yield last + 1 - length, last + 1, rules


class _Dense:
    """The automaton as one table: a row a state, a column a class of bytes that act alike."""

    def __init__(self, automaton: Any) -> None:
        nodes, edges, links = automaton.dump()
        children: dict[int, dict[int, int]] = {}
        for parent, label, child in edges:
            children.setdefault(parent, {})[label[0]] = child
        fail = dict(links)
        root = nodes[0][0]
        order, words = _breadth_first(root, children)
        accepting = {node: _outputs(node, root, words, fail, automaton) for node in order}
        order.sort(key=lambda node: bool(accepting[node]))  # stable: breadth first in each half
        labels = sorted({label for edges_of in children.values() for label in edges_of})
        column = {label: index for index, label in enumerate(labels, 1)}
        self._classes = bytes(column.get(b + 32 if 65 <= b <= 90 else b, 0) for b in range(256))
        width = len(labels) + 1
        row = {node: index * width for index, node in enumerate(order)}
        self._table = array("I", bytes(4 * width * len(order)))
        for node in _breadth_first(root, children)[0]:
            start = row[node]
            if node != root:
                base = row[fail.get(node, root)]
                self._table[start : start + width] = self._table[base : base + width]
            for label, child in children.get(node, {}).items():
                self._table[start + column[label]] = row[child]
        self._outputs = {row[node]: outputs for node, outputs in accepting.items() if outputs}
        self._first = min(self._outputs)

    def hits(self, data: bytes) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        found = kernels.keyword_hits(data, self._table, self._classes, self._first)
        for i in range(0, len(found), 2):
            end = found[i]
            for length, rules in self._outputs[found[i + 1]]:
                yield end - length, end, rules


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
    node: int, root: int, words: dict[int, str], fail: dict[int, int], automaton: Any
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Return length and rules of every keyword that ends in `node`, the longest first."""
    found = []
    while node != root:
        value = automaton.get(words[node], None)
        if value is not None:
            found.append(value)
        node = fail.get(node, root)
    return tuple(found)
