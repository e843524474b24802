"""Finds the repository that holds a path, with GitPython, and reads its configuration.

GitPython is kept from running git, from following includes, and from opening what could block.
"""

import configparser
import os
import re
import stat
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from scanner.errors import UsageError
from scanner.gitdb.alternates import is_object_directory
from scanner.gitdb.files import read_regular
from scanner.gitdb.git import scrub

# On import GitPython runs `git version`; it must not look for git in the current directory.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("GIT_PYTHON_GIT_EXECUTABLE", os.devnull)

import git
from git.config import GitConfigParser

Config = Mapping[str, list[str]]

_LOOKED_AT = ("HEAD", "commondir", "gitdir")
_SECTION = re.compile(r'([^\s"]+)(?:\s*"(.*)")?', re.DOTALL)


class Located(NamedTuple):
    """Where a repository is; `work_tree` is None if it is bare.

    `problem` says why its configuration could not be read, if it could not.
    """

    git_dir: str
    common_dir: str
    work_tree: str | None
    config: Config
    problem: str


class _Repo(git.Repo):
    """GitPython's repository, with a configuration that is always readable."""

    def _config_reader(self, config_level: Any = None, git_dir: Any = None) -> GitConfigParser:
        directory = git_dir or self._common_dir or self.git_dir
        return _parser(os.path.join(os.fspath(directory), "config"))[0]


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
    git_dir, common_dir, tree = _recognised(start)
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
    config, problem = _read_config(os.path.join(common_dir, "config"))
    work_tree = os.path.normpath(os.path.join(git_dir, tree)) if tree else None
    if work_tree and not _belongs(work_tree, git_dir):
        work_tree = None
    return Located(git_dir, common_dir, work_tree, config, problem)


def _recognised(start: str) -> tuple[str, str, str | None]:
    """Return (git directory, common directory, working tree) as GitPython finds them."""
    try:
        with _Repo(start, search_parent_directories=True, expand_vars=False) as repo:
            tree = repo.working_tree_dir
            return (
                os.path.realpath(repo.git_dir),
                os.path.realpath(repo.common_dir),
                os.fspath(tree) if tree else None,
            )
    except (git.InvalidGitRepositoryError, git.NoSuchPathError, OSError, ValueError):
        return "", "", None


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


def _parser(path: str) -> tuple[GitConfigParser, str]:
    """Return the configuration in a file without its includes, and why it could not be read."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return GitConfigParser([]), "config is not a regular file"
        parser = GitConfigParser([path], read_only=True, merge_includes=False)
        parser.read()
    except FileNotFoundError:
        return GitConfigParser([]), ""
    except (configparser.Error, OSError, ValueError, AssertionError, AttributeError) as error:
        return GitConfigParser([]), f"config cannot be read: {scrub(type(error).__name__)}"
    return parser, ""


def _read_config(path: str) -> tuple[Config, str]:
    """Return every value by its key, written like `remote.origin.url`, with what went wrong."""
    parser, problem = _parser(path)
    values: dict[str, list[str]] = {}
    for section in parser.sections():
        match = _SECTION.fullmatch(section)
        if match is None:
            continue
        prefix = match[1].lower() + (f".{match[2]}" if match[2] is not None else "")
        for option, found in parser.items_all(section):
            values.setdefault(f"{prefix}.{option.lower()}", []).extend(
                "true" if value is None else str(value) for value in found
            )
    return values, problem
