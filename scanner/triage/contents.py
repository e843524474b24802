"""The contents that sightings stand in, read again one at a time."""

import os
from collections.abc import Collection, Iterator

from scanner.gitdb.git import Git, GitError
from scanner.sources import changes
from scanner.sources.files import File, read
from scanner.sources.sighting import Sighting
from scanner.sources.tally import Tally

_LIMIT = 64 << 20  # bytes; a comment in a larger file does not count

Place = tuple[bytes, bytes]
"""The raw id of a blob and nothing, or nothing and the path of a file on disk."""


class Contents:
    """The blobs of one repository and the files below one directory."""

    def __init__(self, git: Git | None, folder: str | None) -> None:
        """Read blobs by `git`, and files below `folder`; what is None has none."""
        self._git = git
        self._folder = folder
        self._head: dict[bytes, bytes] | None = None

    def head(self, path: bytes) -> Place | None:
        """Return the blob that HEAD has at `path`, None if it has none."""
        if self._head is None:
            try:
                self._head = dict(changes.committed(self._git)) if self._git else {}
            except GitError:
                self._head = {}
        id_ = self._head.get(path)
        return (id_, b"") if id_ else None

    def read(self, places: Collection[Place]) -> Iterator[tuple[Place, bytes]]:
        """Yield the content at each of `places` that can be read."""
        if self._git is not None:
            for entry in self._git.batch(sorted(id_ for id_, _ in places if id_), _LIMIT):
                if entry.kind == b"blob":
                    yield (entry.id, b""), entry.data
        for _, path in sorted(place for place in places if place[1]):
            data = self._on_disk(path)
            if data is not None:
                yield (b"", path), data

    def _on_disk(self, path: bytes) -> bytes | None:
        """Return the content of a file; None if it is none, or does not lie in the folder."""
        if self._folder is None:
            return None
        top = os.fsencode(os.path.realpath(self._folder))
        full = os.path.join(top, path)
        if os.path.realpath(full) != full or os.path.islink(full):
            return None
        return read(File(path, full), Tally(), _LIMIT)


def place_of(sighting: Sighting) -> Place | None:
    """Return where the content of a sighting is to be read, None if it is in no file.

    What stands in an LFS object does not stand in the blob that points there.
    """
    where = sighting.occurrence
    if where.place not in ("file", "note", "object") or where.via[:1] == ("lfs",):
        return None
    return (bytes.fromhex(where.object_id), b"") if where.object_id else (b"", where.path)
