"""Groups sightings by secret: one finding each, its places sorted by exposure."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from scanner.detect.overlaps import specificity
from scanner.model import Finding, Match, Occurrence
from scanner.sources.sighting import Sighting
from scanner.triage import companions


def group(
    sightings: Iterable[Sighting], fingerprint: Callable[[str, bytes], str]
) -> tuple[Finding, ...]:
    """Return one finding for every secret, the most severe and most exposed first.

    Where several rules see the same secret, the most specific one names it, as it says in the most
    exposed place. The order of `sightings` changes nothing; `companions.settled` has chosen them.
    """
    by_secret: dict[bytes, list[Sighting]] = {}
    for s in sightings:
        by_secret.setdefault(s.match.secret.reveal(), []).append(s)
    named = [(secret, _best(seen)) for secret, seen in by_secret.items()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # scrypt runs outside the interpreter's lock
        prints = pool.map(lambda pair: fingerprint(pair[1].rule.family, pair[0]), named)
        findings = [
            _finding(match, by_secret[secret], name)
            for (secret, match), name in zip(named, prints, strict=True)
        ]
    return companions.linked(sorted(findings, key=_order))


def _finding(best: Match, seen: list[Sighting], fingerprint: str) -> Finding:
    unique = dict.fromkeys(s.occurrence for s in seen)
    return Finding(
        fingerprint=fingerprint,
        rule=best.rule,
        secret=best.secret,
        confidence=best.confidence,
        reasons=best.reasons,
        occurrences=tuple(sorted(unique, key=_place)),
    )


def _best(seen: list[Sighting]) -> Match:
    most = max(map(_worth, seen))
    worthy = (s for s in seen if _worth(s) == most)
    return min(worthy, key=lambda s: (_place(s.occurrence), s.match.reasons)).match


def _worth(s: Sighting) -> tuple[int, int, int, str]:
    m = s.match
    return (specificity(m.rule), m.confidence, m.rule.confidence, m.rule.id)


def _place(o: Occurrence) -> tuple[Any, ...]:
    when, introduced = (o.introduced.when, o.introduced.id) if o.introduced else ("", "")
    removed = o.removed.id if o.removed else ""
    where = o.state, when, o.path, o.line, o.column, o.object_id
    return (*where, introduced, removed, o.place, o.start, o.end, o.via)


def _order(f: Finding) -> tuple[int, int, int, bytes, int, str]:
    first = f.occurrences[0]
    return (-f.rule.severity, first.state, -f.confidence, first.path, first.line, f.fingerprint)
