"""Texts of which every match of a pattern holds one: keywords for rules that name none."""

import re
import warnings
from typing import Any

from scanner.errors import RuleError
from scanner.rulepack.imported.syntax import Piece, pieces

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from re import _constants as c  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]

_SHORTEST, _LONGEST = 3, 64
_LONG_ENOUGH = 8
_MOST = 64
_FEW = 8  # characters of a class that are told apart
_ANY = r"[\s\S]"
_MAPPED = {"flags": "", "class": _ANY, "sign": _ANY, "repeat": None, "close": ")", "or": "|"}
Words = frozenset[str]


def literals(pattern: str) -> tuple[str, ...]:
    """Return lower-case texts of which each match of `pattern` holds one; none if there are none.

    Upper and lower case are not told apart. `pattern` is in the syntax of RE2.
    """
    try:
        skeleton = "".join(map(_skeleton, pieces(pattern)))
        tree = parser.parse(skeleton)
    except (RuleError, re.error, OverflowError, RecursionError):
        return ()
    words = _needed(list(tree.data))
    return tuple(sorted(words)) if words else ()


def _skeleton(piece: Piece) -> str:
    """Return a part in Python's syntax, with any text in place of what is no literal."""
    kind, text = piece
    if kind == "open":
        return "(?:"
    if kind == "literal":
        return re.escape(text) if text.isascii() else _ANY
    if kind == "escape":
        if text[-1:] in "bBAz" and len(text) == 2:
            return ""
        return re.escape(text[-1]) if len(text) <= 2 and not text[-1].isalnum() else _ANY
    if kind == "class" and re.fullmatch(r"\[[A-Za-z0-9_-]{1,8}\]", text) and "-" not in text[2:-2]:
        return text
    if kind == "sign":
        return _ANY if text == "." else ""
    return _MAPPED[kind] if _MAPPED[kind] is not None else text  # type: ignore[return-value]


def _needed(items: list[Any]) -> Words | None:
    """Return the best of the texts that a sequence has to hold."""
    best: Words | None = None
    runs = {""}
    for item in [*_flat(items), (None, None)]:
        longer = _followed(runs, _exact(item))
        if longer is not None:
            runs = longer
            continue
        op, argument = item
        if op is c.BRANCH:
            best = _better(best, _of_all([list(branch.data) for branch in argument[1]]))
            openings = [_opening(list(branch.data)) for branch in argument[1]]
            runs = _followed(runs, set().union(*openings)) or runs
        best = _better(best, frozenset(run[:_LONGEST] for run in runs))
        runs = {""}
        if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT) and argument[0] > 0:
            best = _better(best, _needed(list(argument[2].data)))
    return best


def _followed(runs: set[str], exact: set[str] | None) -> set[str] | None:
    if exact is None or len(runs) * len(exact) > _MOST:
        return None
    return {run + text for run in runs for text in exact}


def _exact(item: tuple[Any, Any]) -> set[str] | None:
    """Return all texts that a part can match; None if they are not few."""
    op, argument = item
    if op is c.LITERAL and argument != 10:
        return {chr(argument).lower()}
    if op is c.IN and all(o is c.LITERAL for o, _ in argument) and len(argument) <= _FEW:
        return {chr(character).lower() for _, character in argument}
    if op is c.BRANCH:
        texts: set[str] = set()
        for branch in argument[1]:
            found: set[str] | None = {""}
            for part in _flat(list(branch.data)):
                found = None if found is None else _followed(found, _exact(part))
            if found is None:
                return None
            texts |= found
        return texts if len(texts) <= _MOST else None
    return None


def _opening(items: list[Any]) -> set[str]:
    """Return the texts that a sequence begins with, as far as they are exact."""
    runs = {""}
    for item in _flat(items):
        longer = _followed(runs, _exact(item))
        if longer is None:
            break
        runs = longer
    return runs


def _flat(items: list[Any]) -> list[Any]:
    """Return a sequence with the groups in it opened, so that texts run on through them."""
    flat: list[Any] = []
    for op, argument in items:
        if op is c.SUBPATTERN:
            flat += _flat(list(argument[3].data))
        else:
            flat.append((op, argument))
    return flat


def _of_all(branches: list[list[Any]]) -> Words | None:
    words: set[str] = set()
    for branch in branches:
        found = _needed(branch)
        if found is None:
            return None
        words |= found
    return frozenset(words)


def _better(first: Words | None, second: Words | None) -> Words | None:
    return max((first, second), key=_worth) if _worth(second) > (0, 0) else first


def _worth(words: Words | None) -> tuple[int, int]:
    if not words or len(words) > _MOST:
        return 0, 0
    shortest = min(map(len, words))
    return (0, 0) if shortest < _SHORTEST else (min(shortest, _LONG_ENOUGH), -len(words))
