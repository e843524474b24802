"""Reads a multi-pack-index (gitformat-pack(5), "multi-pack-index (MIDX) files have ...")."""

import struct
from itertools import pairwise

from scanner.gitdb.damage import PackDamageError
from scanner.gitdb.files import map_regular

_HEADER = 12
_LARGE = 0x80000000


def read_multi_pack_index(path: str, hash_size: int) -> dict[str, list[tuple[bytes, int]]]:
    """Return for the stem of each pack's file name the (id, offset) pairs the index puts there.

    Raises PackDamageError if the file cannot be read or does not have the format's shape.
    """
    try:
        buffer = map_regular(path)
    except (OSError, ValueError) as error:
        raise PackDamageError(f"index cannot be read: {error}") from None
    if buffer[:5] != b"MIDX\x01" or len(buffer) < _HEADER:
        raise PackDamageError("not a multi-pack-index of version 1")
    chunks = _chunks(buffer[: _HEADER + 12 * 257], len(buffer), buffer[6])
    try:
        names = buffer[slice(*chunks[b"PNAM"])].split(b"\0")
        ids = buffer[slice(*chunks[b"OIDL"])]
        places = buffer[slice(*chunks[b"OOFF"])]
    except KeyError as error:
        raise PackDamageError(f"multi-pack-index lacks its chunk {error}") from None
    large = buffer[slice(*chunks.get(b"LOFF", (0, 0)))]
    count = len(ids) // hash_size
    if len(ids) % hash_size or len(places) != 8 * count:
        raise PackDamageError("multi-pack-index has tables of unequal length")
    packs = [name.rpartition(b".")[0].decode("utf-8", "surrogateescape") for name in names]
    found: dict[str, list[tuple[bytes, int]]] = {}
    for row, (pack, offset) in enumerate(struct.iter_unpack(">II", places)):
        if offset & _LARGE and large:
            start = 8 * (offset & ~_LARGE)
            if start + 8 > len(large):
                continue
            (offset,) = struct.unpack_from(">Q", large, start)
        if pack < len(packs):
            object_id = ids[row * hash_size : (row + 1) * hash_size]
            found.setdefault(packs[pack], []).append((object_id, offset))
    return found


def _chunks(head: bytes, length: int, count: int) -> dict[bytes, tuple[int, int]]:
    """Return where each chunk begins and ends."""
    if len(head) < _HEADER + 12 * (count + 1):
        raise PackDamageError("multi-pack-index is cut short")
    rows = [struct.unpack_from(">4sQ", head, _HEADER + 12 * n) for n in range(count + 1)]
    chunks: dict[bytes, tuple[int, int]] = {}
    for (name, start), (_, end) in pairwise(rows):
        if start > end or end > length:
            raise PackDamageError("multi-pack-index is cut short")
        chunks[name] = start, end
    return chunks
