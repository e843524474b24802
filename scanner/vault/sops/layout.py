"""Where the keys and values of a SOPS file stand in its YAML text.

PyYAML's parser only says where scalars begin and end; a file is changed at those places and never
written anew, so that comments, order and line ends stay.
"""

from typing import Any, NamedTuple

import yaml

from scanner.vault.sops.scalars import plain
from scanner.vault.store import IntegrityError

Path = tuple[str, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 100
_MOST = 200_000  # values in a file
_CORE = "tag:yaml.org,2002:"


class Leaf(NamedTuple):
    """A scalar value from `start` to `end` in the text.

    `path` holds the keys that lead to it, as SOPS counts them: a position in a sequence is none.
    `name` holds keys and positions. `text` is what it says: None for null, the words that the MAC
    is made of for what is no `string`. `key` is where its own key begins, -1 in a sequence.
    `inline` tells that it ends in the line where it begins, with no bracket around it.
    """

    path: Path
    name: str
    text: str | None
    string: bool
    start: int
    end: int
    key: int
    inline: bool


class Layout(NamedTuple):
    """All values in order, and where each key of the outermost mapping begins."""

    leaves: tuple[Leaf, ...]
    keys: dict[str, int]
    flow: bool


def layout(text: str, *, aliases: bool = False) -> Layout:
    """Return what stands where in `text`, one YAML document that is a mapping.

    Raises IntegrityError for what SOPS does not write: several documents, merge keys, a key that
    stands there twice or is no string, more than 100 levels, and aliases; with `aliases`, those of
    scalars are followed.
    """
    reading = _Reading(aliases)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reading.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise IntegrityError(f"line {mark.line + 1 if mark else 1} is not YAML") from None
    top = reading.top
    if top is None or not top.mapping:
        raise IntegrityError("line 1 is not a YAML mapping")
    return Layout(tuple(reading.leaves), top.keys, top.flow)


class _Level:
    """A mapping or sequence that is being read, with the key whose value comes next."""

    def __init__(self, path: Path, name: str, mapping: bool, flow: bool) -> None:
        self.path = path
        self.name = name
        self.mapping = mapping
        self.flow = flow
        self.keys: dict[str, int] = {}
        self.key: str | None = None
        self.count = 0

    def child(self) -> tuple[Path, str, int]:
        """Return path, name and place of the key for the value that comes next."""
        if self.key is None:
            self.count += 1
            return self.path, f"{self.name}/{self.count - 1}", -1
        key, self.key = self.key, None
        return (*self.path, key), f"{self.name}/{key}" if self.name else key, self.keys[key]


class _Reading:
    def __init__(self, aliases: bool) -> None:
        self.top: _Level | None = None
        self.leaves: list[Leaf] = []
        self._levels: list[_Level] = []
        self._anchors: dict[str, Any] | None = {} if aliases else None

    def take(self, event: yaml.Event) -> None:
        """Take in what the parser says next."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._levels.pop()
        elif isinstance(event, yaml.AliasEvent):
            anchors = self._anchors or {}
            if event.anchor not in anchors:
                raise _odd(event, "has an alias that leakseal does not follow")
            self._scalar(anchors[event.anchor])
        elif isinstance(event, yaml.DocumentStartEvent) and self.top:
            raise _odd(event, "begins a second document; keep one in a file")

    def _open(self, event: Any) -> None:
        mapping = isinstance(event, yaml.MappingStartEvent)
        if self._levels:
            above = self._levels[-1]
            if above.mapping and above.key is None:
                raise _odd(event, "has a key that is no string")
            path, name, _ = above.child()
            level = _Level(path, name, mapping, above.flow or bool(event.flow_style))
        else:
            level = self.top = _Level((), "", mapping, bool(event.flow_style))
        self._levels.append(level)
        if len(self._levels) > _DEEPEST:
            raise _odd(event, f"is more than {_DEEPEST} levels deep")

    def _scalar(self, event: Any) -> None:
        if not self._levels:
            raise _odd(event, "is not a YAML mapping")
        if event.anchor and self._anchors is not None:
            self._anchors[event.anchor] = event
        level = self._levels[-1]
        text, string = _meaning(event)
        if level.mapping and level.key is None:
            if text is None or not string or (text == "<<" and not event.style):
                raise _odd(event, "has a key that is no string")
            if text in level.keys:
                raise _odd(event, "has a key for the second time")
            level.keys[text] = event.start_mark.index
            level.key = text
            return
        path, name, key = level.child()
        inline = not level.flow and event.start_mark.line == event.end_mark.line
        span = event.start_mark.index, event.end_mark.index
        self.leaves.append(Leaf(path, name, text, string, *span, key, inline))
        if len(self.leaves) > _MOST:
            raise _odd(event, f"is past the {_MOST} values that leakseal reads")


def _odd(event: Any, what: str) -> IntegrityError:
    return IntegrityError(f"line {event.start_mark.line + 1} {what}")


def _meaning(event: Any) -> tuple[str | None, bool]:
    if event.tag is None and not event.style:
        return plain(event.value)
    if event.tag in (None, "!", _CORE + "str"):
        return event.value, True
    if event.tag.startswith(_CORE) and event.tag != _CORE + "binary":
        return plain(event.value)
    raise _odd(event, "has a tag that leakseal does not know")
