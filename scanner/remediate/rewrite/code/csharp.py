r"""C#: `System.Environment.GetEnvironmentVariable("X")`, whatever the file imports.

Literals: https://learn.microsoft.com/dotnet/csharp/language-reference/language-specification/lexical-structure
"""

import re

import tree_sitter_c_sharp
from tree_sitter import Language

from scanner.remediate.rewrite.code.code import Code
from scanner.remediate.rewrite.code.dialect import Constant, Dialect, Reference, Site, body, quoted
from scanner.remediate.rewrite.code.escapes import (
    BELLS,
    POINTS,
    QUOTES,
    Decode,
    decoder,
    numeric,
    text,
)
from scanner.remediate.rewrite.edit import Refusal

_ESCAPE = numeric(rb"x(?P<hex>[0-9A-Fa-f]{1,4})|" + POINTS)
_decode = decoder(_ESCAPE, {**BELLS, **QUOTES, b"0": b"\0", b"e": b"\x1b"})
_CONST = Constant("it is a const, whose value the compiler has to know", re.compile(rb"\bconst\s"))
_PATTERN = Constant("it is in a pattern, which takes constants only")
_BREAK = re.compile(rb"(\r\n|\r|\n)")


def _verbatim(raw: bytes) -> bytes:
    return text(raw.replace(b'""', b'"'))


def _braces(decode: Decode) -> Decode:
    return lambda raw: decode(raw.replace(b"{{", b"{").replace(b"}}", b"}"))


def _block(form: re.Match[bytes]) -> bytes:
    """Return a raw literal without the indentation that is the same as its last line's."""
    pieces = _BREAK.split(form["body"])  # lines and what ends them, in turn
    indent = form["indent"]
    lines = [
        line.removeprefix(indent) if line.strip() else line[len(indent) :] for line in pieces[::2]
    ]
    pieces[::2] = lines
    return b"".join(pieces)


def _reference(site: Site) -> Reference | Refusal:
    if not site.whole and site.text.style.outline is not body:
        return Refusal("it is a part of a raw string of several lines")
    variable = site.variable
    return Reference(b'System.Environment.GetEnvironmentVariable("%s")' % variable)


LANGUAGE = Code(
    Dialect(
        name="csharp",
        grammar=Language(tree_sitter_c_sharp.language()),
        strings={
            "string_literal": (quoted(b'"', b'"', _decode),),
            "verbatim_string_literal": (quoted(b'@"', b'"', _verbatim),),
            "raw_string_literal": (
                quoted(
                    rb'(?P<marks>"{3,})[ \t]*(?:\r\n|\r|\n)',
                    rb"(?:(?<!\r)\n|\r\n|\r)(?P<indent>[ \t]*)(?P=marks)",
                    text,
                )._replace(outline=_block),
                quoted(rb'(?P<marks>"{3,})', rb"(?P=marks)", text),
            ),
            "interpolated_string_expression": (
                quoted(rb'\$"(?!"")', b'"', _braces(_decode), b"{%s}"),
                quoted(rb'(?:\$@|@\$)"', b'"', _braces(_verbatim)),
            ),
        },
        reference=_reference,
        constants={
            "attribute": Constant("it is in an attribute, which takes constants only"),
            "constant_pattern": _PATTERN,
            "field_declaration": _CONST,
            "goto_statement": _PATTERN,
            "local_declaration_statement": _CONST,
            "parameter": Constant("it is the default of a parameter, which has to be a constant"),
        },
        naming={
            "argument": "name",
            "assignment_expression": "left",
            "attribute_argument": "name",
            "property_declaration": "name",
            "variable_declarator": "name",
        },
    )
)
