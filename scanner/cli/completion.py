"""`leakseal completion`: prints what makes a shell complete, and answers that shell's questions."""

from collections.abc import Iterator, Sequence
from importlib import resources

import click
from click.shell_completion import CompletionItem, ShellComplete

from scanner.report.escape import visible

_SHELLS = ("bash", "zsh", "fish")


@click.command(name="completion")
@click.argument("shell", type=click.Choice(_SHELLS))
@click.option("--answer", is_flag=True, hidden=True)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="")
def command(shell: str, answer: bool, words: tuple[str, ...]) -> int:
    """Print the completion of leakseal's commands and options for a shell.

    \b
    bash: leakseal completion bash > ~/.local/share/bash-completion/completions/leakseal
    zsh:  leakseal completion zsh > a file named _leakseal in a directory of $fpath
    fish: leakseal completion fish > ~/.config/fish/completions/leakseal.fish
    """
    if answer:
        for item in _answers(words[:-1], words[-1] if words else ""):
            click.echo(f"{item.value}\t{visible(item.help or '')}")
        return 0
    if words:
        raise click.UsageError("give one shell.")
    script = resources.files("scanner.adopt").joinpath("templates", f"complete.{shell}")
    click.echo(script.read_text("utf-8"), nl=False)
    return 0


def _answers(before: Sequence[str], word: str) -> Iterator[CompletionItem]:
    """Yield what `word` can become after the words `before`; nothing where a file is meant."""
    from scanner.cli.main import COMMANDS, leakseal  # noqa: PLC0415 - it imports this module

    if not before and not word.startswith("-"):  # click would import every command
        for name, text in COMMANDS.items():
            if name.startswith(word):
                yield CompletionItem(name, help=text)
        return
    words = [text for text in before if text != "="]  # bash makes three words of --format=json
    option, given, _ = word.partition("=")
    prefix = option + given if given and option else ""
    shell = ShellComplete(leakseal, {}, "leakseal", "")
    for item in shell.get_completions(words, word):
        if item.type == "plain":
            yield CompletionItem(prefix + item.value, help=item.help)
