"""What a repository needs to be guarded: the files to write, and what is left to people."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from scanner.adopt import ci_file, project_files
from scanner.adopt.edit import Edit
from scanner.adopt.source import RELEASE, Source, source
from scanner.gitdb.repository import Repository
from scanner.remediate.worktree import WorkTree


class Wanted(NamedTuple):
    """What the user asked for; see the options of `leakseal init`."""

    platform: str | None
    url: str | None
    revision: str | None
    pre_commit: bool
    ci: bool


class Setup(NamedTuple):
    """The files to write, what to put into others by hand (file, text), and what to know."""

    edits: tuple[Edit, ...]
    by_hand: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def planned(repository: Repository, tree: WorkTree, wanted: Wanted) -> Setup:
    """Return what is left to be set up in a repository; nothing is written yet.

    Raises UnfitFileError for a file that must not be touched, UsageError if it is not known where
    others get leakseal from.
    """
    named: list[Source] = []

    @cache
    def origin() -> Source:
        named.append(source(wanted.url, wanted.revision))
        return named[0]

    edits, by_hand, notes = project_files.settings(tree), [], []
    if wanted.pre_commit:
        more, text = project_files.pre_commit(tree, origin)
        edits += more
        by_hand += [(project_files.PRE_COMMIT, text)] if text else []
    if wanted.ci:
        job = _job(repository, tree, wanted.platform, origin)
        edits += job.edits
        by_hand += [(job.file, job.by_hand)] if job.file else []
        if job.unknown:
            notes.append("no CI service was recognised; name one with --platform, or none")
    if named:
        notes += _about(named[0], chosen=bool(wanted.revision), ci=wanted.ci)
    return Setup(tuple(edits), tuple(by_hand), tuple(notes))


def _job(
    repository: Repository, tree: WorkTree, name: str | None, origin: Callable[[], Source]
) -> ci_file.Planned:
    chosen = name or ci_file.detected(repository.work_tree or "", repository.origin())
    if chosen == ci_file.NONE:
        return ci_file.Planned((), unknown=name is None)
    return ci_file.planned(tree, chosen, origin)


def _about(used: Source, *, chosen: bool, ci: bool) -> list[str]:
    notes = []
    if not (used.released or chosen):
        notes.append(
            f"this leakseal is not the release {RELEASE}, so the files name the revision"
            f" {used.revision}; to name another: --rev"
        )
    if used.is_local:
        others = "others and the CI service cannot" if ci else "others cannot"
        notes.append(
            f"{others} install leakseal from {used.url}; name its repository: --source URL"
        )
    return notes
