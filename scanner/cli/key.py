"""`leakseal key`: makes the key that turns secrets into fingerprints."""

import os
import secrets

import click

from scanner.errors import UsageError
from scanner.gitdb.repository import Repository
from scanner.triage.keys import in_git_directory


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
    target = in_git_directory(repository.common_dir)
    os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        click.echo(f"There is a key already: {target}")
        return 0
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
    click.echo(f"Made {target}")
    return 0
