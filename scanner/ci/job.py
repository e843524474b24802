"""What a platform says that a job is about, in one form for all platforms.

Variables come from outside and may lie. Only ids that are spelled like ids leave this module, and
names only ever serve to look up a ref; no name is printed, because one can hold a secret.
"""

import re
from enum import Enum
from typing import NamedTuple

from scanner.errors import UsageError

REFETCH = "git fetch --refetch --no-filter origin  # before leakseal ci"

_ID = re.compile(r"[0-9a-f]{12,64}")
_WHOLE = (40, 64)


class Kind(Enum):
    """Which commits a job is about."""

    CHANGE = "those of a proposed change that its target does not have"
    BRANCH = "those that came to a branch"
    TAG = "those of a tag that no long-lived branch has"
    AUDIT = "all, and everything else there is in the repository"


class Platform(NamedTuple):
    """A platform, and the lines to add to its configuration for a full clone.

    `deepen` where history was cut off, `complete` where the contents of files were left out.
    """

    name: str
    deepen: str
    complete: str


class Job(NamedTuple):
    """A job: its platform, its kind, and `what` it is in words.

    `head` is the id of its last commit; if empty, that is what is checked out. `source` is the last
    commit of a proposed change, where `head` may be its merge into the target. `base` is the id of
    a commit up to which all is known; if empty, nobody says. `target` is the branch that a change
    is proposed for, `branch` the one that was pushed, `default` the repository's own.
    """

    platform: Platform
    kind: Kind
    what: str
    head: str = ""
    source: str = ""
    base: str = ""
    target: str = ""
    branch: str = ""
    default: str = ""


def commit_id(text: str, name: str, *, short: bool = False) -> str:
    """Return the id that `text` is; nothing if it is empty, or the zeros that stand for none.

    With `short`, 12 digits and more will do. Raises UsageError, saying that what `name` holds is no
    commit id, for anything else.
    """
    given = text.strip().lower()
    if not given.strip("0"):
        return ""
    if _ID.fullmatch(given) is None or not (short or len(given) in _WHOLE):
        raise UsageError(f"{name} holds no commit id; name the commits with --base and --head")
    return given


def number(text: str) -> str:
    """Return a space and the number of a change, or nothing if `text` is none."""
    return f" {text}" if re.fullmatch(r"[0-9]{1,12}", text) else ""
