"""A JSON object read member by member, strictly: what is missing, odd or unknown is damage."""

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from scanner.report.escape import as_text, visible

_MOST = (1 << 63) - 1  # what a scan could ever count
_Value = TypeVar("_Value")
_Type = TypeVar("_Type")


class Damage(Exception):
    """Says where something in a saved report is not as leakseal writes it."""


class Members:
    """The members of one object; each may be asked for, and `done` tells of any that was not.

    All methods raise Damage for what is not there or not of its kind.
    """

    def __init__(self, value: object, where: str) -> None:
        """Take an object; `where` names it in errors, empty for the outermost."""
        if not isinstance(value, dict):
            raise Damage(f"{where or 'the whole'} is no object")
        self._members: dict[str, object] = dict(value)
        self._where = where

    def has(self, name: str) -> bool:
        """Tell whether there is such a member that was not asked for yet."""
        return name in self._members

    def text(self, name: str, pattern: str = "") -> str:
        """Return a string, which matches `pattern` as a whole if there is one."""
        value = self._take(name, str)
        if not value.isascii():
            self._check(name, as_text(value.encode("utf-8", "surrogatepass")) == value)
        self._check(name, not pattern or re.fullmatch(pattern, value))
        return value

    def raw(self, name: str) -> bytes:
        """Return bytes: those of a string, or of the member that goes with it in base64."""
        text = self.text(name)
        if f"{name}_bytes" not in self._members:
            return text.encode()
        try:
            value = b64decode(self.text(f"{name}_bytes"), validate=True)
        except ValueError:
            raise self._damage(f"{name}_bytes") from None
        self._check(f"{name}_bytes", as_text(value) == text and value != text.encode())
        return value

    def path_text(self, name: str) -> str:
        """Return what `raw` does as text, with surrogates for what is not UTF-8."""
        return self.raw(name).decode("utf-8", "surrogateescape")

    def number(self, name: str) -> int:
        """Return a whole number that is not negative and fits into 64 bits."""
        value = self._take(name, int)
        self._check(name, not isinstance(value, bool) and 0 <= value <= _MOST)
        return value

    def flag(self, name: str) -> bool:
        """Return a truth value."""
        return self._take(name, bool)

    def one_of(self, name: str, values: Mapping[str, _Value]) -> _Value:
        """Return what `values` has for the string."""
        value = self.text(name)
        self._check(name, value in values)
        return values[value]

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings."""
        values = self._take(name, list)
        good = (isinstance(v, str) and as_text(v.encode("utf-8", "replace")) == v for v in values)
        self._check(name, all(good))
        return tuple(values)

    def each(self, name: str, read: "Callable[[Members], _Value]") -> tuple[_Value, ...]:
        """Return what `read` makes of each object of a list."""
        values: Iterable[object] = self._take(name, list)
        members = (Members(v, f"{self._name(name)}[{n}]") for n, v in enumerate(values))
        return tuple(_whole(each, read) for each in members)

    def of(self, name: str, read: "Callable[[Members], _Value]") -> _Value:
        """Return what `read` makes of an object."""
        return _whole(Members(self._take(name, dict), self._name(name)), read)

    def of_if_any(self, name: str, read: "Callable[[Members], _Value]") -> _Value | None:
        """Return the same, None for null."""
        if name in self._members and self._members[name] is None:
            del self._members[name]
            return None
        return self.of(name, read)

    def numbers(self) -> dict[str, int]:
        """Return all members, each a whole number."""
        return {name: self.number(name) for name in tuple(self._members)}

    def everything(self) -> dict[str, object]:
        """Return all members as they are."""
        taken, self._members = self._members, {}
        return taken

    def must(self, name: str, holds: object) -> None:
        """Raise Damage in the name of a member unless something `holds`."""
        self._check(name, holds)

    def done(self) -> None:
        """Raise Damage if there are members that nobody asked for."""
        for name in self._members:
            raise Damage(f"{visible(self._name(name))} is not known")

    def _take(self, name: str, kind: type[_Type]) -> _Type:
        if name not in self._members:
            raise Damage(f"{self._name(name)} is missing")
        value = self._members.pop(name)
        if not isinstance(value, kind):
            raise self._damage(name)
        return value

    def _check(self, name: str, holds: object) -> None:
        if not holds:
            raise self._damage(name)

    def _damage(self, name: str) -> Damage:
        return Damage(f"{self._name(name)} is not what it should be")

    def _name(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name


def _whole(members: Members, read: Callable[[Members], _Value]) -> _Value:
    value = read(members)
    members.done()
    return value
