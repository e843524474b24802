"""Recognises repositories that are laid out as `git init` and `git clone` lay them out.

Nearly all are, and for them nothing has to be loaded. Whatever departs from that is left to
GitPython: linked worktrees, submodules, damage, settings that move directories, and every
configuration that needs more than one simple line for each value.
"""

import os
import re
import stat
from collections.abc import Mapping
from typing import NamedTuple

from scanner.errors import LeaksealError
from scanner.gitdb.files import read_regular

Config = Mapping[str, list[str]]

_VARIABLES = ("GIT_COMMON_DIR", "GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE")
_HEAD = re.compile(rb"ref: refs/\S+\n|[0-9a-f]{40}\n|[0-9a-f]{64}\n")
_LARGEST_CONFIG = 1 << 16
# What git itself writes: no capitals in names; in values no quotes, escapes and comments, only what
# URLs, refspecs and names consist of.
_VALUE = r"[\w/:@.,+*~%=-]+(?:[ ][\w/:@.,+*~%=-]+)*"
_LINE = re.compile(
    rf"""\[(?P<section>[a-z][a-z0-9-]*)(?:[ ]"(?P<sub>[\w/.-]+)")?\]
    |[ \t]+(?P<key>[a-z][a-z0-9-]*)[ ]=[ ](?P<value>{_VALUE})
    |""",
    re.VERBOSE | re.ASCII,
)


class OddError(LeaksealError):
    """There may be a repository, but it is not a plain one."""


class Plain(NamedTuple):
    """A plain repository: its git directory, its working tree (None if bare), its settings."""

    git_dir: str
    work_tree: str | None
    config: Config


def recognised(start: str) -> Plain | None:
    """Return the repository around the directory `start`, an absolute path; None if there is none.

    Raises OddError if there may be one that is not plain.
    """
    if any(name in os.environ for name in _VARIABLES):
        raise OddError("git's variables say where a repository is")
    directory = start
    while not os.path.lexists(os.path.join(directory, "objects")):
        inner = os.path.join(directory, ".git")
        if os.path.lexists(inner):
            return _opened(inner)
        if os.path.lexists(os.path.join(directory, "HEAD")):
            raise OddError("it has no objects")
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent
    if os.path.lexists(os.path.join(directory, ".git")):
        raise OddError("it could be two")
    return _opened(directory)


def settings(text: bytes) -> Config | None:
    """Return every value by its key, such as `remote.origin.url`; None if the text is not plain."""
    values: dict[str, list[str]] = {}
    prefix = ""
    for line in text.decode("latin-1").split("\n"):
        found = _LINE.fullmatch(line)
        if found is None or (found["key"] and not prefix):
            return None
        if found["section"]:
            prefix = f"{found['section']}.{found['sub']}" if found["sub"] else found["section"]
        elif found["key"]:
            values.setdefault(f"{prefix}.{found['key']}", []).append(found["value"])
    return values


def _opened(git_dir: str) -> Plain:
    if os.path.realpath(git_dir) != git_dir or not _is_plain(git_dir):
        raise OddError("it is laid out differently")
    try:
        text = read_regular(os.path.join(git_dir, "config"), _LARGEST_CONFIG)
    except FileNotFoundError:
        text = b""
    except (OSError, ValueError):
        raise OddError("its configuration cannot be read") from None
    config = settings(text) if len(text) < _LARGEST_CONFIG else None
    bare = ["false"] if config is None else config.get("core.bare", ["false"])
    if config is None or "core.worktree" in config or bare not in (["true"], ["false"]):
        raise OddError("its configuration is not plain")
    around, name = os.path.split(git_dir)
    return Plain(git_dir, around if name == ".git" and bare == ["false"] else None, config)


def _is_plain(directory: str) -> bool:
    if any(os.path.lexists(os.path.join(directory, name)) for name in ("commondir", "gitdir")):
        return False
    try:
        modes = [os.lstat(os.path.join(directory, n)).st_mode for n in ("HEAD", "objects", "refs")]
        if [stat.S_IFMT(mode) for mode in modes] != [stat.S_IFREG, stat.S_IFDIR, stat.S_IFDIR]:
            return False
        return _HEAD.fullmatch(read_regular(os.path.join(directory, "HEAD"), 4096)) is not None
    except (OSError, ValueError):
        return False
