"""Kotlin: `System.getenv("X")`. https://kotlinlang.org/spec/expressions.html#string-literals"""

import re

import tree_sitter_kotlin
from tree_sitter import Language

from scanner.remediate.rewrite.code.code import Code
from scanner.remediate.rewrite.code.dialect import Constant, Dialect, Reference, Site, Style, quoted
from scanner.remediate.rewrite.code.escapes import (
    QUOTES,
    Decode,
    decoder,
    numeric,
    text,
    unix_lines,
)

_SINGLE = {b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"$": b"$", **QUOTES}
_decode = decoder(numeric(rb"u(?P<point>[0-9A-Fa-f]{4})"), _SINGLE)
_HOLE = rb"(?P<hole>\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*|`[^`\r\n]+`))"
_CONST = Constant(
    "it is a const, whose value the compiler has to know", re.compile(rb"\bconst\s+va[lr]\b")
)


def _raw(body: bytes) -> bytes:
    return text(unix_lines(body))


def _style(quote: bytes, decode: Decode, hole: bytes) -> Style:
    style = quoted(quote, quote, decode, b"${%s}")
    return style._replace(holes=re.compile(hole, re.DOTALL))


def _reference(site: Site) -> Reference:
    return Reference(b'System.getenv("%s")' % site.variable)


LANGUAGE = Code(
    Dialect(
        name="kotlin",
        grammar=Language(tree_sitter_kotlin.language()),
        strings={
            "string_literal": (_style(b'"', _decode, rb"\\.|" + _HOLE),),
            "multiline_string_literal": (_style(b'"""', _raw, _HOLE),),
        },
        reference=_reference,
        comments=frozenset({"line_comment", "block_comment", "shebang"}),
        constants={
            "annotation": Constant("it is in an annotation, which takes constants only"),
            "assignment": _CONST,
            "property_declaration": _CONST,
        },
        naming={
            "assignment": "left",
            "class_parameter": "identifier",
            "function_value_parameters": "parameter",
            "infix_expression": "string_literal",
            "property_declaration": "variable_declaration",
            "value_argument": "identifier",
        },
    )
)
