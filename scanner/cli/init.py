"""`leakseal init`: writes what a repository needs to be guarded, after showing it."""

import os
import shlex

import click

from scanner.adopt import ci_file, edit, project_files, setup
from scanner.adopt.edit import Edit
from scanner.adopt.gitconfig import hooks_of
from scanner.adopt.setup import Wanted
from scanner.cli.consent import agreed
from scanner.cli.init_baseline import Accepted, accepted
from scanner.detect.engine import Engine
from scanner.errors import UsageError
from scanner.gitdb.git import GitError
from scanner.gitdb.repository import Repository
from scanner.model import Confidence
from scanner.remediate.worktree import WorkTree
from scanner.report.escape import visible
from scanner.report.words import amount
from scanner.rulepack.pack import builtin


@click.command(name="init")
@click.argument("path", default=".", type=click.Path(exists=True, file_okay=False))
@click.option(
    "--platform",
    type=click.Choice([*ci_file.SERVICES, ci_file.NONE]),
    help="The CI service; by default what the files and the host of origin show.",
)
@click.option("--source", "url", metavar="URL", help="The repository others install leakseal from.")
@click.option("--rev", "revision", metavar="REV", help="The tag or commit of it to install.")
@click.option("--no-baseline", is_flag=True, help="Do not accept what is there already.")
@click.option("--no-ci", is_flag=True, help="No file for a CI service.")
@click.option("--no-pre-commit", is_flag=True, help="No entry in .pre-commit-config.yaml.")
@click.option("--yes", is_flag=True, help="Write without asking.")
def command(
    path: str,
    platform: str | None,
    url: str | None,
    revision: str | None,
    no_baseline: bool,
    no_ci: bool,
    no_pre_commit: bool,
    yes: bool,
) -> int:
    """Set leakseal up in the repository around PATH.

    It gets settings, an entry for pre-commit, a file for its CI service, and a baseline of what
    leaked before. All changes are shown first, and nothing is written without consent. What is
    there stays, and a second run finds nothing to do.
    """
    repository = _repository(path)
    tree = WorkTree(repository.work_tree or "")
    wanted = Wanted(platform, url, revision, pre_commit=not no_pre_commit, ci=not no_ci)
    plan = setup.planned(repository, tree, wanted)
    edits, notes = list(plan.edits), list(plan.notes)
    if edits and not no_baseline:  # not where all is set up: what leaked since then is to alarm
        known = accepted(repository, tree)
        edits += known.edits
        notes += _about(known)
    for file, text in plan.by_hand:
        click.echo(f"Put this into {file}, which is there and cannot be merged with:\n\n{text}")
    if edits:
        _show(repository, edits)
    for note in notes:
        _note(note)
    if not edits:
        click.echo("Nothing to do." if not plan.by_hand else "Nothing else to do.")
        return 0
    agreed("Write this?", yes=yes, command="leakseal init")
    edit.write(tree, edits)
    _say_what_next(repository, edits)
    return 0


def _about(known: Accepted) -> list[str]:
    notes = []
    if known.secrets:
        secrets = amount(known.secrets, "secrets")
        notes.append(f"the baseline accepts {secrets} that leaked before; revoke all the same")
    if known.refused:
        secrets = amount(known.refused, "secrets")
        notes.append(
            f"not accepted, as it is in no branch or tag yet: {secrets}; see: leakseal scan"
        )
    return notes


def _repository(path: str) -> Repository:
    repository = Repository.discover(path)
    if repository is None:
        raise UsageError(f"{visible(path)} is not in a git repository; to make one: git init")
    if repository.work_tree is None:
        raise UsageError(f"{visible(path)} is a bare repository; run this in a clone of it")
    return repository


def _show(repository: Repository, edits: list[Edit]) -> None:
    for line in edit.diff(edits, Engine(builtin(), Confidence.LOW)):
        click.echo(line)
    changed = [change.path for change in edits if change.old is not None]
    try:
        status = repository.git.run("status", "--porcelain", "-z", "--", *changed)
    except GitError:
        return
    if changed and status:
        _note("some of these files have changes that you have not committed; they stay")


def _say_what_next(repository: Repository, edits: list[Edit]) -> None:
    paths = [change.path for change in edits]
    click.echo("Written. Next:")
    click.echo(f"  git add {shlex.join(paths)}")
    if project_files.PRE_COMMIT in paths:
        types = " ".join(f"--hook-type {name}" for name in project_files.HOOK_TYPES)
        click.echo(f"  {_past_shared_hooks(repository)}pre-commit install {types}")
    click.echo("  git commit -m 'Guard against leaked credentials'")


def _past_shared_hooks(repository: Repository) -> str:
    """Return what has pre-commit not see that all repositories share their hooks, if they do."""
    shared = hooks_of(repository, os.environ).shared
    return f"GIT_CONFIG_GLOBAL={os.devnull} " if shared else ""


def _note(text: str) -> None:
    click.echo(f"leakseal: {text}", err=True)
