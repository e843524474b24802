"""Reads the value that is assigned to a name, on one line: where it stands and how it is meant."""

import re
from enum import Enum
from typing import NamedTuple

from scanner.detect.notation import ASSIGN, SPACED, assigns, is_pair, is_spaced

LONGEST = 256
"""Bytes of the longest value; longer ones without quotes are no credentials."""

_LINE = 256  # bytes before a name that are looked at
_OPTION = re.compile(rb"(?=.{0,200}[0-9])[A-Za-z0-9_.+/=\-]{16,256}\Z")  # what is no password
_SPACED_AFTER = re.compile(
    rb"[ \t]{0,8}(?:[;,)\\]|//.{0,200}|#.{0,200}|-As\w{1,20})?[ \t\r]{0,4}(?:\n|\Z)"
)
_UNQUOTED = re.compile(rb"[^\s\"'`<>,;|]{1,%d}" % LONGEST)
_XML_TEXT = re.compile(rb"[^<>\r\n]{1,256}?(?=(?:\]\]>)?</)")
_CELL_TEXT = re.compile(rb"[`*]{0,2}([^\s|`*]{4,128})[`*]{0,2}[ \t]{0,200}\|")
_PARAMETER = re.compile(rb"&(?:amp;)?[A-Za-z0-9_.%\[\]\-]{1,40}=|&\Z")
_ANOTHER = re.compile(rb"[A-Z_]{2,40}=")
_LINE_BREAK = re.compile(rb"\\[nr]")
_REST = re.compile(rb"[ \t\r]{0,40}(?:\Z|\n|#|\\(?:\n|\Z)|//|<!--|\*/)")
_LINE_START = re.compile(
    rb"(?:^|\\n|[\"'`{])[ \t]{0,80}(?:[+\-*#!;|>]|//|/\*|<!--){0,3}[ \t]{0,8}"
    rb"(?:(?:- )?[\"'`]?(?:(?i:export|set|setx|env|arg|set -x|declare|local|readonly|-e|--env|let)"
    rb"[ \t]{1,4}))?[\"']?\Z"
)
_JOINED = re.compile(rb"[ \t]{0,2}(?:\+[ \t]{0,2}[A-Za-z_$(]|\.[ \t]?\$|%[ \t]?[A-Za-z_(])")
_AFTER_SETTING = (b"", b" ", b"\n", b"\r", b"\t", b'"', b"'", b"\\", b"`")
_BEFORE_SETTING = (b"", b" ", b"\t", b'"', b"'", b"\n", b"n", b"`", b"#", b"\\")
_ENDS = (b")", b" )", b".")
_BRACKETS = ((b"{", b"}"), (b"[", b"]"), (b"(", b")"))


class Style(Enum):
    """How surely a value is meant literally."""

    QUOTED = "quoted"
    CONFIGURED = "configured"  # without quotes, where settings are written so
    BARE = "bare"  # without quotes, as variables of programs are, too


class Assigned(NamedTuple):
    """A name and its value: `data[first:last]` holds the value as written.

    `scheme` is the scheme before a credential in a header, in lower case; empty elsewhere.
    """

    name: bytes
    first: int
    last: int
    style: Style
    scheme: bytes = b""


def read(data: bytes, name_start: int, name_end: int) -> Assigned | None:
    """Return what is assigned to the name at `data[name_start:name_end]`; None if nothing is."""
    assign = ASSIGN.match(data, name_end)
    spaced = None if assign else SPACED.match(data, name_end)
    if assign is None and spaced is None:
        return None
    name = data[name_start:name_end]
    line = data[max(0, name_start - _LINE) : name_start]
    line = line[line.rfind(b"\n") + 1 :]
    if assign is None:
        found = _spaced(data, name, line, spaced) if spaced else None
        return Assigned(name, *found) if found else None
    if _is_within(data, line, name_end, assign) or not assigns(name, line, assign):
        return None
    found = _value(data, line, assign)
    return Assigned(name, *found, (assign["scheme"] or b"").lower()) if found else None


def _is_within(data: bytes, line: bytes, name_end: int, assign: re.Match[bytes]) -> bool:
    """Tell whether the name is a reference, as `$(NAME)` is, or a part of a path."""
    if line.endswith((b"$(", b"${")):
        return data.startswith((b")", b"}"), name_end)
    path = line.endswith(b"/") and not line.endswith((b"//", b" /", b"*/"))
    return path and assign["op"] != b"="


