"""The ledger for an auditor, in Markdown: what is open, what is late, what was done by whom."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

from scanner.remediate.ledger.export.life import Life
from scanner.remediate.ledger.record import State
from scanner.report.escape import visible
from scanner.report.words import amount

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_AGES = ((7, "0 to 7 days"), (30, "8 to 30 days"), (90, "31 to 90 days"), (None, "over 90 days"))


def render(lives: Sequence[Life], now: datetime) -> str:
    """Return the document; `now` is the day that ages and overdue reviews are counted to."""
    lines = [
        f"# Leaked secrets and what was done, as of {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        *_summary(lives, now),
        *_section("Open, by age", ("age", "findings"), _by_age(lives, now)),
        *_section("Reviews overdue", (*_NAMING, "review after"), _overdue(lives, now)),
        *_section("Accepted risks", (*_NAMING, "since", "by", "reason"), _accepted(lives)),
        *_section("Stored, but neither rotated nor revoked", (*_NAMING, "store"), _residual(lives)),
        *_section("Findings", (*_NAMING, "state", "found", "ended", "open for"), _all(lives, now)),
        *_section("Who did what", ("who", "step", "times"), _actors(lives)),
        *_section(
            "Every step",
            ("time", "finding", "step", "outcome", "who", "reason", "evidence"),
            _steps(lives),
        ),
    ]
    return "\n".join(lines) + "\n"


_NAMING = ("finding", "rule", "place")


def _naming(life: Life) -> tuple[str, str, str]:
    place = f"{life.path}:{life.line}" if life.line else life.path
    return life.fingerprint.partition(":")[2][:12], life.rule, place


def _summary(lives: Sequence[Life], now: datetime) -> list[str]:
    ended = [life.age(now) for life in lives if life.ended]
    took = f"{_span(_median(ended))} in the median, {_span(max(ended))} at worst" if ended else "-"
    return [
        "",
        f"- {amount(len(lives), 'findings')}, {sum(life.open for life in lives)} open",
        f"- From found to closed or revoked: {took}",
        f"- Accepted risks: {sum(bool(life.accepted) for life in lives)}",
        f"- Reviews overdue: {sum(life.overdue(now) for life in lives)}",
        f"- Stored, but neither rotated nor revoked: {sum(life.residual for life in lives)}",
    ]


def _median(spans: Iterable[timedelta]) -> timedelta:
    return timedelta(seconds=median(span.total_seconds() for span in spans))


def _section(title: str, names: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a heading and a table, or the words that there is nothing."""
    lines = [_row(row) for row in rows]
    head = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    return ["", f"## {title}", "", *([*head, *lines] if lines else ["None."])]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(_SPECIAL.sub(r"\\\1", visible(cell)) for cell in cells) + " |"


def _by_age(lives: Iterable[Life], now: datetime) -> Iterator[tuple[str, str]]:
    ages = [life.age(now).days for life in lives if life.open]
    least = 0
    for most, name in _AGES:
        yield name, str(sum(least <= age and (most is None or age <= most) for age in ages))
        least = (most or 0) + 1


def _overdue(lives: Iterable[Life], now: datetime) -> Iterator[tuple[str, ...]]:
    for life in sorted(lives, key=lambda life: life.review):
        if life.overdue(now):
            yield *_naming(life), life.review


def _accepted(lives: Iterable[Life]) -> Iterator[tuple[str, ...]]:
    for life in lives:
        for record in life.records:
            if record.step.state is State.ACCEPTED and record.time == life.accepted:
                yield *_naming(life), life.accepted[:10], record.actor.user, record.step.reason


def _residual(lives: Iterable[Life]) -> Iterator[tuple[str, ...]]:
    return ((*_naming(life), life.stored_at) for life in lives if life.residual)


def _all(lives: Iterable[Life], now: datetime) -> Iterator[tuple[str, ...]]:
    for life in lives:
        times = life.found[:10], life.ended[:10], _span(life.age(now))
        yield *_naming(life), life.state.value, *times


def _actors(lives: Iterable[Life]) -> Iterator[tuple[str, str, str]]:
    counted = Counter(
        (record.actor.user, record.step.state.value) for life in lives for record in life.records
    )
    return ((who, step, str(times)) for (who, step), times in sorted(counted.items()))


def _steps(lives: Iterable[Life]) -> Iterator[tuple[str, ...]]:
    for life in lives:
        for record in life.records:
            step = record.step
            evidence = ", ".join(f"{name}={value}" for name, value in step.evidence.items())
            who = f"{record.actor.user} on {record.actor.host}"
            yield (
                record.time,
                _naming(life)[0],
                step.state.value,
                step.outcome,
                who,
                step.reason,
                evidence,
            )


def _span(span: timedelta) -> str:
    hours = round(span.total_seconds() / 3600)
    return amount(span.days, "days") if span.days else amount(hours, "hours")
