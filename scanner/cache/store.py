"""Results by key, on disk, for this user alone; see docs/cache.md for what this protects against.

Every failure means "not kept": a scan never fails over its cache.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Self

from scanner.cache import entry, place, sweep
from scanner.cache.folder import Folder, open_folder
from scanner.cache.key import Key
from scanner.cache.place import Refused
from scanner.cache.sweep import CacheInfo, Cleared

FOLDER = "results"
DEFAULT_LIMIT = 1 << 30
_SWEEPS = 16  # a sweep each time this part of the limit was written


class ResultCache:
    """Maps keys to bytes. Several processes and forks may use one directory at once.

    Values must hold no secret in clear: they are compressed and sealed, not encrypted.
    """

    def __init__(self, folder: Folder, secret: bytes, limit: int = DEFAULT_LIMIT) -> None:
        """Keep results in `folder`, sealed with `secret`, about `limit` bytes of them."""
        self._folder = folder
        self._secret = secret
        self._limit = limit
        self._unswept = limit  # others may have filled it: the first write looks

    @classmethod
    def open(
        cls,
        environ: Mapping[str, str],
        refused: Callable[[str], None] | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Self | None:
        """Open the user's cache, made if need be; see `place.directory` for where it is.

        None if it cannot be used or trusted; `refused` is then told why, in one line.
        """
        try:
            folder = open_folder(place.directory(environ), FOLDER, create=True)
            return None if folder is None else cls(folder, _secret(folder), limit)
        except Refused as refusal:
            if refused is not None:
                refused(str(refusal))
            return None

    def get(self, key: Key) -> bytes | None:
        """Return what was kept under `key`; None, and it is removed, if it is not as it was."""
        name = entry.name(self._secret, key.encoded())
        try:
            content = self._folder.read(name, entry.LARGEST_ENTRY)
        except OSError:
            return None
        value = None if content is None else entry.unseal(self._secret, name, content)
        if value is None:
            self._folder.remove(name)
        return value

    def put(self, key: Key, value: bytes) -> None:
        """Keep `value` under `key` if that is possible; it must hold no secret in clear."""
        if len(value) > entry.LARGEST_VALUE:
            return
        name = entry.name(self._secret, key.encoded())
        content = entry.seal(self._secret, name, value)
        if len(content) > self._limit // 2:
            return
        with suppress(OSError):
            self._folder.write(name, content)
            self._unswept += sweep.charge(len(content), self._limit)
            if self._unswept >= self._limit // _SWEEPS:
                self._unswept = 0
                sweep.make_room(self._folder, self._limit)

    def info(self) -> CacheInfo:
        """Return what is kept; raises OSError."""
        return sweep.info(self._folder)

    def clear(self) -> Cleared:
        """Remove all that is kept, and return how much it was; raises OSError.

        What this object keeps afterwards will not be found by others, whose secret is a new one.
        """
        return sweep.clear(self._folder)


def existing(environ: Mapping[str, str]) -> tuple[str, Folder | None]:
    """Return where results are kept, and that folder if it exists; raises Refused."""
    root = place.directory(environ)
    return os.path.join(root, FOLDER), open_folder(root, FOLDER, create=False)


def _secret(folder: Folder) -> bytes:
    """Return the folder's secret, made at the first time, or anew if others could know it."""
    for _ in range(2):
        with suppress(OSError):
            known = folder.read(sweep.KEY_FILE, entry.KEY_SIZE)
            if known is not None and len(known) == entry.KEY_SIZE:
                return known
            folder.remove(sweep.KEY_FILE)
        try:
            folder.write(sweep.KEY_FILE, os.urandom(entry.KEY_SIZE), replace=False)
        except OSError as error:
            raise Refused(f"{folder.path} cannot be written: {error.strerror}") from None
    raise Refused(f"{folder.path} cannot keep a secret")
