"""Scalars of a YAML stream with the bytes that they stand in, and what can replace them.

PyYAML's parser says where scalars begin and end; nothing is ever serialised again, so that all
other bytes of a file stay. Styles and escapes: https://yaml.org/spec/1.2.2/ chapter 7 and 8.
"""

import re
from array import array
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

import yaml

from scanner.remediate.rewrite.bounds import unfit
from scanner.remediate.rewrite.edit import Edit, Refusal

Path = tuple[str | int, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BOM = b"\xef\xbb\xbf"
_DEEPEST = 100
_MOST = 200_000  # scalars in a file
_PROPERTIES = re.compile(rb"(?:[&!]\S*\s+)*")
_HEADER = re.compile(rb"[|>][^\r\n]*(?:\r\n|\r|\n)")


class Scalar(NamedTuple):
    """A scalar from `start` to `end`, quotes and block header included, anchor and tag not.

    `path` leads to it: the number of the document, then keys and positions in sequences; for a key
    it is the path of the entry. `left` and `right` enclose the text between the quotes, below the
    block header. `value` is what the text means. `flow` tells of brackets around it.
    """

    start: int
    end: int
    left: int
    right: int
    style: str
    value: str
    path: Path
    tag: str
    flow: bool
    is_key: bool


class Document(NamedTuple):
    """All scalars of a YAML stream, in order, keys among them."""

    content: bytes
    scalars: tuple[Scalar, ...]

    def at(self, start: int, end: int) -> Scalar | None:
        """Return the scalar that encloses these bytes."""
        return next((s for s in self.scalars if s.start <= start and end <= s.end), None)

    def key(self, path: Path) -> Scalar | None:
        """Return the key of the entry at `path`."""
        return next((s for s in self.scalars if s.is_key and s.path == path), None)

    def value(self, path: Path) -> str:
        """Return the scalar value at `path`; empty if there is none."""
        return next((s.value for s in self.scalars if not s.is_key and s.path == path), "")

    def keys(self, path: Path) -> list[Scalar]:
        """Return the keys of the mapping at `path`."""
        return [s for s in self.scalars if s.is_key and s.path[:-1] == path]


class _Collection:
    """A mapping or sequence that is being read; `key` is the pending key of a mapping."""

    __slots__ = ("flow", "key", "mapping", "path", "waiting")

    def __init__(self, path: Path, mapping: bool, flow: bool) -> None:
        self.path = path
        self.mapping = mapping
        self.flow = flow
        self.key: str | int = -1
        self.waiting = mapping  # for a key

    def place(self, key: str) -> tuple[Path, bool]:
        """Return the path of the next node in it, and whether that is a key."""
        if not self.mapping:
            self.key = int(self.key) + 1
            return (*self.path, self.key), False
        is_key = self.waiting
        if is_key:
            self.key = key
        self.waiting = not is_key
        return (*self.path, self.key), is_key


@lru_cache(2)  # a file is read once for all that is asked about it
def read(content: bytes) -> Document | Refusal:
    """Return the scalars of `content`, or why it cannot be read."""
    refusal = unfit(content)
    if refusal:
        return refusal
    try:
        text = content.removeprefix(_BOM).decode()
        scalars = _scalars(content, text)
    except UnicodeDecodeError:
        return Refusal("the file is not UTF-8")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return Refusal(f"line {line} is not YAML: {error.problem or 'cannot be read'}")
    except yaml.YAMLError:
        return Refusal("the file holds characters that YAML forbids")
    return scalars if isinstance(scalars, Refusal) else Document(content, tuple(scalars))


def _scalars(content: bytes, text: str) -> list[Scalar] | Refusal:
    offsets = _offsets(text, len(content) - len(content.removeprefix(_BOM)))
    stack: list[_Collection] = []
    found: list[Scalar] = []
    number = -1
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.DocumentStartEvent):
            number += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            path, is_key = _place(stack, event, number)
            if isinstance(event, yaml.ScalarEvent):
                flow = bool(stack) and stack[-1].flow
                found.append(_scalar(content, offsets, event, path, flow, is_key))
            elif isinstance(event, yaml.CollectionStartEvent):
                mapping = isinstance(event, yaml.MappingStartEvent)
                stack.append(_Collection(path, mapping, bool(event.flow_style)))
        if len(stack) > _DEEPEST or len(found) > _MOST:
            return Refusal("the file is nested too deeply or has too many values")
    return found


