"""Takes the changes of a migration back: the literals return from the store into the files.

The store keeps what it has. What is done here is the risk that a migration takes away, so it is
recorded like everything else.
"""

from collections.abc import Mapping
from typing import NamedTuple

from scanner.gitdb.git import GitError
from scanner.model import Secret
from scanner.remediate import references
from scanner.remediate.journal import FileChange, Migration
from scanner.remediate.ledger.record import State
from scanner.remediate.migration import Context, Note, record
from scanner.remediate.rewriting import notes, pairs
from scanner.remediate.worktree import UnfitFileError
from scanner.report.escape import as_bytes, visible
from scanner.vault.store import AbsentError


class Restored(NamedTuple):
    """What came of a file; `reason` says why it was left as it is, empty if it was restored."""

    path: str
    reason: str


def roll_back(migration: Migration, paths: frozenset[str], context: Context) -> list[Restored]:
    """Restore the files at `paths`, or all that the migration changed, and return what came of it.

    Raises StoreError where the store gives out; doing it again goes on from there.
    """
    wanted = [path for path in migration.files if not paths or path in paths]
    values = _values(migration, context)
    results = [_restored(path, migration, values, context) for path in wanted]
    undone = {result.path for result in results if not result.reason}
    left = {path: change for path, change in migration.files.items() if path not in undone}
    _forget(migration, undone, context)
    context.journal.save(migration._replace(files=left, done=False, undone=not left))
    return results


def _values(migration: Migration, context: Context) -> dict[str, Secret]:
    found = {}
    for entry in migration.plan.entries:
        try:
            value = context.store.read(entry.name).value
        except AbsentError:
            continue
        if context.project.key.value(value.reveal()) == entry.value:
            found[entry.id] = value
    return found


def _restored(
    path: str, migration: Migration, values: Mapping[str, Secret], context: Context
) -> Restored:
    raw = as_bytes(path)
    change = migration.files[path]
    planned = [p for p in pairs(migration.plan, path) if p[0].id in change.entries]
    key = context.project.key
    try:
        content = context.tree.read(raw) if context.tree.exists(raw) else b""
    except UnfitFileError as error:
        return Restored(path, str(error))
    if key.content(content) == change.before:
        return Restored(path, "")
    unchanged = key.content(content) == change.after if change.after else not content
    if not unchanged:
        return Restored(path, "it changed since; put the literals back by hand")
    old = _before(content, change, values)
    if old is None:
        old = _committed(path, change, context)
    if old is None or key.content(old) != change.before:
        return Restored(path, "its old content cannot be made again; take it from git")
    record(notes(planned, State.RESTORING, change), migration.plan, context)
    context.tree.replace(raw, old, change.mode)
    record(notes(planned, State.RESTORED, change), migration.plan, context)
    context.told(f"{visible(path)}: restored")
    return Restored(path, "")


def _before(content: bytes, change: FileChange, values: Mapping[str, Secret]) -> bytes | None:
    """Return what a file held before its change, None if that cannot be told."""
    parts, done = [], 0
    for piece in change.pieces:
        if not piece.exact or (piece.entry and piece.entry not in values):
            return None
        value = values[piece.entry].reveal() if piece.entry else b""
        parts += [content[done : piece.start], piece.lead, value, piece.trail]
        done = piece.end
    return b"".join([*parts, content[done:]])


def _committed(path: str, change: FileChange, context: Context) -> bytes | None:
    """Return what git has of a file, if that is what it held before its change."""
    git, key = context.project.repository.git, context.project.key
    for name in (f":{path}", f"HEAD:{path}"):
        try:
            blob = git.run("cat-file", "blob", name)
        except GitError:
            continue
        for content in (blob, blob.replace(b"\n", b"\r\n")):
            if key.content(content) == change.before:
                return content
    return None


def _forget(migration: Migration, undone: set[str], context: Context) -> None:
    """Take the variables that no file reads any more out of the references."""
    others = [m for name in context.journal.names() if (m := context.journal.load(name))]
    here = migration._replace(files={p: c for p, c in migration.files.items() if p not in undone})
    read = set(_variables(here))
    for other in others:
        if other.plan.id != migration.plan.id:
            read |= set(_variables(other))
    gone = set(_variables(migration)) - read
    known = references.load(context.tree)
    kept = {v: uri for v, uri in known.items() if (v, uri) not in gone}
    if kept != known:
        references.save(context.tree, kept)


def _variables(migration: Migration) -> list[tuple[str, str]]:
    """Return the variables, each with its URI, that the changed files of a migration read."""
    return [
        (place.environment, entry.uri)
        for entry in migration.plan.entries
        for place in entry.places
        if place.environment and place.path in migration.files
    ]


def rebuild(migration: Migration, context: Context) -> None:
    """Record what the journal knows of a migration whose run the ledger has lost."""
    for path, change in migration.files.items():
        wanted = [p for p in pairs(migration.plan, path) if p[0].id in change.entries]
        for state in (State.PLANNED, State.STORING, State.STORED, State.VERIFIED, State.REWRITING):
            again = [Note(entry, state, "rebuilt", place=place) for entry, place in wanted]
            record(again, migration.plan, context)
