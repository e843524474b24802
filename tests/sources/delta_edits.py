"""Edits of a file's bytes, aimed at what reading only changed bytes can get wrong.

An edit is data: an operation's name, three numbers that choose places, and a seed. The same edit of
the same content always gives the same result, so a failing history can be made smaller.
"""

import gzip
import random
import re
import zlib
from functools import lru_cache
from typing import NamedTuple

from delta_contents import KINDS, filler, piece, words, zipped

LARGEST = 120_000

_TOKEN = re.compile(rb"[^\s\"'`<>,;:=&@()]{10,}")
# What a credential further on, or further up, hangs on.
_OPENER = re.compile(
    rb"kind|Secret\b|data:|stringData|BEGIN|END|A[KS]IA|machine|login|passw|\[\w+\]|---|://|\"auth\""
    rb"|<\w+>|key|token|secret|KEY|TOKEN|SECRET|\{|\}|\n\n|Lines:|: \|"
)
SLIVERS = (
    *(b"\n", b"\r", b"\r\n", b"\0", b" ", b"\t", b'"', b"'", b"\\", b"/", b"+", b"=", b"-", b"@"),
    *(b"#", b":", b"%", b"&", b"x", b"Z", b"7", b"_", b"\xff", "é".encode(), b"---\n", b"${x}"),
    *(b"{", b"}", b"[a]\n", b"kind: Secret\n", b"kind: Role\n", b"data:\n", b"  ", b"AKIA"),
    *(b"example", b"test", b"<", b">", b"...", b"sha256:", b'" + "', b"\\n", b"=\n"),
)

_MARKS = (
    b'"',
    b"'",
    b"{",
    b"}",
    b"#",
    b"@",
    b"\\",
    b"= ",
    b": ",
    b"(",
    b"\\u0041",
    b"%41",
    b"&#65;",
)


class Edit(NamedTuple):
    op: str
    first: int
    second: int
    third: int
    seed: int


class _Cut(NamedTuple):
    """An edit's arguments; `low` ≤ `high`, and `spot` is anywhere. `others` are other contents."""

    data: bytes
    low: int
    high: int
    spot: int
    rng: random.Random
    others: list[bytes]


@lru_cache(16)
def _spans(pattern, data):
    return [match.span() for match in pattern.finditer(data)]


