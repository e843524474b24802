"""What was worked out lately, by the very bytes it was worked out from."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_ENTRY = 256  # bytes that an entry takes besides what it holds, at a guess
_LARGEST = 8  # no entry may take more than this fraction of all


class Memo(Generic[Key, Value]):
    """A mapping that is emptied whenever it would take more than so many bytes.

    Versions of one content come in a row and share most of it, so nothing cleverer is needed.
    """

    __slots__ = ("_limit", "_used", "entries", "get")

    def __init__(self, limit: int) -> None:
        """Keep at most about `limit` bytes."""
        self.entries: dict[Key, Value] = {}
        self._limit = limit
        self._used = 0
        self.get = self.entries.get

    def keep(self, key: Key, value: Value, size: int) -> Value:
        """Keep `value`, which takes `size` bytes together with its key, and return it."""
        size += _ENTRY
        if size <= self._limit // _LARGEST:
            if self._used + size > self._limit:
                self.entries.clear()
                self._used = 0
            self.entries[key] = value
            self._used += size
        return value
