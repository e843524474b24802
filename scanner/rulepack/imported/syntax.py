"""Takes patterns of Go, RE2, Rust and Vectorscan apart, to write them as RE2 reads them.

RE2 (https://github.com/google/re2/wiki/Syntax) has no verbose mode, and no comments. In Rust's
verbose mode blanks in a class count as little as those outside
(https://docs.rs/regex/latest/regex/#grouping-and-flags).
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanner.errors import RuleError

_GROUP = re.compile(r"\(\?(?:P?<(?P<name>\w+)>|(?P<flags>[A-Za-z]*(?:-[A-Za-z]+)?)(?P<end>[:)]))")
_COMMENT = re.compile(r"\(\?#[^)]*\)")
_REPEAT = re.compile(r"(?:[*+?]|\{\d+(?:,\d*)?\})[?+]?")
_ESCAPE = re.compile(
    r"\\(?:x\{[0-9A-Fa-f]{1,6}\}|x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]{1,6}\}|u[0-9A-Fa-f]{4}"
    r"|[pP]\{\^?\w+\}|[pP]\w|[0-7]{3}|.)",
    re.DOTALL,
)
_SLASHLESS = re.compile(r"\\[wdsbBAz.\-$^+*?()\[\]{}|]|\[(?:\w-\w|[\w.~@-]|\\[wds.-])+\]", re.ASCII)
_BOUNDS = re.compile(r"\{(\d{1,5})(?:,(\d{1,5}))?\}(\??)")
_MOST_REPEATS = 1000
_POSIX = re.compile(r"\[:\^?\w+:\]")
_SET_OPERATION = ("&&", "--", "~~")
_KNOWN_FLAGS = frozenset("imsUxu")


class Piece(NamedTuple):
    """A part of a pattern: its text in RE2's syntax, and what it is.

    `kind` is `open`, `close`, `flags`, `class`, `escape`, `literal`, `repeat`, `or` or `sign`, the
    last for `.`, `^` and `$`.
    """

    kind: str
    text: str


def pieces(pattern: str) -> list[Piece]:
    """Return the parts of `pattern`; raise RuleError for what RE2 has no way to say."""
    return list(_Reader(pattern).pieces())


def text(parts: Sequence[Piece]) -> str:
    """Return the pattern that has these parts."""
    return "".join(part.text for part in parts)


def rewritten(pattern: str) -> str:
    """Return a pattern of Rust or Vectorscan in RE2's syntax; raise RuleError if it has none."""
    parts = pieces(pattern)
    opened: list[int] = []
    unit = 0
    for at, (kind, written) in enumerate(parts):
        if kind == "repeat":
            bounds = _BOUNDS.fullmatch(written)
            if bounds is not None:
                parts[at] = Piece("repeat", _in_steps(text(parts[unit:at]), bounds))
            continue
        unit = at
        if kind == "open":
            opened.append(at)
        elif kind == "close":
            unit = opened.pop()
    return text(parts)


def _in_steps(repeated: str, bounds: re.Match[str]) -> str:
    """Return a repeat of more than the 1000 times that RE2 takes at once as several."""
    low, high, lazy = int(bounds[1]), int(bounds[2] or bounds[1]), bounds[3]
    if high <= _MOST_REPEATS or "(" in re.sub(r"\\.|\(\?[^P]", "", repeated):
        return bounds[0]
    first = min(low, _MOST_REPEATS)
    steps = [f"{{{first},{_MOST_REPEATS}}}{lazy}"]
    low, high = low - first, high - _MOST_REPEATS
    while high > 0:
        first = min(low, _MOST_REPEATS)
        steps.append(f"{repeated}{{{first},{min(high, _MOST_REPEATS)}}}{lazy}")
        low, high = low - first, high - _MOST_REPEATS
    return "".join(steps)


def with_secret(pattern: str, group: int) -> str:
    """Return a pattern of Go whose capturing group with this number is named `secret`.

    For 0 no group has that name. Raises RuleError if there are not so many groups.
    """
    parts = pieces(pattern)
    count = 0
    for at, part in enumerate(parts):
        if part.kind == "open" and (part.text == "(" or part.text.startswith("(?P<")):
            count += 1
            if count == group:
                parts[at] = Piece("open", "(?P<secret>")
            elif part.text == "(?P<secret>":
                parts[at] = Piece("open", "(")
    if group > count:
        raise RuleError(f"there is no group {group}, only {count}")
    return text(parts)


def of_name(pattern: str) -> str:
    """Return a pattern for a file's name that is found in the name of every path `pattern` is in.

    It is what follows the last part that may stand for a slash, of every alternative; nothing if
    one need not end where the path does, since it may be found in a directory's name.
    """
    parts = pieces(pattern)
    flags = "".join(part.text for part in parts if part.kind == "flags")
    ends: list[str] = []
    units: list[str] = []
    for unit in [*_units(parts), [Piece("or", "|")]]:
        if unit[0].kind == "or":
            if re.search("[m-]", flags) or not units or units[-1] not in ("$", r"\z"):
                return ""
            ends.append("".join(units))
            units = []
        elif not all(map(_no_slash, unit)):
            units = []
        elif unit[0].kind != "flags":
            units.append(text(unit))
    return flags + "|".join(ends)


