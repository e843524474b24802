"""Finds the repository that holds a path, and reads its configuration.

Plain repositories are recognised here; GitPython is asked about all others.
"""

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from scanner.errors import UsageError
from scanner.gitdb import plain
from scanner.gitdb.alternates import is_object_directory
from scanner.gitdb.files import read_regular
from scanner.gitdb.git import scrub
from scanner.gitdb.plain import Config

_LOOKED_AT = ("HEAD", "commondir", "gitdir")


class Located(NamedTuple):
    """Where a repository is; `work_tree` is None if it is bare.

    `problem` says why its configuration could not be read, if it could not.
    """

    git_dir: str
    common_dir: str
    work_tree: str | None
    config: Config
    problem: str


def locate(path: str) -> Located | None:
    """Return the repository that holds `path`, which may also be a git directory, if there is one.

    A git directory too damaged for git to recognise is found too, as long as it has objects. Raises
    UsageError if a file that decides this is not a regular file.
    """
    start = os.path.abspath(path)
    if not os.path.isdir(start):
        start = os.path.dirname(start)
    candidates = list(_candidates(start))
    for candidate in candidates:
        _refuse_special_files(candidate)
    try:
        found = plain.recognised(start)
    except plain.OddError:
        return _looked_up(start, candidates)
    return found and Located(found.git_dir, found.git_dir, found.work_tree, found.config, "")


def _looked_up(start: str, candidates: list[str]) -> Located | None:
    from scanner.gitdb import discover  # noqa: PLC0415 - GitPython is slow to load

    git_dir, common_dir, tree = discover.recognised(start)
    for candidate in candidates:
        real = os.path.realpath(candidate)
        if real == git_dir:
            break
        if _was_git_dir(real):
            git_dir = common_dir = real
            tree = os.path.dirname(real) if os.path.basename(real) == ".git" else None
            break
    if not git_dir:
        return None
    config, problem = discover.read_config(os.path.join(common_dir, "config"))
    work_tree = os.path.normpath(os.path.join(git_dir, tree)) if tree else None
    if work_tree and not _belongs(work_tree, git_dir):
        work_tree = None
    return Located(git_dir, common_dir, work_tree, config, problem)


def _was_git_dir(directory: str) -> bool:
    names = ("HEAD", "config", "packed-refs")
    return is_object_directory(os.path.join(directory, "objects")) and any(
        os.path.isfile(os.path.join(directory, name)) for name in names
    )


def _candidates(start: str) -> Iterator[str]:
    """Yield every directory GitPython may look into for a repository that holds `start`."""
    directory = start
    while True:
        yield directory
        inner = os.path.join(directory, ".git")
        yield inner
        target = _gitfile_target(inner)
        if target:
            yield target
        parent = os.path.dirname(directory)
        if parent == directory:
            return
        directory = parent


def _refuse_special_files(directory: str) -> None:
    """Raise UsageError if GitPython or git would block on a file of this directory, or worse."""
    for path in (directory, *(os.path.join(directory, name) for name in _LOOKED_AT)):
        try:
            mode = os.stat(path).st_mode
        except OSError:
            continue
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise UsageError(f"{scrub(path)} is neither a file nor a directory")


def _gitfile_target(path: str) -> str:
    """Return the directory that a `.git` file names, or nothing."""
    try:
        content = read_regular(path, 4096)
    except (OSError, ValueError):
        return ""
    if not content.startswith(b"gitdir: ") or b"\0" in content:
        return ""
    return os.path.join(os.path.dirname(path), os.fsdecode(content[8:].rstrip(b"\r\n")))


def _belongs(work_tree: str, git_dir: str) -> bool:
    """Tell whether a working tree points back at the repository that claims it.

    A configuration can name any directory as the working tree; without this, a hostile one could
    have the rest of a disk read as its own.
    """
    inner = os.path.join(work_tree, ".git")
    return os.path.realpath(_gitfile_target(inner) or inner) == git_dir
