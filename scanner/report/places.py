"""Which of a secret's places leads, and which of them are files that a platform can show."""

from collections.abc import Iterable

from scanner.model import Finding, Occurrence, State
from scanner.report import uri


def ranked(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """Return the places, those in files of the tree first, then the most exposed first."""
    return sorted(occurrences, key=lambda o: (_rank(o), o.state))


def in_tree(occurrence: Occurrence) -> bool:
    """Tell whether it is a file of the tree, of whatever commit, under a path that is one."""
    return occurrence.place in ("file", "path") and bool(uri.relative(occurrence.path))


def present(finding: Finding) -> list[Occurrence]:
    """Return the places in files of HEAD, the index or the working tree, most exposed first."""
    return [o for o in ranked(finding.occurrences) if in_tree(o) and o.state <= State.WORKTREE]


def _rank(occurrence: Occurrence) -> int:
    if in_tree(occurrence):
        return 0
    named = occurrence.place == "git" and uri.relative(occurrence.path)
    return 1 if named or occurrence.place == "stdin" else 2
