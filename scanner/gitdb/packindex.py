"""Tables of object ids and offsets: pack indexes, version 1 and 2 (gitformat-pack(5)).

Nothing here is trusted: whoever reads an object by these offsets checks its id by hashing.
"""

import hashlib
import struct
import sys
from array import array
from collections.abc import Iterable, Iterator
from itertools import pairwise

from scanner.gitdb.damage import PackDamageError
from scanner.gitdb.files import Buffer, map_regular

_V2 = b"\xfftOc\x00\x00\x00\x02"
_FANOUT = 256 * 4
_LARGE = 0x80000000


class PackIndex:
    """The ids of a pack's objects in ascending order, with their offsets."""

    __slots__ = (
        "_buffer",
        "_fanout",
        "_hash_size",
        "_ids_at",
        "_large_at",
        "_offsets_at",
        "_stride",
        "count",
    )

    def __init__(self, buffer: Buffer, hash_size: int) -> None:
        """Read the layout of an index file's content; raises PackDamageError if it has none."""
        self._buffer = buffer
        self._hash_size = hash_size
        second = buffer[:8] == _V2
        fanout_at = 8 if second else 0
        start = fanout_at + _FANOUT
        if len(buffer) < start + 2 * hash_size:
            raise PackDamageError("index is cut short")
        self._fanout = struct.unpack_from(">256I", buffer, fanout_at)
        self.count = self._fanout[255]
        if any(low > high for low, high in pairwise(self._fanout)):
            raise PackDamageError("index has a fan-out table that descends")
        if second:
            self._ids_at, self._offsets_at = start, start + self.count * (hash_size + 4)
            self._stride = 0
            self._large_at = self._offsets_at + self.count * 4
            end = self._large_at
        else:
            self._ids_at, self._offsets_at, self._stride = start + 4, start, hash_size + 4
            self._large_at = end = start + self.count * self._stride
        if len(buffer) < end + 2 * hash_size:
            raise PackDamageError("index is cut short")

    @classmethod
    def load(cls, path: str, hash_size: int) -> "PackIndex":
        """Return the index in a file; raises PackDamageError if it cannot be used."""
        try:
            return cls(map_regular(path), hash_size)
        except (OSError, ValueError) as error:
            raise PackDamageError(f"index cannot be read: {error}") from None

    @classmethod
    def build(cls, entries: Iterable[tuple[bytes, int]], hash_size: int) -> "PackIndex":
        """Return an index in memory of (id, offset) pairs."""
        pairs = sorted(dict(entries).items())
        fanout = [0] * 256
        for object_id, _ in pairs:
            fanout[object_id[0]] += 1
        for byte in range(1, 256):
            fanout[byte] += fanout[byte - 1]
        small: list[int] = []
        large: list[int] = []
        for _, offset in pairs:
            if offset < _LARGE:
                small.append(offset)
            else:
                small.append(_LARGE | len(large))
                large.append(offset)
        content = b"".join(
            (
                _V2,
                struct.pack(">256I", *fanout),
                *(object_id for object_id, _ in pairs),
                bytes(4 * len(pairs)),
                struct.pack(f">{len(small)}I", *small),
                struct.pack(f">{len(large)}Q", *large),
                bytes(2 * hash_size),
            )
        )
        return cls(content, hash_size)

    def id_at(self, row: int) -> bytes:
        """Return the id in `row`, counted from 0."""
        stride = self._stride or self._hash_size
        start = self._ids_at + row * stride
        return self._buffer[start : start + self._hash_size]

    def offset_at(self, row: int) -> int:
        """Return the offset in `row`; -1 if it points outside of the table of large offsets."""
        (offset,) = struct.unpack_from(">I", self._buffer, self._offsets_at + row * self._width)
        return self._large(offset) if offset & _LARGE and not self._stride else offset

    def find(self, object_id: bytes) -> int:
        """Return the offset of an object, or -1 if the index does not name it."""
        row = self.row(object_id)
        return row if row < 0 else self.offset_at(row)

    def row(self, object_id: bytes) -> int:
        """Return the row of an object, or -1 if the index does not name it."""
        first = object_id[0]
        low = int(self._fanout[first - 1]) if first else 0
        high = int(self._fanout[first])
        while low < high:
            middle = (low + high) // 2
            found = self.id_at(middle)
            if found < object_id:
                low = middle + 1
            elif found > object_id:
                high = middle
            else:
                return middle
        return -1

    def ids(self) -> Iterator[bytes]:
        """Yield every id in the order of the index."""
        return map(self.id_at, range(self.count))

    def pairs(self) -> Iterator[tuple[bytes, int]]:
        """Yield (id, offset) in the order of the index."""
        return ((self.id_at(row), self.offset_at(row)) for row in range(self.count))

    def joined_ids(self) -> bytes:
        """Return all ids in the order of the index, joined."""
        if self._stride:
            return b"".join(self.ids())
        return bytes(self._buffer[self._ids_at : self._ids_at + self.count * self._hash_size])

    def offsets(self) -> "array[int]":
        """Return the offsets in the order of the index; 0 for one that cannot be told."""
        if self._stride:
            return array("Q", (self.offset_at(row) for row in range(self.count)))
        table = self._small_offsets()
        if self.count and max(table) & _LARGE:
            return array("Q", (max(self._large(o), 0) if o & _LARGE else o for o in table))
        return array("Q", table)

    @property
    def checksum(self) -> bytes:
        """Return what the index says is the checksum of its own bytes."""
        return bytes(self._buffer[len(self._buffer) - self._hash_size :])

    def belongs_to(self, checksum: bytes) -> bool:
        """Tell whether the index names a pack's checksum as its pack's, and has its own right."""
        own = len(self._buffer) - self._hash_size
        digest = hashlib.new("sha1" if self._hash_size == 20 else "sha256", usedforsecurity=False)
        digest.update(memoryview(self._buffer)[:own])
        named = self._buffer[own - self._hash_size : own]
        return named == checksum and self._buffer[own:] == digest.digest()

    def by_offset(self) -> list[tuple[int, bytes]]:
        """Return (offset, id) for every object, in the order they lie in the pack."""
        if self._stride:
            offsets = [self.offset_at(row) for row in range(self.count)]
        else:
            table = self._small_offsets()
            offsets = [self._large(o) if o & _LARGE else o for o in table]
        return sorted(zip(offsets, self.ids(), strict=True))

    def _small_offsets(self) -> "array[int]":
        table = array("I")
        table.frombytes(self._buffer[self._offsets_at : self._offsets_at + 4 * self.count])
        if sys.byteorder == "little":
            table.byteswap()
        return table

    @property
    def _width(self) -> int:
        return self._stride or 4

    def _large(self, offset: int) -> int:
        start = self._large_at + 8 * (offset & ~_LARGE)
        if start + 8 > len(self._buffer):
            return -1
        (value,) = struct.unpack_from(">Q", self._buffer, start)
        return int(value)
