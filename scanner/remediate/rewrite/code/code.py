"""Rewrites secrets in program code, whatever the language, by the tables of its dialect."""

import re
from itertools import pairwise

from tree_sitter import Node

from scanner.model import Secret
from scanner.remediate.rewrite.bounds import is_connection
from scanner.remediate.rewrite.code.dialect import Dialect, Reference, Site, Text
from scanner.remediate.rewrite.code.enclosing import Found, find
from scanner.remediate.rewrite.code.meaning import meaning
from scanner.remediate.rewrite.code.naming import in_field, name_of
from scanner.remediate.rewrite.edit import Edit, Literal, Refusal, Rewrite
from scanner.remediate.rewrite.plain_text import redaction
from scanner.remediate.rewrite.syntax import parsed, problem

LONGEST = (1 << 17) - 300  # of a value: Linux takes 128 KiB for a variable with its name
# Where an expression with an operator stands by itself and needs no parentheses.
_OPEN = re.compile(
    "argument|argument_list|arguments|array|array_element_initializer|assignment"
    "|assignment_expression|expression_list|keyed_element|keyword_argument|list|literal_element"
    "|pair|parenthesized_expression|return_statement|type_conversion_expression|value_argument"
    "|variable_declarator"
)


class Code:
    """A programming language."""

    def __init__(self, dialect: Dialect) -> None:
        """Take the tables of the language."""
        self.name = dialect.name
        self._dialect = dialect

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return the literal around the secret, or the secret alone if there is more in it.

        What `replace` would refuse is refused here.
        """
        found = find(self._dialect, content, start, end)
        if isinstance(found, Refusal):
            return found
        if not found.texts:
            return Literal(start, end, Secret(content[start:end]), "")
        literal = self._literal(content, found, start, end)
        if isinstance(literal, Refusal):
            return literal
        rewrite = self._rewrite(content, found, literal, "X")
        return rewrite if isinstance(rewrite, Refusal) else literal

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        """Put what reads the environment `variable` in its place; comments are redacted."""
        found = find(self._dialect, content, literal.start, literal.end)
        if isinstance(found, Refusal):
            return found
        return self._rewrite(content, found, literal, variable)

    def problem(self, content: bytes) -> str:
        """Return where the first error of syntax is; empty if there is none."""
        tree = parsed(self._dialect.grammar, content)
        if isinstance(tree, Refusal):
            return tree.reason
        return problem(tree) or self._dialect.check(content)

    def _literal(self, content: bytes, found: Found, start: int, end: int) -> Literal | Refusal:
        refusal = self._constant(content, found.path)
        if refusal:
            return refusal
        try:
            seen = meaning(found, start, end, self._dialect.encoding(content))
        except (ValueError, SyntaxError):  # not said why: the message could quote the secret
            return Refusal("its escapes cannot be undone, or the secret ends within one")
        node, secret = found.node, seen.secret
        varies = any(text.holes for text in found.texts) or node.type in self._dialect.parts
        if not varies and (seen.alone or is_connection(seen.whole)):
            start, end, secret = node.start_byte, node.end_byte, seen.whole
        if not secret or b"\0" in secret or len(secret) > LONGEST:
            return Refusal("no environment holds it: it is empty, too long or has a NUL")
        return Literal(start, end, Secret(secret), name_of(self._dialect, content, found.path))

    def _constant(self, content: bytes, path: list[Node]) -> Refusal | None:
        for node, child in pairwise(path):
            constant = self._dialect.constants.get(node.type)
            if constant and constant.where.search(content[node.start_byte : child.start_byte]):
                return Refusal(constant.reason)
            fields = (field for kind, field in self._dialect.keys if kind == node.type)
            if any(child in in_field(node, field, child) for field in fields):
                return Refusal("it is a key or another name that cannot be an expression")
        return None

    def _rewrite(
        self, content: bytes, found: Found, literal: Literal, variable: str
    ) -> Rewrite | Refusal:
        if not found.texts:
            return redaction(literal)
        text, (start, end) = found.inside or found.texts[0], literal[:2]
        site = Site(content, found.tree, found.path, text, start, end, variable.encode())
        reference = self._dialect.reference(site)
        if isinstance(reference, Refusal):
            return reference
        if site.whole:
            edits: tuple[Edit, ...] = (Edit(start, end, reference.expression),)
        else:
            edits = self._spliced(found, text, literal, reference)
        return Rewrite((*edits, *reference.edits), variable, reference.note)

    def _spliced(
        self, found: Found, text: Text, literal: Literal, reference: Reference
    ) -> tuple[Edit, ...]:
        """Return the edits that put an expression into a text or between its two parts."""
        start, end = literal.start, literal.end
        if text.style.hole:
            return (Edit(start, end, text.style.hole % reference.expression),)
        join = self._dialect.join
        head, tail = text.form["head"], text.form["tail"]
        left, right = text.form.span("body")
        before, after = tail + join, join + head
        node = found.node
        if start == left:  # no empty string is left over
            start, before = text.start, join.lstrip() if node.start_byte < text.start else b""
        if end == right:
            end, after = text.end, join.rstrip() if text.end < node.end_byte else b""
        edit = Edit(start, end, before + reference.expression + after)
        if self._stands_alone(found):
            return (edit,)
        first, last = node.start_byte, node.end_byte
        return (Edit(first, first, b"("), edit, Edit(last, last, b")"))

    def _stands_alone(self, found: Found) -> bool:
        parent = found.path[-2]
        if parent.type in self._dialect.chains:
            sign = parent.child_by_field_name("operator")
            return sign is not None and sign.text == self._dialect.join.strip()
        return not self._dialect.join or _OPEN.fullmatch(parent.type) is not None
