"""findings(content): keywords, then patterns at the hits, then judgement, then the views within.

A pure function of the content and the rule pack. It knows nothing of git, paths or reports.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from scanner.detect.archives import Budget, mark, members
from scanner.detect.companions import Companions
from scanner.detect.direct import Direct
from scanner.detect.lines import positions
from scanner.detect.memo import Memo
from scanner.detect.overlaps import Found, without_overlaps
from scanner.detect.views import Mapped, View, embedded_wide, encoded, transcode
from scanner.model import Confidence, Match, Rule, Secret
from scanner.rulepack.pack import RulePack
from scanner.rulepack.searchers import searcher

if TYPE_CHECKING:
    from scanner.detect.far import Far

DEEPEST = 6
_MOST = 8 << 20  # bytes of views whose findings are kept
_NAMED = "a file of this name holds credentials"
_FOUND = 256  # bytes that a finding takes besides its secret, at a guess


class Result(NamedTuple):
    """What one content holds: its matches by position, and the limits that cut the search short.

    A limit is a code of docs/coverage.md and a detail.
    """

    matches: tuple[Match, ...]
    exceeded: tuple[tuple[str, str], ...]


class Engine:
    """A rule pack made ready to search with."""

    def __init__(
        self, pack: RulePack, lowest: Confidence = Confidence.MEDIUM, *, waiting: bool = False
    ) -> None:
        """Prepare `pack`; matches below `lowest` confidence are dropped.

        With `waiting` those are kept that another file may hold a companion of, and companions;
        `triage.companions` drops them once all places are known.
        """
        self.pack = pack
        self.direct = Direct(pack)
        self.companions = Companions(pack.rules)
        self.lowest = lowest
        self.waiting = waiting and lowest <= Confidence.MEDIUM
        self._memo: Memo[tuple[str | bytes, ...], list[Found]] = Memo(_MOST)
        self._rules = {rule.id: rule for rule in pack.rules}
        self.file_rules = tuple(rule for rule in pack.rules if rule.method == "file")

    @cached_property
    def far(self) -> "Far":
        """Return the far rules with a memory, which only versions of contents need."""
        from scanner.detect.far import Far  # noqa: PLC0415 - the guard starts without it

        return Far(self.direct, self.pack.rules)

    def rule(self, name: str) -> Rule:
        """Return the rule with this id; raises KeyError."""
        return self._rules[name]

    def findings(self, content: bytes) -> Result:
        """Return every credential in `content`, whatever it is encoded in or packed into."""
        budget = Budget()
        text = transcode(content)
        data = content if text is None else text.data
        found = self._search(data, budget, 0)
        return self.result(data, found, budget.exceeded, text)

    def named(self, path: bytes) -> tuple[Match, ...]:
        """Return what the name of a file holds, and the rules that its name alone satisfies.

        Such a rule still asks for the whole path, which `triage.allow` looks at.
        """
        return self.findings(path).matches + self.filed(path)

    def filed(self, path: bytes) -> tuple[Match, ...]:
        """Return the rules that the mere name of a file satisfies."""
        if not self.file_rules:
            return ()
        name = path.rpartition(b"/")[2]
        return tuple(
            Match(rule, Secret(b"file " + name), 0, len(path), 1, 1, rule.confidence, (_NAMED,))
            for rule in self.file_rules
            if rule.confidence >= self.lowest and searcher(rule.pattern, rule.engine).found(name)
        )

    @property
    def reads_all(self) -> bool:
        """Tell whether rules have to be tried on every content, whatever keywords are in it."""
        return self.direct.searches is not None and bool(self.direct.searches.always)

    def hidden(self, views: Iterable[Mapped]) -> tuple[list[Found], list[tuple[str, str]]]:
        """Return what stands in `views` of a content, and the limits that cut the search short."""
        budget = Budget()
        found = [f for view in views for f in _decoded(self._lately(view, budget), view)]
        return found, budget.exceeded

    def result(
        self,
        data: bytes,
        found: Iterable[Found],
        exceeded: Iterable[tuple[str, str]],
        text: View | None = None,
    ) -> Result:
        """Return `found` as the result for the content that is `data`, or has it as its `text`."""
        kept = sorted(filter(self._kept, found), key=lambda f: (f.start, f.end, f.via))
        places = positions(data, (f.start for f in kept))
        matches = (_match(f, place, text) for f, place in zip(kept, places, strict=True))
        return Result(tuple(matches), tuple(exceeded))

    def chosen(self, data: bytes, found: list[Found]) -> list[Found]:
        """Return the best of all that was `found` in `data`, one for each place."""
        return without_overlaps(self.companions.raised(data, found))

    def _kept(self, f: Found) -> bool:
        if f.disproved:
            return False
        return f.confidence >= self.lowest or (self.waiting and self.companions.waits(f))

    def _search(
        self, data: bytes, budget: Budget, depth: int, source: View | None = None
    ) -> list[Found]:
        """Return the matches in `data`, which is `source`'s, and in all views of it."""
        found = self.direct.found(data, budget.exceeded)
        packed: list[Found] = []
        if depth < DEEPEST:
            for view in _members(data, source, budget):
                packed.extend(_unpacked(self._within(view, budget, depth), view))
            for view in _encodings(data, source):
                found.extend(_decoded(self._within(view, budget, depth), view))
        elif next(_members(data, source, Budget(size=1, member_size=1, members=1)), None):
            budget.exceeded.append(("archive-depth", f"archives nested over {DEEPEST} deep"))
        return self.chosen(data, found) + packed

    def _lately(self, view: Mapped, budget: Budget) -> list[Found]:
        """Return what `_within` does; most views of a version are as they were in the last.

        What archives hold depends on what the budget has left.
        """
        key = view.likeness()
        known = self._memo.get(key)
        if known is None:
            known = self._within(view, budget, 0)
            if budget.untouched:
                size = sum(map(len, key)) + sum(_FOUND + len(f.secret) for f in known)
                self._memo.keep(key, known, size)
        return known

    def _within(self, view: View, budget: Budget, depth: int) -> list[Found]:
        wide = transcode(view.data)
        if wide is None:
            return self._search(view.data, budget, depth + 1, view)
        return list(_decoded(self._search(wide.data, budget, depth + 1), wide))


