"""What the ledger tells of one finding, from the day it was found until it is dealt with."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from scanner.remediate.ledger.record import Record, State

_ENDS = frozenset((State.CLOSED, State.REVOKED))
_REOPENS = frozenset((State.FOUND, State.PLANNED))
_KEEPS = frozenset((State.STORED, State.VERIFIED))
_KILLS = frozenset((State.ROTATED, State.REVOKED))


class Life(NamedTuple):
    """One finding; times are those of records, empty for what did not happen.

    `ended` is when it was closed or the secret revoked; a finding that is found again after that
    begins anew. `review` is the date to look at it again. `stored_at` is where the value went.
    """

    fingerprint: str
    rule: str
    path: str
    line: int
    state: State
    found: str
    ended: str
    accepted: str
    review: str
    stored_at: str
    residual: bool  # the leaked value is in a store, and is neither rotated nor revoked
    records: tuple[Record, ...]

    @property
    def open(self) -> bool:
        """Tell whether something is still to be done."""
        return not self.ended and not self.accepted

    def overdue(self, now: datetime) -> bool:
        """Tell whether the date to look at it again has passed."""
        return bool(self.review) and self.review < now.astimezone(UTC).date().isoformat()

    def age(self, now: datetime) -> timedelta:
        """Return how long it was open, until `now` if it has not ended; never negative."""
        until = _time(self.ended) if self.ended else now.astimezone(UTC)
        return max(timedelta(0), until - _time(self.found))


def lives(history: Iterable[Record]) -> list[Life]:
    """Return the findings of `history`, which is in order, by when each was first recorded."""
    by_fingerprint: dict[str, list[Record]] = {}
    for record in history:
        by_fingerprint.setdefault(record.step.subject.fingerprint, []).append(record)
    return [_life(records) for records in by_fingerprint.values()]


def _life(records: list[Record]) -> Life:
    life = Life("", "", "", 0, State.FOUND, "", "", "", "", "", False, tuple(records))
    seen: set[State] = set()
    for record in records:
        step = record.step
        seen.add(step.state)
        life = _after(life, record)
    return life._replace(residual=bool(seen & _KEEPS) and not seen & _KILLS)


def _after(life: Life, record: Record) -> Life:
    """Return `life` once `record` was added."""
    step, subject = record.step, record.step.subject
    found, ended, accepted, review = (
        life.found or record.time,
        life.ended,
        life.accepted,
        life.review,
    )
    if step.state is State.FOUND and ended:
        found, ended = record.time, ""
    if step.state in _REOPENS:
        accepted = ""
    if step.state is State.ACCEPTED:
        accepted = record.time
    if step.state in _ENDS:
        ended, review = ended or record.time, ""
    return life._replace(
        fingerprint=subject.fingerprint,
        rule=subject.rule or life.rule,
        path=subject.path or life.path,
        line=subject.line or life.line,
        state=step.state,
        found=found,
        ended=ended,
        accepted=accepted,
        review=step.review_after or review,
        stored_at=step.store.uri if step.store and step.state in _KEEPS else life.stored_at,
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
