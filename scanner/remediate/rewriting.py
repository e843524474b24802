"""The files of a plan: how they stand, and their change, once what they hold is verified."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scanner.detect.engine import Engine
from scanner.model import Secret
from scanner.remediate.found import Held, Name, in_file, sought
from scanner.remediate.journal import FileChange, Migration
from scanner.remediate.ledger.record import State
from scanner.remediate.migration import Context, Note, record
from scanner.remediate.plan import Entry, Place, Plan
from scanner.remediate.project import ProjectKey
from scanner.remediate.replace import StaleError, replacement
from scanner.remediate.worktree import UnfitFileError, WorkTree
from scanner.report.escape import as_bytes, visible


class PlannedFile(NamedTuple):
    """A file of a plan as it is now, compared with the change that is planned for it.

    `status` is "before" or "after" it, "free" of the plan's secrets in another way, "gone", or
    "other". `found` is what holds the secrets of the plan in it, looked up "before" only.
    """

    status: str
    content: bytes
    found: tuple[Held, ...]


def pairs(plan: Plan, path: str) -> list[tuple[Entry, Place]]:
    """Return what the plan wants to do in a file."""
    return [
        (entry, place)
        for entry in plan.entries
        for place in entry.places
        if place.path == path and place.action != "refuse"
    ]


def look(
    migration: Migration, key: ProjectKey, tree: WorkTree, engine: Engine
) -> dict[str, PlannedFile]:
    """Return how the files of the plan stand, by path."""
    paths = {place.path for entry in migration.plan.entries for place in entry.places}
    name = looked_for(migration.plan, key, engine)
    return {path: _look(path, migration, key, tree, engine, name) for path in sorted(paths)}


def _look(
    path: str,
    migration: Migration,
    key: ProjectKey,
    tree: WorkTree,
    engine: Engine,
    wanted: Name,
) -> PlannedFile:
    raw = as_bytes(path)
    change = migration.files.get(path)
    if not tree.exists(raw):
        return PlannedFile("after" if change and not change.after else "gone", b"", ())
    try:
        content = tree.read(raw)
    except UnfitFileError:
        return PlannedFile("other", b"", ())
    name = key.content(content)
    if change and name == change.after:
        return PlannedFile("after", content, ())
    found = tuple(in_file(raw, content, engine, wanted))
    places = [p for entry in migration.plan.entries for p in entry.places if p.path == path]
    if any(place.before != name for place in places):
        return PlannedFile("other" if found else "free", content, ())
    return PlannedFile("before", content, found)


def looked_for(plan: Plan, key: ProjectKey, engine: Engine) -> Name:
    """Return what names the secrets of a plan by their fingerprints, and nothing else."""
    named = [pair for entry in plan.entries for pair in entry.fingerprints]
    wanted = {fingerprint for fingerprint, _ in named}
    families = {rule.family for rule in engine.pack.rules if rule.id in {id_ for _, id_ in named}}
    return sought(wanted, families, key.fingerprint)


def values(plan: Plan, found: Iterable[Held], key: ProjectKey) -> dict[str, Secret]:
    """Return the value of each entry, by its id, that was `found` in a file."""
    by_name = {key.value(held.literal.value.reveal()): held.literal.value for held in found}
    return {entry.id: by_name[entry.value] for entry in plan.entries if entry.value in by_name}


def rewritten(
    path: str,
    file: PlannedFile,
    wanted: list[tuple[Entry, Place]],
    migration: Migration,
    context: Context,
) -> tuple[Migration, str]:
    """Change one file; return the migration with it, and why it could not be, if so."""
    raw = as_bytes(path)
    plan = migration.plan
    if file.status == "after":
        change = migration.files[path]
        if not {entry.id for entry, _ in wanted} <= set(change.entries):
            return migration, "it was changed without this secret; plan again"
        for state in (State.REWRITING, State.REWRITTEN):  # the ledger may have lost the first
            record(notes(wanted, state, change), plan, context)
        return migration, ""
    if file.status == "free":
        return migration, ""
    if file.status != "before":
        return migration, "it changed since the plan was made; plan again"
    try:
        mode = context.tree.mode(raw)
        new = replacement(context.project.key, file.content, mode, file.found, wanted)
    except (StaleError, UnfitFileError) as error:
        return migration, str(error)
    migration = migration._replace(files=migration.files | {path: new.change})
    context.journal.save(migration)
    record(notes(wanted, State.REWRITING, new.change), plan, context)
    if context.tree.read(raw) != file.content:
        return migration, "it changed just now; plan again"
    if new.content is None:
        context.tree.remove(raw)
    else:
        context.tree.replace(raw, new.content)
    record(notes(wanted, State.REWRITTEN, new.change), plan, context)
    context.told(f"{visible(path)}: {'removed' if new.content is None else 'rewritten'}")
    return migration, ""


def notes(
    wanted: Iterable[tuple[Entry, Place]], state: State, change: FileChange
) -> Iterator[Note]:
    """Yield what is to be recorded of a file's change, for every entry in it."""
    evidence = {"before": change.before, "after": change.after or "removed"}
    outcome = "" if state in (State.REWRITING, State.RESTORING) else "done"
    for entry, place in wanted:
        yield Note(entry, state, outcome, evidence=evidence, place=place)
