"""Where the cache is: in the user's cache directory, never in a repository."""

import os
import sys
from collections.abc import Mapping

from scanner.errors import UsageError

ENVIRONMENT = "LEAKSEAL_CACHE_DIR"
_GIT_DIRECTORY = ("HEAD", "objects", "refs")


class Refused(UsageError):
    """The cache cannot be used, or must not be trusted; the message says why, in one line."""


def directory(environ: Mapping[str, str], platform: str = sys.platform) -> str:
    """Return the absolute path of leakseal's cache directory, which need not exist.

    It is LEAKSEAL_CACHE_DIR, or `leakseal` in the user's cache directory: XDG_CACHE_HOME or
    ~/.cache (XDG Base Directory Specification 0.8), ~/Library/Caches on macOS, LOCALAPPDATA on
    Windows. Raises Refused if there is no such place, or if it lies in a repository.
    """
    path = os.path.normpath(_named(environ) or _usual(environ, platform))
    repository = _repository_around(path)
    if repository is not None:
        raise Refused(f"{path} lies in the repository {repository}; {_ELSEWHERE}")
    return path


_ELSEWHERE = f"set {ENVIRONMENT} to a directory elsewhere"


def _named(environ: Mapping[str, str]) -> str:
    path = environ.get(ENVIRONMENT, "")
    if path and not os.path.isabs(path):
        raise Refused(f"{ENVIRONMENT} is not an absolute path")
    return path


def _usual(environ: Mapping[str, str], platform: str) -> str:
    base = environ.get("LOCALAPPDATA" if platform == "win32" else "XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        home = environ.get("USERPROFILE" if platform == "win32" else "HOME", "")
        if not os.path.isabs(home):
            raise Refused(f"there is no home directory; {_ELSEWHERE}")
        base = os.path.join(home, *_BELOW_HOME.get(platform, (".cache",)))
    return os.path.join(base, "leakseal")


_BELOW_HOME = {"darwin": ("Library", "Caches"), "win32": ("AppData", "Local")}


def _repository_around(path: str) -> str | None:
    """Return the repository that `path` lies in, seen by its `.git` or as a bare one.

    A repository that somebody uses as home directory could bring a cache, key and all.
    """
    current = os.path.realpath(path)
    while True:
        if os.path.lexists(os.path.join(current, ".git")):
            return current
        if all(os.path.lexists(os.path.join(current, name)) for name in _GIT_DIRECTORY):
            return current
        parent = os.path.dirname(current)
        if parent == current:
            return None
        current = parent
