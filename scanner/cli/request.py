"""What a user asks a scan for."""

import os
import re
import stat
import time
from datetime import datetime
from typing import NamedTuple

from scanner.errors import UsageError
from scanner.model import Confidence

STANDARD_INPUT = "-"
_UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400, "year": 365 * 86400}
_AGO = re.compile(r"(\d{1,6})[ .](minute|hour|day|week|year)s?(?:[ .]ago)?")


class Request(NamedTuple):
    """What the user asked for; see the options of `leakseal scan`.

    `selection` are rev-list's arguments for the commits to search, where a command has chosen them.
    `tags` are annotated tags to search with them: pairs of an id in hex and the name of a ref.
    Without `git_files` the files of the git directory do not count, its objects and refs do.
    """

    path: str = "."
    no_history: bool = False
    staged: bool = False
    revisions: str | None = None
    selection: tuple[str, ...] = ()
    tags: tuple[tuple[str, bytes], ...] = ()
    since: str | None = None
    globs: tuple[str, ...] = ()
    lowest: Confidence = Confidence.MEDIUM
    limit: int = 256 << 20
    timeout: float | None = None
    key_file: str | None = None
    no_cache: bool = False
    verbose: bool = False
    exhaustive: bool = False
    workers: int | None = None
    rules: tuple[str, ...] = ()
    no_builtin: bool = False
    config: str | None = None
    audit: bool = False
    baseline: str | None = None
    no_baseline: bool = False
    honor_foreign_ignores: bool = False
    git_files: bool = True

    @property
    def of_git(self) -> bool:
        """Tell whether only what git knows as a change was asked for."""
        selected = self.revisions is not None or bool(self.selection)
        return self.staged or selected or self.since is not None

    @property
    def whole(self) -> bool:
        """Tell whether all there is was asked for, so that what is not found is nowhere."""
        return not (self.of_git or self.no_history or self.globs) and os.path.isdir(self.path)


def check(request: Request) -> None:
    """Raise UsageError if the request makes no sense."""
    scopes = (
        request.staged,
        request.revisions is not None,
        request.since is not None,
        request.no_history,
    )
    if sum(scopes) > 1:
        raise UsageError("choose one of --staged, --range, --since and --no-history")
    if request.baseline is not None and request.no_baseline:
        raise UsageError("choose one of --baseline and --no-baseline")
    if request.path != STANDARD_INPUT:
        _check_path(request.path)
    if request.revisions is not None and not re.match(r"[^-]", request.revisions):
        raise UsageError("--range takes commits, such as main..HEAD")


def _check_path(path: str) -> None:
    """Raise UsageError unless `path` is a file or a directory that this user can get at."""
    try:
        kind = stat.S_IFMT(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"there is no {path}") from None
    except OSError as error:
        raise UsageError(f"cannot get at {path}: {error.strerror}") from None
    if kind not in (stat.S_IFDIR, stat.S_IFREG):
        raise UsageError(f"{path} is neither a file nor a directory")


def moment(text: str) -> float:
    """Return seconds since the epoch for an ISO 8601 date or time, or for `3 days ago` and such.

    Without an offset the local one is meant. Raises UsageError for anything else.
    """
    ago = _AGO.fullmatch(text.strip().lower())
    try:
        if ago is not None:
            return time.time() - int(ago[1]) * _UNITS[ago[2]]
        return datetime.fromisoformat(text.strip()).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"{text!r} is no date; try 2026-01-31, 2026-01-31T12:00:00Z or '3 days ago'"
        ) from None
