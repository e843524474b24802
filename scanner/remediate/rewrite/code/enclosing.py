"""Finds the string literal, or several that are joined, around a secret in program code."""

from typing import NamedTuple

from tree_sitter import Node, Tree

from scanner.remediate.rewrite.code.dialect import Dialect, Text
from scanner.remediate.rewrite.edit import Refusal
from scanner.remediate.rewrite.syntax import parsed, path_to

_PARENTHESES = frozenset({"parenthesized_expression", "parenthesized_statements"})


class Found(NamedTuple):
    """The last node of `path` is what can be replaced: it is made of `texts`, in order.

    `inside` is the one text that holds the whole secret, if there is one. No texts: a comment.
    """

    tree: Tree
    path: list[Node]
    texts: tuple[Text, ...]
    inside: Text | None

    @property
    def node(self) -> Node:
        """Return what can be replaced."""
        return self.path[-1]


def find(dialect: Dialect, content: bytes, start: int, end: int) -> Found | Refusal:
    """Return what holds the secret that stands from `start` to `end`."""
    tree = parsed(dialect.grammar, content)
    if isinstance(tree, Refusal):
        return tree
    path = path_to(tree, start, end)
    if _is_comment(dialect, path, start, end):
        return Found(tree, path, (), None)
    for depth in range(len(path) - 1, 0, -1):
        if path[depth].type in dialect.strings:
            found = Found(tree, path[: depth + 1], (), None)
            return _in_string(dialect, content, found, start, end)
    return _joined(dialect, content, Found(tree, path, (), None), start, end)


def _is_comment(dialect: Dialect, path: list[Node], start: int, end: int) -> bool:
    if any(node.type in dialect.comments for node in path):
        return True
    covered = [c for c in path[-1].children if c.start_byte < end and c.end_byte > start]
    return bool(covered) and all(c.type in dialect.comments for c in covered)


def _in_string(
    dialect: Dialect, content: bytes, found: Found, start: int, end: int
) -> Found | Refusal:
    node = found.node
    text = _text(dialect, content, node)
    if text is None:
        return Refusal("the string is written in a way that leakseal does not rewrite")
    if any(left < end and start < right for left, right in text.holes):
        return Refusal("it is in code inside a string")
    above = found.path[-2]
    if above.type in dialect.statements and above.named_child_count == 1:
        return found  # nothing reads it, as a docstring
    if above.type not in dialect.rows:
        return found._replace(texts=(text,), inside=text)
    texts = _pieces(dialect, content, above)
    if texts is None and not dialect.join:
        return found._replace(texts=(text,), inside=text)
    if texts is None:
        return Refusal("the string beside it is written in a way that leakseal does not rewrite")
    inside = next(other for other in texts if other.start == text.start)
    return found._replace(path=found.path[:-1], texts=texts, inside=inside)


def _joined(
    dialect: Dialect, content: bytes, found: Found, start: int, end: int
) -> Found | Refusal:
    """Return the strings that are joined to one which holds the secret: all that are, if it can.

    What is a node by itself stays that.
    """
    path = found.path
    links = dialect.chains | dialect.rows | _PARENTHESES
    top = len(path)
    exact = (start, end) == (path[-1].start_byte, path[-1].end_byte)
    while not exact and top > 1 and path[top - 2].type in links:
        top -= 1
    for depth in (top, len(path)):
        texts = _pieces(dialect, content, path[depth - 1])
        if texts and not any(text.holes for text in texts):
            return found._replace(path=path[:depth], texts=texts)
    return Refusal("it is not in a string, or in several with nothing else between them")


def _pieces(dialect: Dialect, content: bytes, node: Node) -> tuple[Text, ...] | None:
    """Return the texts that `node` joins; None if there is anything else in it."""
    texts = []
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node.type in dialect.strings:
            text = _text(dialect, content, node)
            if text is None:
                return None
            texts.append(text)
        elif _joins(dialect, content, node):
            waiting += [c for c in node.named_children[::-1] if c.type not in dialect.comments]
        else:
            return None
    return tuple(texts)


def _joins(dialect: Dialect, content: bytes, node: Node) -> bool:
    if node.type not in dialect.chains:
        return node.type in dialect.rows or node.type in _PARENTHESES
    sign = node.child_by_field_name("operator")
    return sign is not None and content[sign.start_byte : sign.end_byte] == dialect.join.strip()


def _text(dialect: Dialect, content: bytes, node: Node) -> Text | None:
    for style in dialect.strings[node.type]:
        form = style.form(content, node.start_byte, node.end_byte)
        if form is not None:
            holes = [(c.start_byte, c.end_byte) for c in node.children if c.type in dialect.holes]
            if style.holes is not None:
                found = style.holes.finditer(content, *form.span("body"))
                holes += [match.span() for match in found if match["hole"]]
            return Text(node.start_byte, node.end_byte, form, style, tuple(holes))
    return None
