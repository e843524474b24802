"""JavaScript with JSX, TypeScript, TSX: `process.env.X`, with a `!` where types are checked.

Literals: https://tc39.es/ecma262/#sec-literals-string-literals
"""

import re
from functools import partial

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language

from scanner.remediate.rewrite.code.code import Code
from scanner.remediate.rewrite.code.dialect import Constant, Dialect, Reference, Site, quoted
from scanner.remediate.rewrite.code.escapes import CONTROL, decoder, numeric, plain, unix_lines
from scanner.remediate.rewrite.edit import Refusal

_BROWSER = re.compile(rb"\b(?:document|localStorage|navigator|window)\s*[.\[]")
_ESCAPE = numeric(
    rb"u(?P<point>\{[0-9A-Fa-f]+\}|[0-9A-Fa-f]{4})|x(?P<hex>[0-9A-Fa-f]{2})"
    rb"|(?P<octal>[0-3][0-7]{0,2}|[4-7][0-7]?)|(?P<skip>\r\n|[\r\n]|\xe2\x80[\xa8\xa9])"
)
_decode = decoder(_ESCAPE, {**CONTROL, b"v": b"\v"}, unknown=plain)


def _template(raw: bytes) -> bytes:
    return _decode(unix_lines(raw))


def _reference(mark: bytes, site: Site) -> Reference | Refusal:
    parent, node = site.parent, site.path[-1]
    if _BROWSER.search(site.content):
        return Refusal("it runs in a browser, where everybody can read it: have a server hold it")
    expression = b"process.env." + site.variable + mark
    if parent.type == "call_expression" and node == parent.child_by_field_name("arguments"):
        return Refusal("a function reads the parts of the template that it is in")
    if parent.type == "as_expression" and (parent.text or b"").endswith(b"const"):
        return Refusal('it is constant: "as const"')
    if parent.type == "jsx_attribute":
        if not site.whole or re.search(rb"[\\&]", site.text.form["body"]):
            return Refusal("it is a part of an attribute, or has escapes of markup in it")
        expression = b"{%s}" % expression
    return Reference(expression)


def _language(name: str, grammar: object, mark: bytes = b"") -> Code:
    return Code(
        Dialect(
            name=name,
            grammar=Language(grammar),
            strings={
                "string": (quoted(b'"', b'"', _decode), quoted(b"'", b"'", _decode)),
                "template_string": (quoted(b"`", b"`", _template, b"${%s}"),),
            },
            reference=partial(_reference, mark),
            comments=frozenset({"comment", "html_comment", "hash_bang_line"}),
            holes=frozenset({"template_substitution"}),
            constants=_CONSTANTS,
            keys=_KEYS,
            naming=_NAMING,
        )
    )


_TYPE = Constant("it is in a type")
_CONSTANTS = {
    "enum_assignment": Constant("it is the value of an enum member"),
    "import_statement": Constant("it is in an import"),
    "literal_type": _TYPE,
    "template_literal_type": _TYPE,
    "variable_declarator": Constant(
        "its type allows nothing but this text", re.compile(rb""":[^=]*["'][^=]*=\s*\Z""")
    ),
}
_KEYS = frozenset(
    {
        ("export_statement", "source"),
        ("field_definition", "property"),
        ("method_definition", "name"),
        ("module", "name"),
        ("pair", "key"),
        ("pair_pattern", "key"),
        ("property_signature", "name"),
        ("public_field_definition", "name"),
    }
)
_NAMING = {
    "assignment_expression": "left",
    "assignment_pattern": "left",
    "augmented_assignment_expression": "left",
    "field_definition": "property",
    "jsx_attribute": "property_identifier",
    "object_assignment_pattern": "left",
    "optional_parameter": "pattern",
    "pair": "key",
    "public_field_definition": "name",
    "required_parameter": "pattern",
    "variable_declarator": "name",
}
LANGUAGES = {
    "javascript": _language("javascript", tree_sitter_javascript.language()),
    "typescript": _language("typescript", tree_sitter_typescript.language_typescript(), b"!"),
    "tsx": _language("tsx", tree_sitter_typescript.language_tsx(), b"!"),
}
