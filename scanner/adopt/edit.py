"""Changes to files of a work tree: shown as a diff, then all written or none."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from scanner.detect.engine import Engine
from scanner.errors import LeaksealError, UsageError
from scanner.remediate.worktree import WorkTree
from scanner.report.escape import visible
from scanner.report.unified_diff import redacted_lines, unified


class Edit(NamedTuple):
    """What a file is to hold; `old` is what it holds now, None if it is not there."""

    path: str
    old: bytes | None
    new: bytes


def content(tree: WorkTree, path: str) -> bytes | None:
    """Return what a file holds, None if nothing is there.

    Raises UnfitFileError for what is no plain file, or lies outside of the tree.
    """
    raw = path.encode()
    return tree.read(raw) if tree.exists(raw) else None


def diff(edits: Iterable[Edit], engine: Engine) -> Iterator[str]:
    """Yield the lines of a unified diff of all `edits`; secrets that `engine` finds are cut out."""
    for edit in edits:
        old = "/dev/null" if edit.old is None else f"a/{edit.path}"
        before = redacted_lines(edit.old or b"", engine)
        after = redacted_lines(edit.new, engine)
        yield from unified(before, after, old, f"b/{edit.path}")


def write(tree: WorkTree, edits: Iterable[Edit]) -> None:
    """Write all files, or leave all as they were.

    Raises UsageError if a file is no longer what it was, RefusedError if one cannot be written.
    """
    done: list[Edit] = []
    try:
        for edit in edits:
            if content(tree, edit.path) != edit.old:
                raise UsageError(f"{visible(edit.path)} has changed meanwhile; run this again")
            done.append(edit)
            tree.replace(edit.path.encode(), edit.new)
    except BaseException:
        for edit in reversed(done):
            with suppress(LeaksealError):
                _put_back(tree, edit)
        raise


def _put_back(tree: WorkTree, edit: Edit) -> None:
    if edit.old is not None:
        tree.replace(edit.path.encode(), edit.old)
    elif tree.exists(edit.path.encode()):
        tree.remove(edit.path.encode())
