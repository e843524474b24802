"""Groups sightings by secret: one finding each, its places sorted by exposure."""

from collections.abc import Iterable, Sequence

from scanner.model import Finding, Match, Occurrence
from scanner.sources.sighting import Sighting
from scanner.triage import companions
from scanner.triage.decide import Decided
from scanner.triage.naming import best, exposure
from scanner.triage.prints import Fingerprint, parallel


def group(sightings: Iterable[Sighting], fingerprint: Fingerprint) -> tuple[Finding, ...]:
    """Return one finding for every secret, the most severe and most exposed first.

    Where several rules see the same secret, the most specific one names it, as it says in the most
    exposed place. The order of `sightings` changes nothing; `companions.settled` has chosen them.
    """
    by_secret: dict[bytes, list[Sighting]] = {}
    for s in sightings:
        by_secret.setdefault(s.match.secret.reveal(), []).append(s)
    named = [(secret, best(seen)) for secret, seen in by_secret.items()]
    name = parallel(fingerprint, {(match.rule.family, secret) for secret, match in named})
    findings = [
        _finding(match, by_secret[secret], name(match.rule.family, secret))
        for secret, match in named
    ]
    return companions.linked(sorted(findings, key=_order))


def divided(
    decisions: Sequence[Decided], fingerprint: Fingerprint
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the findings to report, and those that are accepted, each in the order of `group`.

    A secret that is accepted in some places only is in both, each time with those places.
    """
    said: dict[tuple[bytes, Occurrence], list[Decided]] = {}
    for each in decisions:
        key = each.sighting.match.secret.reveal(), each.sighting.occurrence
        said.setdefault(key, []).append(each)
    reported, accepted = [], []
    for finding in group((each.sighting for each in decisions), fingerprint):
        places = [said[finding.secret.reveal(), place] for place in finding.occurrences]
        counts = [here for here in places if _counts(here)]
        quiet = [here for here in places if not _counts(here)]
        if counts:
            expired = dict.fromkeys(words for here in counts for d in here for words in d.expired)
            whole = finding._replace(reasons=(*finding.reasons, *expired))
            reported.append(_at(whole, counts))
        if quiet:
            given = dict.fromkeys(each for here in quiet for d in here for each in d.suppressions)
            accepted.append(_at(finding._replace(suppressions=tuple(given)), quiet))
    return tuple(sorted(reported, key=_order)), tuple(sorted(accepted, key=_order))


def _counts(here: Sequence[Decided]) -> bool:
    """Tell whether any of the rules that see a secret at one place is to report it."""
    return not all(each.suppressions for each in here)


def _at(finding: Finding, places: Sequence[Sequence[Decided]]) -> Finding:
    return finding._replace(occurrences=tuple(here[0].sighting.occurrence for here in places))


def _finding(best: Match, seen: list[Sighting], fingerprint: str) -> Finding:
    unique = dict.fromkeys(s.occurrence for s in seen)
    return Finding(
        fingerprint=fingerprint,
        rule=best.rule,
        secret=best.secret,
        confidence=best.confidence,
        reasons=best.reasons,
        occurrences=tuple(sorted(unique, key=exposure)),
    )


def _order(f: Finding) -> tuple[int, int, int, bytes, int, str]:
    first = f.occurrences[0]
    return (-f.rule.severity, first.state, -f.confidence, first.path, first.line, f.fingerprint)
