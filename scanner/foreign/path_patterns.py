"""Regular expressions over paths, as globs of the settings.

Only what globs say as well is translated: text, classes of characters, `.*`, `[^/]*`, alternatives
and anchors. Everything else has no translation, since one that hid more than its original would
hide leaks.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise, product

from scanner.triage.globs import pattern

_MOST = 64  # globs that one expression may become
_LONGEST = 1000  # characters of an expression
_DEEPEST = 8
_ANYTHING, _SEGMENT, _ONE, _FOLDERS = "**", "*", "?", "**/"
_MANY = (_ANYTHING, _SEGMENT)
_BELOW = "*/**/"
_CLASSES = {"d": "[0-9]", "w": "[0-9A-Za-z_]"}
_LITERAL = re.compile(r"[^\\.^$|?*+()\[\]{}]")
_REPEAT = re.compile(r"\{[0-9,]*\}")
_IGNORED = re.compile(r"\(\?i\)")
_CLASS = re.compile(r"\[(\^?)((?:\\[-.\]\[^_/\\]|[^\\\]\[])+)\]")
_PLAIN_CLASS = re.compile(r"(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9_.,@+ -])+")
_GROUP = re.compile(r"\(\?:|\((?!\?)")
_BEGIN = re.compile(r"\^|\\A")
_END = re.compile(r"\$|\\z|\\Z")

Glob = tuple[str, ...]
"""A glob in pieces; a piece of `_START` or `_STOP` stands for an anchor."""
_START, _STOP = "\\A", "\\Z"
_REPEATED: dict[Glob, str] = {(_ONE,): _ANYTHING, ("[^/]",): _SEGMENT}


class _UnsaidError(Exception):
    """Something of an expression that no glob says."""


def globs(expression: str) -> tuple[str, ...] | None:
    """Return globs that match where `expression` is found in a path; None if no globs do.

    A dot becomes `?`, which is any character but `/`. A glob of a directory means all below it,
    which an expression that ends in `$` does not.
    """
    text = expression
    folded = _IGNORED.match(text) is not None
    text = text[4:] if folded else text
    if len(text) > _LONGEST:
        return None
    try:
        reader = _Reader(text, folded=folded)
        alternatives = reader.alternatives(0)
        if reader.at != len(text):
            return None
        found = tuple(_tidied(_glob(pieces) for pieces in alternatives))
    except _UnsaidError:
        return None
    useful = all(glob.strip("*/?") and pattern(glob) is not None for glob in found)
    return found if useful else None


class _Reader:
    """Reads an expression from left to right."""

    def __init__(self, text: str, *, folded: bool) -> None:
        self._text = text
        self._folded = folded
        self.at = 0

    def alternatives(self, depth: int) -> list[Glob]:
        """Return the globs of what stands between here and the end of the group."""
        if depth > _DEEPEST:
            raise _UnsaidError
        found = self._sequence(depth)
        while self._text.startswith("|", self.at):
            self.at += 1
            found += self._sequence(depth)
            _bounded(found)
        return found

    def _sequence(self, depth: int) -> list[Glob]:
        made: list[Glob] = [()]
        while self.at < len(self._text) and self._text[self.at] not in "|)":
            made = _joined(made, self._repeated(self._atom(depth)))
        return made

    def _atom(self, depth: int) -> list[Glob]:
        for read in (self._anchor, self._class, self._character):
            piece = read()
            if piece is not None:
                return [(piece,)]
        if not self._took(_GROUP):
            raise _UnsaidError
        inner = self.alternatives(depth + 1)
        if not self._text.startswith(")", self.at):
            raise _UnsaidError
        self.at += 1
        return inner

    def _repeated(self, atom: list[Glob]) -> list[Glob]:
        sign = self._text[self.at : self.at + 1]
        if sign not in ("*", "+", "?"):
            if _REPEAT.match(self._text, self.at):
                raise _UnsaidError
            return atom
        self.at += 1
        if self._text.startswith("?", self.at):  # lazy: found all the same
            self.at += 1
        if sign == "?":
            return [*atom, ()]
        many = _REPEATED.get(atom[0]) if len(atom) == 1 else None
        if many is None:
            raise _UnsaidError
        return [(many,)] if sign == "*" else [(_ONE, many)]

    def _anchor(self) -> str | None:
        if self._took(_BEGIN):
            return _START
        return _STOP if self._took(_END) else None

    def _class(self) -> str | None:
        found = _CLASS.match(self._text, self.at)
        if found is None:
            return None
        self.at = found.end()
        negated, inner = found[1], re.sub(r"\\(.)", r"\1", found[2])
        if negated and inner == "/":
            return "[^/]"
        if negated or not _PLAIN_CLASS.fullmatch(inner) or inner.startswith("-"):
            raise _UnsaidError
        if self._folded and re.search("[A-Za-z]", inner):
            inner = inner + inner.swapcase()
        return f"[{inner}]"

    def _character(self) -> str | None:
        text = self._text[self.at]
        if text == "\\":
            escaped = self._text[self.at + 1 : self.at + 2]
            self.at += 2
            if escaped in _CLASSES:
                return _CLASSES[escaped]
            if not escaped or escaped.isalnum():
                raise _UnsaidError
            return _literal(escaped, folded=False)
        if text == ".":
            self.at += 1
            return _ONE
        if _LITERAL.fullmatch(text):
            self.at += 1
            return _literal(text, folded=self._folded)
        return None

    def _took(self, wanted: re.Pattern[str]) -> bool:
        found = wanted.match(self._text, self.at)
        self.at = found.end() if found else self.at
        return found is not None


def _literal(character: str, *, folded: bool) -> str:
    if folded and character.lower() != character.upper():
        if not character.isascii():
            raise _UnsaidError
        return f"[{character.lower()}{character.upper()}]"
    if character in "*?[":
        return f"[{character}]"
    if character in "]\\\n":
        raise _UnsaidError
    return character


def _joined(left: list[Glob], right: list[Glob]) -> list[Glob]:
    return _bounded([one + two for one, two in product(left, right)])


def _bounded(found: list[Glob]) -> list[Glob]:
    if len(found) > _MOST:
        raise _UnsaidError
    return found


def _glob(pieces: Glob) -> str:
    """Return the glob of an alternative, found anywhere where no anchor says otherwise."""
    start, stop = pieces[:1] == (_START,), pieces[-1:] == (_STOP,)
    body = pieces[start : len(pieces) - stop]
    if _START in body or _STOP in body or (start and body[:1] == ("/",)):
        raise _UnsaidError
    if stop and body[-1:] == ("/",):
        raise _UnsaidError
    lead, tail = () if start else (_ANYTHING,), () if stop else (_ANYTHING,)
    joined = "".join(_merged((*lead, *body, *tail)))
    if not start and "/" not in joined and _ANYTHING not in joined[1:]:
        return joined[1:]  # a name may lie in any directory
    return "/" + joined if start else joined


def _merged(pieces: Glob) -> Iterator[str]:
    """Yield the pieces, but wildcards that another beside them says already.

    Anything before a `/` is the rest of a name, and folders: `**/` may be no folder at all.
    """
    once = [p for before, p in pairwise(("", *pieces)) if not before == p == _ANYTHING]
    for piece, following in pairwise((*once, "")):
        if piece in _MANY and following in _MANY:
            raise _UnsaidError
        if piece == _ANYTHING and following == "/":
            yield _SEGMENT + "/" + _ANYTHING
        else:
            yield _ONE if piece == "[^/]" else piece


def _tidied(found: Iterable[str]) -> Iterator[str]:
    """Yield globs, with one for those at the top and in folders together."""
    whole = dict.fromkeys(found)
    for glob in whole:
        if glob.startswith(_BELOW) and "/" + glob.removeprefix(_BELOW) in whole:
            continue
        yield _FOLDERS + glob[1:] if glob[0] == "/" and _BELOW + glob[1:] in whole else glob
