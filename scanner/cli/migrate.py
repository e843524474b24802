"""`leakseal migrate`: moves the secrets of a report into a store and refers to them in code."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime

import click

from scanner.cli import migrate_emit, migrate_text
from scanner.cli.planned import at, read_plan
from scanner.cli.say import say
from scanner.errors import UsageError
from scanner.remediate import diff, naming_file, references, reported
from scanner.remediate import plan as plans
from scanner.remediate.apply import accepted, apply, check, engine, files_of, resumable, undo
from scanner.remediate.branch import commit_on, refuse_branch
from scanner.remediate.chosen import ASIDE, Wish
from scanner.remediate.fixes import fixes
from scanner.remediate.found import Name, in_tree, sought
from scanner.remediate.migration import Done, Stage
from scanner.remediate.plan import PRIVATE, PUBLIC, Plan
from scanner.remediate.project import Project, project
from scanner.remediate.propose import propose
from scanner.remediate.reported import IN_FILES, Reported, files_named
from scanner.remediate.rewriting import values
from scanner.remediate.telling import telling
from scanner.remediate.worktree import WorkTree
from scanner.report import prepared, saved
from scanner.report.escape import visible
from scanner.report.sarif import render
from scanner.report.sarif_fixes import Fix
from scanner.report.write import write
from scanner.triage import keys
from scanner.vault import choose

PENDING, CONFLICT, INTEGRITY = 1, 4, 5
_DEFAULT = "sops://secrets.enc.yaml"


@click.group(name="migrate")
def command() -> None:
    """Move the secrets of a report into a store, and refer to them in code.

    Make a report with `leakseal scan --format json -o report.json`, a plan with `plan`, read it,
    and carry it out with `apply`. Nothing is replaced before the store has given it back.

    Exit codes: 0 done, 1 something is left to do, 2 usage, 3 the store or the disk gave out,
    4 another value stands in the store or a file changed, 5 the store gave back something else.
    """


command.add_command(migrate_emit.command)


@command.command(name="plan")
@click.argument("report", type=click.Path(exists=True, dir_okay=False))
@click.option("--store", "uri", default=_DEFAULT, show_default=True, metavar="URI")
@click.option("-o", "--output", metavar="FILE", help="Write the plan to FILE, to be applied.")
@click.option("--sarif", metavar="FILE", help="Write REPORT as SARIF too, changes as fixes.")
@click.option("--names", "names", metavar="FILE", help="Names you wish, in YAML.")
@click.option("--public", is_flag=True, help="The repository is public: revoke first (lane A).")
@click.option("--only", multiple=True, metavar="DIGITS", help="Only findings that begin so.")
@click.option("--without", multiple=True, metavar="DIGITS", help="No findings that begin so.")
@click.option("--diff", "show", is_flag=True, help="Show how the files would change.")
@at
def plan_command(
    report: str,
    uri: str,
    output: str | None,
    sarif: str | None,
    names: str | None,
    public: bool,
    only: tuple[str, ...],
    without: tuple[str, ...],
    show: bool,
    path: str,
) -> int:
    """Plan where the secrets of REPORT go. Changes no file; the plan holds no secret.

    A repository that has no fingerprint key yet is given one, as by `leakseal key`.
    """
    where = project(path, os.environ)
    if where.made_key:
        _told("Made a key for this repository: fingerprints of later reports are other ones.")
    read = reported.load(report)
    tree = WorkTree(where.top)
    paths = files_named(read, tree, where.repository)
    wish = Wish(
        PUBLIC if public else PRIVATE,
        only,
        without,
        accepted(where),
        naming_file.load(names) if names else (),
    )
    unfit: dict[bytes, str] = {}
    store = choose.store(uri, os.environ, where.top)
    try:
        search = engine(read.lowest)
        found = list(in_tree(paths, tree, search, _names_of(read, where), unfit.__setitem__))
        known, tells = references.load(tree), telling(found, search)
        plan = propose(where, read, found, store, wish, known, unfit, tells, datetime.now(UTC))
        held = values(plan, found, where.key)
        problems = check(store, plan.entries, held, fatal=False)
    finally:
        store.close()
    if output:
        write(output, plans.dumps(plan))
    if sarif:
        write(sarif, _sarif(report, fixes(plan, found)))
    say(migrate_text.plan(plan, problems, complete=read.complete))
    if show:
        _show_diff(plan, where)
    if output:
        say(f"Wrote {visible(output)}. Read it, then: leakseal migrate apply {output}")
    return PENDING if plan.entries or plan.left else 0


@command.command(name="apply")
@click.argument("file", metavar="PLAN", type=click.Path(exists=True, dir_okay=False))
@click.option("--diff", "show", is_flag=True, help="Show how the files change, without secrets.")
@click.option("--dry-run", is_flag=True, help="Change nothing; with --diff, show what would be.")
@click.option("--branch", metavar="NAME", help="Commit the changed files on this new branch.")
@click.option("--revoked", is_flag=True, help="For a public repository: all was revoked before.")
@at
def apply_command(
    file: str, show: bool, dry_run: bool, branch: str | None, revoked: bool, path: str
) -> int:
    """Carry out PLAN: store, read back, compare, replace. Doing it again changes nothing."""
    plan = read_plan(file)
    where = project(path, os.environ)
    if show:
        _show_diff(plan, where)
    if dry_run:
        return PENDING if plan.entries else 0
    if plan.lane == PUBLIC and not revoked:
        raise UsageError(
            "the plan is for a public repository: revoke or rotate every secret in it first, "
            "then apply it with --revoked"
        )
    return _carry_out(plan, where, branch)


@command.command(name="resume")
@click.argument("name", metavar="[ID]", default="")
@at
def resume_command(name: str, path: str) -> int:
    """Go on with a migration that was broken off: the last one, or the one with ID."""
    where = project(path, os.environ)
    begun = resumable(where, name)
    if begun is None:
        say("There is nothing to go on with.")
        return 0
    return _carry_out(begun.plan, where, None)


@command.command(name="status")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@at
def status_command(as_json: bool, path: str) -> int:
    """Show how far each migration of this repository came. Exits with 1 if one is not done."""
    where = project(path, os.environ)
    found = migrate_text.status(where)
    say(json.dumps(found, indent=2) if as_json else migrate_text.status_text(found))
    return 0 if all(migration["done"] for migration in found) else PENDING


@command.command(name="rollback")
@click.argument("name", metavar="ID")
@click.option("--path", "paths", multiple=True, metavar="FILE", help="Only this file; repeatable.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@at
def rollback_command(name: str, paths: tuple[str, ...], yes: bool, path: str) -> int:
    """Put the literals of the migration ID back into the files. The store keeps its entries."""
    where = project(path, os.environ)
    if not yes:
        click.confirm(
            "This writes secrets back into files, from where they leak again. Go on?", abort=True
        )
    results = undo(where, name, frozenset(paths), os.environ, _told)
    for result in results:
        if result.reason:
            say(f"{visible(result.path)}: {result.reason}", err=True)
    return CONFLICT if any(result.reason for result in results) else 0


def _carry_out(plan: Plan, where: Project, branch: str | None) -> int:
    if branch:
        refuse_branch(branch, where)
    results = apply(plan, where, os.environ, _told)
    say(migrate_text.results(results, plan))
    code = _code(results, plan)
    if branch and code not in (0, PENDING):
        say("No branch was made, as not everything could be done.")
    elif branch:
        made = commit_on(branch, plan, where)
        say(f"Committed {made.id[:12]} on {visible(branch)}.")
        for path in made.left:
            say(f"Not in it, as it is new or has other changes too: {visible(path)}")
    return code


def _code(results: list[Done], plan: Plan) -> int:
    stages = {done.stage for done in results}
    if Stage.MISMATCH in stages:
        return INTEGRITY
    if Stage.CONFLICT in stages:
        return CONFLICT
    present = any(left.state in IN_FILES and left.reason not in ASIDE for left in plan.left)
    return PENDING if present or stages - {Stage.DONE} else 0


def _told(line: str) -> None:
    say(line, err=True)


def _show_diff(plan: Plan, where: Project) -> None:
    search = engine()
    begun, files = files_of(plan, where, search)
    for line in diff.lines(begun, files, where.key, search):
        say(line)


def _sarif(report: str, offered: dict[str, Fix]) -> str:
    """Return the report in a file as SARIF with `offered` as fixes."""
    with open(report, "rb") as file:
        found = prepared(saved.parse(file.read(), report), show_secrets=False)
    return render(found, show_secrets=False, fixes=offered)


def _names_of(read: Reported, where: Project) -> Name:
    """Return what gives a secret the fingerprint it has in the report, if it is in there."""
    fingerprint: Callable[[str, bytes], str] = where.key.fingerprint
    if not read.keyed:
        fingerprint = keys.derived(os.environ, where.repository.root()).fingerprint
    families = {finding.family for finding in read.findings.values()}
    return sought(read.findings, families, fingerprint)
