r"""Entries of a Java `.properties` file with the bytes that they stand in.

The format, continued lines and `\uXXXX` escapes: java.util.Properties, method load(Reader).
"""

import re
from collections.abc import Iterator

from scanner.remediate.rewrite.config.field import Field
from scanner.remediate.rewrite.edit import Refusal

_BREAK = rb"\\(?:\r\n|[\r\n])"  # a line goes on below
_GAP = rb"(?>(?:[ \t\f]|" + _BREAK + rb")*)"
_ENTRY = re.compile(
    rb"[ \t\f]*+(?P<key>(?>(?:[^\\\s=:]++|\\(?:\r\n|[\s\S]))*))"
    + _GAP
    + rb"[=:]?"
    + _GAP
    + rb"(?P<value>(?>(?:[^\\\r\n]++|\\(?:\r\n|[\s\S])|\\\Z)*))(?:\r\n|[\r\n]|\Z)"
)
_COMMENT = re.compile(rb"[ \t\f]*+(?P<value>[#!][^\r\n]*+)(?:\r\n|[\r\n]|\Z)")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|(?:\r\n|[\r\n])[ \t\f]*|.)", re.DOTALL)
_SINGLE = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def find(content: bytes, start: int, end: int) -> Field | Refusal:
    """Return the value or comment around `start` to `end`."""
    for match in _lines(content):
        left, right = match.span("value")
        if left <= start and end <= right:
            if match.re is _COMMENT:
                return Field(left, right, "", unescaped, str, comment=True)
            return Field(left, right, unescaped(match["key"]) or "", unescaped, written)
        if left > start:
            break
    return Refusal("it is no value")


def _lines(content: bytes) -> Iterator[re.Match[bytes]]:
    position = 0
    while position < len(content):
        match = _COMMENT.match(content, position) or _ENTRY.match(content, position)
        if match is None or match.end() == position:
            return
        yield match
        position = match.end()


def problem(content: bytes) -> str:
    """Return nothing, save for an escape that Java does not take."""
    wrong = re.search(rb"(?<!\\)(?>(?:\\\\)*)\\u(?![0-9A-Fa-f]{4})", content)
    return "" if wrong is None else "it has a \\u that no four digits follow"


def unescaped(raw: bytes) -> str | None:
    r"""Return what `raw` means; None if Java versions differ on it or half a pair is left.

    Bytes beyond ASCII are ISO 8859-1 or UTF-8, as the program chooses; `\uXXXX` is safe.
    """
    if not raw.isascii():
        return None
    text = _ESCAPE.sub(_meaning, raw.decode())
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return None


def _meaning(escape: re.Match[str]) -> str:
    mark = escape[1]
    if mark[0] == "u" and len(mark) == 5:
        return chr(int(mark[1:], 16))
    return "" if mark[0] in "\r\n" else _SINGLE.get(mark, mark)


def written(text: str) -> str:
    """Return `text` as a value: only a backslash needs an escape."""
    return text.replace("\\", "\\\\")
