"""Reads YAML and JSON that others wrote: rules, and a project's settings.

What it says is of bounded size, and an error tells where the file is wrong, never what stands
there: it may be another file than was meant, with credentials in it.
"""

import json
import re
from collections.abc import Collection, Iterable

import yaml

from scanner.errors import RuleError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LEAST = 1 << 18  # characters and values that any document may have
_TIMES = 8  # as many as it has bytes: one without references has no more
_DEEPEST = 100
_LARGEST_NUMBER = 1 << 63
_SURROGATE = re.compile("[\ud800-\udfff]")
# What the file says; not a sign or a token, such as ']' or '<scalar>'.
_QUOTED = re.compile(r"'(?P<sign>[^']{1,2}|<[^']*>)?[^']*'|\"[^\"]*\"")


def parsed(text: bytes) -> object:
    """Return what YAML says; raise RuleError saying where it is none, but not what stands there."""
    try:
        _shallow(text)
        loader = _LOADER(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _distinct(node)
        return bounded(loader.construct_document(node), len(text))
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "a character may not stand there"
        mark, position = getattr(error, "problem_mark", None), getattr(error, "position", 0)
        line = mark.line if mark else text.count(b"\n", 0, position)
        raise RuleError(f"not YAML: {_QUOTED.sub(_shown, str(problem))}, line {line + 1}") from None
    except RecursionError:
        raise RuleError("not YAML: nested too deep") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise RuleError("not YAML: a value is none of the type that it is written as") from None


def _shallow(text: bytes) -> None:
    """Raise RuleError if collections are nested deep, which would end the process in libyaml."""
    depth = 0
    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                where = f", line {event.start_mark.line + 1}" if event.start_mark else ""
                raise RuleError(f"not YAML: nested more than {_DEEPEST} deep{where}")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _distinct(top: yaml.Node) -> None:
    """Raise RuleError if a mapping has a key twice: who reads the first may not see the last."""
    left, seen = [top], {id(top)}
    while left:
        node = left.pop()
        inner: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            _without_repetition([key for key, _ in node.value])
            inner = [each for pair in node.value for each in pair]
        elif isinstance(node, yaml.SequenceNode):
            inner = node.value
        new = [each for each in inner if id(each) not in seen]
        seen.update(map(id, new))
        left += new


def _without_repetition(keys: Iterable[yaml.Node]) -> None:
    known = set()
    for key in keys:
        if isinstance(key, yaml.ScalarNode):
            if (key.tag, key.value) in known:
                where = f", line {key.start_mark.line + 1}" if key.start_mark else ""
                raise RuleError(f"a key stands there twice{where}")
            known.add((key.tag, key.value))


def _shown(quoted: re.Match[str]) -> str:
    return quoted[0] if quoted[0] == f"'{quoted['sign']}'" else "…"


def from_json(text: bytes) -> object:
    """Return what JSON (RFC 8259) says; raise RuleError as `parsed` does."""
    try:
        return bounded(json.loads(text), len(text))
    except json.JSONDecodeError as error:
        raise RuleError(f"not JSON: {error.msg}, line {error.lineno}") from None
    except RecursionError:
        raise RuleError("not JSON: nested too deep") from None
    except ValueError:  # as of a number of more digits than Python takes, or what is no UTF-8
        raise RuleError("not JSON: a number is too large, or a character is none") from None


def bounded(document: object, written: int) -> object:
    """Return `document`, that `written` bytes say; raise RuleError for numbers that are none.

    Also for too much of anything: a few lines of YAML can refer to each other so that they stand
    for more than memory holds.
    """
    left, size, most = [document], 0, max(_LEAST, _TIMES * written)
    while left:
        value = left.pop()
        size += len(value) + 1 if isinstance(value, Collection) else 1
        if size > most:
            raise RuleError("what it refers to is too much together")
        if isinstance(value, dict):
            left += [*value, *value.values()]
        elif isinstance(value, list | tuple | set):
            left += value
        elif isinstance(value, int | float) and not -_LARGEST_NUMBER < value < _LARGEST_NUMBER:
            raise RuleError("a number is too large, or none")
        elif isinstance(value, str) and not value.isascii() and _SURROGATE.search(value):
            raise RuleError("a text holds half a character")
    return document
