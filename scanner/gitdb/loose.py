"""Reads loose objects: one zlib-compressed file each, `kind size NUL content`."""

import os
import re
from collections.abc import Iterator

from scanner.gitdb.damage import DamageError, OversizeError
from scanner.gitdb.files import map_regular
from scanner.gitdb.inflate import inflate, prefix

_FOLDER = re.compile(r"[0-9a-f]{2}")
_NAME = re.compile(r"[0-9a-f]+")
_TEMPORARY = "tmp_obj_"
_HEADER = re.compile(rb"(blob|tree|commit|tag) ([0-9]{1,18})\0")


def loose_files(directory: str, hash_size: int) -> Iterator[tuple[str, bytes, int]]:
    """Yield (path, id, size on disk) for each loose object in an object directory, sorted.

    The id is the one the file's name claims. It is empty for files that an interrupted git left
    behind under a temporary name.
    """
    for folder in ["", *sorted(filter(_FOLDER.fullmatch, _names(directory)))]:
        for name in sorted(_names(os.path.join(directory, folder))):
            path = os.path.join(directory, folder, name)
            if folder and len(name) == 2 * hash_size - 2 and _NAME.fullmatch(name):
                yield path, bytes.fromhex(folder + name), _size(path)
            elif name.startswith(_TEMPORARY):
                yield path, b"", _size(path)


def loose_path(directory: str, object_id: bytes) -> str:
    """Return where an object directory keeps an object if it is loose."""
    name = object_id.hex()
    return os.path.join(directory, name[:2], name[2:])


def read_loose(path: str, limit: int) -> tuple[bytes, bytes]:
    """Return (kind, content) of a loose object.

    Raises OversizeError if the content is longer than `limit`, DamageError if the file is not a
    loose object, and OSError if it cannot be read.
    """
    buffer = map_regular(path)
    header = _HEADER.match(prefix(buffer[:256], 64))
    if header is None:
        raise DamageError("has no valid header")
    size = int(header[2])
    if size > limit:
        raise OversizeError(f"{size} bytes")
    data, _ = inflate(buffer, 0, len(buffer), header.end() + size)
    return header[1], data[header.end() :]


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
