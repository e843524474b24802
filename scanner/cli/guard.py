"""`leakseal guard --help`, reached through the group; the hooks themselves take the fast path."""

import click

from scanner.cli.settings import for_guard
from scanner.guard import HOOKS, main


@click.command(name="guard")
@click.argument("hook", type=click.Choice(HOOKS), default=HOOKS[0])
@click.argument("words", metavar="[ARGUMENT]...", nargs=-1)
@click.option(
    "--confidence",
    type=click.Choice(["low", "medium", "high"]),
    default="medium",
    show_default=True,
    help="The least sure findings to block for.",
)
@click.option(
    "--config",
    metavar="FILE",
    help="The settings; .leakseal.yaml by default, none for pre-receive.",
)
@click.option(
    "--max-size",
    type=click.IntRange(1, 1_000_000),
    default=64,
    show_default=True,
    metavar="MIB",
    help="The largest file to read.",
)
@click.option(
    "--timeout",
    type=click.IntRange(1, 1_000_000),
    metavar="SECONDS",
    help="Block if it takes longer; 60 for pre-receive by default.",
)
def command(
    hook: str,
    words: tuple[str, ...],
    confidence: str,
    config: str | None,
    max_size: int,
    timeout: int | None,
) -> int:
    """Search what one of git's hooks is about, and block it if it leaks.

    The arguments are those that git gives the hook: pre-commit (the default: what is staged),
    commit-msg FILE (the message), pre-push [REMOTE [URL]] or pre-receive (what a push brings; git
    names it on standard input).
    """
    options = ["--confidence", confidence, "--max-size", str(max_size)]
    if config:
        options += ["--config", config]
    if timeout:
        options += ["--timeout", str(timeout)]
    return main([*options, hook, *words], for_guard)