def _place(stack: list[_Collection], event: Any, number: int) -> tuple[Path, bool]:
    if not stack:
        return (number,), False
    return stack[-1].place(event.value if isinstance(event, yaml.ScalarEvent) else "")


def _offsets(text: str, first: int) -> Sequence[int]:
    """Return the offset in bytes of every character, and of the end."""
    if text.isascii():
        return range(first, first + len(text) + 1)
    return array("L", accumulate((len(c.encode()) for c in text), initial=first))


def _scalar(
    content: bytes, offsets: Sequence[int], event: Any, path: Path, flow: bool, is_key: bool
) -> Scalar:
    start, end = offsets[event.start_mark.index], offsets[event.end_mark.index]
    properties = _PROPERTIES.match(content, start, end)
    start = properties.end() if properties else start
    left, right = start, end
    if event.style in ("|", ">"):
        header = _HEADER.match(content, start, end)
        left = header.end() if header else end
        right = end = max(left, start + len(content[start:end].rstrip()))
    elif event.style:
        left, right = start + 1, end - 1
    return Scalar(
        start, end, left, right, event.style or "", event.value, path, event.tag or "", flow, is_key
    )


def decoded(raw: bytes, style: str) -> str | None:
    """Return what `raw`, on one line inside a scalar of this style, means; None if nothing."""
    if b"\n" in raw or b"\r" in raw:
        return None
    try:
        text = raw.decode()
        if style == "'":
            return text.replace("''", "'")
        if style != '"':
            return text
        events = [*yaml.parse(f'"{text}"', Loader=_LOADER)]
    except (UnicodeDecodeError, yaml.YAMLError):
        return None
    scalars = [event.value for event in events if isinstance(event, yaml.ScalarEvent)]
    return scalars[0] if len(scalars) == 1 else None


def escaped(text: bytes, style: str) -> bytes:
    """Return `text` as it stands inside a scalar of this style."""
    if style == "'":
        return text.replace(b"'", b"''")
    if style == '"':
        return text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return text


def instead(scalar: Scalar, text: bytes) -> Edit:
    """Return the edit that puts `text` in place of the whole scalar, quoted if need be."""
    style = scalar.style if scalar.style in ("'", '"') else ""
    if b"'" in text if style else not _reads_back(text, scalar.flow):
        style = '"'
    mark = style.encode()
    return Edit(scalar.start, scalar.end, mark + escaped(text, style) + mark)


def within(content: bytes, scalar: Scalar, start: int, end: int, text: bytes) -> Edit | Refusal:
    """Return the edit that puts `text` in place of a part of the scalar."""
    if scalar.style:
        return Edit(start, end, escaped(text, scalar.style))
    raw = content[scalar.left : start] + text + content[end : scalar.right]
    if _reads_back(raw, scalar.flow):
        return Edit(start, end, text)
    if b"\n" in raw or b"\r" in raw:
        return Refusal("it is part of a value over several lines; put that in quotes first")
    return Edit(scalar.start, scalar.end, b'"' + escaped(raw, '"') + b'"')


def _reads_back(raw: bytes, flow: bool) -> bool:
    """Tell whether `raw` without quotes is one scalar that means what it says."""
    line = b"[" + raw + b"]" if flow else b"k: " + raw
    try:
        events = [*yaml.parse(line.decode(), Loader=_LOADER)]
    except (UnicodeDecodeError, yaml.YAMLError):
        return False
    scalars = [e for e in events if isinstance(e, yaml.NodeEvent)]
    last = scalars[-1]
    return (
        len(scalars) == (2 if flow else 3)
        and isinstance(last, yaml.ScalarEvent)
        and last.value.encode() == raw
    )
