"""What of all that was found is accepted, and by what: settings, comments, the baseline."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from scanner.model import Suppression
from scanner.sources.sighting import Sighting
from scanner.triage.allow import Accepted
from scanner.triage.baseline import Baseline, Entry, expired
from scanner.triage.inline import NO_REASON, Inline
from scanner.triage.naming import best
from scanner.triage.prints import Fingerprint, parallel


class Policy(NamedTuple):
    """What is accepted: by entries of the settings, by a baseline, by comments."""

    entries: tuple[Accepted, ...] = ()
    baseline: Baseline | None = None
    inline: Inline | None = None

    @property
    def names_secrets(self) -> bool:
        """Tell whether fingerprints matter."""
        prints = any(entry.fingerprints for entry in self.entries)
        return prints or bool(self.baseline and self.baseline.entries)


class Decided(NamedTuple):
    """A sighting, what accepts it, and why it is no longer accepted if it once was."""

    sighting: Sighting
    suppressions: tuple[Suppression, ...] = ()
    expired: tuple[str, ...] = ()


def decided(
    sightings: Sequence[Sighting], policy: Policy, fingerprint: Fingerprint | None, today: date
) -> list[Decided]:
    """Return what `policy` says of each sighting on the day `today`.

    `fingerprint` may be None where the policy names no secrets. A secret is accepted under the
    family of the rule that found it here, or of the one that a report names it by.
    """
    if not sightings:
        return []
    names = _names(sightings, fingerprint) if fingerprint and policy.names_secrets else {}
    comments = policy.inline.of(sightings) if policy.inline else [None] * len(sightings)
    entries = policy.baseline.entries if policy.baseline else ()
    known = {entry.fingerprint: entry for entry in entries}
    return [
        _decided(s, _said(s, policy.entries, known, names.get(_what(s), ())), comment, today)
        for s, comment in zip(sightings, comments, strict=True)
    ]


def reported(decisions: Iterable[Decided]) -> list[Sighting]:
    """Return the sightings that nothing accepts; what once did is among their reasons."""
    return [
        s._replace(match=s.match._replace(reasons=(*s.match.reasons, *ended))) if ended else s
        for s, suppressions, ended in decisions
        if not suppressions
    ]


def _names(
    sightings: Sequence[Sighting], fingerprint: Fingerprint
) -> dict[tuple[str, bytes], tuple[str, ...]]:
    """Return the fingerprints of each secret by the family that found it."""
    by_secret: dict[bytes, list[Sighting]] = {}
    for s in sightings:
        by_secret.setdefault(s.match.secret.reveal(), []).append(s)
    chosen = {secret: best(seen).rule.family for secret, seen in by_secret.items()}
    found = {_what(s) for s in sightings} | {(family, secret) for secret, family in chosen.items()}
    name = parallel(fingerprint, found)
    return {
        (family, secret): (name(family, secret), name(chosen[secret], secret))
        for family, secret in found
    }


def _what(s: Sighting) -> tuple[str, bytes]:
    return s.match.rule.family, s.match.secret.reveal()


def _decided(
    s: Sighting, said: Iterable[Suppression], comment: Suppression | None, today: date
) -> Decided:
    found = [*said, *([comment] if comment else [])]
    holding = tuple(each for each in found if not expired(each.expires, today))
    if holding:
        return Decided(s, holding)
    over = (f"was accepted until {each.expires}: {each.reason}" for each in found)
    return Decided(s, (), tuple(dict.fromkeys(over)))


def _said(
    s: Sighting, entries: Iterable[Accepted], known: Mapping[str, Entry], names: Collection[str]
) -> Iterator[Suppression]:
    """Yield what the settings and the baseline say, expired or not."""
    where = s.occurrence
    commit = where.introduced.id if where.introduced else ""
    for entry in entries:
        if entry.holds(s.match, where.path, commit, names):
            yield Suppression("allow", entry.reason, entry.owner, "", entry.expires)
    for name in dict.fromkeys(names):
        if name in known:
            each = known[name]
            reason = each.reason or NO_REASON
            yield Suppression("baseline", reason, each.owner, each.added, each.expires)
