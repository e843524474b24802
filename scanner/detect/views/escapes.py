"""Percent-encoding, backslash escapes of characters and HTML entities.

Forms: RFC 3986 section 2.1; ECMA-262 section 12.9.4; WHATWG HTML section 13.2.5.72 and its table of
named character references.
"""

import re
from array import array
from binascii import unhexlify
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from scanner.detect.memo import Memo
from scanner.detect.views.anchors import Anchors
from scanner.detect.views.view import Layout, Mapped, View

_REACH = 4096  # bytes of a line that are copied on either side of an escape
_LONGEST = 40  # bytes that an escape may have
_LARGE = 16 << 20  # bytes of joined lines that make a view
_LAST_CODE = 0x10FFFF
_TEXTS: Memo[tuple[str, bytes], bytes] = Memo(4 << 20)


class _Kind(NamedTuple):
    """One way of escaping.

    `anchors` names those escapes that make a line worth decoding, and `trigger` matches the whole
    of such a one. `mark` is the byte every escape starts with, `one` matches any of them and `many`
    one or more in a row, which `decode` takes.
    """

    step: str
    anchors: str
    mark: bytes
    trigger: bytes
    one: bytes
    many: bytes
    decode: Callable[[bytes], bytes]


class Escapes(Mapped):
    """Lines with their escapes undone; `step` says which."""

    __slots__ = ("_cached", "_kind")

    def __init__(self, kind: _Kind, parent: bytes, layout: Layout) -> None:
        """Hold what `layout` has gathered from `parent`."""
        super().__init__(kind.step, parent, layout)
        self._kind = kind
        self._cached: tuple[int, list[tuple[int, int, int, bool]]] = (-1, [])

    def likeness(self) -> tuple[str | bytes, ...]:
        """Return what decides `data`, and what `decoded` says of any part of it."""
        lines = [self._parent[i:j] for i, j in zip(self._starts, self._ends, strict=True)]
        return *super().likeness(), b"".join(lines), array("q", map(len, lines)).tobytes()

    def _locate_encoded(self, part: int, start: int, end: int, offset: int) -> tuple[int, int]:
        target, lower, upper, decoded = self._piece(part, offset)
        if decoded:
            return lower, upper
        return lower + offset - target, lower + offset - target + 1

    def _touches(self, part: int, start: int, end: int) -> bool:
        # Two plain pieces are never neighbours.
        first, last = self._piece(part, start), self._piece(part, max(start, end - 1))
        return first[3] or first != last

    def _piece(self, part: int, offset: int) -> tuple[int, int, int, bool]:
        """Return target, start and end of the piece with byte `offset`, and if it is encoded."""
        if self._cached[0] != part:
            self._cached = part, list(self._pieces(self._starts[part], self._ends[part]))
        pieces = self._cached[1]
        return pieces[max(bisect_right(pieces, offset, key=lambda piece: piece[0]) - 1, 0)]

    def _pieces(self, start: int, end: int) -> Iterator[tuple[int, int, int, bool]]:
        target = plain = 0
        encoded = self._parent[start:end]
        for match in _compiled(self._kind.one).finditer(encoded):
            decoded = self._kind.decode(match[0])
            if decoded == match[0]:
                continue
            if plain < match.start():
                yield target, start + plain, start + match.start(), False
                target += match.start() - plain
            yield target, start + match.start(), start + match.end(), True
            target += len(decoded)
            plain = match.end()
        if plain < len(encoded):
            yield target, start + plain, end, False


def decoded_escapes(data: bytes, found: Anchors, source: View | None) -> Iterator[Mapped]:
    """Yield the lines of `data` that have escapes, each kind of escape undone in views of its own.

    Of a very long line 4 KiB around the escapes are taken. Escapes that `source`, the view that
    `data` is of, merely copied are undone only if their kind comes after its own: every
    combination of kinds is reached, but not in every order.
    """
    known = [kind.step for kind in _KINDS]
    for rank, kind in enumerate(_KINDS):
        if starts := getattr(found, kind.anchors):
            again = source is not None and source.step in known[:rank]
            yield from _undone(kind, data, array("q", starts), None if again else source)


