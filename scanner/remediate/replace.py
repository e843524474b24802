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
    for entry, place in planned:
        held = spans.get((place.start, place.end))
        if held is None or key.value(held.literal.value.reveal()) != entry.value:
            raise StaleError(f"the secret in line {place.line} is not what was planned")
        pairs.append((entry, held))
    before = key.content(content)
    entries = tuple(sorted({entry.id for entry, _ in pairs}))
    if pairs and all(held.language is None for _, held in pairs):
        piece = Piece(0, 0, b"", pairs[0][0].id, b"")
        return Replacement(None, FileChange(before, "", mode, entries, (piece,)))
    changed = changed_content(content, pairs)
    for rewrite in changed.rewrites:
        if isinstance(rewrite, Refusal):
            raise StaleError(rewrite.reason)
    pieces = tuple(_pieces(content, changed.edits, pairs))
    after = key.content(changed.content)
    return Replacement(changed.content, FileChange(before, after, mode, entries, pieces))


def changed_content(content: bytes, pairs: list[tuple[Entry, Held]]) -> Changed:
    """Return the change of a file in which each literal becomes its entry's variable."""
    language = pairs[0][1].language
    if language is None:
        raise StaleError("the file is a secret as a whole now")
    return change(content, language, [Wanted(h.literal, entry.variable) for entry, h in pairs])


def _pieces(
    content: bytes, edits: tuple[Edit, ...], pairs: list[tuple[Entry, Held]]
) -> Iterable[Piece]:
    shift = 0
    for edit in edits:
        start = edit.start + shift
        end = start + len(edit.text)
        shift += len(edit.text) - (edit.end - edit.start)
        yield framed(content[edit.start : edit.end], pairs)._replace(start=start, end=end)


def framed(source: bytes, pairs: Iterable[tuple[Entry, Held]]) -> Piece:
    """Return `source`, a stretch of a file, as what stands around a value, without the value.

    A stretch that holds a secret in another form than its value has neither; it is not `exact`.
    """
    frame = Piece(0, 0, source, "", b"")
    for entry, held in pairs:
        value = held.literal.value.reveal()
        lead, found, trail = source.partition(value)
        if found and value and not frame.entry:
            frame = Piece(0, 0, lead, entry.id, trail)
    rest = frame.lead + b"\0" + frame.trail
    for _, held in pairs:
        secrets = [secret.reveal() for _, _, secret in held.secrets]
        shown = held.literal.start < held.literal.end and held.literal.value.reveal() in rest
        if shown or any(secret in rest for secret in secrets):
            return Piece(0, 0, b"", frame.entry, b"", exact=False)
    return frame
