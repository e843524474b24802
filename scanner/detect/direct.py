"""What stands in content as it is: at each keyword, what the rules that have it say, judged.

Most rules look no further than the keyword's line; the others are called far.
"""

import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

from scanner.detect import patterns
from scanner.detect.automaton import Automaton
from scanner.detect.candidate import Candidate
from scanner.detect.memo import Memo
from scanner.detect.overlaps import Found
from scanner.kernels import deltas
from scanner.model import Confidence, Rule
from scanner.rulepack.pack import RulePack

if TYPE_CHECKING:
    from scanner.detect.allowed import Allowed
    from scanner.detect.judge import Judgement
    from scanner.detect.search import Searches

# The methods beside `pattern`, by the module of this package that has them. The guard loads only
# those that a keyword calls for.
_MODULES = {"assignment": "generic", "url": "url", "pem": "pem", "kubernetes": "kubernetes"}
_Method = Callable[[bytes, int, int, Rule], Iterator[Candidate]]

LONGEST_LINE = 512
_OF_A_MARK = 256  # bytes, besides its secret
_MOST_LINES = 32 << 20  # bytes of lines that are remembered


class Mark(NamedTuple):
    """What the rule with number `rule` says at the keyword from `start` to `end`.

    The credential stands from `first` to `last`. `rank` orders the rules of one keyword. A rule
    that is searched for has no place of a keyword; that of the match stands for it.
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
    disproved: bool = False

    def moved(self, by: int) -> "Mark":
        """Return the same mark, `by` bytes further on."""
        end, start, rank, rule, first, last, secret, confidence, reasons, no = self
        place = first + by, last + by
        return Mark(end + by, start + by, rank, rule, *place, secret, confidence, reasons, no)


class Direct:
    """The rules of a pack by their keywords."""

    def __init__(self, pack: RulePack) -> None:
        """Prepare the rules of `pack`."""
        self._pack = pack
        self._rules = pack.rules
        self._matchers: dict[int, Callable[[bytes, int], re.Match[bytes] | None]] = {}
        keywords: dict[str, tuple[int, ...]] = {}
        searched = [n for n, rule in enumerate(pack.rules) if rule.method == "search"]
        self.searches = _searches(pack) if searched else None
        tried = {n for n, rule in enumerate(pack.rules) if rule.method not in ("search", "file")}
        keyed = self.searches.keyed if self.searches else frozenset()
        for index, rule in enumerate(pack.rules):
            for word in rule.keywords if index in tried or index in keyed else ():
                keywords[word] = (*keywords.get(word, ()), index)
        self.automaton = Automaton(keywords)
        self._lengths = [word.length for word in self.automaton.words]
        words = self.automaton.words
        self._ranked = [list(enumerate(word.rules)) for word in words]
        if searched:
            self._ranked = [[r for r in rules if r[1] in tried] for rules in self._ranked]
        self._keyed = [keyed.intersection(word.rules) for word in words] if keyed else []
        self._on_place = {r.id for r in pack.rules if r.path}.union(
            name for allow in pack.allow if allow.paths or allow.commits for name in allow.rules
        )
        self.lines: Memo[bytes, list[Mark]] = Memo(_MOST_LINES)

    @cached_property
    def _near(self) -> list[list[tuple[int, int]]]:
        return [[r for r in rules if not self._rules[r[1]].far] for rules in self._ranked]

    @cached_property
    def _far(self) -> list[list[tuple[int, int]]]:
        return [[r for r in rules if self._rules[r[1]].far] for rules in self._ranked]

    @cached_property
    def _sizes(self) -> "array[int]":
        return array("q", self._lengths)

    @cached_property
    def kinds(self) -> bytes:
        """Return for each keyword whether it has near rules (1) and far ones (2)."""
        keyed = self._keyed or [frozenset()] * len(self._far)
        return bytes(
            bool(near) + 2 * bool(far or its)
            for near, far, its in zip(self._near, self._far, keyed, strict=True)
        )

    @cached_property
    def _allowed(self) -> "Allowed | None":
        """Return what drops marks by what the content says, None if nothing in the pack does."""
        pack = self._pack
        if not pack.allow and not any(rule.required or rule.silent for rule in pack.rules):
            return None
        from scanner.detect.allowed import Allowed  # noqa: PLC0415 - the guard starts without it

        return Allowed(pack)

    def found(self, data: bytes, exceeded: list[tuple[str, str]] | None = None) -> list[Found]:
        """Return everything the rules find in `data`; places of different rules may overlap.

        Limits that cut the search short are added to `exceeded`.
        """
        exceeded = [] if exceeded is None else exceeded
        hits = self.automaton.hits(data)
        if self.searches is None:
            return self.settled(data, self._marks(data, hits, self._ranked))
        words: set[int] = set()
        marks = self._marks(data, _noted(hits, words), self._ranked)
        return self.settled(data, marks + self.searched(data, words, exceeded))

    def searched(
        self, data: bytes, words: Iterable[int], exceeded: list[tuple[str, str]]
    ) -> list[Mark]:
        """Return what the rules find that are searched for, `words` being keywords in `data`."""
        if self.searches is None:
            return []
        keyed = (self._keyed[word] for word in words) if self._keyed else ()
        numbers = self.searches.always.union(*keyed)
        marks: list[Mark] = []
        for number, (start, end), place in self.searches.hits(data, numbers, exceeded):
            confidence, reasons, _ = _believed(self._rules[number])
            secret = data[slice(*place)]
            marks.append(Mark(end, start, 0, number, *place, secret, confidence, reasons))
        return marks

    def tried(self, word: int) -> bool:
        """Tell whether any far rule is tried where the keyword with this number stands."""
        return bool(self._far[word])

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

    def settled(self, data: bytes, marks: list[Mark]) -> list[Found]:
        """Return what of the `marks` of `data` may be reported, each place of a rule once.

        The first keyword that led to a place says how it was found.
        """
        marks.sort(key=_order)
        first: dict[tuple[int, int, int], Mark] = {}
        for mark in marks:
            first.setdefault((mark.rule, mark.first, mark.last), mark)
        if self._allowed is None:
            return [self._found(m) for m in first.values()]
        return [self._found(m, waits) for m, waits in self._allowed.kept(data, [*first.values()])]

    def _found(self, m: Mark, waits: tuple[int, ...] = ()) -> Found:
        rule = self._rules[m.rule]
        aside = bool(waits) or rule.id in self._on_place
        place = m.first, m.last
        said = m.confidence, m.reasons
        return Found(rule, m.secret, *place, *said, (), waits, aside, m.disproved)

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
                for c in _method(rule.method)(data, start, end, rule):
                    judged = _judged(rule, c)
                    if judged is not None:
                        where = end, start, rank, index, c.start, c.end
                        sure, why, disproved = judged
                        marks.append(Mark(*where, c.secret, sure, why, disproved))
        return marks


@cache
def _method(name: str) -> _Method:
    """Return what yields the candidates of a method at a keyword."""
    if name == "pattern":
        return patterns.candidates
    module = import_module(f"scanner.detect.{_MODULES[name]}")
    return cast("_Method", module.candidates)


def _judged(rule: Rule, candidate: Candidate) -> "Judgement | None":
    from scanner.detect.judge import judge  # noqa: PLC0415 - slow to load; most commits need none

    return judge(rule, candidate)


def _believed(rule: Rule) -> "Judgement":
    from scanner.detect.judge import believed  # noqa: PLC0415 - likewise

    return believed(rule)


def _searches(pack: RulePack) -> "Searches":
    from scanner.detect.search import Searches  # noqa: PLC0415 - only imported rules need it

    return Searches(pack.rules)


def _noted(hits: Iterable[tuple[int, int]], words: set[int]) -> Iterator[tuple[int, int]]:
    """Yield `hits`, adding their keywords to `words`."""
    for hit in hits:
        words.add(hit[1])
        yield hit


def weight(marks: Iterable[Mark]) -> int:
    """Return how many bytes `marks` take, at a guess."""
    return sum(_OF_A_MARK + len(mark.secret) for mark in marks)


def _order(mark: Mark) -> tuple[int, int, int]:
    return mark[:3]
