"""Patterns that are searched rather than tried at a place, in either engine's syntax.

`re2` is the syntax of Go and RE2 (https://github.com/google/re2/wiki/Syntax): no look-around, no
backreferences, and a search takes time linear in the text whatever the pattern is. `python` is
Python's own; such a pattern was checked by `linear` when its pack was read.
"""

import re
from collections.abc import Iterator
from functools import cache, cached_property
from importlib import import_module
from typing import Any, NamedTuple

from scanner.errors import RuleError

ENGINES = ("python", "re2")
_MEMORY = 64 << 20  # bytes that one compiled RE2 pattern may take
_MOST_GROUPS = 100  # RE2 may remember where each began and ended for every part of a pattern
Span = tuple[int, int]


class Searcher:
    """A pattern made ready to search with.

    RE2 reads UTF-8 as characters; in text that is not UTF-8 every byte is one.
    """

    def __init__(self, pattern: str, engine: str) -> None:
        """Compile `pattern`; raise RuleError if it is invalid or its engine is not installed."""
        self.pattern = pattern
        self.engine = engine
        self._main = self._made(latin=False)
        self.names: dict[str, int] = {_text(name): n for name, n in self._main.groupindex.items()}
        self.groups: int = self._main.groups
        if self.groups > _MOST_GROUPS:
            raise RuleError(f"pattern has more than {_MOST_GROUPS} groups; write (?:…) for most")

    def found(self, text: bytes) -> bool:
        """Tell whether the pattern is found anywhere in `text`."""
        return self._for(text).search(text) is not None

    def spans(self, text: bytes, *, utf8: bool) -> Iterator[Span]:
        """Yield where the matches stand, which do not overlap and are not empty.

        `utf8` is what `is_utf8` says of `text`.
        """
        regex = self._main if utf8 or self.engine == "python" else self._bytewise
        for match in regex.finditer(text):
            start, end = match.span()
            if end > start:
                yield start, end

    def parts(self, text: bytes) -> list[Span]:
        """Return where the first match and its groups stand, (-1, -1) for a group without."""
        match = self._for(text).search(text)
        return [match.span(n) for n in range(self.groups + 1)] if match is not None else []

    def _for(self, text: bytes) -> Any:
        return self._main if self.engine == "python" or is_utf8(text) else self._bytewise

    @cached_property
    def _bytewise(self) -> Any:
        return self._made(latin=True)

    def _made(self, *, latin: bool) -> Any:
        if self.engine == "python":
            try:
                return re.compile(self.pattern.encode("ascii"))
            except (re.error, OverflowError, UnicodeEncodeError) as error:
                raise RuleError(f"pattern is invalid: {error}") from None
        re2 = _re2()
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY
        if latin:
            options.encoding = re2.Options.Encoding.LATIN1
        try:
            return re2.compile(self.pattern.encode("utf-8", "replace"), options)
        except re2.error as error:
            raise RuleError(f"pattern is invalid: {_reason(error)}") from None


@cache
def searcher(pattern: str, engine: str) -> Searcher:
    """Return what searches for `pattern`; raises as `Searcher` does."""
    return Searcher(pattern, engine)


class Searchers(NamedTuple):
    """Several patterns, one of which has to be found."""

    each: tuple[Searcher, ...]

    def found(self, text: bytes) -> bool:
        """Tell whether any of the patterns is found anywhere in `text`."""
        return any(one.found(text) for one in self.each)

    def parts(self, text: bytes) -> list[Span]:
        """Return where the first match of any of the patterns stands, as `Searcher.parts` does."""
        return min(filter(None, (one.parts(text) for one in self.each)), default=[])


@cache
def any_of(patterns: tuple[str, ...], engine: str) -> Searcher | Searchers:
    """Return what searches for any of `patterns`; raises as `Searcher` does."""
    if len(patterns) > 1 and engine != "python":
        try:
            return searcher("|".join(f"(?:{pattern})" for pattern in patterns), engine)
        except RuleError:  # as together they are too large, or have groups of one name
            pass
    each = tuple(searcher(pattern, engine) for pattern in patterns)
    return each[0] if len(each) == 1 else Searchers(each)


def required(engine: str) -> None:
    """Raise RuleError, saying what to install, if there is nothing to search with `engine`."""
    if engine != "python":
        _re2()


def engine_name(engine: str) -> str:
    """Return the name and version of an engine, for the key of a kept result."""
    if engine == "python":
        return engine
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow, seldom

    try:
        return f"{engine} {version('google-re2')}"
    except PackageNotFoundError:
        return engine


def is_utf8(text: bytes) -> bool:
    """Tell whether `text` is valid UTF-8."""
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _re2() -> Any:
    try:
        return import_module("re2")
    except ImportError:
        raise RuleError(
            "rules in the syntax of Go or RE2 need the package google-re2; "
            "install it with: pip install 'leakseal[re2]'"
        ) from None


def _reason(error: Exception) -> str:
    (said,) = error.args[:1] or ("",)
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
