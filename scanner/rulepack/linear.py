"""Refuses patterns that could take more than linear time, and tells how far a pattern reaches.

A pattern is tried at a keyword hit, so its cost is bounded if the text it can match is bounded and
no repeat inside it can be split in many ways. Python's own parser gives the tree to check.
"""

import re
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

from scanner.errors import RuleError

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from re import _constants as c  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]

LONGEST_MATCH = 16384
_REPEATS = (c.MAX_REPEAT, c.MIN_REPEAT)
_SINGLE = (c.IN, c.LITERAL, c.NOT_LITERAL, c.ANY)
_ANY = frozenset(range(256))
_VARIABLE = (*_REPEATS, c.BRANCH, c.SUBPATTERN)
_BACKTRACKING_LIMIT = 20000
_DEEPEST = 60  # groups within each other
_ROUNDS = 16  # of a repeat; more of them only make a number larger that is too large already


class Reach(NamedTuple):
    """What a pattern can match: at most `width` bytes, with a line break among them or not.

    `one_line` tells that whether it matches depends on nothing but the line it matches in, with the
    line's break and the byte before it.
    """

    width: int
    multiline: bool
    one_line: bool


def check(pattern: str) -> Reach:
    """Return the reach of `pattern`; raise RuleError if it is invalid or costs too much."""
    if _depth(pattern) > _DEEPEST:
        raise RuleError(f"pattern is nested too deep: more than {_DEEPEST} groups in each other")
    try:
        re.compile(pattern.encode("ascii"))
        tree = parser.parse(pattern.encode("ascii"))
    except (re.error, UnicodeEncodeError, OverflowError) as error:
        raise RuleError(f"pattern is invalid: {error}") from None
    _, width = tree.getwidth()
    if width > LONGEST_MATCH:
        raise RuleError(
            f"pattern can match more than {LONGEST_MATCH} bytes; "
            "bound every repeat, such as {1,200} in place of +"
        )
    if _repeats_groups(tree.data):
        raise RuleError(
            "a possessive repeat of more than one character is matched wrongly by Python before "
            "3.11.5; write (?>(?:…){1,9}) in place of (?:…){1,9}+"
        )
    ways = _ways(tree.data)
    if ways > _BACKTRACKING_LIMIT:
        raise RuleError(
            f"pattern may be tried in about {ways} ways at one place; make repeats that "
            "stand side by side match different characters, or possessive"
        )
    multiline = bool(tree.state.flags & re.DOTALL) or _multiline(tree.data)
    return Reach(width, multiline, not multiline and not _looks_beyond(tree))


def _depth(pattern: str) -> int:
    """Return how deep groups may be nested; brackets in a class count as well."""
    deepest = depth = 0
    for character in re.sub(r"(?s)\\.", "", pattern):
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    return deepest


def _repeats_groups(items: list[Any]) -> bool:
    """Tell whether anything but single characters is repeated possessively."""
    for op, argument in items:
        if op is c.POSSESSIVE_REPEAT:
            body = list(argument[2])
            if len(body) != 1 or body[0][0] not in _SINGLE:
                return True
        if any(map(_repeats_groups, _parts(op, argument))):
            return True
    return False


def _ways(items: list[Any]) -> int:
    """Estimate in how many ways a sequence can be split between its repeats."""
    return _split(items, frozenset())[0]


def _split(items: list[Any], before: frozenset[int]) -> tuple[int, frozenset[int]]:
    """Return the ways of a sequence, and the bytes that a repeat at its end can match.

    `before` are those of a repeat right before it: what could stand in either, may be tried in
    both. What takes no text, or need not take any, keeps two repeats together; a group's bounds do
    not part them either.
    """
    ways, previous = 1, before
    for op, argument in items:
        if op in _REPEATS:
            own, previous = _repeat(argument, previous)
            ways *= own
        elif op is c.SUBPATTERN:
            own, previous = _split(argument[3].data, previous)
            ways *= own
        elif op is c.BRANCH:
            split = [_split(branch.data, previous) for branch in argument[1]]
            ways *= max(own for own, _ in split)
            previous = frozenset().union(*(tail for _, tail in split))
        elif op is c.ATOMIC_GROUP:
            ways *= _split(argument.data, previous)[0]
            previous = frozenset() if argument.getwidth()[0] else previous
        elif op in (c.ASSERT, c.ASSERT_NOT):
            ways *= _split(argument[1].data, frozenset())[0]
        elif op is c.POSSESSIVE_REPEAT:
            previous = frozenset() if argument[0] else previous
        elif op in _SINGLE:
            previous = frozenset()
    return ways, previous


