"""What `leakseal migrate` says to people."""

from collections.abc import Iterable, Iterator
from typing import Any

from scanner.remediate.journal import Journal
from scanner.remediate.ledger.ledger import Ledger
from scanner.remediate.ledger.record import State
from scanner.remediate.migration import Done, Stage, item
from scanner.remediate.plan import PUBLIC, Entry, Left, Place, Plan
from scanner.remediate.project import Project
from scanner.report.escape import visible
from scanner.report.words import amount
from scanner.vault.store import Problem

_FIRST = "The repository is public: revoke or rotate every one of these first, then apply."
_MOST_NAMED = 5
_THEN = "When the code with the references is in use: rotate, then revoke what leaked."


def plan(made: Plan, problems: Iterable[Problem], *, complete: bool) -> str:
    """Return the table of a plan."""
    lines = [f"Plan {made.id} · {amount(len(made.entries), 'secrets')} · {visible(made.store)}", ""]
    for entry in made.entries:
        lines.append(f"{entry.id:>3}  {entry.variable}  ({entry.kind})  -> {visible(entry.uri)}")
        lines += [f"       {_place(place)}" for place in entry.places]
    if made.left:
        lines += ["", "Left alone:", *_left(made.left)]
    told = [f"{'' if not p.fatal else 'STOPS THE MIGRATION: '}{p.message}" for p in problems]
    if told:
        lines += ["", "About the store:", *(f"  {visible(text, 1000)}" for text in told)]
    if not complete:
        lines += ["", "The report is incomplete: there may be more secrets than these."]
    if made.entries:
        lines += ["", _FIRST if made.lane == PUBLIC else _THEN]
    return "\n".join([*lines, ""])


def _left(left: Iterable[Left]) -> Iterator[str]:
    """Yield each reason with the findings it is told of, a few of them by name."""
    by_reason: dict[str, list[str]] = {}
    for one in left:
        by_reason.setdefault(one.reason, []).append(f"{one.rule} {one.finding[:12]}")
    for reason, findings in by_reason.items():
        more = len(findings) - _MOST_NAMED
        rest = f" and {amount(more, 'others')}" if more > 0 else ""
        yield f"  {', '.join(findings[:_MOST_NAMED])}{rest}: {reason}"


def _place(place: Place) -> str:
    where = f"{visible(place.path)}:{place.line}"
    note = visible(place.note)
    if place.action == "refuse":
        return f"{where}  NOT REPLACED: {note}"
    verb = "remove the file" if place.action == "remove" else "replace"
    return f"{where}  {verb}{': ' + note if note else ''}"


def results(found: list[Done], made: Plan) -> str:
    """Return what came of a plan, in a few lines; what needs somebody is told one by one."""
    lines = []
    for done in found:
        if done.stage is not Stage.DONE:
            lines.append(f"{done.entry.variable}: {done.stage.value}")
            lines += [f"  {reason}" for reason in done.reasons]
    stored = sum(done.stage in (Stage.DONE, Stage.NEEDS_HUMAN) for done in found)
    good = sum(done.stage is Stage.DONE for done in found)
    where = visible(made.store)
    lines.append(f"{stored} of {amount(len(found), 'secrets')} stored in {where}, {good} replaced.")
    noted = [place for entry in made.entries for place in entry.places if place.note]
    by_hand = [place for place in noted if place.action == "replace"]
    if by_hand:
        lines.append("What is left to do by hand:")
        lines += [f"  {visible(p.path)}:{p.line}: {visible(p.note)}" for p in by_hand]
    if good:
        lines.append(
            "Start programs with: leakseal run -- COMMAND. Stage or commit, then scan again."
        )
        if made.lane != PUBLIC:
            lines.append(_THEN)
    return "\n".join(lines)


def status(where: Project) -> list[dict[str, Any]]:
    """Return for each migration its id, store, whether it is done, and the state of its entries."""
    journal = Journal(where.private)
    states: dict[str, str] = {}
    for record in Ledger(where.ledger).history():
        if record.step.item:
            states[record.step.item] = record.step.state.value
    found = []
    for name in journal.names():
        migration = journal.load(name)
        if migration is None:
            continue
        made = migration.plan
        entries = [
            _entry(entry, states.get(item(entry, made), "planned")) for entry in made.entries
        ]
        by_hand = sum(entry["state"] == State.NEEDS_HUMAN for entry in entries)
        found.append(
            {
                "id": made.id,
                "created": made.created,
                "store": made.store,
                "done": migration.undone or (migration.done and not by_hand),
                "rolled_back": migration.undone,
                "needs_person": by_hand,
                "entries": entries,
            }
        )
    return found


def _entry(entry: Entry, state: str) -> dict[str, str]:
    return {"id": entry.id, "variable": entry.variable, "uri": entry.uri, "state": state}


def status_text(found: list[dict[str, Any]]) -> str:
    """Return the same for people."""
    if not found:
        return "Nothing was migrated in this repository."
    lines = []
    for migration in found:
        lines.append(f"{migration['id']}  {visible(migration['store'])}  {_word(migration)}")
        lines += [
            f"  {entry['variable']:30} {entry['state']:12} {visible(entry['uri'])}"
            for entry in migration["entries"]
        ]
    return "\n".join(lines)


def _word(migration: dict[str, Any]) -> str:
    """Return in words how far a migration came."""
    if migration["rolled_back"]:
        return "rolled back"
    if any(entry["state"] == State.RESTORED for entry in migration["entries"]):
        return "partly rolled back; resume would replace it again"
    if migration["needs_person"]:
        return f"done but for {amount(migration['needs_person'], 'secrets')} left to a person"
    if migration["done"]:
        return "done"
    return f"NOT DONE; go on with: leakseal migrate resume {migration['id']}"
