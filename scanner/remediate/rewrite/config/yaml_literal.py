"""What holds a secret in a YAML file, whichever program reads it."""

import re
from collections.abc import Callable
from typing import NamedTuple

from scanner.model import Secret
from scanner.remediate.rewrite.bounds import NEVER, is_whole
from scanner.remediate.rewrite.config.yaml_scalar import (
    Document,
    Path,
    Scalar,
    decoded,
    instead,
    read,
    within,
)
from scanner.remediate.rewrite.edit import Edit, Literal, Refusal, Rewrite
from scanner.remediate.rewrite.plain_text import redaction

_ASSIGNMENT = re.compile(rb"-{0,2}([A-Za-z_][A-Za-z0-9_.-]*)=")
_STANDARD = ("", "!", "tag:yaml.org,2002:str")


class Found(NamedTuple):
    """The scalar that encloses a secret, and the document it belongs to."""

    document: Document
    scalar: Scalar


def find(content: bytes, start: int, end: int) -> Found | Literal | Refusal:
    """Return the scalar value that encloses `start` to `end`, or the literal of a comment."""
    document = read(content)
    if isinstance(document, Refusal):
        return document
    scalar = document.at(start, end)
    if scalar is None or scalar.start < start < scalar.left:  # between values, in a block's header
        if _in_comment(document, start, end):
            return Literal(start, end, Secret(content[start:end]), "")
        return Refusal("it is neither a value nor in a comment")
    if scalar.is_key:
        return Refusal("it is a key, and what stands in its place has to be one")
    if scalar.tag not in _STANDARD:
        return Refusal("its value has a tag of its own")
    return Found(document, scalar)


def _in_comment(document: Document, start: int, end: int) -> bool:
    if any(start <= scalar.start < end for scalar in document.scalars):
        return False
    earlier = [s.end if s.end <= start else s.start for s in document.scalars if s.start < start]
    line = max(document.content.rfind(mark, 0, start) for mark in (b"\n", b"\r")) + 1
    return b"#" in document.content[max(earlier[-1] if earlier else 0, line) : start]


def key_of(path: Path) -> str:
    """Return the innermost key on the way to a value; empty for none."""
    return next((str(part) for part in reversed(path[1:]) if isinstance(part, str)), "")


def whole(scalar: Scalar) -> Literal:
    """Return the literal that is the whole scalar."""
    value = Secret(scalar.value.encode())
    return Literal(scalar.start, scalar.end, value, key_of(scalar.path))


def part(content: bytes, scalar: Scalar, start: int, end: int, name: str) -> Literal | Refusal:
    """Return the literal that is some of a scalar."""
    text = decoded(content[start:end], scalar.style)
    if not text:
        return Refusal("it is empty, or a part over several lines of a longer value")
    return Literal(start, end, Secret(text.encode()), name)


def literal(
    found: Found, start: int, end: int, reference: re.Pattern[bytes] = NEVER
) -> Literal | Refusal:
    """Return the whole scalar, what follows `KEY=` in an item of a list, or only the secret.

    A value that has references of the format's own in it is no longer one constant, so only the
    secret is cut out.
    """
    content, scalar = found.document.content, found.scalar
    start, end = max(start, scalar.left), min(end, scalar.right)
    if start >= end:
        return Refusal("it is not in the text of a value")
    left, name = scalar.left, key_of(scalar.path)
    assignment = _ASSIGNMENT.match(content, left, scalar.right)
    if isinstance(scalar.path[-1], int) and assignment and assignment.end() <= start:
        left, name = assignment.end(), assignment[1].decode()
    raw = content[left : scalar.right]
    if reference.search(content, start, end):
        return Refusal("it refers to something else already")
    if reference.search(raw) or not is_whole(raw, start - left, end - left):
        return part(content, scalar, start, end, name)
    if left == scalar.left:
        return whole(scalar)
    return part(content, scalar, left, scalar.right, name)


def edit(found: Found, old: Literal, text: bytes) -> Edit | Refusal:
    """Return the edit that puts `text` in place of the literal `old`."""
    scalar = found.scalar
    if (old.start, old.end) == (scalar.start, scalar.end):
        return instead(scalar, text)
    return within(found.document.content, scalar, old.start, old.end, text)


def problem(content: bytes) -> str:
    """Return why `content` is not a YAML stream, or has a key twice; empty if neither."""
    document = read(content)
    if isinstance(document, Refusal):
        return document.reason
    seen: set[Path] = set()
    for scalar in document.scalars:
        if scalar.is_key and scalar.value != "<<":
            if scalar.path in seen:
                line = content.count(b"\n", 0, scalar.start) + 1
                return f"line {line} repeats a key"
            seen.add(scalar.path)
    return ""


class Substituting:
    """A YAML format in which a reference can stand in any value, among other text too."""

    def __init__(
        self, name: str, reference: Callable[[str], str], known: re.Pattern[bytes], note: str = ""
    ) -> None:
        """Take how a reference to a variable is written, and how one is known.

        In `note`, `{}` stands for the variable.
        """
        self.name = name
        self._reference = reference
        self._known = known
        self._note = note

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return the value that holds the secret, or the secret in it."""
        found = find(content, start, end)
        if not isinstance(found, Found):
            return found
        reason = self._unsuited(found, start)
        return Refusal(reason) if reason else self._literal(found, start, end)

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        """Put a reference to `variable` in its place."""
        found = find(content, literal.start, literal.end)
        if isinstance(found, Refusal):
            return found
        if isinstance(found, Literal):
            return redaction(found)
        changed = edit(found, literal, self._reference(variable).encode())
        if isinstance(changed, Refusal):
            return changed
        return Rewrite((changed,), variable, self._note.format(variable))

    def problem(self, content: bytes) -> str:
        """Return why the file is not well-formed YAML."""
        return problem(content)

    def _literal(self, found: Found, start: int, end: int) -> Literal | Refusal:
        return literal(found, start, end, self._known)

    def _unsuited(self, found: Found, start: int) -> str:
        """Return why no reference can stand at `start`; empty if one can."""
        return ""
