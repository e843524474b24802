"""What a report says in total, and the order in which it tells its findings."""

from collections import Counter
from typing import NamedTuple

from scanner.model import Finding, Severity, State


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