def _units(parts: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield each part that is in no group, and each whole group, with its repeat."""
    depth, unit = 0, list[Piece]()
    for at, part in enumerate(parts):
        depth += (part.kind == "open") - (part.kind == "close")
        unit.append(part)
        repeated = at + 1 < len(parts) and parts[at + 1].kind == "repeat"
        if depth <= 0 and not repeated:
            yield unit
            unit = []


def _no_slash(part: Piece) -> bool:
    """Tell whether a part certainly stands for no slash."""
    if part.kind in ("class", "escape"):
        return _SLASHLESS.fullmatch(part.text) is not None
    return part.text not in (".", "/")


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._verbose = [False]

    def pieces(self) -> Iterator[Piece]:
        pattern = self._pattern
        while self._at < len(pattern):
            character = pattern[self._at]
            if self._verbose[-1] and character.isspace():
                self._at += 1
            elif self._verbose[-1] and character == "#":
                end = pattern.find("\n", self._at)
                self._at = len(pattern) if end < 0 else end
            elif character == "(":
                yield from self._open()
            elif character == ")":
                if len(self._verbose) == 1:
                    raise RuleError("pattern has a ) too many")
                self._verbose.pop()
                yield self._piece("close", 1)
            elif character == "[":
                yield self._class()
            elif character == "\\":
                yield from self._escape()
            else:
                yield self._plain(character)
        if len(self._verbose) > 1:
            raise RuleError("pattern lacks a )")

    def _piece(self, kind: str, size: int) -> Piece:
        start, self._at = self._at, self._at + size
        return Piece(kind, self._pattern[start : self._at])

    def _plain(self, character: str) -> Piece:
        repeat = _REPEAT.match(self._pattern, self._at)
        if repeat is not None:
            return self._piece("repeat", len(repeat[0]))
        kind = {"|": "or", ".": "sign", "^": "sign", "$": "sign"}.get(character, "literal")
        return self._piece(kind, 1)

    def _open(self) -> Iterator[Piece]:
        comment = _COMMENT.match(self._pattern, self._at)
        if comment is not None:
            self._at = comment.end()
            return
        if not self._pattern.startswith("(?", self._at):
            self._verbose.append(self._verbose[-1])
            yield self._piece("open", 1)
            return
        group = _GROUP.match(self._pattern, self._at)
        if group is None:
            what = self._pattern[self._at : self._at + 4]
            raise RuleError(f"{what} is no group of RE2, which cannot look around")
        self._at = group.end()
        if group["name"]:
            self._verbose.append(self._verbose[-1])
            yield Piece("open", f"(?P<{group['name']}>")
            return
        flags, verbose = self._flags(group["flags"])
        if group["end"] == ":":
            self._verbose.append(verbose)
            yield Piece("open", f"(?{flags}:")
        else:
            self._verbose[-1] = verbose
            if flags:
                yield Piece("flags", f"(?{flags})")

    def _flags(self, written: str) -> tuple[str, bool]:
        """Return the flags that RE2 knows as well, and whether blanks count for nothing."""
        on, _, off = written.partition("-")
        for flag in on + off:
            if flag not in _KNOWN_FLAGS:
                raise RuleError(f"the flag {flag} is not known")
        if "u" in off:
            raise RuleError("the flag -u, for bytes that are no text, is not known")
        verbose = "x" in on or (self._verbose[-1] and "x" not in off)
        on, off = (flags.replace("x", "").replace("u", "") for flags in (on, off))
        return (f"{on}-{off}" if off else on), verbose

    def _class(self) -> Piece:
        pattern, start = self._pattern, self._at
        self._at += 1
        found = "["
        if pattern.startswith("^", self._at):
            found += "^"
            self._at += 1
        first = True
        while self._at < len(pattern):
            character = pattern[self._at]
            posix = _POSIX.match(pattern, self._at)
            if character == "]" and not first:
                self._at += 1
                return Piece("class", found + "]")
            if posix is not None:
                found += posix[0]
                self._at = posix.end()
            elif character == "\\":
                found += "".join(piece.text for piece in self._escape())
            elif self._verbose[-1] and character.isspace():
                self._at += 1
                continue
            elif pattern.startswith(_SET_OPERATION, self._at) and not first:
                raise RuleError(f"classes with {pattern[self._at : self._at + 2]} are not known")
            else:
                found += "\\[" if character == "[" else character
                self._at += 1
            first = False
        raise RuleError(f"the class that begins at {pattern[start : start + 8]!r} has no end")

    def _escape(self) -> Iterator[Piece]:
        if self._pattern.startswith("\\Q", self._at):
            end = self._pattern.find("\\E", self._at)
            quoted = self._pattern[self._at + 2 : None if end < 0 else end]
            self._at = len(self._pattern) if end < 0 else end + 2
            yield from (Piece("escape", re.escape(character)) for character in quoted)
            return
        match = _ESCAPE.match(self._pattern, self._at)
        if match is None:
            raise RuleError("pattern ends in a backslash")
        self._at = match.end()
        yield Piece("escape", _escape(match[0]))


def _escape(written: str) -> str:
    if written == "\\Z":
        return "\\z"
    if written.startswith("\\u") and len(written) > 2:
        return "\\x{" + written[2:].strip("{}") + "}"
    if len(written) == 2 and (written[1].isspace() or written[1] in "<>\"'`@%,;:=!&~#/_ "):
        return _plainly(written[1])
    return written


def _plainly(character: str) -> str:
    if character in "<>":
        return character if character == ">" else "<"
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character, character)
