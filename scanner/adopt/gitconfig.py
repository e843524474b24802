"""Where git looks for hooks: what its configuration files say of core.hooksPath."""

import configparser
import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import scanner.gitdb.discover  # noqa: F401 - keeps GitPython from running programs it finds
from scanner.errors import UsageError
from scanner.gitdb.git import Git, find_git
from scanner.gitdb.repository import Repository
from scanner.report.escape import visible

_SECTION, _OPTION = "core", "hooksPath"
_KEY = f"{_SECTION}.{_OPTION}"


class HooksFolder(NamedTuple):
    """The folder git runs hooks from, and the file that names it, empty if none does.

    `shared` is whether other repositories use it as well.
    """

    path: str
    named_by: str
    shared: bool


def local_files(repository: Repository) -> list[str]:
    """Return the configuration files of a repository, the one that counts most first."""
    return [
        os.path.join(repository.git_dir, "config.worktree"),
        os.path.join(repository.common_dir, "config"),
    ]


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
    files = [*local_files(repository), *global_files(environ), *_system_files(environ)]
    found = _first(files, repository)
    if found is None:
        return HooksFolder(os.path.join(repository.common_dir, "hooks"), "", shared=False)
    shared = found.shared and found.named_by not in local_files(repository)
    return HooksFolder(os.path.join(repository.work_tree, found.path), found.named_by, shared)


def hooks_of_all(environ: Mapping[str, str]) -> HooksFolder | None:
    """Return the folder that the user has named for the hooks of all repositories, if any.

    Raises UsageError for a relative one: it is another folder in each repository.
    """
    found = _first([*global_files(environ), *_system_files(environ)], None)
    if found and not found.shared:
        raise UsageError(
            f"core.hooksPath in {visible(found.named_by)} is {visible(found.path)}, a folder in"
            " each repository; run leakseal install-hook there"
        )
    return found


def name_for_all(folder: str, environ: Mapping[str, str]) -> str:
    """Make `folder` the one for the hooks of all repositories; return the file changed for it."""
    files = global_files(environ)
    path = next((path for path in files if os.path.exists(path)), files[0])
    Git(None, environ=environ).run("config", "--file", path, _KEY, folder)
    return path


def forget_for_all(path: str, environ: Mapping[str, str]) -> None:
    """Take out of the configuration file at `path` which folder has everybody's hooks."""
    Git(None, environ=environ).run("config", "--file", path, "--unset-all", _KEY)


def _first(files: list[str], repository: Repository | None) -> HooksFolder | None:
    for path in files:
        value = _value(path, repository) if os.path.isfile(path) else ""
        if value:
            folder = os.path.expanduser(value)
            return HooksFolder(folder, path, shared=os.path.isabs(folder))
    return None


def _value(path: str, repository: Repository | None) -> str:
    """Return what a file and those it includes say; raise UsageError if they cannot be read."""
    from git import Repo  # noqa: PLC0415 - not before discover has tamed it
    from git.config import GitConfigParser  # noqa: PLC0415 - likewise

    try:
        place = None
        if repository:  # made by hand: it would read its configuration before it knows where it is
            place = Repo.__new__(Repo)
            place.git_dir = repository.git_dir
        with GitConfigParser([path], merge_includes=True, repo=place) as parser:
            return str(parser.get_value(_SECTION, _OPTION, default=""))
    except (configparser.Error, OSError, ValueError, AssertionError, AttributeError):
        raise UsageError(f"{visible(path)} cannot be read; try: git config --list") from None


def _system_files(environ: Mapping[str, str]) -> Iterator[str]:
    if environ.get("GIT_CONFIG_NOSYSTEM", "").lower() in ("1", "true", "yes", "on"):
        return
    if "GIT_CONFIG_SYSTEM" in environ:
        yield environ["GIT_CONFIG_SYSTEM"]
        return
    prefix = os.path.dirname(
        os.path.dirname(os.path.realpath(find_git(environ.get("PATH", ""), [])))
    )
    yield os.path.join(
        os.sep if prefix == os.path.join(os.sep, "usr") else prefix, "etc", "gitconfig"
    )


def _in_configuration(environ: Mapping[str, str], *parts: str) -> str:
    base = environ.get("XDG_CONFIG_HOME") or os.path.join(_home(environ), ".config")
    return os.path.join(base, *parts)


def _home(environ: Mapping[str, str]) -> str:
    return environ.get("HOME") or os.path.expanduser("~")
