"""Options that several commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from scanner.errors import LEAKS
from scanner.report import FORMATS

_Command = TypeVar("_Command", bound=Callable[..., Any])


def searching(command: _Command) -> _Command:
    """Add the options that say how to search, named as the fields of a Request."""
    return _all(
        command,
        click.option(
            "--confidence",
            type=click.Choice(["low", "medium", "high"]),
            default="medium",
            show_default=True,
            help="The least sure findings to report.",
        ),
        click.option("--key-file", metavar="FILE", help="The key for fingerprints."),
        click.option(
            "--max-size",
            type=click.IntRange(1, 4096),
            default=256,
            show_default=True,
            metavar="MIB",
            help="The largest object or file to read.",
        ),
        click.option(
            "--timeout", type=click.FloatRange(0), metavar="SECONDS", help="Stop after this."
        ),
        click.option(
            "--rules",
            metavar="FILE",
            multiple=True,
            help="Rules of this file too: ours, gitleaks', betterleaks', Nosey Parker's;"
            " repeatable.",
        ),
        click.option("--no-builtin", is_flag=True, help="Only the rules of --rules."),
        click.option("--config", metavar="FILE", help="The settings; .leakseal.yaml by default."),
        click.option("--audit", is_flag=True, help="Do not trust the repository's own settings."),
    )


def reporting(command: _Command) -> _Command:
    """Add the options that say what to report, and how: the arguments of `scanned.scanned`."""
    return _all(
        command,
        click.option(
            "-f", "--format", "fmt", type=click.Choice(FORMATS), default="text", show_default=True
        ),
        click.option(
            "-o", "--output", metavar="FILE", help="Write the report to FILE (mode 0600)."
        ),
        click.option("--show-secrets", is_flag=True, help="Print secrets in full. Think twice."),
        click.option(
            "--exit-code",
            type=click.IntRange(0, 255),
            default=LEAKS,
            show_default=True,
            help="What to exit with if leaks are found.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="No progress on standard error."),
        click.option("-v", "--verbose", is_flag=True, help="Say more on standard error."),
    )


def _all(command: _Command, *options: Callable[[_Command], _Command]) -> _Command:
    for option in reversed(options):
        command = option(command)
    return command
