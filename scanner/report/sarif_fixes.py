"""Changes of files as SARIF fixes (SARIF 2.1.0, section 3.55)."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from scanner.report import uri
from scanner.report.sarif_places import ROOT, message
from scanner.report.sarif_rules import Object

_BOM = "\ufeff"


class Replacement(NamedTuple):
    """What takes the place of the bytes from `start` to `end` of a file."""

    start: int
    end: int
    text: bytes


class ChangedFile(NamedTuple):
    """A file, what it holds, and what is replaced in it, in order and without overlaps."""

    path: bytes
    content: bytes
    replacements: tuple[Replacement, ...]


class Fix(NamedTuple):
    """What a change does, in words, and the files that it changes."""

    description: str
    files: tuple[ChangedFile, ...]


def fix(fix: Fix) -> Object | None:
    """Return the fix, of which no part says what was there before; None if SARIF has no way to.

    That is so for a path that is no URI and for what is not UTF-8.
    """
    try:
        changes = [_artifact_change(file) for file in fix.files]
    except ValueError:
        return None
    return {"description": message(fix.description), "artifactChanges": changes}


def _artifact_change(file: ChangedFile) -> Object:
    path = uri.relative(file.path)
    if not path:
        raise ValueError
    ends = [each for one in file.replacements for each in (one.start, one.end)]
    places = list(_places(file.content, ends))
    return {
        "artifactLocation": {"uri": path, "uriBaseId": ROOT},
        "replacements": [
            {
                "deletedRegion": {
                    "startLine": start[0],
                    "startColumn": start[1],
                    "endLine": end[0],
                    "endColumn": end[1],
                },
                "insertedContent": {"text": one.text.decode()},
            }
            for one, start, end in zip(file.replacements, places[::2], places[1::2], strict=True)
        ],
    }


def _places(content: bytes, offsets: list[int]) -> Iterator[tuple[int, int]]:
    """Yield line and column, in characters from 1, of ascending offsets; raises ValueError."""
    line, column = 1, 1
    for before, offset in pairwise([0, *offsets]):
        text = content[before:offset].decode()
        if not before:
            text = text.removeprefix(_BOM)  # 3.30.6: it does not count
        head, newline, tail = text.rpartition("\n")
        line += head.count("\n") + len(newline)
        column = 1 + len(tail) if newline else column + len(tail)
        yield line, column
