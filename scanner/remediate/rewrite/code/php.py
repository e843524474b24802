"""PHP: `getenv('X')`. https://www.php.net/manual/language.types.string.php"""

import re

import tree_sitter_php
from tree_sitter import Language

from scanner.remediate.rewrite.code.code import Code
from scanner.remediate.rewrite.code.dialect import Constant, Dialect, Reference, Site, Style, quoted
from scanner.remediate.rewrite.code.escapes import BELLS, ONE, Decode, decoder, kept, numeric, plain
from scanner.remediate.rewrite.edit import Refusal

_ESCAPE = numeric(rb"u(?P<point>\{[0-9A-Fa-f]+\})|x(?P<hex>[0-9A-Fa-f]{1,2})|(?P<octal>[0-7]{1,3})")
_CONTROL = {key: BELLS[key] for key in (b"n", b"t", b"r", b"v", b"f")}
_HEREDOC = {**_CONTROL, b"e": b"\x1b", b"\\": b"\\", b"$": b"$"}
_HOLES = re.compile(rb"\\.|(?P<hole>\$[A-Za-z_\x80-\xff{]|\{\$)", re.DOTALL)


def _decoder(single: dict[bytes, bytes]) -> Decode:
    return decoder(_ESCAPE, single, of_bytes=True, unknown=kept)


_double = _decoder({**_HEREDOC, b'"': b'"'})
_single = decoder(ONE, {b"'": b"'", b"\\": b"\\"}, of_bytes=True, unknown=kept)


def _outline(form: re.Match[bytes]) -> bytes:
    """Return a heredoc without the indentation of its last line; ValueError if a line has less."""
    lines = re.split(rb"(?<=\n)", form["body"])
    indent = form["indent"]
    if any(line.strip() and not line.startswith(indent) for line in lines):
        raise ValueError("less indented than its end")
    return b"".join(line.removeprefix(indent) for line in lines)


def _heredoc(quote: bytes, decode: Decode, holes: re.Pattern[bytes] | None) -> Style:
    head = rb"<<<[ \t]*%s(?P<tag>\w+)%s[ \t]*(?:\r\n|\r|\n)" % (quote, quote)
    style = quoted(head, rb"(?:(?<!\r)\n|\r\n|\r)(?P<indent>[ \t]*)(?P=tag)", decode)
    return style._replace(outline=_outline, holes=holes)


def _reference(site: Site) -> Reference | Refusal:
    if not site.whole and site.text.style.outline is _outline:
        return Refusal("it is a part of a heredoc")
    return Reference(b"getenv('%s')" % site.variable)


_CONST = Constant("it is a constant, which takes no function calls")
_DEFAULT = Constant("it is a default value, which takes no function calls")
LANGUAGE = Code(
    Dialect(
        name="php",
        grammar=Language(tree_sitter_php.language_php()),
        strings={
            "encapsed_string": (quoted(b'"', b'"', _double)._replace(holes=_HOLES),),
            "string": (quoted(b"'", b"'", _single),),
            "heredoc": (_heredoc(b'"?', _decoder(_HEREDOC), _HOLES),),
            "nowdoc": (_heredoc(b"'", plain, None),),
        },
        reference=_reference,
        holes=frozenset(
            {
                "dynamic_variable_name",
                "function_call_expression",
                "member_access_expression",
                "member_call_expression",
                "subscript_expression",
                "variable_name",
            }
        ),
        constants={
            "attribute_list": Constant("it is in an attribute, which takes constants only"),
            "const_declaration": _CONST,
            "declare_statement": _CONST,
            "enum_case": _CONST,
            "function_static_declaration": _DEFAULT,
            "property_declaration": _DEFAULT,
            "property_promotion_parameter": _DEFAULT,
            "simple_parameter": _DEFAULT,
        },
        keys=frozenset({("array_element_initializer", "")}),
        naming={
            "argument": "name",
            "array_element_initializer": "",
            "assignment_expression": "left",
            "augmented_assignment_expression": "left",
        },
        join=b" . ",
    )
)
