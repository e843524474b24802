"""Keeps what was read last, within a number of bytes."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class ByteCache(Generic[Key]):
    """Maps keys to (kind, content); what was not asked for longest goes first."""

    def __init__(self, budget: int) -> None:
        """Hold at most `budget` bytes of content."""
        self._budget = budget
        self._held = 0
        self._values: OrderedDict[Key, tuple[bytes, bytes]] = OrderedDict()

    def get(self, key: Key) -> tuple[bytes, bytes] | None:
        """Return what is kept under `key`, if it still is."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: Key, value: tuple[bytes, bytes]) -> None:
        """Keep `value`, unless it alone would take half of the budget."""
        size = len(value[1])
        if key in self._values or size > self._budget // 2:
            return
        self._values[key] = value
        self._held += size
        while self._held > self._budget:
            _, (_, dropped) = self._values.popitem(last=False)
            self._held -= len(dropped)
