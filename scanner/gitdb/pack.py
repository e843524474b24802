"""Reads pack files, version 2 and 3 (gitformat-pack(5)): entries and their inflated bytes.

Resolving deltas is not done here.
"""

import struct
from typing import NamedTuple

from scanner.gitdb.damage import DamageError, OversizeError, PackDamageError
from scanner.gitdb.files import Buffer, map_regular
from scanner.gitdb.inflate import inflate, skim

WHOLE = {1: b"commit", 2: b"tree", 3: b"blob", 4: b"tag"}
OFS_DELTA = 6
REF_DELTA = 7
HEADER = 12
_HEAD = 64
_RATIO = 200


class Entry(NamedTuple):
    """The head of an entry.

    `kind` is a key of WHOLE, OFS_DELTA or REF_DELTA; `size` that of the inflated bytes, which are
    the delta for a delta; `start` where the compressed bytes begin. `base` is an OFS_DELTA's base
    offset and `base_id` a REF_DELTA's base.
    """

    offset: int
    kind: int
    size: int
    start: int
    base: int
    base_id: bytes


class Pack:
    """A pack file, opened on first use and again after `close`."""

    def __init__(self, path: str, hash_size: int) -> None:
        """Name the pack; nothing is opened yet."""
        self.path = path
        self._hash_size = hash_size
        self._buffer: Buffer | None = None

    @property
    def buffer(self) -> Buffer:
        """Return the file's bytes; raises PackDamageError if it is not a readable pack."""
        if self._buffer is None:
            try:
                buffer = map_regular(self.path)
            except (OSError, ValueError) as error:
                raise PackDamageError(f"cannot be opened: {error}") from None
            if buffer[:4] != b"PACK" or buffer[4:8] not in (b"\0\0\0\x02", b"\0\0\0\x03"):
                raise PackDamageError("not a pack of version 2 or 3")
            if len(buffer) < HEADER:
                raise PackDamageError("cut short within its header")
            self._buffer = buffer
        return self._buffer

    @property
    def count(self) -> int:
        """Return how many entries the header declares."""
        return int(struct.unpack_from(">I", self.buffer, 8)[0])

    @property
    def end(self) -> int:
        """Return the offset of the trailing checksum, where the entries of a whole pack end."""
        return max(HEADER, len(self.buffer) - self._hash_size)

    def close(self) -> None:
        """Let go of the file."""
        self._buffer = None

    def entry(self, offset: int) -> Entry:
        """Return the head of the entry at `offset`; raises DamageError if there is none."""
        buffer = self._buffer or self.buffer
        head = buffer[offset : offset + _HEAD] if offset >= HEADER else b""
        try:
            code = head[0]
            position = 1
            kind = (code >> 4) & 7
            size = code & 15
            shift = 4
            while code & 0x80:
                code = head[position]
                position += 1
                size |= (code & 0x7F) << shift
                shift += 7
            if kind in WHOLE:
                return Entry(offset, kind, size, offset + position, -1, b"")
            if kind == REF_DELTA:
                stop = position + self._hash_size
                base_id = head[position:stop]
                if len(base_id) == self._hash_size:
                    return Entry(offset, kind, size, offset + stop, -1, base_id)
            elif kind == OFS_DELTA:
                code = head[position]
                position += 1
                distance = code & 0x7F
                while code & 0x80:
                    code = head[position]
                    position += 1
                    distance = ((distance + 1) << 7) | (code & 0x7F)
                if 0 < distance <= offset - HEADER:
                    return Entry(offset, kind, size, offset + position, offset - distance, b"")
                raise DamageError("delta has its base outside of the pack")
        except IndexError:
            pass
        raise DamageError("no entry begins here")

    def inflate(self, start: int, stop: int, size: int) -> tuple[bytes, int]:
        """Return the `size` bytes compressed from `start` on, and the offset after them.

        `stop` is where they should end, a hint. Raises DamageError.
        """
        return inflate(self._buffer or self.buffer, start, stop, size)

    def scan(self, limit: int) -> tuple[list[int], DamageError | None]:
        """Return the offsets of all entries, found without an index, and what ended the search.

        The second is None if the pack was read to its end. Nothing beyond the first entry that
        cannot be inflated can be found, nor beyond one that inflates to more than sixteen times
        `limit` bytes, nor once the pack turns out to be a bomb.
        """
        offsets: list[int] = []
        position = HEADER
        count = self.count
        end = self.end
        work = 0
        try:
            while position < end or len(offsets) < count:
                entry = self.entry(position)
                work += entry.size
                if work > 64 * limit + _RATIO * position:
                    raise OversizeError("inflates to far more than packs do")
                if entry.size > limit:
                    position = skim(self.buffer, entry.start, entry.size, 16 * limit)
                else:
                    # Compression adds a few bytes at most, so this reaches the end of most streams.
                    stop = entry.start + entry.size + (entry.size >> 8) + 32
                    _, position = self.inflate(entry.start, stop, entry.size)
                offsets.append(entry.offset)
        except DamageError as error:
            where = f"at offset {position} (entry {len(offsets) + 1} of {count})"
            if isinstance(error, OversizeError):
                return offsets, OversizeError(f"{error} {where}; entries after it cannot be found")
            return offsets, PackDamageError(f"{error} {where}; entries after it cannot be found")
        return offsets, None
