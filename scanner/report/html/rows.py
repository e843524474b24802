"""Findings as the rows of the page's tables: text that is safe to show, and keys to sort by."""

from collections.abc import Iterable
from typing import NamedTuple

from scanner.model import CommitInfo, Finding, Occurrence, Severity, State
from scanner.report.escape import visible
from scanner.report.html.lifetime import Lifetime, duration, in_files, lifetime
from scanner.report.summary import exposure
from scanner.report.words import SHORT_ID, commits, place, secret_text

MOST_PLACES = 50  # of one finding
MOST_PLACES_IN_ALL = 15_000  # what a browser lays out without a pause


class Event(NamedTuple):
    """A commit as the page tells it; what is not known is empty."""

    id: str
    date: str
    author: str
    subject: str


class Spot(NamedTuple):
    """One place of a secret."""

    where: str
    about: str


class Linked(NamedTuple):
    """The name of another finding and, if it is on the page, where."""

    name: str
    anchor: str


class Kept(NamedTuple):
    """Why a finding does not count as a leak."""

    by: str
    reason: str
    owner: str
    added: str
    expires: str


class Row(NamedTuple):
    """One finding; `keys` are numbers to sort by, empty where nothing is known.

    They are: severity, state, introduced, removed, age (all three in seconds) and confidence.
    `size` counts its places, `left` those that are not listed. `link` is empty unless it leads to
    the web.
    """

    anchor: str
    severity: str
    rule: str
    about: str
    secret: str
    state: str
    state_key: str
    place: str
    size: int
    came: Event | None
    gone: Event | None
    end: str
    age: str
    confidence: str
    keys: str
    reasons: list[str]
    spots: list[Spot]
    left: int
    advice: str
    link: str
    more: str
    fingerprint: str
    companions: list[Linked]
    kept: list[Kept]


def rows(
    findings: tuple[Finding, ...], prefix: str, now: float | None, *, show_secrets: bool
) -> list[Row]:
    """Return a row for each finding; their anchors are `prefix` and a number from 1.

    `now` is the end of the scan in seconds since the epoch, from which ages are counted.
    """
    there = {
        finding.fingerprint: Linked(visible(finding.rule.name), f"{prefix}{number}")
        for number, finding in enumerate(findings, 1)
    }
    cap = _cap([len(finding.occurrences) for finding in findings])
    return [
        _row(finding, f"{prefix}{number}", there, cap, now, show_secrets=show_secrets)
        for number, finding in enumerate(findings, 1)
    ]


def _row(
    finding: Finding,
    anchor: str,
    there: dict[str, Linked],
    cap: int,
    now: float | None,
    *,
    show_secrets: bool,
) -> Row:
    rule, life, state = finding.rule, lifetime(finding), exposure(finding)
    age = None if life.start is None or now is None else now - life.start
    web = is_web(rule.remediation)
    return Row(
        anchor=anchor,
        severity=rule.severity.name.lower(),
        rule=visible(rule.name),
        about=visible(rule.provider),
        secret=secret_text(finding, show_secrets),
        state=state.words,
        state_key=state.name.lower(),
        place=place(finding.occurrences[0]),
        size=len(finding.occurrences),
        came=_event(life.came),
        gone=_event(life.gone),
        end=_end(finding, life),
        age=_age(age),
        confidence=finding.confidence.name.lower(),
        keys=_keys(finding, life, age),
        reasons=[visible(reason) for reason in finding.reasons],
        spots=_spots(finding.occurrences, cap),
        left=max(0, len(finding.occurrences) - cap),
        advice=visible(rule.rotation).strip(),
        link=rule.remediation if web else "",
        more="" if web else visible(rule.remediation),
        fingerprint=visible(finding.fingerprint),
        companions=[there.get(f, Linked(visible(f), "")) for f in finding.companions],
        kept=[
            Kept(_BY.get(s.kind, visible(s.kind)), *map(visible, s[1:]))
            for s in finding.suppressions
        ],
    )


_BY = {"baseline": "baseline", "inline": "comment on its line", "allow": "settings"}


def is_web(link: str) -> bool:
    """Tell whether `link` is an http or https URL of plain characters."""
    web = link.startswith(("https://", "http://"))
    return web and link.isascii() and link.isprintable() and not set(link) & set(" \"'<>\\^`{|}")


def states(findings: Iterable[Finding]) -> dict[str, str]:
    """Return the states the findings are in, as key and words, most exposed first."""
    there = {exposure(finding) for finding in findings}
    return {state.name.lower(): state.words for state in State if state in there}


def severities(findings: Iterable[Finding]) -> list[str]:
    """Return the severities of the findings, worst first."""
    there = {finding.rule.severity for finding in findings}
    return [level.name.lower() for level in reversed(Severity) if level in there]


def _cap(counts: list[int]) -> int:
    """Return how many places of each finding to list so that they stay few enough in all."""
    cap = MOST_PLACES
    while cap > 1 and sum(min(count, cap) for count in counts) > MOST_PLACES_IN_ALL:
        cap -= 1
    return cap


def _event(commit: CommitInfo | None) -> Event | None:
    if commit is None:
        return None
    return Event(
        visible(commit.id[:SHORT_ID]),
        visible(commit.when[:10]),
        visible(commit.author),
        visible(commit.subject),
    )


def _age(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return "after the scan" if seconds < 0 else duration(seconds)


def _spots(occurrences: tuple[Occurrence, ...], cap: int) -> list[Spot]:
    if len(occurrences) == 1:  # its commits are those of the finding
        return [Spot(place(occurrences[0]), occurrences[0].state.words)]
    return [
        Spot(place(spot), " · ".join([spot.state.words, *commits(spot)]))
        for spot in occurrences[:cap]
    ]


def _end(finding: Finding, life: Lifetime) -> str:
    """Return what to say in place of a removal."""
    if life.gone is not None:
        return ""
    if in_files(finding):
        return "still there"
    return "not removed" if life.came else ""


def _keys(finding: Finding, life: Lifetime, age: float | None) -> str:
    times = ["" if number is None else f"{number:.0f}" for number in (life.start, life.end, age)]
    # What stands now sorts as removed after everything that was.
    if life.gone is None and life.came is not None:
        times[1] = "9e15"
    levels = [str(int(finding.rule.severity)), str(int(exposure(finding)))]
    return ",".join([*levels, *times, str(int(finding.confidence))])
