"""Asks before anything is changed."""

import sys

import click

from scanner.errors import UsageError


def agreed(question: str, *, yes: bool, command: str) -> None:
    """Return if the user agrees; raise UsageError if not, or if there is nobody to ask."""
    if yes:
        return
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"nothing was changed; to agree: {command} --yes")
    if not click.confirm(question, err=True):
        raise UsageError("nothing was changed")
