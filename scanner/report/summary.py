"""What a report says in total, and the order in which it tells its findings."""

from collections import Counter
from typing import NamedTuple

from scanner.model import Finding, Report, Severity, State
from scanner.report.words import ACCEPTED_BY

WAS_ACCEPTED = "was accepted until "
"""How a reason begins that says so of a leak."""


class Summary(NamedTuple):
    """How much was found; each secret counts once, under its most exposed state."""

    secrets: int
    places: int
    by_severity: dict[Severity, int]
    by_state: dict[State, int]


def exposure(finding: Finding) -> State:
    """Return the most exposed state the secret stands in."""
    return min(place.state for place in finding.occurrences)


def ordered(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings, most severe first, then most exposed, surest, most widespread."""
    return tuple(
        sorted(
            findings,
            key=lambda f: (
                -f.rule.severity,
                exposure(f),
                -f.confidence,
                -len(f.occurrences),
                f.rule.id,
                f.fingerprint,
            ),
        )
    )


def summarize(findings: tuple[Finding, ...]) -> Summary:
    """Count the findings; every severity and state has an entry, worst first."""
    severities = Counter(finding.rule.severity for finding in findings)
    states = Counter(exposure(finding) for finding in findings)
    return Summary(
        secrets=len(findings),
        places=sum(len(finding.occurrences) for finding in findings),
        by_severity={severity: severities[severity] for severity in reversed(Severity)},
        by_state={state: states[state] for state in State},
    )


def uncounted(report: Report) -> list[tuple[str, int]]:
    """Return how many findings do not count as leaks, by words for what says so.

    What has several reasons counts under the first.
    """
    kinds = Counter(finding.suppressions[0].kind for finding in report.suppressed)
    return [(words, kinds[kind]) for kind, words in ACCEPTED_BY.items() if kinds[kind]]


def expired(report: Report) -> int:
    """Count the leaks that were accepted until a day that is over."""
    return sum(any(r.startswith(WAS_ACCEPTED) for r in f.reasons) for f in report.findings)
