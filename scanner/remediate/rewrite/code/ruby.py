"""Ruby: `ENV.fetch("X")`. https://docs.ruby-lang.org/en/master/syntax/literals_rdoc.html"""

import re

import tree_sitter_ruby
from tree_sitter import Language

from scanner.remediate.rewrite.code.code import Code
from scanner.remediate.rewrite.code.dialect import Dialect, Reference, Site, Style, body, quoted
from scanner.remediate.rewrite.code.escapes import BELLS, ONE, Decode, decoder, kept, numeric, plain
from scanner.remediate.rewrite.code.naming import name_of
from scanner.remediate.rewrite.edit import Edit, Literal, Refusal
from scanner.remediate.rewrite.syntax import parsed, path_to

_ESCAPE = numeric(
    rb"u(?P<point>\{[0-9A-Fa-f \t]+\}|[0-9A-Fa-f]{4})|x(?P<hex>[0-9A-Fa-f]{1,2})"
    rb"|(?P<octal>[0-7]{1,3})|(?P<skip>\n)"
)
_BEGINNING = re.compile(rb"""<<(?P<kind>[~-]?)(?P<quote>["'`]?)(?P<tag>\w+)(?P=quote)""")
_PAIRS = (b"()", b"[]", b"{}", b"<>", b"||", b"!!", b"//")


def _unknown(character: bytes) -> bytes:
    if character in b"MCc":  # \M-x, \C-x, \cx
        raise ValueError("a control or meta character")
    return character


def _unix(decode: Decode) -> Decode:
    return lambda raw: decode(raw.replace(b"\r\n", b"\n"))


_double = _unix(
    decoder(_ESCAPE, {**BELLS, b"e": b"\x1b", b"s": b" "}, of_bytes=True, unknown=_unknown)
)
_raw = _unix(plain)


def _single(left: bytes, right: bytes) -> Decode:
    """Return what undoes the escapes in single quotes: of a backslash and of the quotes."""
    signs = {sign: sign for sign in (left, right, b"\\")}
    return _unix(decoder(ONE, signs, of_bytes=True, unknown=kept))


def _beginning(content: bytes, end: int) -> re.Match[bytes] | None:
    """Return where the heredoc begins whose body follows at `end`, if its line has but one."""
    line = content.rfind(b"\n", 0, end) + 1
    begins = list(_BEGINNING.finditer(content, line, end))
    return begins[0] if len(begins) == 1 else None


def _heredoc(kind: bytes, quotes: tuple[bytes, ...], decode: Decode, hole: bytes = b"") -> Style:
    def form(content: bytes, start: int, end: int) -> re.Match[bytes] | None:
        begin = _beginning(content, start)
        if (
            begin is None
            or (begin["kind"] == b"~") != (kind == b"~")
            or begin["quote"] not in quotes
        ):
            return None
        pattern = rb"(?P<head>\r?\n)(?P<body>(?:.*\n)?)(?P<tail>[ \t]*%s)" % begin["tag"]
        return re.compile(pattern, re.DOTALL).fullmatch(content, start, end)

    return Style(form, decode, hole, _dedented if kind else body)


def _dedented(form: re.Match[bytes]) -> bytes:
    """Return a heredoc of `<<~` without the indentation that all lines have in common."""
    lines = form["body"].split(b"\n")
    indents = [line[: len(line) - len(line.lstrip())] for line in lines if line.strip()]
    if any(b"\t" in indent for indent in indents) or b"\\\n" in form["body"]:
        raise ValueError("tabs count for more, and joined lines differently")
    least = min(map(len, indents), default=0)
    return re.sub(rb"(?m)^ {0,%d}" % least, b"", form["body"])


def _reference(site: Site) -> Reference | Refusal:
    expression = b'ENV.fetch("%s")' % site.variable
    if site.path[-1].type != "heredoc_body":
        return Reference(expression)
    begin = _beginning(site.content, site.path[-1].start_byte)
    if begin is not None and site.whole:  # the body goes, and the beginning becomes the reference
        return Reference(b"", (Edit(*begin.span(), expression),))
    if not site.text.style.hole or site.text.style.outline is _dedented:
        return Refusal("it is a part of a heredoc")
    return Reference(expression)


class _Ruby(Code):
    """A heredoc has the name that is given to its beginning, which stands in another place."""

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return the literal around the secret, or the secret alone if there is more in it."""
        literal = super().locate(content, start, end)
        if isinstance(literal, Refusal) or not content.startswith((b"\n", b"\r"), literal.start):
            return literal
        begin = _beginning(content, literal.start)
        tree = parsed(_DIALECT.grammar, content)
        if begin is None or isinstance(tree, Refusal):
            return literal
        return literal._replace(name=name_of(_DIALECT, content, path_to(tree, *begin.span())))


_DIALECT = Dialect(
    name="ruby",
    grammar=Language(tree_sitter_ruby.language()),
    strings={
        "string": (
            quoted(b'"', b'"', _double, b"#{%s}"),
            quoted(b"'", b"'", _single(b"'", b"'")),
            *(
                quoted(rb"%%q\%c" % a, rb"\%c" % b, _single(bytes([a]), bytes([b])))
                for a, b in _PAIRS
            ),
            *(quoted(rb"%%Q?\%c" % a, rb"\%c" % b, _double, b"#{%s}") for a, b in _PAIRS),
        ),
        "subshell": (quoted(b"`", b"`", _double, b"#{%s}"),),
        "heredoc_body": (
            _heredoc(b"", (b"", b'"'), _double, b"#{%s}"),
            _heredoc(b"~", (b"", b'"'), _double, b"#{%s}"),
            _heredoc(b"", (b"'",), _raw),
            _heredoc(b"~", (b"'",), _raw),
        ),
    },
    reference=_reference,
    keys=frozenset(
        {
            ("in_clause", "pattern"),
            ("match_pattern", "pattern"),
            ("pair", "key"),
            ("test_pattern", "pattern"),
        }
    ),
    naming={
        "assignment": "left",
        "keyword_parameter": "name",
        "operator_assignment": "left",
        "optional_parameter": "name",
        "pair": "key",
    },
    chains=frozenset({"binary"}),
    rows=frozenset({"chained_string"}),
    parts=frozenset({"subshell"}),
)
LANGUAGE = _Ruby(_DIALECT)
