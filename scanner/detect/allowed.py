"""Drops what a pack's allow entries say is not to be reported, and what lacks a required part.

Only content decides here; entries that also ask for a path or a commit are noted, for
`triage.allow` to look at once the place is known.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import ahocorasick

from scanner.detect.filters import holds
from scanner.detect.lines import positions
from scanner.detect.randomness import entropy
from scanner.model import Allow, Part, Rule
from scanner.rulepack.expression import FIELDS
from scanner.rulepack.pack import RulePack
from scanner.rulepack.searchers import Searcher, Searchers, any_of

if TYPE_CHECKING:
    from scanner.detect.direct import Mark

_LONGEST_LINE = 1 << 14  # bytes of a line that are looked at before and after a match
_OF_LINE = ("line", "match_line_start_idx", "match_line_end_idx")
_EMPTY: tuple[int, ...] = ()


class _Entry(NamedTuple):
    number: int
    allow: Allow
    patterns: Searcher | Searchers | None
    words: Any
    placed: bool


class Allowed:
    """The allow entries and required parts of a pack."""

    def __init__(self, pack: RulePack) -> None:
        """Prepare those of `pack`."""
        self._rules = pack.rules
        entries = [_entry(number, allow) for number, allow in enumerate(pack.allow)]
        asking = [e for e in entries if e.patterns or e.allow.words or e.allow.filter]
        self._everywhere = [e for e in asking if not e.allow.rules]
        self._of_rule: dict[str, list[_Entry]] = {}
        for entry in asking:
            for rule in entry.allow.rules:
                self._of_rule.setdefault(rule, []).append(entry)
        self._in_parts = any(rule.required or rule.silent for rule in pack.rules)

    def kept(self, data: bytes, marks: Sequence["Mark"]) -> list[tuple["Mark", tuple[int, ...]]]:
        """Return those of `marks`, found in `data`, that may be reported.

        With each come the numbers of the entries that wait for its place.
        """
        kept: list[tuple[Mark, tuple[int, ...]]] = []
        for mark in marks:
            waits = self._waits(data, mark)
            if waits is not None:
                kept.append((mark, waits))
        return self._whole(data, kept) if self._in_parts else kept

    def _waits(self, data: bytes, mark: "Mark") -> tuple[int, ...] | None:
        """Return the entries that wait for the place of `mark`; None if one drops it already."""
        rule = self._rules[mark.rule]
        entries = [*self._everywhere, *self._of_rule.get(rule.id, ())]
        if not entries:
            return _EMPTY
        finding = _Finding(data, mark, rule)
        waits = []
        for entry in entries:
            if not _content_holds(entry, finding):
                continue
            if not entry.placed:
                return None
            if entry.allow.every:
                waits.append(entry.number)
            else:
                return None
        return tuple(waits)

    def _whole(
        self, data: bytes, kept: list[tuple["Mark", tuple[int, ...]]]
    ) -> list[tuple["Mark", tuple[int, ...]]]:
        """Return what has its required parts near, and is not itself a mere part."""
        rules = self._rules
        wanted = {part.rule for rule in rules for part in rule.required}
        asking = [m for m, _ in kept if rules[m.rule].required or rules[m.rule].id in wanted]
        starts = sorted({m.start for m in asking})
        places = dict(zip(starts, positions(data, starts), strict=True))
        near: dict[str, list[tuple[int, int]]] = {}
        for mark in asking:
            near.setdefault(rules[mark.rule].id, []).append(places[mark.start])
        index = {name: _Near(found) for name, found in near.items()}
        return [
            (mark, waits)
            for mark, waits in kept
            if not rules[mark.rule].silent
            and all(
                part.rule in index and index[part.rule].any(places[mark.start], part)
                for part in rules[mark.rule].required
            )
        ]


class _Near:
    """Places of one rule's matches, to be asked for one that is not far away."""

    def __init__(self, places: list[tuple[int, int]]) -> None:
        self._columns: dict[int, list[int]] = {}
        for line, column in sorted(places):
            self._columns.setdefault(line, []).append(column)
        self._lines = list(self._columns)
        self._all = sorted(column for _, column in places)

    def any(self, place: tuple[int, int], part: Part) -> bool:
        """Tell whether any is as near to `place` as `part` asks for."""
        line, column = place
        if part.lines < 0:
            return part.columns < 0 or _within(self._all, column, part.columns)
        low = bisect_left(self._lines, line - part.lines)
        high = bisect_right(self._lines, line + part.lines)
        if part.columns < 0:
            return high > low
        near = self._lines[low:high]
        return any(_within(self._columns[each], column, part.columns) for each in near)


def _within(places: list[int], place: int, most: int) -> bool:
    at = bisect_left(places, place - most)
    return at < len(places) and places[at] <= place + most


class _Finding(Mapping[str, Any]):
    """What a filter and the targets of patterns see of a match, worked out when asked for."""

    def __init__(self, data: bytes, mark: "Mark", rule: Rule) -> None:
        self._data, self._rule = data, rule
        self._start, self._end = min(mark.start, mark.first), max(mark.end, mark.last)
        self._known: dict[str, Any] = {"secret": mark.secret}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self._made(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(FIELDS)

    def __len__(self) -> int:
        return len(FIELDS)

    def _made(self, name: str) -> Any:
        if name in ("line", "match_line_start_idx", "match_line_end_idx"):
            first, last = self._line()
            values = (self._data[first:last], first, last)
            self._known |= dict(zip(_OF_LINE, values, strict=True))
            return self._known[name]
        if name == "entropy":
            return entropy(self._known["secret"])
        if name == "match":
            return self._data[self._start : self._end]
        return {
            "rule_id": self._rule.id.encode(),
            "description": self._rule.name.encode(),
            "fragment_raw": self._data,
            "match_start_idx": self._start,
            "match_end_idx": self._end,
        }[name]

    def _line(self) -> tuple[int, int]:
        low, high = max(0, self._start - _LONGEST_LINE), self._end + _LONGEST_LINE
        first = self._data.rfind(b"\n", low, self._start) + 1 or low
        last = self._data.find(b"\n", self._end, high)
        return first, min(high, len(self._data)) if last < 0 else last


def _entry(number: int, allow: Allow) -> _Entry:
    patterns = any_of(allow.patterns, allow.engine) if allow.patterns else None
    placed = bool(allow.paths or allow.commits)
    return _Entry(number, allow, patterns, _words(allow.words), placed)


def _words(words: tuple[str, ...]) -> Any:
    """Return an automaton that finds any of `words`, None if there are none."""
    if not words:
        return None
    automaton = ahocorasick.Automaton()
    for word in words:
        automaton.add_word(word.lower().encode().decode("latin-1"), word)
    automaton.make_automaton()
    return automaton


def _content_holds(entry: _Entry, finding: _Finding) -> bool:
    """Tell whether what an entry says of the content is true: any criterion, or every one."""
    allow = entry.allow
    quorum = all if allow.every else any
    return quorum(_criteria(entry, finding))


def _criteria(entry: _Entry, finding: _Finding) -> Iterator[bool]:
    allow = entry.allow
    if entry.patterns is not None:
        yield entry.patterns.found(finding[allow.target])
    if entry.words is not None:
        text = finding["secret"].lower().decode("latin-1")
        yield next(entry.words.iter(text), None) is not None
    if allow.filter:
        yield holds(allow.filter, finding)
