"""How the leaks spread: by severity, state, kind, provider, author and age."""

from collections import Counter
from typing import NamedTuple

from scanner.model import Finding
from scanner.report.escape import visible
from scanner.report.html.lifetime import DAY, lifetime
from scanner.report.summary import summarize

MOST_BARS = 8
_NOT_KNOWN = "not known"
_AGES = (
    ("up to a week", 7),
    ("up to a month", 31),
    ("up to a year", 365.25),
    ("up to 3 years", 3 * 365.25),
    ("over 3 years", float("inf")),
)


class Bar(NamedTuple):
    """One line of a breakdown; `width` is its share of the longest bar, in per cent."""

    label: str
    number: int
    width: str
    style: str = ""


class Breakdown(NamedTuple):
    """Bars under a title."""

    title: str
    bars: list[Bar]


def breakdowns(findings: tuple[Finding, ...], now: float | None) -> list[Breakdown]:
    """Return all breakdowns; every leak counts once in each of them.

    `now` is the end of the scan in seconds since the epoch.
    """
    total = summarize(findings)
    levels = {level.name.lower(): n for level, n in total.by_severity.items()}
    lives = [lifetime(finding) for finding in findings]
    authors = (visible(life.came.author) if life.came else "" for life in lives)
    return [
        Breakdown("Severity", _bars(levels, {level: level for level in levels})),
        Breakdown("State", _bars({s.words: n for s, n in total.by_state.items() if n})),
        Breakdown("Kind", _most(Counter(visible(f.rule.kind).replace("-", " ") for f in findings))),
        Breakdown("Provider", _most(Counter(visible(f.rule.provider) for f in findings))),
        Breakdown("Author of the first commit", _most(Counter(authors))),
        Breakdown("Age", _bars(_ages([life.start for life in lives], now))),
    ]


def _most(counts: Counter[str]) -> list[Bar]:
    """Return bars for what is most frequent, and one for all the rest."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown: Counter[str] = Counter()
    for label, count in ranked[:MOST_BARS]:
        shown[label or _NOT_KNOWN] += count
    rest = ranked[MOST_BARS:]
    more = f"{len(rest):,} more"
    if rest:
        shown[more] += sum(count for _, count in rest)
    return _bars(shown, {more: "rest"})


def _ages(starts: list[float | None], now: float | None) -> dict[str, int]:
    counts = {label: 0 for label, _ in _AGES} | {_NOT_KNOWN: 0}
    for start in starts:
        if start is None or now is None:
            counts[_NOT_KNOWN] += 1
        else:
            days = (now - start) / DAY
            counts[next(label for label, most in _AGES if days <= most)] += 1
    if not counts[_NOT_KNOWN]:
        del counts[_NOT_KNOWN]
    return counts


def _bars(counts: dict[str, int], styles: dict[str, str] | None = None) -> list[Bar]:
    longest = max(counts.values(), default=0) or 1
    return [
        Bar(label, count, f"{100 * count / longest:.1f}%", (styles or {}).get(label, ""))
        for label, count in counts.items()
    ]
