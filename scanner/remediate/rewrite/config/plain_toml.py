"""TOML: a placeholder in place of a string."""

import re
import tomllib
from functools import partial

from scanner.remediate.rewrite.config.field import Field, Fields
from scanner.remediate.rewrite.edit import Language, Refusal

_TOKEN = re.compile(
    rb'"""(?P<long>(?>(?:[^"\\]++|\\[\s\S]|"(?!""))*)"{0,2})(?:"""|\Z)'
    rb"|'''(?P<raw_long>(?>(?:[^']++|'(?!''))*)'{0,2})(?:'''|\Z)"
    rb'|"(?P<text>(?>(?:[^"\\\r\n]++|\\[^\r\n])*))(?:"|(?=[\r\n\\])|\Z)'
    rb"|'(?P<raw>[^'\r\n]*+)(?:'|(?=[\r\n])|\Z)|(?P<comment>#[^\r\n]*+)"
)
_QUOTES = {"long": b'"""', "raw_long": b"'''", "text": b'"', "raw": b"'"}
_KEY_FOLLOWS = re.compile(rb"[ \t]*+[.=]")
_NAME = re.compile(rb"([\w-]+)[\"']?[ \t]*=[ \t]*[\"']{1,3}\Z")
_LINE = re.compile(r"at (line \d+)")
_LONGEST_NAME = 200
_GENERATED = b"@generated"


def _find(content: bytes, start: int, end: int) -> Field | Refusal:
    if _GENERATED in content[:500]:
        return Refusal("a program writes this file; mend what it is made from")
    for match in _TOKEN.finditer(content):
        kind = match.lastgroup or ""
        left, right = match.span(kind)
        if left <= start and end <= right:
            if kind == "comment":
                return Field(left, right, "", bytes.decode, str, comment=True)
            if not _KEY_FOLLOWS.match(content, match.end()):
                name = _NAME.search(content[max(0, left - _LONGEST_NAME) : left])
                decode = partial(_decoded, _QUOTES[kind])
                return Field(left, right, name[1].decode() if name else "", decode, str)
            break
        if left > start:
            break
    return Refusal("it is not in a string, or is a key; a placeholder would change what it is")


def _decoded(quote: bytes, raw: bytes) -> str | None:
    try:
        text = tomllib.loads((b"v = " + quote + raw + quote).decode())["v"]
    except ValueError:
        return None
    return text if isinstance(text, str) else None


def _problem(content: bytes) -> str:
    try:
        tomllib.loads(content.decode())
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        return f"{line[1] if line else 'its end'} is not TOML"
    except RecursionError:
        return "it is nested too deeply"
    return ""


LANGUAGE: Language = Fields("toml", _find, _problem)
