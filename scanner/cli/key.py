"""`leakseal key`: makes the key that turns secrets into fingerprints."""

import click

from scanner.cli.say import say
from scanner.errors import UsageError
from scanner.gitdb.repository import Repository
from scanner.report.escape import visible
from scanner.triage.keys import in_git_directory, make


@click.command(name="key")
@click.argument("path", default=".", type=click.Path(exists=True, file_okay=False))
def command(path: str) -> int:
    """Make a fingerprint key in the git directory of PATH, if there is none.

    With it, fingerprints are quick to make and say nothing to anyone without the key. Copy the
    file to your other clones, or put its content into LEAKSEAL_KEY where CI runs.
    """
    repository = Repository.discover(path)
    if repository is None:
        raise UsageError(f"{path} is not in a git repository")
    made = make(repository.common_dir)
    target = in_git_directory(repository.common_dir)
    say(f"Made {visible(target)}" if made else f"There is a key already: {visible(target)}")
    return 0
