"""`leakseal install-hook`: puts the guard into git's hooks, and takes it out again."""

import os

import click

from scanner.adopt import gitconfig, hooks, program
from scanner.adopt.hook_script import BEFORE, HOOKS
from scanner.cli.consent import agreed
from scanner.cli.say import say
from scanner.errors import UsageError
from scanner.gitdb.repository import Repository
from scanner.report.escape import visible


@click.command(name="install-hook")
@click.option("--global", "everywhere", is_flag=True, help="For all repositories of this user.")
@click.option(
    "--hook",
    "chosen",
    type=click.Choice(HOOKS),
    multiple=True,
    help="Only this hook; repeatable. All three by default.",
)
@click.option("--uninstall", is_flag=True, help="Take the hooks out; put back what was there.")
@click.option("--yes", is_flag=True, help="With --global: do not ask.")
def command(everywhere: bool, chosen: tuple[str, ...], uninstall: bool, yes: bool) -> int:
    """Run the guard at every commit and push, without pre-commit.

    A hook that is there already is kept and runs as well. git's core.hooksPath, linked worktrees
    and GIT_DIR are honoured. With --global, core.hooksPath of your git configuration leads to a
    folder whose hooks run the guard and then the repository's own; what will change is shown first.
    """
    names = chosen or HOOKS
    if everywhere:
        return _take_out_everywhere(names, yes) if uninstall else _put_everywhere(names, yes)
    folder = _local_folder()
    if uninstall:
        changes = hooks.removal(folder, names, own=False)
    else:
        changes = hooks.installation(folder, names, program.path(), everywhere=False, own=False)
    return _carry_out(changes)


def _local_folder() -> str:
    """Return where the hooks of this repository are; raise UsageError if others share it."""
    place = os.environ.get("GIT_DIR") or "."
    repository = Repository.discover(place)
    if repository is None:
        raise UsageError(f"{visible(os.path.abspath(place))} is not in a git repository")
    folder = gitconfig.hooks_of(repository, os.environ)
    if folder.shared:
        raise UsageError(
            f"{visible(folder.named_by)} makes all your repositories share the hooks in"
            f" {visible(folder.path)}; to put the guard there: leakseal install-hook --global"
        )
    tree = os.path.join(repository.work_tree or "", "")
    if folder.named_by and os.path.realpath(folder.path).startswith(tree):
        _note(
            f"{visible(folder.path)} is in the work tree; do not commit a hook with your own path"
        )
    return folder.path


def _put_everywhere(names: tuple[str, ...], yes: bool) -> int:
    named = gitconfig.hooks_of_all(os.environ)
    folder = named.path if named else gitconfig.own_folder(os.environ)
    own = folder == gitconfig.own_folder(os.environ)
    changes = hooks.installation(folder, names, program.path(), everywhere=True, own=own)
    if changes or named is None:
        _show(changes)
        if named is None:
            say(f"core.hooksPath = {visible(folder)}, in your git configuration")
        agreed("Change this?", yes=yes, command="leakseal install-hook --global")
    code = _carry_out(changes, said=named is None)
    if named is None:
        path = gitconfig.name_for_all(folder, os.environ)
        say(f"core.hooksPath in {visible(path)} leads to {visible(folder)}")
        _note("a repository with a core.hooksPath of its own does not use these hooks")
        _note("where you use pre-commit: GIT_CONFIG_GLOBAL=/dev/null pre-commit install")
    return code


def _take_out_everywhere(names: tuple[str, ...], yes: bool) -> int:
    named = gitconfig.hooks_of_all(os.environ)
    folder = named.path if named else gitconfig.own_folder(os.environ)
    own = folder == gitconfig.own_folder(os.environ)
    changes = hooks.removal(folder, names, own=own)
    gone = {change.path for change in changes if change.script is None}
    left = {entry.path for entry in os.scandir(folder)} - gone if os.path.isdir(folder) else set()
    forgotten = named if own and named and not left else None
    if changes or forgotten:
        _show(changes)
        if forgotten:
            say(f"core.hooksPath is taken out of {visible(forgotten.named_by)}")
        agreed("Change this?", yes=yes, command="leakseal install-hook --global --uninstall")
    if forgotten:  # first, or repositories would be without their own hooks for a moment
        gitconfig.forget_for_all(forgotten.named_by, os.environ)
        say(f"core.hooksPath is no longer in {visible(forgotten.named_by)}")
    code = _carry_out(changes, said=forgotten is not None)
    if own and not left and os.path.isdir(folder):
        os.rmdir(folder)
    return code


def _carry_out(changes: list[hooks.Change], *, said: bool = False) -> int:
    if not changes and not said:
        click.echo("Nothing to do.")
    for change in hooks.carried_out(changes):
        if not change.is_forward:
            say(_words(change))
    return 0


def _show(changes: list[hooks.Change]) -> None:
    for change in changes:
        if not change.is_forward:
            sign = "-" if change.script is None else "+" if change.new else "~"
            say(f"{sign} {visible(change.path)}")
    forwards = sum(change.is_forward for change in changes)
    if forwards:
        click.echo(f"and {forwards} hooks beside them that run those of each repository")


def _words(change: hooks.Change) -> str:
    path = visible(change.path)
    if change.script is None:
        return f"Put back {path}" if change.moves else f"Removed {path}"
    if change.moves:
        return (
            f"Installed {path}; the hook that was there, {os.path.basename(path)}{BEFORE}, runs too"
        )
    return f"Installed {path}" if change.new else f"Renewed {path}"


def _note(text: str) -> None:
    say(f"leakseal: {text}", err=True)
