"""The command group, and where its errors become exit codes."""

import importlib
from typing import Any

import click

from scanner import __version__, kernels
from scanner.errors import USAGE, LeaksealError
from scanner.report.escape import said

COMMANDS = {
    "scan": "Find credentials in a repository, directory, file or standard input.",
    "ci": "Search the commits that a CI job is about.",
    "guard": "Search what is staged, committed or pushed; for git's hooks.",
    "init": "Set leakseal up in this repository.",
    "install-hook": "Run the guard at every commit, without pre-commit.",
    "baseline": "Accept what is there already, so that only new leaks count.",
    "import": "Take over what another scanner was told not to report.",
    "report": "Turn a saved report into another format.",
    "key": "Make the key that names secrets in reports of this repository.",
    "rules": "Show the rules a scan runs with.",
    "migrate": "Move the secrets of a report into a store, and refer to them in code.",
    "run": "Start a program with the secrets that its code refers to.",
    "vault": "Check a store before anything is written to it.",
    "policy": "Print the least rights that a plan needs.",
    "log": "Show, verify, sign and export the record of what was done.",
    "cache": "Show or clear the results that are kept of earlier audits.",
    "completion": "Print what makes a shell complete leakseal's commands.",
}
_MODULES = {"import": "import_", "install-hook": "install_hook"}


class _UnreadError(Exception):
    """Nobody reads the output any more; click would take a BrokenPipeError for exit code 1."""


class _Commands(click.Group):
    """Loads a command's module only when it is the one to run."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _UnreadError from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"scanner.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    __version__,
    message=f"leakseal {__version__} (kernels: {'compiled' if kernels.COMPILED else 'python'})",
)
def leakseal() -> None:
    """Find credentials that leaked into git, and keep new ones out.

    Exit codes: 0 clean, 1 leaks found, 2 usage, 3 scan incomplete, 4 internal error.
    """


def main(arguments: list[str]) -> int:
    """Run the command line and return its exit code; errors are printed on standard error.

    Raises BrokenPipeError if nobody reads the output any more, KeyboardInterrupt if it is broken
    off.
    """
    try:
        result = leakseal.main(arguments, prog_name="leakseal", standalone_mode=False)
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None
    except _UnreadError:
        raise BrokenPipeError from None
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return USAGE
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "leakseal"
        _complain(f"leakseal: {error.format_message()} Try: {path} --help")
        return USAGE
    except LeaksealError as error:
        _complain(f"leakseal: {said(error)}")
        return error.exit_code
    return result if isinstance(result, int) else 0


def _complain(words: str) -> None:
    """Print an error, which may name a file, a branch or an argument that is a secret."""
    from scanner.cli.say import say  # noqa: PLC0415 - the rules, which only an error needs here

    say(words, err=True)