def _members(data: bytes, source: View | None, budget: Budget) -> Iterator[View]:
    """Yield what `data` holds as an archive.

    That is nothing if it only begins as one because what it was decoded from does: decoding what
    looks encoded there has damaged it, and it was unpacked as it is.
    """
    end = mark(data) if source else 0
    if not (source and end) or source.decoded(0, end):
        yield from members(data, budget)


def _encodings(data: bytes, source: View | None) -> Iterator[View]:
    yield from embedded_wide(data)
    yield from encoded(data, source=source)


def _decoded(found: list[Found], view: View) -> Iterator[Found]:
    """Yield what stands in a decoded text as places of the encoded form in its parent."""
    for f in found:
        if view.decoded(f.start, f.end):
            start, end = view.span(f.start, f.end)
            yield f._replace(start=start, end=end, via=(view.step, *f.via))


def _unpacked(found: list[Found], view: View) -> Iterator[Found]:
    """Yield what stands in an archive's member, with its line there in the step's name."""
    found = sorted(found, key=lambda f: f.start)
    places = positions(view.data, (f.start for f in found))
    for f, (line, _) in zip(found, places, strict=True):
        start, end = view.span(f.start, f.end)
        yield f._replace(start=start, end=end, via=(f"{view.step}#L{line}", *f.via))


def _match(f: Found, place: tuple[int, int], text: View | None) -> Match:
    line, column = place
    start, end, via = f.start, f.end, f.via
    if text is not None:
        start, end = text.span(start, end)
        via = (text.step, *via)
    secret = Secret(f.secret)
    return Match(f.rule, secret, start, end, line, column, f.confidence, f.reasons, via, f.waits)
