r"""Java: `System.getenv("X")`.

Literals and text blocks: https://docs.oracle.com/javase/specs/jls/se21/html/jls-3.html#jls-3.10.5
"""

import re

import tree_sitter_java
from tree_sitter import Language

from scanner.remediate.rewrite.code.code import Code
from scanner.remediate.rewrite.code.dialect import Constant, Dialect, Reference, Site, quoted
from scanner.remediate.rewrite.code.escapes import CONTROL, QUOTES, decoder, numeric, unix_lines
from scanner.remediate.rewrite.edit import Refusal

_ESCAPE = numeric(
    rb"u+(?P<point>[0-9A-Fa-f]{4})|(?P<octal>[0-3][0-7]{0,2}|[4-7][0-7]?)|(?P<skip>\r\n?|\n)"
)
_decode = decoder(_ESCAPE, {**CONTROL, **QUOTES, b"s": b" "})
_SYNTAX = re.compile(rb"\\u+00(?:0[aAdD]|22|5[cC])")  # stands for a quote or the like, before all
_CONSTANT = re.compile(rb"\bstatic\b.*\bfinal\b|\bfinal\b.*\bstatic\b", re.DOTALL)


def _block(form: re.Match[bytes]) -> bytes:
    """Return a text block without the indentation that is no part of it."""
    lines = unix_lines(form["body"]).split(b"\n")
    deep = [len(line) - len(line.lstrip()) for line in lines[:-1] if line.strip()]
    deep.append(len(lines[-1]) - len(lines[-1].lstrip()))  # also if it is only the closing quotes
    return b"\n".join(line.rstrip(b" \t\f")[min(deep) :] for line in lines)


def _reference(site: Site) -> Reference | Refusal:
    if _SYNTAX.search(site.text.form["body"]):
        return Refusal(r"it has quotes or line ends written as \u…")
    if not site.whole and site.text.form["head"] != b'"':
        return Refusal("it is a part of a text block")
    field = next((n for n in site.path if n.type == "field_declaration"), None)
    header = site.content[field.start_byte : site.text.start] if field else b""
    note = ""
    if _CONSTANT.search(header):
        note = "it is no constant any more: annotations and case labels cannot use it"
    return Reference(b'System.getenv("%s")' % site.variable, (), note)


LANGUAGE = Code(
    Dialect(
        name="java",
        grammar=Language(tree_sitter_java.language()),
        strings={
            "string_literal": (
                quoted(rb'"""[ \t\f]*(?:\r\n?|\n)', b'"""', _decode)._replace(outline=_block),
                quoted(b'"', b'"', _decode),
            )
        },
        reference=_reference,
        comments=frozenset({"line_comment", "block_comment"}),
        constants={
            "annotation": Constant("it is in an annotation, which takes constants only"),
            "annotation_type_element_declaration": Constant("it is the default of an annotation"),
            "switch_label": Constant("it is in a case label, which takes constants only"),
        },
        naming={
            "assignment_expression": "left",
            "element_value_pair": "key",
            "variable_declarator": "name",
        },
    )
)
