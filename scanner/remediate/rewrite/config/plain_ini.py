"""INI and its kin (pip.conf, .pypirc, .netrc): a placeholder; `${X}` in .npmrc.

npm reads `${X}` from the environment: https://docs.npmjs.com/cli/configuring-npm/npmrc
"""

import re

from scanner.remediate.rewrite.config.field import Field, Fields, Reference, placeholder
from scanner.remediate.rewrite.edit import Language, Refusal

_LINE = re.compile(rb"[^\r\n]*+")
_COMMENT = re.compile(rb"[ \t]*+[#;]")
_ASSIGNED = re.compile(
    rb"[ \t]*+(?:(?P<npm>//[^=\s]*+)[ \t]*+=|(?P<key>[^\s=:\[][^=:]*+)[=:])[ \t]*+"
)
_REMARK = re.compile(rb"[ \t][#;]")
_BEFORE = re.compile(rb"(?:\A|[\s,;])([\w.-]+)=[\"']?\Z")
_NETRC = re.compile(rb"(?:\A|\s)(login|password|account)[ \t]+\Z")
_NPM = re.compile(r"(?:.*:)?_(?:authToken|auth|password)")
_OPEN_SECTION = re.compile(rb"^\[[^\]\r\n]*+$", re.MULTILINE)
_NEAR = 200


def _find(content: bytes, start: int, end: int) -> Field | Refusal:
    first = max(content.rfind(mark, 0, start) for mark in (b"\n", b"\r")) + 1
    line = _LINE.match(content, first)
    last = line.end() if line else first
    assigned = _ASSIGNED.match(content, first, last)
    left = assigned.end() if assigned else first
    remark = _REMARK.search(content, left, last)
    if _COMMENT.match(content, first, last) or (remark and remark.start() < start):
        return Field(first, last, "", _decoded, str, comment=True)
    right = first + len(content[first : remark.start() if remark else last].rstrip())
    if not left <= start or not end <= right:
        return Refusal("it goes over several lines, or is no value")
    before = content[max(first, start - _NEAR) : start]
    name = _NETRC.search(before) if assigned is None else _BEFORE.search(before)
    if name and left < start:
        return Field(start, end, name[1].decode(), _decoded, str)
    if assigned is None:
        return Refusal("it is no value")
    if content[left] in b"\"'" and right - left > 1 and content[right - 1] == content[left]:
        left, right = left + 1, right - 1
    key = (assigned["npm"] or assigned["key"]).split()[-1]  # of an inventory, the host comes first
    return Field(left, right, key.decode("utf-8", "replace"), _decoded, str)


def _decoded(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def _reference(content: bytes, field: Field, variable: str) -> Reference:
    if _NPM.fullmatch(field.name):
        return Reference(f"${{{variable}}}", "")
    return placeholder(content, field, variable)


def _problem(content: bytes) -> str:
    broken = _OPEN_SECTION.search(content)
    if broken is None:
        return ""
    line = content.count(b"\n", 0, broken.start()) + 1
    return f"line {line} opens a section and does not close it"


LANGUAGE: Language = Fields("ini", _find, _problem, _reference, re.compile(rb"\$\{"))
