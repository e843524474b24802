"""Groups sightings by secret: one finding each, its places sorted by exposure."""

from collections.abc import Callable, Iterable

from scanner.detect.overlaps import specificity
from scanner.model import Finding, Occurrence
from scanner.sources.sighting import Sighting


def group(
    sightings: Iterable[Sighting], fingerprint: Callable[[str, bytes], str]
) -> tuple[Finding, ...]:
    """Return one finding for every secret, the most severe and most exposed first.

    Where several rules see the same secret, the most specific one names it.
    """
    by_secret: dict[bytes, list[Sighting]] = {}
    for s in sightings:
        by_secret.setdefault(s.match.secret.reveal(), []).append(s)
    findings = [_finding(secret, seen, fingerprint) for secret, seen in by_secret.items()]
    return tuple(sorted(findings, key=_order))


def _finding(
    secret: bytes, seen: list[Sighting], fingerprint: Callable[[str, bytes], str]
) -> Finding:
    best = max(seen, key=_worth).match
    unique = dict.fromkeys(s.occurrence for s in seen)
    return Finding(
        fingerprint=fingerprint(best.rule.family, secret),
        rule=best.rule,
        secret=best.secret,
        confidence=best.confidence,
        reasons=best.reasons,
        occurrences=tuple(sorted(unique, key=_place)),
    )


def _worth(s: Sighting) -> tuple[int, int, int, str]:
    m = s.match
    return (specificity(m.rule), m.confidence, m.rule.confidence, m.rule.id)


def _place(o: Occurrence) -> tuple[int, str, bytes, int, int, str]:
    when = o.introduced.when if o.introduced else ""
    return (o.state, when, o.path, o.line, o.column, o.object_id)


def _order(f: Finding) -> tuple[int, int, int, bytes, int, str]:
    first = f.occurrences[0]
    return (-f.rule.severity, first.state, -f.confidence, first.path, first.line, f.fingerprint)
