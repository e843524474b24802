"""When a leak came into the repository, when it was removed, and how long ago that is."""

from datetime import UTC, datetime
from typing import NamedTuple

from scanner.model import CommitInfo, Finding, State
from scanner.report.summary import exposure

DAY = 86_400.0
_YEAR_9999 = 253_370_764_800.0
_IN_FILES = (State.HEAD, State.STAGED, State.WORKTREE)


class Lifetime(NamedTuple):
    """The commits that begin and end a leak, None where there is none or none is known.

    `start` and `end` are their dates in seconds since the epoch, None where one cannot be read.
    """

    came: CommitInfo | None
    gone: CommitInfo | None
    start: float | None
    end: float | None


def lifetime(finding: Finding) -> Lifetime:
    """Return the first commit that brought the secret, and the last that removed it.

    It has been removed when it stands in no file of HEAD, the index or the disk, and each of the
    places that a commit brought was taken away by another.
    """
    brought = [place for place in finding.occurrences if place.introduced]
    came = [place.introduced for place in brought if place.introduced]
    gone = [place.removed for place in brought if place.removed]
    if exposure(finding) in _IN_FILES or len(gone) < len(brought):
        gone = []
    first = min(came, key=lambda commit: _at(commit, float("inf")), default=None)
    last = max(gone, key=lambda commit: _at(commit, float("-inf")), default=None)
    return Lifetime(first, last, _when(first), _when(last))


def in_files(finding: Finding) -> bool:
    """Tell whether the secret stands in HEAD, the index or the files on disk."""
    return exposure(finding) in _IN_FILES


def moment(when: str) -> float | None:
    """Return an ISO 8601 time in seconds since the epoch, UTC assumed.

    None stands for what is no time or lies beyond the year 9998; also for the first day of 1970,
    which stands for no date in what other tools write.
    """
    try:
        read = datetime.fromisoformat(when)
    except ValueError:
        return None
    at = (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    return at if DAY <= at < _YEAR_9999 else None


def duration(seconds: float) -> str:
    """Return a length of time in words, such as `9 seconds`, `12 days` or `3.2 years`."""
    days = seconds / DAY
    for number, unit in (
        (days / 365.25, "years"),
        (days / 30.44, "months"),
        (days, "days"),
        (seconds / 3600, "hours"),
        (seconds / 60, "minutes"),
    ):
        if number >= (1 if unit == "years" else 2):
            shown = f"{number:.1f}".removesuffix(".0") if unit == "years" else f"{number:.0f}"
            return f"{shown} {unit.removesuffix('s') if shown == '1' else unit}"
    whole = max(0, int(seconds))
    return f"{whole} second{'' if whole == 1 else 's'}"


def _when(commit: CommitInfo | None) -> float | None:
    return None if commit is None else moment(commit.when)


def _at(commit: CommitInfo, unknown: float) -> float:
    at = moment(commit.when)
    return unknown if at is None else at
