"""The steps of a migration in their order: store, read back, compare, and only then replace.

Every side effect has its intent in the ledger before it and its outcome after it. To go on after an
interruption is to do the same again: what stands in the store is adopted, never written twice, and
a file is changed only if it still is what the plan saw.
"""

from collections.abc import Iterable, Mapping

from scanner.model import Secret
from scanner.remediate import references
from scanner.remediate.found import in_file
from scanner.remediate.journal import Migration
from scanner.remediate.ledger.record import State
from scanner.remediate.migration import Context, Done, Note, Stage, record
from scanner.remediate.plan import Entry, Plan
from scanner.remediate.rewriting import PlannedFile, looked_for, pairs, rewritten
from scanner.remediate.storing import store_all
from scanner.remediate.worktree import UnfitFileError, WorkTree
from scanner.report.escape import as_bytes, visible
from scanner.vault.store import AbsentError, ConflictError, Store

_SURE = 8  # bytes: a shorter value may be an ordinary word


def carry_out(
    migration: Migration,
    files: Mapping[str, PlannedFile],
    found: Mapping[str, Secret],
    context: Context,
) -> list[Done]:
    """Carry out the plan as far as it can be, and return what came of each entry.

    `files` is how the files of the plan stand, and `found` are the values in them by the ids of
    their entries. The journal then holds the migration as it stands.
    Raises StoreError or LedgerError where the store or the disk gives out; doing the same again
    goes on from there.
    """
    plan, tree = migration.plan, context.tree
    results = store_all(plan, found, context)
    ready = {done.entry.id for done in results if done.stage is Stage.VERIFIED}
    _refer(plan, ready, tree)
    reasons: dict[str, list[str]] = {entry.id: [] for entry in plan.entries}
    for path, file in files.items():
        wanted = [pair for pair in pairs(plan, path) if pair[0].id in ready]
        if wanted:
            migration, reason = rewritten(path, file, wanted, migration, context)
            if reason:
                for entry, _ in wanted:
                    reasons[entry.id].append(f"{visible(path)}: {reason}")
    _name_in_example(plan, ready, context)
    left = _left(plan, files, found, context)
    ended = [
        _finished(done, reasons[done.entry.id], left.get(done.entry.id, [])) for done in results
    ]
    record([_last(done) for done in ended if done.entry.id in ready], plan, context)
    over = all(done.stage in (Stage.DONE, Stage.NEEDS_HUMAN) for done in ended)
    context.journal.save(migration._replace(done=over))
    return ended


def stands(migration: Migration, files: Mapping[str, PlannedFile], store: Store) -> bool:
    """Tell whether all that the plan asks for is as a finished migration left it.

    A value in the store may have been rotated since; it must only be there.
    """
    plan = migration.plan
    if any(
        file.status not in ("after", "free") for path, file in files.items() if pairs(plan, path)
    ):
        return False
    try:
        for entry in plan.entries:
            store.read(entry.name)
    except AbsentError:
        return False
    return True


def settled(entry: Entry) -> Done:
    """Return what came of an entry that stands in the store, as far as its places tell."""
    refused = [
        f"{visible(p.path)}:{p.line}: {p.note}" for p in entry.places if p.action == "refuse"
    ]
    return Done(entry, Stage.NEEDS_HUMAN if refused else Stage.DONE, tuple(refused))


def require_variables(plan: Plan, tree: WorkTree) -> None:
    """Raise ConflictError if a variable of the plan stands for another entry by now."""
    known = references.load(tree)
    for variable, uri in _variables(plan, {entry.id for entry in plan.entries}).items():
        if known.get(variable, uri) != uri:
            other = visible(known[variable])
            raise ConflictError(f"{variable} stands for {other} by now; plan again")


def _variables(plan: Plan, ready: set[str]) -> dict[str, str]:
    """Return the variables of the entries that are `ready`, each with its URI."""
    return {
        place.environment: entry.uri
        for entry in plan.entries
        if entry.id in ready
        for place in entry.places
        if place.environment
    }


def _refer(plan: Plan, ready: set[str], tree: WorkTree) -> None:
    """Write down where the variables of the entries that are `ready` come from."""
    needed, known = _variables(plan, ready), references.load(tree)
    if not needed.items() <= known.items():
        references.save(tree, known | needed)


def _name_in_example(plan: Plan, ready: set[str], context: Context) -> None:
    try:
        references.add_to_example(context.tree, _variables(plan, ready))
    except UnfitFileError as error:
        context.told(f"{error}; name the variables there by hand")


def _left(
    plan: Plan, files: Iterable[str], found: Mapping[str, Secret], context: Context
) -> dict[str, list[str]]:
    """Return where the secrets of each entry, by its id, still stand in the files of the plan."""
    left: dict[str, list[str]] = {}
    wanted = looked_for(plan, context.project.key, context.engine)
    owners = {name: entry.id for entry in plan.entries for name, _ in entry.fingerprints}
    for path in files:
        raw = as_bytes(path)
        try:
            content = context.tree.read(raw)
        except UnfitFileError:
            continue
        for held in in_file(raw, content, context.engine, wanted):
            for name, _, _ in held.secrets:
                left.setdefault(owners[name], []).append(f"{visible(path)}:{held.line}")
        for entry, value in found.items():
            text = value.reveal().strip()
            if len(text) >= _SURE and entry not in left and text in content:
                line = content.count(b"\n", 0, content.index(text)) + 1
                left.setdefault(entry, []).append(f"{visible(path)}:{line}")
    return left


def _finished(done: Done, reasons: list[str], left: list[str]) -> Done:
    """Return what came of an entry in the end."""
    entry = done.entry
    if done.stage is not Stage.VERIFIED:
        return done
    if reasons:
        return Done(entry, Stage.CONFLICT, tuple(reasons))
    result = settled(entry)
    if result.stage is Stage.DONE and left:
        told = tuple(f"{place}: it still stands there" for place in left)
        return Done(entry, Stage.NEEDS_HUMAN, told)
    return result


def _last(done: Done) -> Note:
    if done.stage is Stage.DONE:
        return Note(done.entry, State.RESCANNED, "done")
    return Note(done.entry, State[done.stage.name], reason=done.reasons[0])
