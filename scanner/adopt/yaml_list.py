"""Adds an entry to a list in a YAML file, and leaves every other byte as it was.

The text is never written anew from what it means: comments, order and quotes would be lost. What
comes out is parsed again, and must say what it said before, and the entry besides.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 100
_LARGEST = 1 << 18  # characters
_ODD_BREAK = re.compile("\r(?!\n)|[\x85\u2028\u2029]")  # lines for YAML, but not for editors

_BEGINS, _ENDS = (yaml.MappingStartEvent, yaml.SequenceStartEvent), yaml.CollectionEndEvent


class _Event(NamedTuple):
    """An event of the YAML parser: what it says, and its place in lines and columns from zero."""

    kind: type[yaml.Event]
    value: str | None
    said: tuple[Any, ...]
    flow: bool
    line: int
    column: int
    last_line: int
    last_column: int

    @property
    def step(self) -> int:
        """How much deeper in collections the next event is."""
        return issubclass(self.kind, _BEGINS) - issubclass(self.kind, _ENDS)


class _Place(NamedTuple):
    """Where an entry can go: the index of the line it comes before, and its indentation.

    `head` is whether the list is still to be begun.
    """

    line: int
    column: int
    head: bool


def appended(text: str, key: str, entry: Sequence[str]) -> str | None:
    """Return `text` with the lines of `entry` as the last one of the list under `key`.

    `key` stands at the top; where it does not, it is added. Returns None if that cannot be done:
    the file is no YAML, no mapping, or has the list in another notation.
    """
    if len(text) > _LARGEST or _ODD_BREAK.search(text):
        return None
    events = _parsed(text)
    place = _place(events, key, text) if events else None
    if events is None or place is None:
        return None
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.removesuffix("\n").split("\n") if text else []
    if lines and not text.endswith("\n"):
        lines[-1] += end[:-1]
    indent = " " * place.column
    added = [f"{key}:"] if place.head else []
    added += [indent + ("  " if index else "- ") + line for index, line in enumerate(entry)]
    lines[place.line : place.line] = [line + end[:-1] for line in added]
    changed = "\n".join(lines) + "\n"
    return changed if _says(changed, events, key, entry, head=place.head) else None


def texts(text: str, key: str) -> list[str]:
    """Return the texts in the list under `key`, at the top of a YAML file; none if it has none."""
    events = _parsed(text) if len(text) <= _LARGEST else None
    if not events or len(events) < 4 or events[2].kind is not yaml.MappingStartEvent:
        return []
    start = _value(events, key)
    if start is None or events[start].kind is not yaml.SequenceStartEvent:
        return []
    return [event.value for event in events[start : _after(events, start)] if event.value]


def _parsed(text: str) -> list[_Event] | None:
    events, depth = [], 0
    try:
        for event in yaml.parse(text, _LOADER):
            events.append(_event(event))
            depth += events[-1].step
            if depth > _DEEPEST:
                return None
    except (yaml.YAMLError, ValueError):
        return None
    return events


def _event(event: Any) -> _Event:
    start, end = event.start_mark, event.end_mark
    said = (getattr(event, name, None) for name in ("anchor", "tag", "value", "implicit"))
    return _Event(
        type(event),
        getattr(event, "value", None),
        (type(event), *said),
        bool(getattr(event, "flow_style", False)),
        *(start.line, start.column, end.line, end.column),
    )


def _place(events: list[_Event], key: str, text: str) -> _Place | None:
    """Return where the entry goes; None where there is no list in block notation."""
    end = text.count("\n") + (text != "" and not text.endswith("\n"))
    if len(events) == 2:  # nothing but comments
        return _Place(end, 0, head=True)
    root = events[2]
    if root.kind is not yaml.MappingStartEvent or root.flow:
        return None
    start = _value(events, key)
    if start is None:
        return _Place(end, 0, head=True) if root.column == 0 else None
    first = events[start]
    if first.kind is not yaml.SequenceStartEvent or first.flow:
        return None
    inner = events[start + 1 : _after(events, start) - 1]
    last = max((_last_line(event) for event in inner if _is_text(event)), default=None)
    return None if last is None else _Place(last + 1, first.column, head=False)


def _value(events: list[_Event], key: str) -> int | None:
    """Return the index of the event that the value of `key` begins with, in the top mapping."""
    index = 3
    while index < len(events) and not issubclass(events[index].kind, _ENDS):
        after = _after(events, index)
        if events[index].value == key:
            return after
        index = _after(events, after)
    return None


def _after(events: list[_Event], index: int) -> int:
    """Return the index of the event after the node that begins at `index`."""
    depth = 0
    while True:
        depth += events[index].step
        index += 1
        if not depth:
            return index


def _is_text(event: _Event) -> bool:
    """Tell whether something is written for an event: a value, a reference, a closing bracket."""
    return not event.step or (event.step < 0 and event.last_column > event.column)


def _last_line(event: _Event) -> int:
    """Return the index of the last line of an event; block text ends where the next line begins."""
    at_start = event.last_column == 0 and event.last_line > event.line
    return event.last_line - at_start


def _says(
    changed: str, before: list[_Event], key: str, entry: Sequence[str], *, head: bool
) -> bool:
    """Tell whether `changed` says what it said `before`, and has the entry where it belongs."""
    after = _parsed(changed)
    alone = _parsed(f"{key}:\n- " + "\n  ".join(entry) + "\n")
    if after is None or alone is None:
        return False
    new, old = [event.said for event in after], [event.said for event in before]
    if len(old) == 2:
        return new == [event.said for event in alone]
    added = [event.said for event in (alone[3:-3] if head else alone[5:-4])]
    start = _value(after, key)
    if start is None:
        return False
    end = _after(after, start) - (not head)
    begin = end - len(added)
    return new[begin:end] == added and new[:begin] + new[end:] == old
