"""`leakseal scan`: reads its options, runs the scan, writes the report."""

from typing import Any

import click

from scanner.cli.options import reporting, searching
from scanner.cli.scanned import request, scanned


@click.command(name="scan")
@click.argument("path", default=".")
@click.option("--no-history", is_flag=True, help="Only the index and the files on disk.")
@click.option("--staged", is_flag=True, help="Only what the next commit would add.")
@click.option("--range", "revisions", metavar="A..B", help="Only what these commits add.")
@click.option("--since", metavar="DATE", help="Only what commits since DATE add.")
@click.option(
    "--path", "globs", metavar="GLOB", multiple=True, help="Only files that match; repeatable."
)
@searching
@reporting
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help="How many processes read history; all CPUs by default.",
)
@click.option(
    "--exhaustive", is_flag=True, help="Read every object in full: slower, with the same result."
)
@click.option("--no-cache", is_flag=True, help="Neither use nor keep results of other audits.")
def command(
    fmt: str,
    output: str | None,
    show_secrets: bool,
    exit_code: int,
    quiet: bool,
    **options: Any,
) -> int:
    """Find credentials in PATH: a repository, a directory, a file, or - for standard input.

    A repository is audited whole: every object of its history, reachable or not, commit messages,
    tags, names, the index, the working tree and the git directory.
    """
    return scanned(
        request(**options),
        fmt=fmt,
        output=output,
        show_secrets=show_secrets,
        exit_code=exit_code,
        quiet=quiet,
    )
