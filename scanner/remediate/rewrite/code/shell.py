"""Shell scripts of bash, sh and their kin: `"${X:?set X}"`.

Quoting: POSIX.1-2024, Shell Command Language, 2.2; `$'…'` as of bash.
"""

import re

import tree_sitter_bash
from tree_sitter import Language

from scanner.remediate.rewrite.code.code import Code
from scanner.remediate.rewrite.code.dialect import Constant, Dialect, Reference, Site, quoted
from scanner.remediate.rewrite.code.escapes import BELLS, QUOTES, decoder, kept, numeric, plain
from scanner.remediate.rewrite.edit import Literal, Refusal

_ANSI = numeric(rb"u(?P<point>[0-9A-Fa-f]{1,4})|x(?P<hex>[0-9A-Fa-f]{1,2})|(?P<octal>[0-7]{1,3})")
_LINES = numeric(rb"(?P<skip>\n)")
_HOLES = re.compile(rb"\\.|(?P<hole>\$[\w{(@*#?!$-]|`)", re.DOTALL)
_EXPANDED = re.compile(rb"\A~|(?<!\\)\{")
_NAME = re.compile(rb"""(?:(?<![\w-])--?([A-Za-z][\w-]+)[ \t=]+|\b([A-Za-z_]\w*)=)["']?\Z""")
_BEFORE = 100  # bytes before a literal that can hold its name


def _no_control(character: bytes) -> bytes:
    if character in b"cU":
        raise ValueError("a control character, or one that not every shell knows")
    return kept(character)


_SIGNS = {sign: sign for sign in (b"$", b"`", b"\\")}
_double = decoder(_LINES, {**_SIGNS, b'"': b'"'}, of_bytes=True, unknown=kept)
_heredoc = decoder(_LINES, _SIGNS, of_bytes=True, unknown=kept)
_word = decoder(_LINES, {}, of_bytes=True, unknown=plain)
_ansi = decoder(
    _ANSI,
    {**BELLS, **QUOTES, b"e": b"\x1b", b"E": b"\x1b", b"?": b"?"},
    of_bytes=True,
    unknown=_no_control,
)


def _reference(site: Site) -> Reference | Refusal:
    bare = b"${%s:?set %s}" % (site.variable, site.variable)
    kind, text = site.path[-1].type, site.content[site.text.start : site.text.end]
    head = site.text.form["head"]
    if any(node.type == "expansion" for node in site.path) and head != b'"':  # `${Y:-…}`
        return Refusal("it is quoted") if re.search(rb"[\\\"']", text) else Reference(bare)
    if kind == "heredoc_body":
        return _in_heredoc(site) or Reference(bare)
    if head == b'"' and not site.whole:
        return Reference(bare)
    parent = site.parent
    if parent.type == "binary_expression" and b"=~" in (parent.text or b""):
        return Refusal("it is in a regular expression")
    row = next((n for n in (site.path[-1], parent) if n.type == "concatenation"), None)
    beside = row.children if row else []
    words = [text, *((node.text or b"") for node in beside if node.type == "word")]
    goes_on = site.content.startswith(b"\\\n", site.text.end)
    if head == b"" and (goes_on or any(map(_EXPANDED.search, words))):
        return Refusal("the shell may expand the word that it is in")
    return Reference(b'"%s"' % bare)


def _in_heredoc(site: Site) -> Refusal | None:
    start = next(n for n in site.parent.children if n.type == "heredoc_start")
    if re.search(rb"[\"'\\]", start.text or b""):
        return Refusal("nothing is expanded in a heredoc whose delimiter is quoted")
    sign = (site.parent.text or b"")[:3]
    if sign == b"<<-" and b"\n\t" in site.content[site.start : site.end]:
        return Refusal("its lines are indented with tabs that the shell removes")
    return None


class _Shell(Code):
    """Options give names too: `--token abc`."""

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return the literal around the secret, or the secret alone if there is more in it."""
        literal = super().locate(content, start, end)
        if isinstance(literal, Refusal) or literal.name:
            return literal
        match = _NAME.search(content, max(0, literal.start - _BEFORE), literal.start)
        name = (match[1] or match[2]).decode() if match else ""
        return literal._replace(name=name)


LANGUAGE = _Shell(
    Dialect(
        name="shell",
        grammar=Language(tree_sitter_bash.language()),
        strings={
            "string": (quoted(b'"', b'"', _double, b"%s")._replace(holes=_HOLES),),
            "raw_string": (quoted(b"'", b"'", plain),),
            "ansi_c_string": (quoted(rb"\$'", b"'", _ansi),),
            "word": (quoted(b"", b"", _word, b"%s"),),
            "number": (quoted(b"", b"", plain, b"%s"),),
            "heredoc_body": (quoted(b"", b"", _heredoc, b"%s")._replace(holes=_HOLES),),
            "expansion": (quoted(rb"\$\{\w+:?[-=+?]", rb"\}", plain, b"%s"),),
        },
        reference=_reference,
        holes=frozenset(
            {"arithmetic_expansion", "command_substitution", "expansion", "simple_expansion"}
        ),
        constants={
            "command_name": Constant("it is the name of a command"),
            "extglob_pattern": Constant("it is in a pattern"),
            "regex": Constant("it is in a pattern"),
        },
        keys=frozenset({("function_definition", "name")}),
        naming={"variable_assignment": "name", "expansion": "variable_name"},
        join=b"",
        chains=frozenset(),
        rows=frozenset({"concatenation"}),
        parts=frozenset({"expansion", "heredoc_body"}),
    )
)
