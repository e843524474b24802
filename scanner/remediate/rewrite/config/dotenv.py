r"""`.env` files: the line is taken out, and the program finds the variable in its environment.

There is no standard. Quotes, `export`, remarks and `\n` are read as the dotenv packages of Python,
Node and Ruby do; where they differ, nothing is replaced.
"""

import re
from typing import NamedTuple

from scanner.model import Secret
from scanner.remediate.rewrite.bounds import unfit
from scanner.remediate.rewrite.edit import Edit, Language, Literal, Refusal, Rewrite
from scanner.remediate.rewrite.plain_text import redaction

_LINE = re.compile(
    rb"[ \t]*+(?:export[ \t]++)?(?P<key>[A-Za-z_][A-Za-z0-9_.-]*+)[ \t]*+=[ \t]*+"
    rb"(?:'(?P<single>[^']*+)'|\"(?P<double>(?>(?:[^\"\\]++|\\[\s\S])*))\"|(?P<bare>(?![\"'`])[^\r\n]*+))"
    rb"[^\r\n]*+(?:\r?\n|\r|\Z)"
)
_OTHER = re.compile(rb"[^\r\n]*+(?:\r?\n|\r|\Z)")
_BOM = b"\xef\xbb\xbf"
_REMARK = re.compile(rb"(?:\A|[ \t])#")
_VARIABLE = re.compile(rb"(?<!\\)(?>(?:\\\\)*)\$[A-Za-z0-9_{(]")
_ESCAPE = re.compile(rb"\\([nrt\"\\$])")
_MEANING = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_NOTE = "programs then take {} from the environment; such a file is better not in git at all"


class _Line(NamedTuple):
    """A line, or several that a quoted value goes over; a line of another kind has no key."""

    start: int
    end: int
    key: str
    quotes: str
    left: int
    right: int


class _Dotenv:
    """The name in the file stays the name of the variable, since programs ask for that."""

    name = "dotenv"

    def locate(self, content: bytes, start: int, end: int) -> Literal | Refusal:
        """Return the value, or only the secret in it if the value names other variables."""
        line = unfit(content) or _line(content, start)
        if isinstance(line, Refusal):
            return line
        if start >= line.right or not line.key:
            remark = b"#" in content[max(line.start, line.right) : start]
            known = remark and end <= line.end
            return Literal(start, end, Secret(content[start:end]), "") if known else _NO_VALUE
        if start < line.left or end > line.right:
            return _NO_VALUE
        varies = line.quotes != "single" and _VARIABLE.search(content, line.left, line.right)
        if varies and _VARIABLE.search(content, start, end):
            return Refusal("programs differ on what a $ in it means; put it in single quotes first")
        if not varies:
            start, end = line.left, line.right
        return Literal(start, end, Secret(_decoded(content[start:end], line.quotes)), line.key)

    def replace(self, content: bytes, literal: Literal, variable: str) -> Rewrite | Refusal:
        """Take the line out, or put `${variable}` in the place of a part."""
        line = _line(content, literal.start)
        if not line.key or literal.start >= line.right:
            return redaction(literal)
        if (literal.start, literal.end) == (line.left, line.right):
            return Rewrite((Edit(line.start, line.end, b""),), line.key, _NOTE.format(line.key))
        text = f"${{{variable}}}".encode()
        return Rewrite((Edit(literal.start, literal.end, text),), variable, _NOTE.format(variable))

    def problem(self, content: bytes) -> str:
        """Return nothing: programs skip lines that they do not understand."""
        refusal = unfit(content)
        return refusal.reason if refusal else ""


_NO_VALUE = Refusal("it is neither the value of a variable nor in a comment")


def _line(content: bytes, start: int) -> _Line:
    """Return the line that holds the byte at `start`."""
    position = len(content) - len(content.removeprefix(_BOM))
    while True:
        assigned = _LINE.match(content, position)
        match = assigned or _OTHER.match(content, position)
        if match is None or match.end() > start or match.end() >= len(content):
            return _parted(match, assigned is not None)
        position = match.end()


def _parted(match: re.Match[bytes] | None, assigned: bool) -> _Line:
    if match is None or not assigned:
        first, last = match.span() if match else (0, 0)
        return _Line(first, last, "", "", first, first)
    quotes = match.lastgroup or ""
    left, right = match.span(quotes)
    if quotes == "bare":
        text = match["bare"]
        remark = _REMARK.search(text)
        right = left + len(text[: remark.start() if remark else None].rstrip())
    return _Line(*match.span(), match["key"].decode(), quotes, left, right)


def _decoded(raw: bytes, quotes: str) -> bytes:
    if quotes != "double":
        return raw
    return _ESCAPE.sub(lambda escape: _MEANING.get(escape[1], escape[1]), raw)


LANGUAGE: Language = _Dotenv()
