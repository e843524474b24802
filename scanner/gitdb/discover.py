"""Asks GitPython where a repository is and what its configuration says.

GitPython is kept from running git, from following includes, and from opening what could block.
"""

import configparser
import os
import re
import stat
from typing import Any

from scanner.gitdb.git import scrub
from scanner.gitdb.plain import Config

# On import GitPython runs `git version`; it must not look for git in the current directory.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("GIT_PYTHON_GIT_EXECUTABLE", os.devnull)

import git
from git.config import GitConfigParser

_SECTION = re.compile(r'([^\s"]+)(?:\s*"(.*)")?', re.DOTALL)


class _Repo(git.Repo):
    """GitPython's repository, with a configuration that is always readable."""

    def _config_reader(self, config_level: Any = None, git_dir: Any = None) -> GitConfigParser:
        directory = git_dir or self._common_dir or self.git_dir
        return _parser(os.path.join(os.fspath(directory), "config"))[0]


def recognised(start: str) -> tuple[str, str, str | None]:
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


def read_config(path: str) -> tuple[Config, str]:
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


def committer(work_tree: str) -> tuple[str, str]:
    """Return name and email of whoever commits, from the environment or git's configuration."""
    with git.Repo(work_tree) as repo:
        who = git.Actor.committer(repo.config_reader())
    return who.name or "", who.email or ""
