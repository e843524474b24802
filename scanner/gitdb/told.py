"""What git is told by its configuration, the user's own included.

It is for how git treats the user's own text and hooks: what a scan reads, and how git is run, never
depend on it.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

from scanner.gitdb.git import Git, GitError

_KNOWS_SCOPES = (2, 26)
_SOON = 10.0  # seconds; a file that is included may be one that never ends


class Setting(NamedTuple):
    """A value in git's configuration.

    `scope` is system, global, local, worktree, or command where no file says so; `origin` is what
    does, such as `file:.git/config`.
    """

    scope: str
    origin: str
    value: str


def configured(git: Git, pattern: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return by name what git is told where names match.

    The last value of each counts, and the name that was said last comes last.
    """
    asked = git.as_the_user(environ)
    try:
        records = asked.run("config", "-z", "--get-regexp", pattern).split(b"\0")
    except GitError:
        return {}
    found: dict[str, str] = {}
    for record in filter(None, records):
        name, _, value = os.fsdecode(record).partition("\n")
        found.pop(name, None)
        found[name] = value
    return found


def hooks_paths(git: Git, environ: Mapping[str, str], *, everywhere: bool = False) -> list[Setting]:
    """Return what git is told of core.hooksPath; the last one counts.

    With `everywhere` the repository's own settings do not. Raises GitError if a file cannot be
    read, a value is no path, or git is too old to tell.
    """
    asked = git.as_the_user(environ, everywhere=everywhere)
    options = ("-z", "--show-scope", "--show-origin", "--type=path", "--get-all")
    try:
        output = asked.run("config", *options, "core.hooksPath", timeout=_SOON)
    except GitError:
        asked.check_version(_KNOWS_SCOPES)  # its own words would not say so
        raise
    fields = [os.fsdecode(field) for field in output.split(b"\0")[:-1]]
    parts = zip(fields[::3], fields[1::3], fields[2::3], strict=True)
    return [Setting(*part) for part in parts][:-1]  # the last is how every git is run here
