"""Evaluates filter expressions (docs/import.md) over one match.

Texts are bytes. What makes no sense, such as a number that is compared with a text, is not true.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from scanner.detect.randomness import entropy, surprise
from scanner.detect.words import is_word
from scanner.rulepack.expression import Node, check, written_out
from scanner.rulepack.searchers import any_of

_LONGEST = 1 << 16  # bytes of a text that an expression looks at; a whole content can be longer
_RUN = re.compile(rb"[0-9]+|[A-Za-z]+|[^0-9A-Za-z]+")
_WORD = re.compile(rb"[A-Za-z]{5,40}")
_LARGEST = 1 << 63  # a number of Expr
_BYTES_A_TOKEN = 2.5  # betterleaks' threshold
_BITS_A_TOKEN = 12.5


class _NoValueError(Exception):
    """An operation has no value for what it was given."""


def holds(expression: str, finding: Mapping[str, Any]) -> bool:
    """Tell whether `expression` is true of `finding`; raise RuleError if it is not understood."""
    try:
        return _value(_tree(expression), finding, {}) is True
    except _NoValueError:
        return False


@cache
def _tree(expression: str) -> Node:
    return check(expression)


def _value(node: Node, finding: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    op, args = node.op, node.args
    if op == "text":
        return args[0].encode()
    if op == "number":
        return args[0]
    if op in ("true", "false", "nil"):
        return {"true": True, "false": False, "nil": None}[op]
    if op == "finding":
        return finding[args[0]]
    if op == "name":
        return names[args[0]]
    if op == "let":
        inner = {**names, args[0]: _value(args[1], finding, names)}
        return _value(args[2], finding, inner)
    if op in ("||", "&&", "?", "??"):
        return _chosen(node, finding, names)
    if op == "call":
        return _called(node, finding, names)
    if op == "list":
        values = [_value(each, finding, names) for each in args]
        if any(isinstance(value, list) for value in values):
            raise _NoValueError
        return values
    values = [None if each is None else _value(each, finding, names) for each in args]
    if op == "matches":
        return any_of((args[1].args[0],), "re2").found(_text(values[0]))
    return _OPERATIONS[op](*values)


def _chosen(node: Node, finding: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    """Return the value of an operator that does not need all its operands."""
    if node.op == "??":
        first = _value(node.args[0], finding, names)
        return _value(node.args[1], finding, names) if first is None else first
    if node.op == "?":
        first = _truth(_value(node.args[0], finding, names))
        return _value(node.args[1 if first else 2], finding, names)
    decisive = node.op == "||"
    for each in node.args:
        if _truth(_value(each, finding, names)) == decisive:
            return decisive
    return not decisive


def _called(node: Node, finding: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    name, *arguments = node.args
    if name in ("matchesAny", "findMatch"):
        patterns = written_out(arguments[1]) or ()
        text = _text(_value(arguments[0], finding, names))
        if name == "matchesAny":
            return bool(patterns) and any_of(patterns, "re2").found(text)
        parts = any_of(patterns, "re2").parts(text) if patterns else []
        return text[slice(*parts[0])] if parts else b""
    return _FUNCTIONS[name](*(_value(each, finding, names) for each in arguments))


def _text(value: Any) -> bytes:
    if not isinstance(value, bytes) or len(value) > _LONGEST:
        raise _NoValueError
    return value


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _NoValueError
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _NoValueError
    return value


def _bounded(value: int | float) -> int | float:
    """Return a number that is not too large, so that none grows without bound."""
    if not -_LARGEST <= value < _LARGEST:  # nor is what is no number
        raise _NoValueError
    return value


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def operation(first: Any, second: Any) -> bool:
        if isinstance(first, bytes) and isinstance(second, bytes):
            return compare(first, second)
        return compare(_number(first), _number(second))

    return operation


def _arithmetic(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def operation(first: Any, second: Any) -> Any:
        try:
            return _bounded(compute(_number(first), _number(second)))
        except ZeroDivisionError:
            raise _NoValueError from None

    return operation


def _sum(first: Any, second: Any) -> Any:
    if isinstance(first, bytes) and isinstance(second, bytes):
        return _text(first) + _text(second)
    return _bounded(_number(first) + _number(second))


def _in(value: Any, many: Any) -> bool:
    if not isinstance(many, list):
        raise _NoValueError
    return value in many


def _index(value: Any, at: Any) -> Any:
    if not isinstance(value, bytes | list) or not isinstance(at, int):
        raise _NoValueError
    try:
        return value[at : at + 1] if isinstance(value, bytes) and at >= 0 else value[at]
    except IndexError:
        raise _NoValueError from None


def _slice(value: Any, first: Any, last: Any) -> Any:
    if not isinstance(value, bytes | list):
        raise _NoValueError
    ends = [None if end is None else int(_number(end)) for end in (first, last)]
    if len(range(len(value))[slice(*ends)]) > _LONGEST:
        raise _NoValueError
    return value[slice(*ends)]


def _contains_any(text: Any, words: Any) -> bool:
    if not isinstance(words, list):
        raise _NoValueError
    lowered = _text(text).lower()
    return any(_text(word) in lowered for word in words)


def _count_of(text: Any, characters: Any) -> int:
    return len(_text(text)) - len(_text(text).translate(None, _text(characters)))


def _length(value: Any) -> int:
    if not isinstance(value, bytes | list):
        raise _NoValueError
    return len(value)


def _inefficient(value: Any) -> bool:
    """Tell whether a text is made of words, as one that takes few tokens is.

    The vocabulary that betterleaks counts tokens with is not at hand. A token is taken to be three
    digits, or as many letters as are together as surprising as a usual one; a text with a known
    word of five letters or more is made of words, there as here.
    """
    text = _text(value)
    if any(is_word(run.lower()) for run in _WORD.findall(text)):
        return True
    tokens = sum(map(_tokens, _RUN.findall(text)))
    return bool(text) and len(text) >= _BYTES_A_TOKEN * tokens


def _tokens(run: bytes) -> float:
    """Return about how many tokens a run of digits, of letters or of other characters takes."""
    if run.isdigit():
        return -(-len(run) // 3)
    if run.isalpha():
        return max(1.0, len(run) * surprise(run) / _BITS_A_TOKEN)
    return 0.7 * len(run)


def _no_attributes(*_: Any) -> Any:
    raise _NoValueError


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "==": lambda first, second: first == second,
    "!=": lambda first, second: first != second,
    "<": _ordered(lambda first, second: first < second),
    "<=": _ordered(lambda first, second: first <= second),
    ">": _ordered(lambda first, second: first > second),
    ">=": _ordered(lambda first, second: first >= second),
    "in": _in,
    "contains": lambda text, part: _text(part) in _text(text),
    "startsWith": lambda text, part: _text(text).startswith(_text(part)),
    "endsWith": lambda text, part: _text(text).endswith(_text(part)),
    "+": _sum,
    "-": _arithmetic(lambda first, second: first - second),
    "*": _arithmetic(lambda first, second: first * second),
    "/": _arithmetic(lambda first, second: first / second),
    "%": _arithmetic(lambda first, second: first % second),
    "!": lambda value: not _truth(value),
    "negative": lambda value: -_number(value),
    "index": _index,
    "slice": _slice,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "entropy": lambda text: entropy(_text(text)),
    "failsTokenEfficiency": _inefficient,
    "containsAny": _contains_any,
    "len": _length,
    "lower": lambda text: _text(text).lower(),
    "upper": lambda text: _text(text).upper(),
    "trim": lambda text: _text(text).strip(),
    "max": lambda first, second: max(_number(first), _number(second)),
    "min": lambda first, second: min(_number(first), _number(second)),
    "indexOf": lambda text, part: _text(text).find(_text(part)),
    "hasPrefix": lambda text, part: _text(text).startswith(_text(part)),
    "hasSuffix": lambda text, part: _text(text).endswith(_text(part)),
    "contains": lambda text, part: _text(part) in _text(text),
    "countOf": _count_of,
    "get": _no_attributes,
}
