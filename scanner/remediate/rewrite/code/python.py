"""Python: `os.environ["X"]`. https://docs.python.org/3/reference/lexical_analysis.html"""

import ast
import tokenize
import warnings
from functools import partial
from io import BytesIO
from itertools import product

import tree_sitter_python
from tree_sitter import Language

from scanner.remediate.rewrite.code.code import Code
from scanner.remediate.rewrite.code.dialect import Constant, Dialect, Reference, Site, Style, quoted
from scanner.remediate.rewrite.code.python_imports import (
    import_os,
    imports_os,
    module_of,
    rebinds_os,
)
from scanner.remediate.rewrite.edit import Refusal

_QUOTES = (b'"""', b"'''", b'"', b"'")
_PREFIXES = (b"", b"u", b"r", b"b", b"br", b"rb", b"f", b"fr", b"rf")


def _style(prefix: bytes, quote: bytes) -> Style:
    hole = b"{%s}" if b"f" in prefix else b""
    return quoted(b"(?i:%s)%s" % (prefix, quote), quote, partial(_evaluated, prefix, quote), hole)


def _evaluated(prefix: bytes, quote: bytes, body: bytes) -> bytes:
    if b"f" in prefix:
        prefix, body = prefix.replace(b"f", b""), body.replace(b"{{", b"{").replace(b"}}", b"}")
    source = (prefix + quote + body + quote).decode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # escapes that Python does not know
        value = ast.literal_eval(source)
    if isinstance(value, bytes):
        return value.decode().encode()  # of other bytes, os.environ makes no text
    return str(value).encode()


def _encoding(content: bytes) -> str:
    try:
        return tokenize.detect_encoding(BytesIO(content).readline)[0]
    except SyntaxError:
        return "ascii"


def _reference(site: Site) -> Reference | Refusal:
    module = module_of(site.content)
    if isinstance(module, Refusal):
        return module
    line = site.path[-1].start_point.row + 1
    if rebinds_os(module, line):
        return Refusal('the name "os" means something else in this file')
    outer = _quotes_around(site)
    quote = next((q for q in (b'"', b"'") if not any(q in text for text in outer)), b"")
    if not quote:
        return Refusal("it is in a formatted string in which both kinds of quotes are taken")
    expression = b"os.environ[%s%s%s]" % (quote, site.variable, quote)
    if b"b" in site.text.form["head"].lower():
        expression += b".encode()"
    edits = () if imports_os(module, line) else (import_os(site.content, module),)
    return Reference(expression, edits)


def _quotes_around(site: Site) -> list[bytes]:
    """Return the opening quotes of the formatted strings that the expression will stand in."""
    inside = [] if site.whole or not site.text.style.hole else [site.text.form["head"]]
    strings = [node for node in site.path[:-1] if node.type == "string"]
    return inside + [node.children[0].text or b"" for node in strings]


def _check(content: bytes) -> str:
    module = module_of(content)
    return module.reason if isinstance(module, Refusal) else ""


LANGUAGE = Code(
    Dialect(
        name="python",
        grammar=Language(tree_sitter_python.language()),
        strings={"string": tuple(_style(p, q) for p, q in product(_PREFIXES, _QUOTES))},
        reference=_reference,
        constants={
            "case_pattern": Constant("it is in a pattern of match, which takes constants only"),
            "type": Constant("it is in a type annotation"),
        },
        keys=frozenset({("pair", "key")}),
        naming={
            "assignment": "left",
            "augmented_assignment": "left",
            "default_parameter": "name",
            "keyword_argument": "name",
            "named_expression": "name",
            "pair": "key",
            "typed_default_parameter": "name",
        },
        chains=frozenset({"binary_operator"}),
        rows=frozenset({"concatenated_string"}),
        statements=frozenset({"expression_statement"}),
        encoding=_encoding,
        check=_check,
    )
)
