"""Go: `os.Getenv("X")`. https://go.dev/ref/spec#String_literals"""

import tree_sitter_go
from tree_sitter import Language

from scanner.remediate.rewrite.code.code import Code
from scanner.remediate.rewrite.code.dialect import Constant, Dialect, Reference, Site, quoted
from scanner.remediate.rewrite.code.escapes import BELLS, POINTS, QUOTES, decoder, numeric
from scanner.remediate.rewrite.code.go_imports import package_os
from scanner.remediate.rewrite.edit import Refusal

_ESCAPE = numeric(rb"x(?P<hex>[0-9A-Fa-f]{2})|(?P<octal>[0-7]{3})|" + POINTS)
_decode = decoder(_ESCAPE, {**BELLS, **QUOTES}, of_bytes=True)
_STRINGS = (b"string", b"any")


def _raw(body: bytes) -> bytes:
    return body.replace(b"\r", b"")


def _reference(site: Site) -> Reference | Refusal:
    package = package_os(site.content, site.tree)
    if isinstance(package, Refusal):
        return package
    expression = b'%s.Getenv("%s")' % (package.name, site.variable)
    declared = _type(site)
    if declared and site.whole:
        expression = b"%s(%s)" % (declared, expression)
    elif declared:
        return Refusal("its parts cannot be joined: they are of a type of its own")
    return Reference(expression, package.edits)


def _type(site: Site) -> bytes:
    """Return the type that a variable is declared with, if a string has to be converted to it."""
    if len(site.path) < 3 or site.path[-3].type != "var_spec":
        return b""
    declared = site.path[-3].child_by_field_name("type")
    named = declared is not None and declared.type in ("type_identifier", "qualified_type")
    return declared.text or b"" if declared and named and declared.text not in _STRINGS else b""


LANGUAGE = Code(
    Dialect(
        name="go",
        grammar=Language(tree_sitter_go.language()),
        strings={
            "interpreted_string_literal": (quoted(b'"', b'"', _decode),),
            "raw_string_literal": (quoted(b"`", b"`", _raw),),
        },
        reference=_reference,
        constants={
            "const_declaration": Constant("it is a const, whose value the compiler has to know"),
            "import_spec": Constant("it is in an import"),
        },
        keys=frozenset({("field_declaration", "tag"), ("keyed_element", "key")}),
        naming={
            "assignment_statement": "left",
            "keyed_element": "key",
            "short_var_declaration": "left",
            "var_spec": "name",
        },
    )
)
