r"""Rust: `std::env::var("X").expect("X is not set")`, borrowed where a `&str` was.

Never `env!`, which puts the value into the program. Literals:
https://doc.rust-lang.org/reference/tokens.html#character-and-string-literals
"""

import re

import tree_sitter_rust
from tree_sitter import Language

from scanner.remediate.rewrite.code.code import Code
from scanner.remediate.rewrite.code.dialect import Constant, Dialect, Reference, Site, quoted
from scanner.remediate.rewrite.code.escapes import QUOTES, Decode, decoder, numeric, plain
from scanner.remediate.rewrite.edit import Edit, Refusal

_SINGLE = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"0": b"\0", **QUOTES}
_ESCAPE = numeric(rb"x(?P<hex>[0-9A-Fa-f]{2})|u(?P<point>\{[0-9A-Fa-f_]+\})|(?P<skip>\n[ \t\r\n]*)")
_OWNING = (b"to_string", b"to_owned", b"to_vec", b"into")  # take what is borrowed or owned
_NOTE = "if it is kept for longer than the statement, give it to a variable of its own first"


def _lines(decode: Decode) -> Decode:
    return lambda body: decode(body.replace(b"\r\n", b"\n"))


def _reference(site: Site) -> Reference | Refusal:
    needed = _needed(site)
    if isinstance(needed, Refusal):
        return needed
    borrow, note = needed
    value = b'std::env::var("%s").expect("%s is not set")' % (site.variable, site.variable)
    of_bytes = site.text.form["head"].startswith(b"b")
    if site.whole:
        return Reference(borrow + value + (b".into_bytes()" if of_bytes else b""), (), note)
    left, right = site.text.form.span("body")
    rest = site.content[left : site.start] + site.content[site.end : right]
    if of_bytes or b"{" in rest or b"}" in rest:
        return Refusal("it is a part of bytes, or of text with braces in it")
    start, end = site.text.start, site.text.end
    edits = (Edit(start, start, borrow + b"format!("), Edit(end, end, b", " + value + b")"))
    return Reference(b"{}", edits, note)


def _needed(site: Site) -> tuple[bytes, str] | Refusal:
    """Return what makes an owned value fit, and a note; Refusal if nothing does."""
    parent = site.parent
    if parent.type == "field_expression":
        method = parent.child_by_field_name("field")
        if method and method.text in _OWNING:
            return b"", ""
    elif parent.type == "arguments":
        function = site.path[-3].child_by_field_name("function")
        called = re.split(rb"::|\.", (function and function.text) or b"")
        if called[-2:] == [b"String", b"from"]:
            return b"", ""
        if not called[-1][:1].isupper():  # `Some(…)` and the like keep what they are given
            return b"&*", _NOTE
    elif parent.type == "let_declaration":
        header = site.content[parent.start_byte : site.path[-1].start_byte]
        if b"'static" not in header and b";" not in header:  # `&[u8; 4]` has a length
            return b"&*", _NOTE
    elif parent.type == "binary_expression":
        sign = parent.child_by_field_name("operator")
        if sign and sign.text in (b"==", b"!="):
            return b"&*", ""
    return Refusal("a text read from the environment would not live long enough there")


LANGUAGE = Code(
    Dialect(
        name="rust",
        grammar=Language(tree_sitter_rust.language()),
        strings={
            "string_literal": (
                quoted(b'"', b'"', _lines(decoder(_ESCAPE, _SINGLE)), b"%s"),
                quoted(b'b"', b'"', _lines(decoder(_ESCAPE, _SINGLE, of_bytes=True)), b"%s"),
            ),
            "raw_string_literal": (
                quoted(rb'b?r(?P<marks>#*)"', rb'"(?P=marks)', _lines(plain), b"%s"),
            ),
        },
        reference=_reference,
        comments=frozenset({"line_comment", "block_comment"}),
        constants={
            "attribute_item": Constant("it is in an attribute, which takes constants only"),
            "const_item": Constant("it is a const, whose value the compiler has to know"),
            "extern_modifier": Constant("it is the name of a calling convention"),
            "inner_attribute_item": Constant("it is in an attribute, which takes constants only"),
            "macro_definition": Constant("it is in a macro"),
            "macro_invocation": Constant("it is in a macro, which may need it as it stands"),
            "match_pattern": Constant("it is in a pattern, which takes constants only"),
            "static_item": Constant("it is static, whose value the compiler has to know"),
        },
        naming={
            "assignment_expression": "left",
            "const_item": "name",
            "field_initializer": "field",
            "let_declaration": "pattern",
        },
    )
)
