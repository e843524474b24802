"""Where git looks for hooks: what it is told of core.hooksPath."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from scanner.errors import UsageError
from scanner.gitdb.git import Git, GitError
from scanner.gitdb.repository import Repository
from scanner.gitdb.told import Setting, hooks_paths
from scanner.report.escape import visible

_KEY = "core.hooksPath"
_ENVIRONMENT = "the environment"


class HooksFolder(NamedTuple):
    """The folder git runs hooks from, and the file, or else, that names it; empty if none does.

    `shared` is whether other repositories use it as well.
    """

    path: str
    named_by: str
    shared: bool


def global_files(environ: Mapping[str, str]) -> list[str]:
    """Return the user's configuration files, the one that counts most first."""
    if "GIT_CONFIG_GLOBAL" in environ:
        return [environ["GIT_CONFIG_GLOBAL"]]
    return [os.path.join(_home(environ), ".gitconfig"), _in_configuration(environ, "git", "config")]


def own_folder(environ: Mapping[str, str]) -> str:
    """Return the folder that is made for the hooks of all repositories."""
    return _in_configuration(environ, "leakseal", "hooks")


def hooks_of(repository: Repository, environ: Mapping[str, str]) -> HooksFolder:
    """Return where git looks for the hooks of a repository; raise UsageError for a bare one."""
    if repository.work_tree is None:
        raise UsageError(
            f"{visible(repository.git_dir)} is bare: nothing is committed there;"
            " for what is pushed to it see docs/pre-commit.md"
        )
    found = _last(_told(repository.git, environ))
    if found is None:
        return HooksFolder(os.path.join(repository.common_dir, "hooks"), "", shared=False)
    top = repository.work_tree
    shared = found.scope not in ("local", "worktree") and os.path.isabs(found.value)
    return HooksFolder(os.path.join(top, found.value), _origin(found, top), shared)


def hooks_of_all(environ: Mapping[str, str]) -> HooksFolder | None:
    """Return the folder that the user has named for the hooks of all repositories, if any.

    Raises UsageError for a relative one: it is another folder in each repository.
    """
    git = Git(None, environ=environ)
    told = [s for s in _told(git, environ, everywhere=True) if s.scope in ("global", "system")]
    found = _last(told)
    if found is None:
        return None
    named_by = _origin(found, "")
    if not os.path.isabs(found.value):
        raise UsageError(
            f"core.hooksPath in {visible(named_by)} is {visible(found.value)}, a folder in"
            " each repository; run leakseal install-hook there"
        )
    return HooksFolder(found.value, named_by, shared=True)


def name_for_all(folder: str, environ: Mapping[str, str]) -> str:
    """Make `folder` the one for the hooks of all repositories; return the file changed for it."""
    files = global_files(environ)
    path = next((path for path in files if os.path.exists(path)), files[0])
    Git(None, environ=environ).run("config", "--file", path, _KEY, folder)
    return path


def forget_for_all(path: str, environ: Mapping[str, str]) -> None:
    """Take out of the configuration file at `path` which folder has everybody's hooks."""
    Git(None, environ=environ).run("config", "--file", path, "--unset-all", _KEY)


def _told(git: Git, environ: Mapping[str, str], *, everywhere: bool = False) -> list[Setting]:
    try:
        return hooks_paths(git, environ, everywhere=everywhere)
    except GitError as error:
        raise UsageError(f"git cannot tell where its hooks are: {error}") from None


def _last(told: list[Setting]) -> Setting | None:
    """Return what counts of what git was told; raise UsageError if that turns hooks off."""
    if told and not told[-1].value:
        where = visible(_origin(told[-1], ""))
        raise UsageError(f"core.hooksPath in {where} is empty, and git runs no hooks at all")
    return told[-1] if told else None


def _origin(setting: Setting, top: str) -> str:
    """Return the file that a setting is in; `top` is what its path may be relative to."""
    kind, _, path = setting.origin.partition(":")
    return os.path.join(top, path) if kind == "file" else _ENVIRONMENT


def _in_configuration(environ: Mapping[str, str], *parts: str) -> str:
    base = environ.get("XDG_CONFIG_HOME") or os.path.join(_home(environ), ".config")
    return os.path.join(base, *parts)


def _home(environ: Mapping[str, str]) -> str:
    return environ.get("HOME") or os.path.expanduser("~")
