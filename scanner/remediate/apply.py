"""Opens all that a migration needs and has its steps carried out, one migration at a time."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from scanner.detect.engine import Engine
from scanner.errors import UsageError
from scanner.model import Confidence, Secret
from scanner.remediate.journal import Journal, Migration
from scanner.remediate.ledger.actor import actor
from scanner.remediate.ledger.ledger import Ledger, Run
from scanner.remediate.ledger.record import State
from scanner.remediate.migration import Context, Done
from scanner.remediate.plan import Entry, Plan
from scanner.remediate.project import Project
from scanner.remediate.rewriting import PlannedFile, look, values
from scanner.remediate.rollback import Restored, rebuild, roll_back
from scanner.remediate.steps import carry_out, require_variables, settled, stands
from scanner.remediate.worktree import WorkTree
from scanner.report.escape import visible
from scanner.report.mask import Mask
from scanner.rulepack.pack import builtin
from scanner.vault import choose, durable, store
from scanner.vault.store import IntegrityError, Problem, StoreError


def engine(lowest: Confidence = Confidence.LOW) -> Engine:
    """Return what finds the secrets of a report again, down to the `lowest` confidence."""
    return Engine(builtin(), lowest, waiting=True)


def apply(
    plan: Plan, project: Project, environ: Mapping[str, str], told: Callable[[str], None]
) -> list[Done]:
    """Apply a plan, or go on with one that was begun, and return what came of each entry.

    Raises StoreError when the store cannot be used, before anything is written or in the middle;
    IntegrityError if the plan was made with another key.
    """
    with alone(project):
        journal, begun = Journal(project.private), _begun(plan, project)
        tree, search = WorkTree(project.top), engine()
        files = look(begun, project.key, tree, search)
        held = [held for file in files.values() for held in file.found]
        found = values(plan, held, project.key)
        opened = choose.store(plan.store, environ, project.top)
        try:
            _require_addresses(plan, opened, project)
            require_variables(plan, tree)
            if begun.done and stands(begun, files, opened):
                return [settled(entry) for entry in plan.entries]
            check(opened, plan.entries, found)
            run, known, planned = _run(project, begun, list(found.values()))
            begun = begun._replace(run=run.id)
            journal.begin(begun)
            if run.repaired:
                told(run.repaired)
            context = Context(project, tree, search, opened, run, journal, known, planned, told)
            return carry_out(begun, files, found, context)
        finally:
            opened.close()


def _require_addresses(plan: Plan, opened: store.Store, project: Project) -> None:
    """Raise UsageError if an entry would be referred to at another place than it is written to."""
    for entry in plan.entries:
        written = project.key.operation(entry.value, entry.uri)
        if opened.address(entry.name) != entry.uri or entry.operation != written:
            raise UsageError(f"{visible(entry.uri)} was changed in the plan; plan again")


@contextmanager
def alone(project: Project) -> Iterator[None]:
    """Keep every other migration of this work tree waiting; raise StoreError if it takes long."""
    durable.make_folder(project.private, 0o700)
    with durable.locked(os.path.join(project.private, "migrations")):
        yield


def check(
    opened: store.Store,
    entries: tuple[Entry, ...],
    found: Mapping[str, Secret],
    *,
    fatal: bool = True,
) -> list[Problem]:
    """Return what the store says about `entries`, whose values are `found`, by their ids.

    Raises StoreError if it cannot take and give them back, unless this is not `fatal`.
    """
    sizes = {name: len(value.reveal()) for name, value in found.items()}
    problems = opened.preflight(
        [store.Entry(entry.name, sizes.get(entry.id, 1), entry.kind) for entry in entries]
    )
    reasons = [f"{problem.code}: {problem.message}" for problem in problems if problem.fatal]
    if reasons and fatal:
        raise StoreError("nothing was written. " + "\n  ".join(reasons))
    return problems


def _run(
    project: Project, begun: Migration, secrets: list[Secret]
) -> tuple[Run, frozenset[str], frozenset[str]]:
    """Return the run to record in, the fingerprints known to the ledger, and the planned items."""
    ledger = Ledger(project.ledger)
    clean = Mask(secrets).text
    known = {name for name, state in _last(ledger).items() if state is not State.CLOSED}
    if not begun.run or begun.run not in ledger.runs():
        return ledger.start(actor(), clean=clean), frozenset(known), frozenset()
    run = ledger.resume(begun.run, actor(), clean=clean)
    records = ledger.records(begun.run)
    planned = {record.step.item for record in records if record.step.state is State.PLANNED}
    return run, frozenset(known), frozenset(planned)


def accepted(project: Project) -> frozenset[str]:
    """Return the fingerprints of the findings whose risk is accepted in the ledger."""
    last = _last(Ledger(project.ledger))
    return frozenset(name for name, state in last.items() if state is State.ACCEPTED)


def _last(ledger: Ledger) -> dict[str, State]:
    """Return the last state of each finding, by its fingerprint."""
    steps = (record.step for record in ledger.history())
    return {step.subject.fingerprint.partition(":")[2]: step.state for step in steps}


def files_of(
    plan: Plan, project: Project, search: Engine
) -> tuple[Migration, dict[str, PlannedFile]]:
    """Return how the files of a plan stand, without changing anything; raise as `apply`."""
    begun = _begun(plan, project)
    return begun, look(begun, project.key, WorkTree(project.top), search)


def _begun(plan: Plan, project: Project) -> Migration:
    """Return the migration of a plan, as it was begun or not."""
    if plan.key_id != project.key.id:
        raise IntegrityError(
            "the plan was made with another key than this repository's; plan again here"
        )
    begun = Journal(project.private).load(plan.id)
    if begun is None:
        return Migration(plan, "", False, False, {})
    if begun.files and begun.plan != plan:
        raise UsageError(f"{plan.id} was begun with another plan than this; plan again")
    return begun._replace(plan=plan, undone=False)


def resumable(project: Project, name: str) -> Migration | None:
    """Return the migration called `name`, or the last one that is not done; None if all are.

    Raises UsageError if there is none called so.
    """
    journal = Journal(project.private)
    if name:
        found = journal.load(name)
        if found is None:
            raise UsageError(f"no migration {visible(name)} was begun here; see: migrate status")
        return found
    begun = [migration for n in journal.names() if (migration := journal.load(n)) is not None]
    return next((m for m in reversed(begun) if not (m.done or m.undone)), None)


def undo(
    project: Project,
    name: str,
    paths: frozenset[str],
    environ: Mapping[str, str],
    told: Callable[[str], None],
) -> list[Restored]:
    """Roll back the migration called `name`, or only the files at `paths`; raise as `apply`.

    Raises UsageError if there is none called so, or it has not changed one of the files.
    """
    with alone(project):
        begun = resumable(project, name) if name else None
        if begun is None:
            raise UsageError("name the migration; see: leakseal migrate status")
        begun = _begun(begun.plan, project)
        unknown = sorted(paths - begun.files.keys())
        if unknown:
            raise UsageError(f"{visible(name)} has not changed {visible(unknown[0])}")
        opened = choose.store(begun.plan.store, environ, project.top)
        try:
            run, known, planned = _run(project, begun, [])
            journal, tree = Journal(project.private), WorkTree(project.top)
            context = Context(project, tree, engine(), opened, run, journal, known, planned, told)
            if run.id != begun.run:
                rebuild(begun, context)
            return roll_back(begun, paths, context)
        finally:
            opened.close()
