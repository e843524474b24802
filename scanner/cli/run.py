"""`leakseal run`: starts a program with the secrets that its code refers to in its environment."""

import os
import sys
from collections.abc import Mapping

import click

from scanner.errors import UsageError
from scanner.gitdb.repository import Repository
from scanner.remediate import references
from scanner.remediate.environment import secrets_for
from scanner.remediate.worktree import WorkTree
from scanner.report.escape import visible


@click.command(name="run", context_settings={"ignore_unknown_options": True})
@click.option("-C", "path", default=".", metavar="PATH", help="The repository; here, if not.")
@click.option("--only", multiple=True, metavar="VAR", help="Only this variable; repeatable.")
@click.option("--keep", is_flag=True, help="What the environment has already stays as it is.")
@click.option(
    "--list", "listed", is_flag=True, help="Show which variable comes from where; run nothing."
)
@click.argument("words", metavar="-- COMMAND [ARGUMENT]...", nargs=-1, type=click.UNPROCESSED)
def command(
    path: str, only: tuple[str, ...], keep: bool, listed: bool, words: tuple[str, ...]
) -> int:
    """Start COMMAND with the values of `.leakseal/references.json` in its environment.

    They come from the store, and are written neither to disk nor into arguments. The command takes
    the place of leakseal: its exit code is the exit code.
    """
    repository = Repository.discover(path)
    if repository is None or repository.work_tree is None:
        raise UsageError(f"{path} is in no git repository with files; name one with -C")
    wanted = references.load(WorkTree(repository.work_tree))
    unknown = sorted(set(only) - wanted.keys())
    if unknown:
        raise UsageError(f"{visible(references.PATH)} has no {visible(', '.join(unknown))}")
    if only:
        wanted = {name: wanted[name] for name in only}
    if listed:
        for name, uri in sorted(wanted.items()):
            click.echo(f"{name}  {visible(uri)}")
        return 0
    if not words or not words[0]:
        raise UsageError("name a command, as in: leakseal run -- ./start.sh")
    if keep:
        wanted = {name: uri for name, uri in wanted.items() if name not in os.environ}
    if not wanted:
        path_shown = visible(references.PATH)
        click.echo(f"leakseal: {path_shown} names nothing to give to the command", err=True)
    values = secrets_for(wanted, os.environ, repository.work_tree)
    own = {k: v for k, v in os.environ.items() if not k.startswith("LEAKSEAL_")}  # keys of ours
    return _become(words, {os.fsencode(k): os.fsencode(v) for k, v in own.items()} | values)


def _become(words: tuple[str, ...], environ: Mapping[bytes, bytes]) -> int:
    """Let the command take this process's place; return only where that cannot be."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execvpe(words[0], list(words), dict(environ))  # noqa: S606 - no shell is wanted
    except OSError as error:
        click.echo(f"leakseal: {visible(words[0])} cannot be run: {error.strerror}", err=True)
        return 127 if isinstance(error, FileNotFoundError) else 126
