"""`leakseal baseline`: makes, extends, shows and shortens the list of secrets that are accepted."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from scanner.cli.baseline_text import as_json, as_table
from scanner.cli.expires import check_expires
from scanner.cli.new_baseline import Change, Terms, created, pruned, taken_out, updated
from scanner.errors import CLEAN, INCOMPLETE, UsageError
from scanner.gitdb.repository import Repository
from scanner.report.escape import visible
from scanner.report.words import amount
from scanner.triage.baseline import NAME, Baseline, expired, read, text
from scanner.triage.baseline_merge import merged

_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.group(name="baseline")
def command() -> None:
    """Accept what is there already, so that only new leaks count.

    What is accepted is in .leakseal.baseline in the root of the repository, to be committed.
    """


def _searching(command_: _Command) -> _Command:
    """Add the options that say how the repository is searched."""
    return _with(
        command_,
        click.option("--config", metavar="FILE", help="The settings; .leakseal.yaml by default."),
        click.option("--rules", metavar="FILE", multiple=True, help="Rules of this file too."),
        click.option("--key-file", metavar="FILE", help="The key for fingerprints."),
        click.option("-q", "--quiet", is_flag=True, help="No progress on standard error."),
    )


def _accepting(command_: _Command) -> _Command:
    """Add the options that say on what terms secrets are accepted, and where they come from."""
    return _with(
        _searching(command_),
        click.option("--reason", default="", metavar="TEXT", help="Why they are accepted."),
        click.option("--owner", default="", metavar="NAME", help="Who answers for it."),
        click.option(
            "--expires", default="", metavar="DATE", help="Accept them up to this day, 2026-12-31."
        ),
        click.option(
            "--from", "report", metavar="REPORT", help="Take them from a JSON report; no scan."
        ),
        click.option(
            "--uncommitted",
            is_flag=True,
            help="Also accept what is neither staged nor in a branch or tag.",
        ),
        click.option(
            "--confidence",
            type=click.Choice(["low", "medium", "high"]),
            default="medium",
            show_default=True,
            help="The least sure findings to accept.",
        ),
    )


def _with(command_: _Command, *options: Callable[[_Command], _Command]) -> _Command:
    for option in reversed(options):
        command_ = option(command_)
    return command_


@command.command(name="create")
@_accepting
@click.option(
    "--no-attributes", is_flag=True, help="Leave .gitattributes and git's configuration alone."
)
def create(no_attributes: bool, **options: Any) -> int:
    """Search the whole repository and accept what is found.

    Also has git merge the file without conflicts: by .gitattributes in every clone, and better by
    leakseal in this one.
    """
    change = created(_repository(), _checked(Terms(**options)), attributes=not no_attributes)
    return _told(change, f"Wrote {NAME}: {_secrets(change.added)} accepted.")


@command.command(name="update")
@_accepting
@click.option("--prune", is_flag=True, help="Also drop what is not found any more.")
@click.option("--renew", is_flag=True, help="Also accept anew what has expired.")
def update(prune: bool, renew: bool, **options: Any) -> int:
    """Accept what has been found since.

    Lines of before stay as they are.
    """
    if prune and options["report"]:
        raise UsageError("--prune searches everything, as a report may not have; leave out --from")
    change = updated(_repository(), _checked(Terms(**options)), prune=prune, renew=renew)
    parts = [f"{_secrets(change.added)} more accepted"]
    parts += [f"{change.renewed} renewed"] if change.renewed else []
    parts += [f"{change.dropped} dropped"] if change.dropped else []
    return _told(change, f"Wrote {NAME}: {', '.join(parts)}.")


@command.command(name="prune")
@click.argument("fingerprints", nargs=-1, metavar="[FINGERPRINT]...")
@_searching
def prune(fingerprints: tuple[str, ...], **options: Any) -> int:
    """Drop what is found nowhere any more.

    That is, not in history either. With FINGERPRINTs, drop those, without a search.
    """
    repository = _repository()
    if fingerprints:
        change = taken_out(repository, fingerprints)
    else:
        change = pruned(repository, Terms(**options))
    return _told(change, f"Wrote {NAME}: {_secrets(change.dropped)} dropped.")


@command.command(name="merge")
@click.argument("base")
@click.argument("ours")
@click.argument("theirs")
def merge(base: str, ours: str, theirs: str) -> int:
    """Merge three versions, for git.

    The result goes into the file OURS; as a merge driver of git's, give it %O %A %B.
    """
    mine = read(ours)
    before = read(base) if os.path.getsize(base) else Baseline(mine.key, ())
    content = text(merged(before, mine, read(theirs)))
    with open(ours, "wb") as file:  # a temporary file of git's
        file.write(content.encode())
    return CLEAN


@command.command(name="show")
@click.argument("path", required=False, metavar="[FILE]")
@click.option("--expired", "only_expired", is_flag=True, help="Only what is no longer accepted.")
@click.option("-f", "--format", "fmt", type=click.Choice(["text", "json"]), default="text")
def show(path: str | None, only_expired: bool, fmt: str) -> int:
    """List what is accepted, by whom, why and until when."""
    found = read(path or _file())
    today = datetime.now(UTC).date()
    entries = [e for e in found.entries if not only_expired or expired(e.expires, today)]
    click.echo(as_json(entries, today) if fmt == "json" else as_table(entries, today))
    return CLEAN


def _checked(terms: Terms) -> Terms:
    """Return `terms`; raise UsageError if they end on no day, or have ended."""
    check_expires(terms.expires)
    return terms


def _told(change: Change, done: str) -> int:
    click.echo(done if change.written else f"{NAME} stays as it is.")
    others = [path for path in change.written if path != NAME]
    if others:
        click.echo(f"Wrote {', '.join(others)}: git merges {NAME} without conflicts.")
    if change.left_out:
        click.echo(
            f"Left out: {_secrets(change.left_out)} neither staged nor in a branch or tag;"
            " --uncommitted accepts them too."
        )
    if change.expired:
        click.echo(f"Expired: {_secrets(change.expired)}; --renew accepts them anew.")
    if not change.complete:
        click.echo("Not everything could be read, so some may be missing; see: leakseal scan")
    return CLEAN if change.complete else INCOMPLETE


def _secrets(count: int) -> str:
    return amount(count, "secrets")


def _repository() -> Repository:
    repository = Repository.discover(".")
    if repository is None or repository.work_tree is None:
        raise UsageError("there is no repository with files around the current directory")
    return repository


def _file() -> str:
    path = os.path.join(_repository().work_tree or "", NAME)
    if not os.path.lexists(path):
        raise UsageError(f"there is no {visible(path)}; make one: leakseal baseline create")
    return path
