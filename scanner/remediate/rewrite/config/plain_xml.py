"""XML: `${env.X}` where Maven reads it, `${env:X}` for Log4j 2, a placeholder elsewhere.

https://maven.apache.org/settings.html (interpolation), https://logging.apache.org/log4j/2.x/manual/lookups.html
"""

import re
from typing import NoReturn
from xml.parsers import expat

from scanner.remediate.rewrite.config.field import NOTE, Field, Fields, Reference, placeholder
from scanner.remediate.rewrite.edit import Language, Refusal

_TOKEN = re.compile(
    rb"<!--(?P<comment>[\s\S]*?)-->|<!\[CDATA\[(?P<cdata>[\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<![^>]*>"
    rb"|</[^>]*>|<(?P<name>[^\s<>/]++)(?P<attributes>(?>(?:[^\"'<>]++|\"[^\"]*+\"|'[^']*+')*))>"
    rb"|(?P<text>[^<]++)"
)
_ATTRIBUTE = re.compile(rb"([^\s=\"']++)\s*+=\s*+(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)')")
_ENTITY = re.compile(r"&([^;&]*+)(;?)")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_ELSEWHERE = "it is neither a text nor the value of an attribute"
_MAVEN = re.compile(rb"<(?:settings|project)[\s>]")
_LOG4J = re.compile(rb"<Configuration[\s>]")
_DOTNET = re.compile(rb"<(?:appSettings|connectionStrings)[\s>]")


class _EntityError(Exception):
    """The file declares an entity, which could stand for anything."""


def _find(content: bytes, start: int, end: int) -> Field | Refusal:
    problem = _problem(content)
    if problem:
        return Refusal(f"the file is not well-formed XML: {problem}")
    element = ""
    for match in _TOKEN.finditer(content):
        if match.start() <= start and end <= match.end():
            return _field(match, start, end, element)
        if match.start() > start:
            break
        if match["text"] is None:
            element = (match["name"] or b"").decode("utf-8", "replace")
    return Refusal(_ELSEWHERE)


def _field(match: re.Match[bytes], start: int, end: int, element: str) -> Field | Refusal:
    if match["comment"] is not None:
        return Field(*match.span("comment"), "", _decoded, str, comment=True)
    if match["cdata"] is not None:
        return Field(*match.span("cdata"), element, _verbatim, str)
    if match["text"] is not None:
        left = match.start() + len(match[0]) - len(match[0].lstrip())
        return Field(left, match.start() + len(match[0].rstrip()), element, _decoded, str)
    return Refusal(_ELSEWHERE) if match["name"] is None else _attribute(match, start, end)


def _attribute(tag: re.Match[bytes], start: int, end: int) -> Field | Refusal:
    """Return the value of an attribute; `<add key="X" value="…"/>` sets X."""
    every = list(_ATTRIBUTE.finditer(tag.string, *tag.span("attributes")))
    names = {found[1].lower(): found["double"] or found["single"] for found in every}
    for found in every:
        left, right = found.span(found.lastgroup or 0)
        if left <= start and end <= right:
            given = names.get(b"key") or names.get(b"name") if found[1].lower() == b"value" else b""
            name = (given or found[1]).decode("utf-8", "replace")
            return Field(left, right, name, _decoded, str)
    return Refusal(_ELSEWHERE)


def _verbatim(raw: bytes) -> str | None:
    try:
        return raw.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


def _decoded(raw: bytes) -> str | None:
    text = _verbatim(raw)
    try:
        return None if text is None else _ENTITY.sub(_meaning, text)
    except (KeyError, ValueError, OverflowError):
        return None


def _meaning(entity: re.Match[str]) -> str:
    name = entity[1] if entity[2] else ""
    if name.startswith("#x"):
        return chr(int(name[2:], 16))
    return chr(int(name[1:])) if name.startswith("#") else _NAMED[name]


def _reference(content: bytes, field: Field, variable: str) -> Reference:
    if _MAVEN.search(content) and b"maven.apache.org" in content:
        return Reference(f"${{env.{variable}}}", "")
    if _LOG4J.search(content) and b"<Appenders" in content:
        return Reference(f"${{env:{variable}}}", "")
    if _DOTNET.search(content):
        return placeholder(content, field, variable)._replace(note=f"{NOTE}, or use configBuilders")
    return placeholder(content, field, variable)


def _problem(content: bytes) -> str:
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        return expat.ErrorString(error.code)
    except _EntityError:
        return "it declares entities"
    return ""


def _refuse(*_: object) -> NoReturn:
    raise _EntityError


LANGUAGE: Language = Fields("xml", _find, _problem, _reference, re.compile(rb"\$\{"))
