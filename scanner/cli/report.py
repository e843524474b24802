"""`leakseal report`: shows a saved report in another format."""

import sys
from typing import BinaryIO

import click

from scanner.cli.options import rendering
from scanner.cli.scanned import deliver, outcome
from scanner.errors import LEAKS, UsageError
from scanner.report import saved
from scanner.report.escape import visible

_STANDARD_INPUT = "-"


@click.command(name="report")
@click.argument("file")
@rendering
@click.option(
    "--exit-code",
    "as_scan",
    is_flag=True,
    help="Exit as the scan did: 1 for leaks, 3 if it was incomplete.",
)
def command(file: str, fmt: str, output: str | None, show_secrets: bool, as_scan: bool) -> int:
    """Show the report in FILE, or - for standard input, in another format.

    Make one with `leakseal scan --format json -o FILE`. It has secrets only if it was made with
    --show-secrets, and shows them only if that is given here too.
    """
    name = "standard input" if file == _STANDARD_INPUT else file
    report = saved.parse(_content(file), name)
    if show_secrets and not saved.has_secrets(report):
        raise UsageError(
            f"{visible(name)} has no secrets to show; scan with --show-secrets to have them in it"
        )
    deliver(report, fmt, output, show_secrets=show_secrets)
    return outcome(report, LEAKS) if as_scan else 0


def _content(file: str) -> bytes:
    try:
        if file == _STANDARD_INPUT:
            return _bounded(sys.stdin.buffer)
        with open(file, "rb") as stream:
            return _bounded(stream)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{visible(file)} cannot be read: {reason}") from None


def _bounded(stream: BinaryIO) -> bytes:
    return stream.read(saved.LARGEST + 1)