def place(data, number):
    """Return the offset that `number` stands for: mostly at, in or beside what matters."""
    near, number = number % 10, number // 10
    found = _spans(_OPENER if near in (6, 7, 8) else _TOKEN, data) if near else []
    if not found:
        return number % (len(data) + 1)
    start, end = found[number % len(found)]
    number //= len(found)
    if near in (1, 2, 3, 6):
        choices = (start - 1, start, start + 1, (start + end) // 2, end - 1, end, end + 1)
        at = choices[number % len(choices)]
    elif near in (4, 7):
        at = start + number % (end - start)
    else:
        at = _line(data, start)[0]
        for _ in range(number % 3):
            at = _line(data, max(0, at - 1))[0] if number % 2 else _line(data, at)[1]
    return min(max(at, 0), len(data))


def apply(edit, data, others):
    """Return what an edit makes of `data`, at most LARGEST bytes; `others` may be mixed in."""
    if not data:
        others = [*others, piece("token", edit.seed)]
    low, high = sorted((place(data, edit.first), place(data, edit.second)))
    rng = random.Random(edit.seed)
    made = OPERATIONS[edit.op](_Cut(data, low, high, place(data, edit.third), rng, others))
    return made[:LARGEST]


def _line(data, at):
    """Return start and end, line break included, of the line with the byte at `at`."""
    end = data.find(b"\n", at)
    return data.rfind(b"\n", 0, at) + 1, end + 1 if end >= 0 else len(data)


def _put(c, new, at, until=None):
    return c.data[:at] + new + c.data[at if until is None else until :]


def _sliver(c):
    return c.rng.choice(SLIVERS)


def _piece(c):
    return piece(c.rng.choice(KINDS), c.rng.getrandbits(16))


def _other(c):
    return c.rng.choice(c.others) if c.others else b""


def _text(c):
    """Return a line that is indented as the one at `low`."""
    line = c.data[slice(*_line(c.data, c.low))]
    indent = line[: len(line) - len(line.lstrip(b" \t"))]
    return indent + c.rng.choice((b"", b"a: ", b"b = ", b"# ")) + words(c.rng, 4) + b"\n"


def _short(c):
    """Return the end of a region of a few bytes at `low`."""
    return min(c.high, c.low + c.rng.randint(1, 40))


def _with_line(c, change):
    """Change the line before or after the one at `low`, or that itself."""
    start, end = _line(c.data, c.low)
    which = c.rng.randrange(3)
    if which == 0:
        start, end = _line(c.data, max(0, start - 1))
    elif which == 1:
        start, end = _line(c.data, end)
    return _put(c, change(c.data[start:end]), start, end)


def _join(c):
    end = c.data.find(b"\n", c.low)
    return c.data if end < 0 else _put(c, b"", end, end + c.rng.choice((1, 1, 2, 5)))


def _upset(c):
    """Put what can change the meaning of a line further on into it, or take a byte out."""
    at = c.rng.randint(*_line(c.data, c.low))
    return _put(c, c.rng.choice((*_MARKS, b"")), at, at + c.rng.choice((0, 0, 1)))


def _swap(c):
    start, middle = _line(c.data, c.low)
    _, end = _line(c.data, middle)
    return _put(c, c.data[middle:end] + c.data[start:middle], start, end)


def _move(c):
    rest = c.data[: c.low] + c.data[c.high :]
    at = min(c.spot, len(rest))
    return rest[:at] + c.data[c.low : c.high] + rest[at:]


def _splice(c):
    other = _other(c)
    return c.data[: c.low] + other[place(other, c.rng.getrandbits(24)) :]


def _graft(c):
    other = _other(c)
    ends = sorted(place(other, c.rng.getrandbits(24)) for _ in range(2))
    return _put(c, other[slice(*ends)], c.low, c.rng.choice((c.low, c.high)))


def _toggle(mark, make, unmake):
    return lambda c: unmake(c.data) if c.data.startswith(mark) else make(c.data)


def _wide(codec, mark):
    """Return a toggle between bytes and UTF-16 of the same characters."""
    return _toggle(
        mark,
        lambda data: mark + data.decode("latin-1").encode(codec),
        lambda data: data[2:].decode(codec, "replace").encode("latin-1", "replace"),
    )


def _breaks(c):
    flat = c.data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return flat.replace(b"\n", c.rng.choice((b"\n", b"\r\n", b"\r\n", b"\r")))


def _unpacked(data):
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return data[::2]


# By weight: what stays local is drawn more often than what changes everything.
_BY_WEIGHT = {
    4: {
        "replace a byte": lambda c: _put(c, _sliver(c)[:1], c.low, c.low + 1),
        "drop a byte": lambda c: _put(c, b"", c.low, c.low + 1),
        "insert a sliver": lambda c: _put(c, _sliver(c), c.low),
        "drop a few bytes": lambda c: _put(c, b"", c.low, _short(c)),
        "cut in two": lambda c: _put(c, c.rng.choice((b"\n", b" ", filler(c.rng))), c.low),
        "drop a region": lambda c: _put(c, b"", c.low, c.high),
        "join lines": _join,
        "insert a line": lambda c: _put(c, _text(c), _line(c.data, c.low)[0]),
        "drop a line": lambda c: _put(c, b"", *_line(c.data, c.low)),
        "change a line": lambda c: _with_line(c, lambda line: _sliver(c) + line),
        "replace a line": lambda c: _with_line(c, lambda _: _text(c)),
        "insert a piece": lambda c: _put(c, _piece(c), _line(c.data, c.low)[0]),
        "insert a piece anywhere": lambda c: _put(c, _piece(c), c.low),
        "upset a line": _upset,
        "graft": _graft,
    },
    2: {
        "append": lambda c: c.data + _piece(c),
        "prepend": lambda c: _piece(c) + c.data,
        "lengthen": lambda c: c.data + filler(c.rng),
        "shift": lambda c: filler(c.rng) + c.data,
        "move": _move,
        "duplicate": lambda c: _put(c, c.data[c.low : c.high], c.spot),
        "swap lines": _swap,
        "truncate": lambda c: c.data[: c.low],
        "behead": lambda c: c.data[c.low :],
        "drop last break": lambda c: c.data.rstrip(b"\r\n"),
        "splice": _splice,
        "be as another": _other,
        "join another": lambda c: c.data + _other(c),
        "insert NUL": lambda c: _put(c, b"\0", c.low),
    },
    1: {
        "line breaks": _breaks,
        "drop NULs": lambda c: c.data.replace(b"\0", b""),
        "byte order mark": _toggle(b"\xef\xbb\xbf", b"\xef\xbb\xbf".__add__, lambda d: d[3:]),
        "utf-16-le": _wide("utf-16-le", b"\xff\xfe"),
        "utf-16-be": _wide("utf-16-be", b"\xfe\xff"),
        "gzip": _toggle(b"\x1f\x8b", lambda d: gzip.compress(d, 1, mtime=0), _unpacked),
        "zip": lambda c: zipped(c.data),
        "append a zip": lambda c: c.data + zipped(_piece(c)),
        "minify": lambda c: _put(c, c.data[c.low : c.high].replace(b"\n", b"; "), c.low, c.high),
        "indent": lambda c: c.data.replace(b"\n", b"\n  "),
        "repeat": lambda c: _put(c, c.data[c.low : _short(c)] * 50, c.low),
        "far away": lambda c: _put(c, piece("one long line", c.rng.getrandbits(4)), c.low),
        "empty": lambda _: b"",
        "be a pointer": lambda c: piece("lfs pointer", c.rng.getrandbits(4)),
        "NULs": lambda c: _put(c, bytes(c.rng.choice((1, 3, 200))), c.rng.choice((0, c.low))),
    },
}
OPERATIONS = {name: op for group in _BY_WEIGHT.values() for name, op in group.items()}
_DRAWN = [name for weight, group in _BY_WEIGHT.items() for name in group for _ in range(weight)]


def edit(rng):
    """Return an edit, a local one rather than one that changes everything."""
    return Edit(rng.choice(_DRAWN), *(rng.getrandbits(24) for _ in range(4)))


def contents(rng, most):
    """Return the kinds and seeds of the pieces of a file's first content."""
    return tuple((rng.choice(KINDS), rng.getrandbits(12)) for _ in range(rng.randint(1, most)))


def joined(pieces):
    """Return the content that `contents` has drawn: pieces and lines of noise in turn."""
    return b"".join(piece(*p) + piece("noise", n) for n, p in enumerate(pieces))[:LARGEST]