def _spaced(
    data: bytes, name: bytes, line: bytes, spaced: re.Match[bytes]
) -> tuple[int, int, Style] | None:
    before, at = is_spaced(name, line), spaced.end()
    if before is None:
        return None
    if spaced["open"]:
        stop = _closing(data, at, spaced["open"][-1:])
        ends = stop > at and (before.endswith(b"-") or _SPACED_AFTER.match(data, stop + 1))
        return (at, stop, Style.QUOTED) if ends else None
    text = _UNQUOTED.match(data, at)
    if text and before.endswith(b"ENV "):
        return *text.span(), Style.QUOTED
    if text and before.endswith(b"-") and _OPTION.match(text[0]):
        return *text.span(), Style.BARE
    return None


def _closing(data: bytes, at: int, quote: bytes) -> int:
    """Return where the string that begins at `at` ends; -1 if not on its line or too far away."""
    limit = data.find(b"\n", at, at + 2 * LONGEST)
    limit = limit if limit >= 0 else at + 2 * LONGEST
    stop = data.find(quote, at, limit)
    while stop > at and len(quote) == 1 and _escaped(data, stop):
        stop = data.find(quote, stop + 1, limit)
    return stop


def _escaped(data: bytes, at: int) -> bool:
    count = 0
    while data[at - 1 - count] == 0x5C and count < 16:
        count += 1
    return count % 2 == 1


def _value(data: bytes, line: bytes, assign: re.Match[bytes]) -> tuple[int, int, Style] | None:
    """Return where the assigned value stands and how it is written; None if there is none."""
    at = assign.end()
    if assign["open"]:
        stop = _closing(data, at, assign["open"])
        if stop <= at or not _stands_alone(data, line, stop + len(assign["open"]), assign):
            return None
        return at, stop, Style.BARE if assign["cell"] else Style.QUOTED
    if assign["comma"] or assign["call"] or assign["wrap"] or assign["list"] or assign["prefix"]:
        return None
    if assign["xml"]:
        text = _XML_TEXT.match(data, at)
        return (at, text.end(), Style.QUOTED) if text else None
    if assign["cell"]:
        cell = _CELL_TEXT.match(data, at)
        return (*cell.span(1), Style.BARE) if cell else None
    return _bare(data, line, assign)


def _stands_alone(data: bytes, line: bytes, after: int, assign: re.Match[bytes]) -> bool:
    """Tell whether the string that ends at `after` is the whole value, not a part of it."""
    if _JOINED.match(data, after):
        return False
    if assign["wrap"]:
        ends = (b")", b" )", b".", b",") if assign["wrap"].startswith(b"Buffer") else _ENDS
        return data.startswith(ends, after)
    return not assign["comma"] or not is_pair(line) or data.startswith(b")", after)


def _bare(data: bytes, line: bytes, assign: re.Match[bytes]) -> tuple[int, int, Style] | None:
    """Return the place of a value without quotes, and how it is meant."""
    at = assign.end()
    text = _UNQUOTED.match(data, at)
    if text is None or (assign["close"] and assign["op"]) or len(text[0]) == LONGEST:
        return None
    value = text[0]
    if value[-1:] in b"-=" and data.startswith((b">", b"&gt;"), text.end()):
        return None  # `->` or `=>`: code
    if assign["op"] == b"=" and data[at - 1 : at] == b" " and _ANOTHER.match(value):
        return None  # `NAME= OTHER=value`
    broken = _LINE_BREAK.search(value)
    value = value[: broken.start()] if broken else value
    parameter = _PARAMETER.search(value)
    if parameter or line.endswith((b"?", b"&", b"&amp;")):
        value = value[: parameter.start()] if parameter else value.partition(b"#")[0]
        stop = at + len(value)
        return (at, stop, Style.CONFIGURED) if stop > at else None
    for opening, closing in _BRACKETS:
        while value.endswith(closing) and value.count(opening) < value.count(closing):
            value = value[:-1]
    if not value:
        return None
    return at, at + len(value), _style(data, line, assign, value)


def _style(data: bytes, line: bytes, assign: re.Match[bytes], value: bytes) -> Style:
    """Return CONFIGURED where the text around a value without quotes is that of a setting."""
    op, at = assign["op"], assign.end()
    last = at + len(value)
    apart = data[at - 1 : at].isspace()
    if line.endswith(b"${"):
        return Style.CONFIGURED
    if op == b"=" and not apart:
        setting = data[last : last + 1] in _AFTER_SETTING and line[-1:] in _BEFORE_SETTING
        return Style.CONFIGURED if setting else Style.BARE
    if op is not None and op != b"=":
        return Style.BARE
    # `name = other_name` is code, `name = value` a setting.
    if op and (line.strip(b" \t#;") or value != value.lower() or b"_" in value or value.isdigit()):
        return Style.BARE
    if apart and data[last : last + 1] in b"}," and line.rstrip().endswith((b"{", b",")):
        return Style.CONFIGURED
    fills = _REST.match(data, last) and _LINE_START.search(line)
    return Style.CONFIGURED if fills else Style.BARE
