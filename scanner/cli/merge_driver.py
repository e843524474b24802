"""Has git call leakseal in this clone to merge baselines; where it is gone, git does as elsewhere.

`.gitattributes` makes git keep all lines of both sides, which is exact for what `prune` takes out.
Entry by entry is exact for what an editor takes out as well.
"""

import os
import shlex
from contextlib import suppress

from scanner.adopt import program
from scanner.errors import UsageError
from scanner.gitdb.repository import Repository
from scanner.triage.baseline import NAME

_DRIVER = "merge.leakseal.driver"
_ATTRIBUTE = f"{NAME} merge=leakseal"


def install(repository: Repository) -> tuple[str, ...]:
    """Return the files of the git directory that were changed for it; none if it cannot be."""
    try:
        path = shlex.quote(program.path().replace("%", "%%"))
        git = repository.git
        merge = f"{path} baseline merge %O %A %B || git merge-file --union %A %O %B"
        git.run("config", "--local", "merge.leakseal.name", "leakseal's baseline")
        git.run("config", "--local", _DRIVER, merge)
        attributes = os.path.join(repository.common_dir, "info", "attributes")
        return (".git/config", *_added(attributes))
    except (OSError, UsageError):
        return ()


def _added(path: str) -> tuple[str, ...]:
    there = b""
    with suppress(FileNotFoundError), open(path, "rb") as file:
        there = file.read()
    if _ATTRIBUTE.encode() in there.splitlines():
        return ()
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "ab") as file:
        file.write((b"\n" if there[-1:] not in (b"", b"\n") else b"") + _ATTRIBUTE.encode() + b"\n")
    return (".git/info/attributes",)
