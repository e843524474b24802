"""Which of the rules that see a secret names it, and which of its places comes first."""

from collections.abc import Iterable
from typing import Any

from scanner.detect.overlaps import specificity
from scanner.model import Match, Occurrence
from scanner.sources.sighting import Sighting


def best(seen: Iterable[Sighting]) -> Match:
    """Return the match that names a secret: the most specific one, in the most exposed place."""
    seen = list(seen)
    most = max(map(_worth, seen))
    worthy = (s for s in seen if _worth(s) == most)
    return min(worthy, key=lambda s: (exposure(s.occurrence), s.match.reasons)).match


def _worth(s: Sighting) -> tuple[int, int, int, str]:
    m = s.match
    return (specificity(m.rule), m.confidence, m.rule.confidence, m.rule.id)


def exposure(o: Occurrence) -> tuple[Any, ...]:
    """Return a key that sorts places by exposure, then by age and place."""
    when, introduced = (o.introduced.when, o.introduced.id) if o.introduced else ("", "")
    removed = o.removed.id if o.removed else ""
    where = o.state, when, o.path, o.line, o.column, o.object_id
    return (*where, introduced, removed, o.place, o.start, o.end, o.via)
