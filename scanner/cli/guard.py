"""`leakseal guard --help`, reached through the group; the hook itself takes the fast path."""

import click

from scanner.guard import main


@click.command(name="guard")
def command() -> int:
    """Search what is staged for the next commit; for the pre-commit hook."""
    return main([])
