"""`leakseal guard --help`, reached through the group; the hook itself takes the fast path."""

import click

from scanner.cli.settings import for_guard
from scanner.guard import main
from scanner.triage.settings_file import around


@click.command(name="guard")
@click.option(
    "--confidence",
    type=click.Choice(["low", "medium", "high"]),
    default="medium",
    show_default=True,
    help="The least sure findings to block for.",
)
def command(confidence: str) -> int:
    """Search what is staged for the next commit; for the pre-commit hook."""
    path = around()
    return main(["--confidence", confidence], for_guard(path) if path else None)
