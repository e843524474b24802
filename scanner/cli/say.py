"""Prints what a command says of files, branches and stores, whose names may be secrets."""

from functools import cache

import click

from scanner.detect.engine import Engine
from scanner.report.told import redacted
from scanner.rulepack.pack import builtin


def say(text: str, *, err: bool = False) -> None:
    """Print `text` and a line break, with every credential that stands in it redacted."""
    click.echo(redacted(text, _engine()), err=err)


@cache
def _engine() -> Engine:
    return Engine(builtin())
