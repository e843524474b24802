"""Options that several commands share."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click

from scanner.errors import LEAKS
from scanner.report import FORMATS, SARIF_CATEGORY, SARIF_SCOPES

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Shape(NamedTuple):
    """What one format or another leaves out, if asked to; arguments of `report.render`."""

    sarif_scope: str = SARIF_SCOPES[0]
    sarif_category: str = SARIF_CATEGORY
    show_suppressed: bool = False


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
        click.option("--audit", is_flag=True, help="Do not trust what the repository says itself."),
        click.option(
            "--baseline", metavar="FILE", help="What is accepted; .leakseal.baseline by default."
        ),
        click.option("--no-baseline", is_flag=True, help="Report what is accepted there too."),
        click.option(
            "--honor-foreign-ignores",
            is_flag=True,
            help="Comments for other tools, such as gitleaks:allow, count too.",
        ),
    )


def reporting(command: _Command) -> _Command:
    """Add the options that say what to report, and how: the arguments of `scanned.scanned`."""
    return rendering(
        _all(
            command,
            click.option(
                "--exit-code",
                type=click.IntRange(0, 255),
                metavar="CODE",
                default=LEAKS,
                show_default=True,
                help="What to exit with if leaks are found.",
            ),
            click.option("-q", "--quiet", is_flag=True, help="No progress on standard error."),
            click.option("-v", "--verbose", is_flag=True, help="Say more on standard error."),
        )
    )


def rendering(command: _Command) -> _Command:
    """Add the options that say how a report looks; those of `Shape` go to `shaped`."""
    return _all(
        command,
        click.option(
            "-f",
            "--format",
            "fmt",
            type=click.Choice(FORMATS),
            default="text",
            show_default=True,
            help="The form of the report.",
        ),
        click.option(
            "-o", "--output", metavar="FILE", help="Write the report to FILE (mode 0600)."
        ),
        click.option("--show-secrets", is_flag=True, help="Print secrets in full. Think twice."),
        click.option(
            "--show-suppressed",
            is_flag=True,
            help="List what does not count as a leak too, and why (text).",
            expose_value=False,
            callback=_remember,
        ),
        click.option(
            "--sarif-scope",
            type=click.Choice(SARIF_SCOPES),
            default=SARIF_SCOPES[0],
            show_default=True,
            help="`head` lists only leaks in files of HEAD, index and working tree, for GitHub.",
            expose_value=False,
            callback=_remember,
        ),
        click.option(
            "--sarif-category",
            default=SARIF_CATEGORY,
            show_default=True,
            metavar="NAME",
            help="What GitHub tells several uploads for one commit apart by.",
            expose_value=False,
            callback=_remember,
        ),
    )


def shaped() -> Shape:
    """Return the shape that the options of the running command ask for."""
    context = click.get_current_context(silent=True)
    told = context.meta if context else {}
    return Shape(**{name: told[_key(name)] for name in Shape._fields if _key(name) in told})


def _remember(context: click.Context, parameter: click.Parameter, value: object) -> None:
    context.meta[_key(parameter.name or "")] = value


def _key(name: str) -> str:
    return f"{__name__}.{name}"


def _all(command: _Command, *options: Callable[[_Command], _Command]) -> _Command:
    for option in reversed(options):
        command = option(command)
    return command
