"""`leakseal cache`: shows and clears the results that audits keep; opens them for a scan."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime

import click

from scanner.cache import sweep
from scanner.cache.place import Refused
from scanner.cache.store import ResultCache, existing
from scanner.cache.sweep import CacheInfo, Cleared
from scanner.report.escape import visible
from scanner.report.words import amount


def opened(environ: Mapping[str, str], *, verbose: bool) -> ResultCache | None:
    """Return the user's cache for a scan, None if it cannot be used; why not is said if asked."""

    def refused(reason: str) -> None:
        if verbose:
            click.echo(f"leakseal: no cache: {visible(reason)}", err=True)

    return ResultCache.open(environ, refused)


@click.group(name="cache")
def command() -> None:
    """Show or clear the results that are kept of earlier audits."""


@command.command(name="info")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def info(as_json: bool) -> int:
    """Show where results are kept, how many, and when they were used last."""
    path, folder = existing(os.environ)
    try:
        found = CacheInfo(path, 0, 0, None, None) if folder is None else sweep.info(folder)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from None
    if as_json:
        times = {"oldest": _moment(found.oldest), "newest": _moment(found.newest)}
        click.echo(json.dumps(found._asdict() | times, indent=2))
        return 0
    click.echo(f"{visible(path)}: {_results(found.entries, found.bytes)}")
    if found.entries:
        click.echo(f"Last used between {_moment(found.oldest)} and {_moment(found.newest)}")
    return 0


@command.command(name="clear")
def clear() -> int:
    """Remove all results that are kept. The next audit reads everything again."""
    path, folder = existing(os.environ)
    try:
        gone = Cleared(0, 0) if folder is None else sweep.clear(folder)
    except OSError as error:
        raise Refused(f"{path} cannot be cleared: {error.strerror}") from None
    click.echo(f"Removed {_results(*gone)} from {visible(path)}")
    return 0


def _results(entries: int, size: int) -> str:
    return f"{amount(entries, 'results')}, {amount(size, 'bytes')}"


def _moment(when: float | None) -> str | None:
    """Return a time in UTC in ISO 8601, to the second."""
    if when is None:
        return None
    try:
        text = datetime.fromtimestamp(when, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):  # a file can claim any time
        return None
    return text.replace("+00:00", "Z")