def _repeat(argument: Any, before: frozenset[int]) -> tuple[int, frozenset[int]]:
    """Return the same for a repeat after `before`."""
    low, high, part = argument
    body, chars = part.data, frozenset(_sequence_chars(part.data))
    inner, tail = _split(body, before)
    again, shapes = _split(body, tail)[0], _variety(body)
    if not (shapes == 1 or high == 1 or _separated(body)):
        inner, again = max(inner, shapes), max(again, shapes)
    inner *= again ** (min(int(high), _ROUNDS) - 1) if high else 1
    if low == high:
        return inner, tail
    choices = _choices(argument) if before & chars else 1
    return choices * inner, chars | tail | (before if low == 0 else frozenset())


def _variety(items: list[Any]) -> int:
    """Return in how many shapes a sequence can match, were all characters the same."""
    shapes = 1
    for op, argument in items:
        if op in _REPEATS:
            shapes *= _choices(argument) * _variety(argument[2].data)
        elif op is c.SUBPATTERN:
            shapes *= _variety(argument[3].data)
        elif op is c.BRANCH:
            firsts = [_sequence_chars(branch.data) or _ANY for branch in argument[1]]
            shapes *= max(_variety(branch.data) for branch in argument[1])
            shapes *= max(sum(byte in first for first in firsts) for byte in range(256))
    return shapes


def _choices(argument: Any) -> int:
    low, high, _ = argument
    return int(min(high, LONGEST_MATCH)) - int(low) + 1


def _separated(items: list[Any]) -> bool:
    """Tell whether text can be split into repetitions of `items` in one way only.

    It is so if they begin or end with what nothing variable in them can match. Alternatives have to
    begin differently, each with what nothing variable in another can match.
    """
    if len(items) == 1:
        op, argument = items[0]
        if op is c.SUBPATTERN:
            return _separated(argument[3].data)
        if op is c.BRANCH:
            return _separate([branch.data for branch in argument[1]])
        return op in _SINGLE
    variable = _variable_chars(items)
    ends = [_first_chars(*item) for item in (items[0], items[-1]) if item[0] not in _VARIABLE]
    return any(chars and not chars & variable for chars in ends)


def _separate(branches: list[Any]) -> bool:
    firsts = [_sequence_chars(branch) for branch in branches]
    variable = [_variable_chars(branch) for branch in branches]
    return all(branch and _separated(branch) for branch in branches) and not any(
        first & other or first & inside
        for n, first in enumerate(firsts)
        for m, (other, inside) in enumerate(zip(firsts, variable, strict=True))
        if m != n
    )


def _variable_chars(items: list[Any]) -> set[int]:
    """Return the bytes that the variable parts of a sequence can match, anywhere in them."""
    return set().union(*(_every_char([item]) for item in items if item[0] in _VARIABLE))


def _every_char(items: list[Any]) -> set[int]:
    chars: set[int] = set()
    for op, argument in items:
        if op in _SINGLE:
            chars |= _first_chars(op, argument)
        elif op not in (c.ASSERT, c.ASSERT_NOT):
            for part in _parts(op, argument):
                chars |= _every_char(part.data)
    return chars


def _first_chars(op: Any, argument: Any) -> set[int]:
    """Return the bytes an item can begin with; for repeats and groups, those of their bodies."""
    if op is c.LITERAL:
        return _both_cases({argument})
    if op is c.NOT_LITERAL:
        return set(range(256)) - {argument}
    if op is c.ANY:
        return set(range(256)) - {10}
    if op is c.IN:
        return _in_chars(argument)
    if op in _REPEATS or op is c.POSSESSIVE_REPEAT:
        return _sequence_chars(argument[2].data)
    if op is c.SUBPATTERN:
        return _sequence_chars(argument[3].data)
    if op is c.ATOMIC_GROUP:
        return _sequence_chars(argument.data)
    if op is c.BRANCH:
        return set().union(*(_sequence_chars(branch.data) for branch in argument[1]))
    return set()


def _sequence_chars(items: list[Any]) -> set[int]:
    chars: set[int] = set()
    for op, argument in items:
        chars |= _first_chars(op, argument)
        if op not in (*_REPEATS, c.AT, c.ASSERT, c.ASSERT_NOT) or (
            op in _REPEATS and argument[0] > 0
        ):
            break
    return chars


