"""All the rewrites of one file together: from its content to the content that takes its place."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from scanner.remediate.rewrite.edit import Edit, Language, Literal, Refusal, Rewrite

_PLUS = b"+"


class Wanted(NamedTuple):
    """A literal, and the environment variable that is to take its place."""

    literal: Literal
    variable: str


class Changed(NamedTuple):
    """The new content, the edits that make it, in order, and what was said of each wish.

    `rewrites` is as long as the wishes; where one was refused the content keeps its literal.
    """

    content: bytes
    edits: tuple[Edit, ...]
    rewrites: tuple[Rewrite | Refusal, ...]


def change(
    content: bytes,
    language: Language,
    wanted: Sequence[Wanted],
    others: Iterable[tuple[int, int]] = (),
) -> Changed:
    """Return `content` with every literal replaced that can be.

    The outcome is as well-formed as `content` was; a replacement that would break it is refused, as
    is one that takes away what stands at `others`, which are secrets that nobody has stored.
    """
    inside = [(wish.literal.start, wish.literal.end) for wish in wanted]
    lost = [o for o in others if not any(s <= o[0] and o[1] <= e for s, e in inside)]
    rewrites = [_kept(language.replace(content, *wish), lost) for wish in wanted]
    problem = language.problem(content)
    if problem:
        refusal = Refusal(f"the file is not well-formed {language.name} ({problem}); mend it first")
        return Changed(content, (), tuple(refusal for _ in rewrites))
    edits = _together(content, rewrites)
    if edits is not None and not language.problem(applied(content, edits)):
        return Changed(applied(content, edits), edits, tuple(rewrites))
    return _one_by_one(content, language, rewrites)


def _kept(rewrite: Rewrite | Refusal, others: list[tuple[int, int]]) -> Rewrite | Refusal:
    if isinstance(rewrite, Rewrite):
        for edit in rewrite.edits:
            if any(start < edit.end and edit.start < end for start, end in others):
                return Refusal("another secret would go with it that is not in the report")
    return rewrite


def _together(content: bytes, rewrites: Iterable[Rewrite | Refusal]) -> tuple[Edit, ...] | None:
    """Return all edits in order, None if two of them touch the same bytes."""
    edits: set[Edit] = set()
    for rewrite in rewrites:
        if isinstance(rewrite, Rewrite):
            if any(_clash(edit, other) for edit in rewrite.edits for other in edits):
                return None
            edits.update(rewrite.edits)
    return _joined(content, sorted(edits))


def _joined(content: bytes, edits: list[Edit]) -> tuple[Edit, ...]:
    """Return `edits`, which are in order, with one plus between two that each bring their own.

    So it is where two strings that stand side by side, as Python and Ruby join them, are replaced.
    """
    for number, (one, other) in enumerate(pairwise(edits)):
        between = content[one.end : other.start]
        if one.text.endswith(_PLUS) and other.text.startswith(_PLUS) and not between.strip():
            edits[number] = one._replace(text=one.text.removesuffix(_PLUS).rstrip())
    return tuple(edits)


def _one_by_one(content: bytes, language: Language, rewrites: list[Rewrite | Refusal]) -> Changed:
    """Return the change with every rewrite that goes with those before it."""
    kept: list[Rewrite | Refusal] = []
    for rewrite in rewrites:
        edits = _together(content, [*kept, rewrite])
        problem = "another change of this file touches the same bytes"
        if edits is not None:
            problem = language.problem(applied(content, edits))
            problem = problem and f"the file would not be well-formed afterwards ({problem})"
        kept.append(Refusal(problem) if problem else rewrite)
    done = _together(content, kept) or ()
    return Changed(applied(content, done), done, tuple(kept))


def applied(content: bytes, edits: Iterable[Edit]) -> bytes:
    """Return `content` with `edits` made, which are in order and do not overlap."""
    parts, done = [], 0
    for edit in edits:
        parts += [content[done : edit.start], edit.text]
        done = edit.end
    return b"".join([*parts, content[done:]])


def _clash(one: Edit, other: Edit) -> bool:
    if one == other:
        return False
    if one.start == one.end or other.start == other.end:  # an insertion may stand beside anything
        inner, outer = sorted((one, other), key=lambda edit: edit.end - edit.start)
        return outer.start < inner.start < outer.end
    return one.start < other.end and other.start < one.end
