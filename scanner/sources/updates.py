"""The refs that a push changes, as git tells its hooks, or pre-commit its own.

The formats are those of githooks(5): pre-push and pre-receive.
"""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from scanner.errors import UsageError
from scanner.gitdb.git import Git, GitError

_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Update(NamedTuple):
    """A ref to be changed on the receiving side: its name there, and the ids before and after.

    Ids are in hex; `old` is empty for a new ref, `new` for one that is to be deleted.
    """

    ref: bytes
    old: str
    new: str


def is_id(text: str) -> bool:
    """Tell whether `text` is the id of an object in full, in hex, as git writes it."""
    return bool(_ID.fullmatch(text))


def pushing(lines: bytes) -> list[Update]:
    """Return what a pre-push hook reads; raise UsageError if that is something else.

    What is pushed may be named by an expression with spaces in it.
    """
    fields = (line.rsplit(b" ", 3) for line in lines.splitlines())
    return [_update(field[2:3], field[3:], field[1:2]) for field in fields]


def receiving(lines: bytes) -> list[Update]:
    """Return what a pre-receive hook reads; raise UsageError if that is something else."""
    fields = (line.split(b" ", 2) for line in lines.splitlines())
    return [_update(field[2:], field[:1], field[1:2]) for field in fields]


def from_pre_commit(git: Git, environ: Mapping[str, str]) -> list[Update]:
    """Return what pre-commit lets its pre-push hooks know, which is one ref of those pushed.

    Where it names no range, because a whole history is new or someone runs the hook by hand, all of
    the branch is new. Raises UsageError if git does not know what it names.
    """
    new = environ.get("PRE_COMMIT_TO_REF") or environ.get("PRE_COMMIT_LOCAL_BRANCH") or "HEAD"
    old = environ.get("PRE_COMMIT_FROM_REF", "")
    ref = environ.get("PRE_COMMIT_REMOTE_BRANCH", "")
    tip = _resolved(git, new)
    # Whether the name is new to the other side is not said: it counts as new.
    return [Update(b"", _resolved(git, old) if old else "", tip), Update(os.fsencode(ref), "", tip)]


def _update(ref: list[bytes], old: list[bytes], new: list[bytes]) -> Update:
    ids = [part.decode("ascii", "replace") for part in (*old, *new)]
    if not ref or len(ids) != 2 or not all(map(is_id, ids)):
        raise UsageError("standard input has something else than git tells this hook")
    return Update(ref[0], *("" if not text.strip("0") else text for text in ids))


def _resolved(git: Git, name: str) -> str:
    if name.startswith("-"):
        raise UsageError("pre-commit names something that is no revision")
    try:
        return git.run("rev-parse", "--verify", "--quiet", name).decode("ascii", "replace").strip()
    except GitError:
        raise UsageError("pre-commit names a revision that git does not know") from None