def _undone(
    kind: _Kind, data: bytes, starts: "array[int]", source: View | None
) -> Iterator[Mapped]:
    layout = Layout()
    trigger = _compiled(kind.trigger)
    done = index = 0
    while index < len(starts):
        match = trigger.match(data, starts[index])
        index += 1
        if match is None or (source is not None and not source.decoded(*match.span())):
            continue
        start, end = _line(data, kind.mark, match.start(), match.end(), done)
        if layout.data and start > done:
            layout.newline()
            if len(layout.data) > _LARGE:
                yield Escapes(kind, data, layout)
                layout = Layout()
        layout.add(_text(kind, data[start:end]), start, end, encoded=True)
        done = end
        index = bisect_left(starts, done, index)
    if layout.data:
        yield Escapes(kind, data, layout)


def _text(kind: _Kind, line: bytes) -> bytes:
    """Return `line` with its escapes undone; it is often as it was in the last version."""
    key = kind.step, line
    text = _TEXTS.get(key)
    if text is None:
        pieces = _compiled(b"(%b)" % kind.many).split(line)
        pieces[1::2] = map(kind.decode, pieces[1::2])
        text = b"".join(pieces)
        _TEXTS.keep(key, text, len(line) + len(text))
    return text


def _line(data: bytes, mark: bytes, first: int, last: int, done: int) -> tuple[int, int]:
    """Return start and end of the line around an escape, within reach and not before `done`."""
    low = max(done, first - _REACH)
    start = data.rfind(b"\n", low, first) + 1 or low
    end = data.find(b"\n", last, last + _REACH)
    if end < 0:
        end = min(last + _REACH, len(data))
        if end < len(data):  # not in the middle of an escape
            cut = data.rfind(mark, max(last, end - _LONGEST), end)
            end = cut if cut > 0 else end
    return start, end


@lru_cache
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern)


def _percent(escaped: bytes) -> bytes:
    return unhexlify(escaped.replace(b"%", b""))


@lru_cache(4096)
def _backslash(escape: bytes) -> bytes:
    letter, digits = escape.lstrip(b"\\")[:1], escape.lstrip(b"\\")[1:]
    if letter == b"x":
        return unhexlify(digits)
    code = int(digits.strip(b"{}")[: 8 if letter == b"U" else 6 if digits[:1] == b"{" else 4], 16)
    if b"\\" in digits:
        code = 0x10000 + ((code & 0x3FF) << 10 | int(digits[-4:], 16) & 0x3FF)
    return _character(code) or escape


@lru_cache(4096)
def _entity(escape: bytes) -> bytes:
    name = escape[1:-1]
    if name[:1] != b"#":
        return _named(name.decode("ascii")) or escape
    code = int(name[2:], 16) if name[1:2] in b"xX" else int(name[1:])
    return _character(code) or escape


def _character(code: int) -> bytes:
    """Return a character in UTF-8, or nothing if there is none of this number or none in text."""
    if code > _LAST_CODE or 0xD800 <= code <= 0xDFFF or (code < 32 and code not in (9, 10, 13)):
        return b""
    return chr(code).encode()


def _named(name: str) -> bytes:
    from html.entities import html5  # noqa: PLC0415 - 2 ms that most content does not need

    return html5.get(name + ";", "").encode()


_HEX_2 = rb"[0-9A-Fa-f]{2}"
# Not `%02d` and its like: of the control characters, only those that text has.
_PERCENT = rb"%(?:[2-7][0-9A-Fa-f]|0[9AaDd]|[89A-Fa-f][0-9A-Fa-f])"
_BACKSLASH = (
    rb"\\{1,4}+(?:u(?:[Dd][89ABab]%(two)b\\{1,4}u[Dd][C-Fc-f]%(two)b|%(two)b%(two)b"
    rb"|\{[0-9A-Fa-f]{1,6}\})|U00%(two)b%(two)b%(two)b|x%(two)b)"
) % {b"two": _HEX_2}
_ENTITY = rb"&(?:#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6})|[A-Za-z][A-Za-z0-9]{1,31});"
_KINDS = (
    _Kind(
        "percent",
        "percent",
        b"%",
        rb"%(?:[0-7].|..%..)",
        _PERCENT,
        rb"(?:%b)++" % _PERCENT,
        _percent,
    ),
    _Kind("unicode-escape", "backslash", b"\\", _BACKSLASH, _BACKSLASH, _BACKSLASH, _backslash),
    _Kind("html", "html", b"&", _ENTITY, _ENTITY, _ENTITY, _entity),
)
