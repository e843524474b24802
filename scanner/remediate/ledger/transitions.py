"""Which step may follow which: an outcome its intent, and a risky step what makes it safe.

What was reached is remembered for each fingerprint and item of a plan; what holds for a finding as
a whole holds for each of its items. What a person attests was done outside is a fact, and needs
nothing before it.
"""

from collections.abc import Iterable

from scanner.remediate.ledger.record import ATTESTED, Record, State, Step

_ANYTHING: frozenset[State] = frozenset()
# One of these must have been reached. States that are missing here may be entered at any time.
_NEEDS = {
    State.STORING: {State.PLANNED},
    State.STORED: {State.STORING},
    State.VERIFIED: {State.STORED},
    State.REWRITING: {State.VERIFIED},
    State.REWRITTEN: {State.REWRITING},
    State.DEPLOYING: {State.REWRITTEN},
    State.DEPLOYED: {State.DEPLOYING},
    State.ROTATING: {State.VERIFIED, State.REVOKED},
    State.ROTATED: {State.ROTATING},
    State.REVOKING: {State.DEPLOYED, State.ROTATED},
    State.REVOKED: {State.REVOKING},
    State.PURGING: {State.REVOKED},
    State.PURGED: {State.PURGING},
    State.RESTORING: {State.REWRITING},
    State.RESTORED: {State.RESTORING},
}
# In lane A a live and public credential is revoked first; in lane C, for dead ones, nothing is
# stored and nothing revoked.
_NEEDS_IN_LANE = {
    ("A", State.REVOKING): _ANYTHING,
    ("C", State.REWRITING): {State.PLANNED},
    ("C", State.PURGING): {State.REWRITTEN},
}
_KEPT = {State.ROTATING, State.ROTATED, State.REVOKING, State.REVOKED}  # at the provider, for good
_ATTEMPT = frozenset(_NEEDS) - _KEPT | {State.PLANNED}
# What no longer holds once a state is entered.
_UNDOES = {
    State.FOUND: _ATTEMPT | {State.ACCEPTED, State.CLOSED},
    State.PLANNED: _ATTEMPT,
    State.MISMATCH: frozenset((State.STORING, State.STORED, State.VERIFIED)),
}


class Progress:
    """What each finding has reached."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        """Start from `records`, each after those it follows."""
        self._reached: dict[str, dict[str, set[State]]] = {}
        for record in records:
            self.take(record.step)

    def of(self, fingerprints: Iterable[str]) -> "Progress":
        """Return a copy of what these findings have reached."""
        part = Progress()
        for name in fingerprints:
            items = self._reached.get(name, {})
            part._reached[name] = {item: set(reached) for item, reached in items.items()}
        return part

    def update(self, part: "Progress") -> None:
        """Take over what the findings in `part` have reached."""
        self._reached.update(part._reached)

    def problem(self, step: Step) -> str:
        """Return why `step` may not be taken, in a few words; empty if it may."""
        reached = self._of(step)
        if step.state is State.FOUND:
            return ""
        if State.CLOSED in reached:
            return f"{step.state} after closed: the finding must be found again first"
        if step.outcome == ATTESTED:
            return ""
        needed = _NEEDS_IN_LANE.get((step.lane, step.state), _NEEDS.get(step.state, _ANYTHING))
        if needed and not needed & reached:
            return f"{step.state} before {' or '.join(sorted(needed))}"
        return ""

    def take(self, step: Step) -> None:
        """Remember that `step` was taken."""
        items = self._reached.setdefault(step.subject.fingerprint, {})
        undone = _UNDOES.get(step.state, _ANYTHING)
        for item, reached in items.items():
            if step.item in ("", item) or item == "":
                reached -= undone
        items.setdefault(step.item, set()).add(step.state)

    def _of(self, step: Step) -> set[State]:
        items = self._reached.get(step.subject.fingerprint, {})
        return items.get("", set()) | items.get(step.item, set())
