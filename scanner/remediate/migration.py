"""What the steps of a migration share: what they work with, what comes of them, the record."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from scanner.detect.engine import Engine
from scanner.remediate.journal import Journal
from scanner.remediate.ledger.ledger import Run
from scanner.remediate.ledger.record import State, Step, StoredAt, Subject
from scanner.remediate.plan import Entry, Place, Plan
from scanner.remediate.project import Project
from scanner.remediate.worktree import WorkTree
from scanner.report.escape import visible
from scanner.vault.store import Store

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Stage(Enum):
    """How far an entry came."""

    VERIFIED = "stored and verified"
    DONE = "done"
    NEEDS_HUMAN = "needs a person"
    CONFLICT = "conflict"
    MISMATCH = "mismatch"


class Done(NamedTuple):
    """What came of an entry; `reasons` say what stands in the way, a line each."""

    entry: Entry
    stage: Stage
    reasons: tuple[str, ...] = ()


class Context(NamedTuple):
    """What a migration works with; `told` is called with every line of progress."""

    project: Project
    tree: WorkTree
    engine: Engine
    store: Store
    run: Run
    journal: Journal
    known: frozenset[str]  # fingerprints that the ledger knows already
    planned: frozenset[str]  # items that this run has planned already
    told: Callable[[str], None]


def item(entry: Entry, plan: Plan) -> str:
    """Return what the ledger calls an entry of a plan."""
    return f"{plan.id}/{entry.id}"


class Note(NamedTuple):
    """A step of an entry, at `place` or its first, to be recorded for each secret in it."""

    entry: Entry
    state: State
    outcome: str = ""
    version: str = ""
    evidence: Mapping[str, str] = _NOTHING
    reason: str = ""
    place: Place | None = None


def record(notes: Iterable[Note], plan: Plan, context: Context) -> None:
    """Record notes in the ledger, in their order and at once."""
    context.run.extend(step for one in notes for step in _steps(one, plan))


def _steps(one: Note, plan: Plan) -> Iterator[Step]:
    entry = one.entry
    where = one.place or entry.places[0]
    for fingerprint, rule in entry.fingerprints:
        yield Step(
            state=one.state,
            subject=Subject(
                fingerprint=f"hmac-sha256:{fingerprint}",
                key_id=plan.key_id,
                rule=rule,
                path=visible(where.path),
                line=where.line,
            ),
            item=item(entry, plan),
            store=StoredAt(entry.uri, one.version, entry.operation),
            outcome=one.outcome,
            evidence=one.evidence,
            reason=one.reason,
            lane=plan.lane,
        )
