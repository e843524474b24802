"""What stands in content as it is: at each keyword, what the rules that have it say, judged.

Most rules look no further than the keyword's line; the others are called far.
"""

import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from scanner.detect import generic, kubernetes, patterns, pem, url
from scanner.detect.automaton import Automaton
from scanner.detect.candidate import Candidate
from scanner.detect.judge import judge
from scanner.detect.memo import Memo
from scanner.detect.overlaps import Found
from scanner.kernels import deltas
from scanner.model import Confidence, Rule
from scanner.rulepack.pack import RulePack

_METHODS: dict[str, Callable[[bytes, int, int, Rule], Iterator[Candidate]]] = {
    "pattern": patterns.candidates,
    "assignment": generic.candidates,
    "url": url.candidates,
    "pem": pem.candidates,
    "kubernetes": kubernetes.candidates,
}


LONGEST_LINE = 512
_OF_A_MARK = 256  # bytes, besides its secret
_MOST_LINES = 32 << 20  # bytes of lines that are remembered


class Mark(NamedTuple):
    """What the rule with number `rule` says at the keyword from `start` to `end`.

    The credential stands from `first` to `last`. `rank` orders the rules of one keyword.
    """

    end: int
    start: int
    rank: int
    rule: int
    first: int
    last: int
    secret: bytes
    confidence: Confidence
    reasons: tuple[str, ...]

    def moved(self, by: int) -> "Mark":
        """Return the same mark, `by` bytes further on."""
        end, start, rank, rule, first, last, secret, confidence, reasons = self
        return Mark(
            end + by, start + by, rank, rule, first + by, last + by, secret, confidence, reasons
        )


class Direct:
    """The rules of a pack by their keywords."""

    def __init__(self, pack: RulePack) -> None:
        """Prepare the rules of `pack`."""
        self._rules = pack.rules
        self._matchers: dict[int, Callable[[bytes, int], re.Match[bytes] | None]] = {}
        keywords: dict[str, tuple[int, ...]] = {}
        for index, rule in enumerate(pack.rules):
            for word in rule.keywords:
                keywords[word] = (*keywords.get(word, ()), index)
        self.automaton = Automaton(keywords)
        self._lengths = [word.length for word in self.automaton.words]
        self._ranked = [list(enumerate(word.rules)) for word in self.automaton.words]
        self._near = [[r for r in rules if not pack.rules[r[1]].far] for rules in self._ranked]
        self._far = [[r for r in rules if pack.rules[r[1]].far] for rules in self._ranked]
        self._sizes = array("q", self._lengths)
        self.kinds = bytes(
            bool(near) + 2 * bool(far) for near, far in zip(self._near, self._far, strict=True)
        )
        self.lines: Memo[bytes, list[Mark]] = Memo(_MOST_LINES)

    def found(self, data: bytes) -> list[Found]:
        """Return everything the rules find in `data`; places of different rules may overlap."""
        return self.without_repeats(self._marks(data, self.automaton.hits(data), self._ranked))

    def parted(self, hits: bytes) -> tuple[bytes, bytes]:
        """Return the hits of near rules and the records of far ones, as the kernel gives them."""
        return deltas.parted(hits, self._sizes, self.kinds) if hits else (b"", b"")

    def near(self, data: bytes, hits: bytes) -> list[Mark]:
        """Return what the near rules say at their `hits`, as the kernel packs them.

        Those of a line come together, and all of them.
        """
        met, unknown, left = deltas.by_line(data, hits, self.lines.entries, LONGEST_LINE)
        marks = self._marks(data, left, self._near)
        for start, line in unknown:
            its = self._marks(line, self.automaton.hits(line), self._near)
            met.append((start, self.lines.keep(line, its, len(line) + weight(its))))
        for start, its in met:
            marks += [mark.moved(start) for mark in its]
        return marks

    def far(self, data: bytes, hits: Iterable[tuple[int, int]]) -> list[Mark]:
        """Return what the far rules say at `hits` (end and number of a keyword)."""
        return self._marks(data, hits, self._far)

    def length(self, word: int) -> int:
        """Return the length of the keyword with this number."""
        return self._lengths[word]

    def without_repeats(self, marks: list[Mark]) -> list[Found]:
        """Return each place that a rule found once, as the first keyword that led there has it."""
        marks.sort(key=_order)
        first: dict[tuple[int, int, int], Mark] = {}
        for mark in marks:
            first.setdefault((mark.rule, mark.first, mark.last), mark)
        return [
            Found(self._rules[m.rule], m.secret, m.first, m.last, m.confidence, m.reasons)
            for m in first.values()
        ]

    def _marks(
        self, data: bytes, hits: Iterable[tuple[int, int]], rules: list[list[tuple[int, int]]]
    ) -> list[Mark]:
        marks: list[Mark] = []
        matchers = self._matchers
        for end, word in hits:
            start = end - self._lengths[word]
            for rank, index in rules[word]:
                rule = self._rules[index]
                if rule.method == "pattern" and not rule.lead:
                    # Nearly all hits end here, so it has to be quick.
                    match = matchers.get(index)
                    if match is None:
                        match = matchers[index] = patterns.compiled(rule.pattern).match
                    if match(data, start) is None:
                        continue
                for c in _METHODS[rule.method](data, start, end, rule):
                    judged = judge(rule, c)
                    if judged is not None:
                        place = c.start, c.end
                        marks.append(Mark(end, start, rank, index, *place, c.secret, *judged))
        return marks


def weight(marks: Iterable[Mark]) -> int:
    """Return how many bytes `marks` take, at a guess."""
    return sum(_OF_A_MARK + len(mark.secret) for mark in marks)


def _order(mark: Mark) -> tuple[int, int, int]:
    return mark[:3]
