"""Puts the values of a plan into the store, reads them back and compares.

Each phase is done for all entries before the next, so that a store that is one file is written
once, and so that the ledger is put on the disk a few times instead of a few times for each entry.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from scanner.model import Secret
from scanner.remediate import kinds
from scanner.remediate.ledger.record import State
from scanner.remediate.migration import Context, Done, Note, Stage, item, record
from scanner.remediate.plan import Entry, Plan
from scanner.report.escape import visible
from scanner.vault.store import AbsentError, Held, NewEntry, Outcome, UnfitError, put_all

_OTHER = "another value stands there; nothing was overwritten. Give the entry another name"
_LOST = "its files changed since the plan was made, and it is not in the store: plan again"
_VANISHED = "it was stored, and is gone again: somebody removed it. Nothing was replaced"
_ALTERED = "what the store gives back is not what was stored. Nothing was replaced"
_LONGEST_FACT = 256


def store_all(plan: Plan, values: Mapping[str, Secret], context: Context) -> list[Done]:
    """Store each entry's value, or adopt it where it stands already, and verify it.

    `values` has those that still stand in a file, by the ids of the entries. Raises StoreError
    where the store gives out; what was stored until then is recorded.
    """
    record(_planned(plan, context), plan, context)
    held = {entry.id: _read(entry, context) for entry in plan.entries}
    ended = {e.id: note for e in plan.entries if (note := _refused(e, held[e.id], values, context))}
    going = [entry for entry in plan.entries if entry.id not in ended]
    record([Note(entry, State.STORING) for entry in going], plan, context)
    adopted = [(entry, there) for entry in going if (there := held[entry.id])]
    record([_stored(e, Outcome.SAME, there.version) for e, there in adopted], plan, context)
    ended |= _put([entry for entry in going if not held[entry.id]], values, plan, context)
    ended |= {entry.id: _compared(entry, context) for entry in going if entry.id not in ended}
    record(ended.values(), plan, context)
    return [_done(ended[entry.id], context) for entry in plan.entries]


def _refused(
    entry: Entry, there: Held | None, values: Mapping[str, Secret], context: Context
) -> Note | None:
    """Return why an entry is not to be stored, None if it is; `there` is what stands there."""
    if there is None:
        return None if entry.id in values else Note(entry, State.CONFLICT, reason=_LOST)
    return None if _same(entry, there, context) else Note(entry, State.CONFLICT, reason=_OTHER)


def _planned(plan: Plan, context: Context) -> Iterator[Note]:
    """Yield that secrets were found and what is planned, where that is not known yet."""
    for entry in plan.entries:
        unknown = tuple(f for f in entry.fingerprints if f[0] not in context.known)
        if unknown:
            yield Note(entry._replace(fingerprints=unknown), State.FOUND)
        if item(entry, plan) not in context.planned:
            yield Note(entry, State.PLANNED)


def _read(entry: Entry, context: Context) -> Held | None:
    try:
        return context.store.read(entry.name)
    except AbsentError:
        return None


def _same(entry: Entry, held: Held, context: Context) -> bool:
    return context.project.key.value(held.value.reveal()) == entry.value


def _stored(entry: Entry, outcome: Outcome, version: str) -> Note:
    return Note(entry, State.STORED, outcome.value, version)


def _put(
    entries: list[Entry], values: Mapping[str, Secret], plan: Plan, context: Context
) -> dict[str, Note]:
    """Write the values, record those that stand, and return what came of the others."""
    new = [
        NewEntry(e.name, values[e.id], e.operation, _facts(e, plan, values[e.id]), e.kind)
        for e in entries
    ]
    failed: dict[str, Note] = {}
    stored = []
    answers = put_all(context.store, new)
    try:
        for entry in entries:
            answer = next(answers)
            if isinstance(answer, UnfitError):
                failed[entry.id] = Note(entry, State.NEEDS_HUMAN, reason=str(answer))
            elif answer.outcome is Outcome.CONFLICT:
                failed[entry.id] = Note(entry, State.CONFLICT, reason=_OTHER)
            else:
                stored.append(_stored(entry, answer.outcome, answer.version))
    finally:
        record(stored, plan, context)
    return failed


def _compared(entry: Entry, context: Context) -> Note:
    held = _read(entry, context)
    if held is None:
        return Note(entry, State.MISMATCH, reason=_VANISHED)
    if not _same(entry, held, context):
        return Note(entry, State.MISMATCH, reason=_ALTERED)
    return Note(entry, State.VERIFIED, "done", held.version, {"readback": "match"})


def _done(note: Note, context: Context) -> Done:
    if note.state is State.VERIFIED:
        context.told(f"{note.entry.variable}: verified at {visible(note.entry.uri)}")
        return Done(note.entry, Stage.VERIFIED)
    return Done(note.entry, Stage[note.state.name], (f"{visible(note.entry.uri)}: {note.reason}",))


def _facts(entry: Entry, plan: Plan, value: Secret) -> dict[str, str]:
    place = entry.places[0]
    fingerprint, rule = entry.fingerprints[0]
    facts = {
        "fingerprint": fingerprint,
        "key_id": plan.key_id,
        "rule": rule,
        "kind": entry.kind,
        "source": f"{visible(place.path)}:{place.line}",
        "created": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "variable": entry.variable,
        **kinds.facts(entry.kind, value),
    }
    return {name: text[:_LONGEST_FACT] for name, text in facts.items() if text}
