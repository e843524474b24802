"""Makes the planned changes of one file, and remembers how to take them back."""

from collections.abc import Iterable
from typing import NamedTuple

from scanner.remediate.found import Held
from scanner.remediate.journal import FileChange, Piece
from scanner.remediate.plan import Entry, Place
from scanner.remediate.project import ProjectKey
from scanner.remediate.rewrite.content import Changed, Wanted, change
from scanner.remediate.rewrite.edit import Edit, Refusal


class Replacement(NamedTuple):
    """A file's new content, None if the file goes away, and what is remembered of the change."""

    content: bytes | None
    change: FileChange


class StaleError(Exception):
    """The file is not as the plan saw it, or would not be changed as the plan says."""


def replacement(
    key: ProjectKey,
    content: bytes,
    mode: int,
    found: Iterable[Held],
    planned: Iterable[tuple[Entry, Place]],
) -> Replacement:
    """Return what becomes of a file whose `content` is what the plan saw.

    `found` is what `found.in_file` says of it. Raises StaleError, with the reason, when that is not
    what was planned.
    """
    spans = {(held.literal.start, held.literal.end): held for held in found}
    pairs: list[tuple[Entry, Held]] = []
    places: list[Place] = []
    for entry, place in planned:
        held = spans.get((place.start, place.end))
        if held is None or key.value(held.literal.value.reveal()) != entry.value:
            raise StaleError(f"the secret in line {place.line} is not what was planned")
        if held.refusal:
            raise StaleError(f"line {place.line} is not to be replaced: {held.refusal}")
        pairs.append((entry, held))
        places.append(place)
    before = key.content(content)
    entries = tuple(sorted({entry.id for entry, _ in pairs}))
    if pairs and all(held.language is None for _, held in pairs):
        piece = Piece(0, 0, b"", pairs[0][0].id, b"")
        return Replacement(None, FileChange(before, "", mode, entries, (piece,)))
    changed = changed_content(content, pairs)
    for rewrite, place in zip(changed.rewrites, places, strict=True):
        if isinstance(rewrite, Refusal):
            raise StaleError(rewrite.reason)
        if rewrite.environment != place.environment:
            raise StaleError(f"line {place.line} would read another variable than the plan says")
    pieces = tuple(_pieces(content, changed.edits, pairs))
    after = key.content(changed.content)
    return Replacement(changed.content, FileChange(before, after, mode, entries, pieces))


def changed_content(content: bytes, pairs: list[tuple[Entry, Held]]) -> Changed:
    """Return the change of a file in which each literal becomes its entry's variable."""
    language = pairs[0][1].language
    if language is None:
        raise StaleError("the file is a secret as a whole now")
    wanted = [Wanted(held.literal, entry.variable) for entry, held in pairs]
    return change(content, language, wanted, pairs[0][1].others)


def _pieces(
    content: bytes, edits: tuple[Edit, ...], pairs: list[tuple[Entry, Held]]
) -> Iterable[Piece]:
    shift = 0
    for edit in edits:
        start = edit.start + shift
        end = start + len(edit.text)
        shift += len(edit.text) - (edit.end - edit.start)
        yield _framed(content, edit, pairs)._replace(start=start, end=end)


def _framed(content: bytes, edit: Edit, pairs: Iterable[tuple[Entry, Held]]) -> Piece:
    """Return what an edit takes away, as what stands around a value, without the value.

    Bytes of a literal are remembered only as its value. Where it stands there in another form
    (escaped, encoded, in parts), or with another literal, the piece is not `exact`.
    """
    source = content[edit.start : edit.end]
    within = {
        (held.literal.start, held.literal.end): (entry, held)
        for entry, held in pairs
        if held.literal.start < edit.end and edit.start < held.literal.end
    }
    if not within:
        return Piece(0, 0, source, "", b"")
    entry, held = next(iter(within.values()))
    lead, found, trail = source.partition(held.literal.value.reveal())
    if len(within) > 1 or not found:
        return Piece(0, 0, b"", entry.id, b"", exact=False)
    return Piece(0, 0, lead, entry.id, trail)
