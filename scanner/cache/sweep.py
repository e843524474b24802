"""The entries in a cache folder as a whole: counting them, clearing them, making room."""

import os
import re
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scanner.cache.folder import DRAFT, Folder

KEY_FILE = "key"
_ENTRY = re.compile(r"[0-9a-f]{64}")
_DRAFT = re.compile(r"[0-9a-f]{16}" + re.escape(DRAFT))
_HOUR = 3600
# An entry counts as at least this fraction of all the room, so there are no more than 16,384.
_LEAST = 1 << 14


class CacheInfo(NamedTuple):
    """What a cache holds: `oldest` and `newest` are times of last use, in seconds of the epoch."""

    path: str
    entries: int
    bytes: int
    oldest: float | None
    newest: float | None


class Cleared(NamedTuple):
    """What was removed from a cache."""

    entries: int
    bytes: int


class _Entry(NamedTuple):
    used: float
    size: int
    name: str


def info(folder: Folder) -> CacheInfo:
    """Return what `folder` holds; raises OSError."""
    entries = list(_entries(folder.files()))
    used = [entry.used for entry in entries]
    size = sum(entry.size for entry in entries)
    newest = max(used, default=None)
    return CacheInfo(folder.path, len(entries), size, min(used, default=None), newest)


def clear(folder: Folder) -> Cleared:
    """Remove every entry, every draft and the key that entries are sealed with.

    Files that no cache writes, directories and symbolic links stay. Raises OSError.
    """
    found = list(folder.files())
    gone = [entry for entry in _entries(found) if folder.remove(entry.name)]
    for name, _ in found:
        if _DRAFT.fullmatch(name) or name == KEY_FILE:
            folder.remove(name)
    return Cleared(len(gone), sum(entry.size for entry in gone))


def make_room(folder: Folder, limit: int) -> None:
    """Remove what was not used longest, if all entries together are over `limit` bytes.

    Also removes drafts that a killed process left behind. Raises OSError.
    """
    now = time.time()
    found = list(folder.files())
    for name, status in found:
        if _DRAFT.fullmatch(name) and abs(now - status.st_mtime) > _HOUR:
            folder.remove(name)
    # A time in the future would otherwise keep its entry for ever.
    order = sorted(e if e.used < now + _HOUR else e._replace(used=0) for e in _entries(found))
    held = sum(charge(entry.size, limit) for entry in order)
    if held <= limit:
        return
    for entry in order:
        if held <= limit - limit // 8:  # room for more, or every entry written would remove one
            return
        folder.remove(entry.name)
        held -= charge(entry.size, limit)


def charge(size: int, limit: int) -> int:
    """Return what an entry of `size` bytes takes of `limit`."""
    return max(size, limit // _LEAST)


def _entries(files: Iterable[tuple[str, os.stat_result]]) -> Iterator[_Entry]:
    for name, status in files:
        if _ENTRY.fullmatch(name):
            yield _Entry(status.st_mtime, status.st_size, name)
