"""Formats whose values are texts between two marks: properties, INI, JSON, TOML, XML."""

import re
from collections.abc import Callable
from typing import NamedTuple

from scanner.model import Secret
from scanner.remediate.rewrite.bounds import NEVER, is_whole, unfit
from scanner.remediate.rewrite.edit import Edit, Literal, Refusal, Rewrite
from scanner.remediate.rewrite.plain_text import redaction

PLACEHOLDER = "REPLACE_WITH_{}"
NOTE = "no program sets the placeholder: have the value put there when the program is deployed"


class Field(NamedTuple):
    """The text of a value, from `left` to `right`, without quotes around it.

    `decode` undoes the escapes of some of it, or returns None if it cannot; `encode` writes a text
    that has no control characters. Of a comment nothing but the secret is replaced.
    """

    left: int
    right: int
    name: str
    decode: Callable[[bytes], str | None]
    encode: Callable[[str], str]
    comment: bool = False


class Reference(NamedTuple):
    """What takes the place of a value, and what a person has to know about it."""

    text: str
    note: str


def placeholder(content: bytes, field: Field, variable: str) -> Reference:
    """Return a text that is clearly no secret, for a format that knows no references."""
    return Reference(PLACEHOLDER.format(variable), NOTE)


class Fields:
    """A format, made of the function that finds the field around some bytes."""

    def __init__(
        self,
        name: str,
        find: Callable[[bytes, int, int], Field | Refusal],
        problem: Callable[[bytes], str],
        reference: Callable[[bytes, Field, str], Reference] = placeholder,
        known: re.Pattern[bytes] = NEVER,
    ) -> None:
        """Take how a reference is written and, in `known`, how one that is there is recognised."""
        self.name = name
        self._find = find
        self._problem = problem
        self._reference = reference
        self._known = known

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return the value that holds the secret, or the secret in it."""
        refusal = unfit(content)
        if refusal:
            return refusal
        field = self._find(content, start, end)
        if isinstance(field, Refusal):
            return field
        if field.comment:
            return Literal(start, end, Secret(content[start:end]), "")
        if self._known.search(content, start, end):
            return Refusal("it refers to something else already")
        raw = content[field.left : field.right]
        constant = not self._known.search(raw)
        if constant and is_whole(raw, start - field.left, end - field.left):
            start, end = field.left, field.right
        text = field.decode(content[start:end])
        if not text:
            return Refusal("it is empty, or its escapes cannot be undone")
        return Literal(start, end, Secret(text.encode()), field.name)

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        """Put a reference to `variable` or a placeholder in its place."""
        field = self._find(content, literal.start, literal.end)
        if isinstance(field, Refusal):
            return field
        if field.comment:
            return redaction(literal)
        text, note = self._reference(content, field, variable)
        edit = Edit(literal.start, literal.end, field.encode(text).encode())
        return Rewrite((edit,), variable, note)

    def problem(self, content: bytes) -> str:
        """Return why the file is not well-formed; empty if it is."""
        refusal = unfit(content)
        return refusal.reason if refusal else self._problem(content)
