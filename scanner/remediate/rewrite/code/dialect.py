"""What differs between programming languages, as tables that `code` works with."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tree_sitter import Language, Node, Tree

from scanner.remediate.rewrite.code.escapes import Decode
from scanner.remediate.rewrite.edit import Edit, Refusal


def body(form: re.Match[bytes]) -> bytes:
    """Return what stands between the quotes."""
    return form["body"]


class Style(NamedTuple):
    """One way to write a string.

    `form` matches a whole literal, from one offset to another, in the groups `head`, `body` and
    `tail`. `outline` takes what belongs to the layout out of the body (indentation), and `decode`
    undoes escapes. `hole` is how an expression is put into the text, `${%s}`; without one the text
    is closed before the expression and opened after it. `holes` finds expressions in the text that
    the grammar does not show, as its group `hole`.
    """

    form: Callable[[bytes, int, int], re.Match[bytes] | None]
    decode: Decode
    hole: bytes = b""
    outline: Callable[[re.Match[bytes]], bytes] = body
    holes: re.Pattern[bytes] | None = None


def quoted(head: bytes, tail: bytes, decode: Decode, hole: bytes = b"") -> Style:
    """Return the style of strings that begin with `head` and end with `tail`, two patterns."""
    form = rb"(?P<head>%s)(?P<body>.*)(?P<tail>%s)" % (head, tail)
    return Style(re.compile(form, re.DOTALL).fullmatch, decode, hole)


class Text(NamedTuple):
    """A string literal in a file; `holes` are the spans of the expressions in it."""

    start: int
    end: int
    form: re.Match[bytes]
    style: Style
    holes: tuple[tuple[int, int], ...]


class Site(NamedTuple):
    """Where a reference goes: from `start` to `end`, all or a part of the last node of `path`.

    `text` is the string there, or the first of several.
    """

    content: bytes
    tree: Tree
    path: list[Node]
    text: Text
    start: int
    end: int
    variable: bytes

    @property
    def whole(self) -> bool:
        """Tell whether the reference is in place of the whole node."""
        return (self.start, self.end) == (self.path[-1].start_byte, self.path[-1].end_byte)

    @property
    def parent(self) -> Node:
        """Return the node around the literal."""
        return self.path[-2]


class Reference(NamedTuple):
    """The expression that takes the place of a secret, and what it needs elsewhere."""

    expression: bytes
    edits: tuple[Edit, ...] = ()
    note: str = ""


class Constant(NamedTuple):
    """Why no expression can stand in a kind of node, if `where` is in the text before it."""

    reason: str
    where: re.Pattern[bytes] = re.compile(b"")


class Dialect(NamedTuple):
    """A programming language. Kinds are those of its tree-sitter grammar.

    `keys` are kinds with the field that has to be a constant; `naming` says in which field, or else
    in which kind of child, the name stands that a value is given to; an empty field is the first of
    two children. Strings are joined by `join` in the `chains` and by standing beside each other in
    the `rows`: an empty `join` means that anything can stand beside them. Of the `parts` only the
    secret itself is replaced. `statements` are kinds of nodes in which a lone string is nothing but
    a comment. `encoding` returns that of a file's text, or nothing where strings are bytes. `check`
    says what else is wrong with a file.
    """

    name: str
    grammar: Language
    strings: Mapping[str, tuple[Style, ...]]
    reference: Callable[[Site], Reference | Refusal]
    comments: frozenset[str] = frozenset({"comment"})
    holes: frozenset[str] = frozenset({"interpolation"})
    constants: Mapping[str, Constant] = {}
    keys: frozenset[tuple[str, str]] = frozenset()
    naming: Mapping[str, str] = {}
    join: bytes = b" + "
    chains: frozenset[str] = frozenset({"binary_expression"})
    rows: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    statements: frozenset[str] = frozenset()
    encoding: Callable[[bytes], str] = lambda content: ""
    check: Callable[[bytes], str] = lambda content: ""