_CATEGORIES = {
    c.CATEGORY_DIGIT: rb"\d",
    c.CATEGORY_NOT_DIGIT: rb"\D",
    c.CATEGORY_SPACE: rb"\s",
    c.CATEGORY_NOT_SPACE: rb"\S",
    c.CATEGORY_WORD: rb"\w",
    c.CATEGORY_NOT_WORD: rb"\W",
}


def _in_chars(items: list[Any]) -> set[int]:
    chars: set[int] = set()
    negate = False
    for op, argument in items:
        if op is c.NEGATE:
            negate = True
        elif op is c.LITERAL:
            chars.add(argument)
        elif op is c.RANGE:
            chars.update(range(argument[0], argument[1] + 1))
        elif op is c.CATEGORY:
            found = re.compile(_CATEGORIES[argument])
            chars.update(b for b in range(256) if found.match(bytes([b])))
    return set(range(256)) - chars if negate else _both_cases(chars)


def _both_cases(chars: set[int]) -> set[int]:
    return chars | set(bytes(chars).swapcase())


def _multiline(items: list[Any]) -> bool:
    """Tell whether any part that consumes text can match a line break."""
    for op, argument in items:
        if op in (*_REPEATS, c.POSSESSIVE_REPEAT):
            if _multiline(argument[2].data):
                return True
        elif op is c.SUBPATTERN:
            if _multiline(argument[3].data):
                return True
        elif op is c.ATOMIC_GROUP:
            if _multiline(argument.data):
                return True
        elif op is c.BRANCH:
            if any(_multiline(branch.data) for branch in argument[1]):
                return True
        elif op not in (c.ASSERT, c.ASSERT_NOT) and 10 in _first_chars(op, argument):
            return True
    return False


def _looks_beyond(tree: Any) -> bool:
    """Tell whether an assertion can look further than one byte past the line."""
    for op, argument in tree.data:
        # `$` also looks at what follows the last line break.
        if op is c.AT and argument is c.AT_END:
            return True
        if op in (c.ASSERT, c.ASSERT_NOT):
            body = argument[1]
            if body.getwidth()[1] > 1 and _multiline(body.data):
                return True
        if any(map(_looks_beyond, _parts(op, argument))):
            return True
    return False


def _parts(op: Any, argument: Any) -> list[Any]:
    """Return the patterns that a step of a pattern is made of."""
    if op in (*_REPEATS, c.POSSESSIVE_REPEAT):
        return [argument[2]]
    if op is c.SUBPATTERN:
        return [argument[3]]
    if op is c.ATOMIC_GROUP:
        return [argument]
    if op is c.BRANCH:
        return list(argument[1])
    if op in (c.ASSERT, c.ASSERT_NOT):
        return [argument[1]]
    if op is c.GROUPREF_EXISTS:
        return [part for part in argument[1:] if part is not None]
    return []


class Sight(NamedTuple):
    """How many bytes before and after where it is tried a pattern may look at.

    `one_line` tells that it looks no further than the byte before its line and the line's break.
    """

    before: int
    after: int
    one_line: bool


def sight(pattern: str) -> Sight | None:
    """Return what decides whether and how `pattern` matches at a place; None if without bound."""
    tree = parser.parse(pattern.encode("ascii"))
    behind, ahead = _looks(tree)
    if max(behind, ahead) > LONGEST_MATCH:
        return None
    multiline = bool(tree.state.flags & re.DOTALL) or _multiline(tree.data)
    # Two bytes more for what takes none, such as `$` before the last line break.
    return Sight(behind + 2, ahead + 2, not multiline and not _looks_beyond(tree))


def _looks(tree: Any) -> tuple[int, int]:
    """Return how far a part may look back and ahead; each assertion as if it stood at an end."""
    behind, ahead = 0, int(tree.getwidth()[1])
    for direction, body in _assertions(tree):
        width = int(body.getwidth()[1])
        if direction < 0:
            behind += width
        else:
            ahead += width
    return behind, ahead


def _assertions(tree: Any) -> Iterator[tuple[int, Any]]:
    """Yield direction and body of every assertion, those within others too."""
    for op, argument in tree.data:
        if op in (c.ASSERT, c.ASSERT_NOT):
            yield argument
        for part in _parts(op, argument):
            yield from _assertions(part)
