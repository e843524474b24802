"""The file of a KeePass database: read again when it has changed, replaced as a whole."""

from contextlib import AbstractContextManager
from typing import Any

from scanner.report.escape import visible
from scanner.vault import durable
from scanner.vault.keepass.format import Codec
from scanner.vault.keepass.key import Key
from scanner.vault.store import ConflictError

_LARGEST = 256 << 20


class DatabaseFile:
    """A KDBX file. Another program may change it at any time; what it wrote is taken over."""

    def __init__(self, path: str, key: Key) -> None:
        """Name the file at the absolute `path`, which need not exist; nothing is read yet."""
        self.path = path
        self._codec = Codec(key, path)
        self._content: bytes | None = None
        self._database: Any = None
        self._has_backup = False

    def locked(self) -> AbstractContextManager[None]:
        """Keep other processes of leakseal from writing; to be held from `load` to `save`."""
        return durable.locked(self.path)

    def load(self) -> Any:
        """Return the database as the file has it at this moment, None if there is no file.

        Raises StoreError if it cannot be read, IntegrityError for a wrong key or damage.
        """
        content = durable.read(self.path, _LARGEST)
        if self._database is None or content != self._content:
            self._database = None if content is None else self._codec.decrypted(content)
            self._content = content
        return self._database

    def start(self) -> Any:
        """Return an empty database for `save` to write, where `load` found no file."""
        self._database = self._codec.empty()
        return self._database

    def save(self) -> None:
        """Write the database that was returned last, with the changes made to it since.

        What the file held before the first time stays in a file beside it that ends in `.bak`.
        Raises ConflictError if another program has changed the file since `load`.
        """
        changed, self._database = self._database, None  # only what was written may be kept
        content, written = self._codec.encrypted(changed)
        if durable.read(self.path, _LARGEST) != self._content:
            raise ConflictError(
                f"{visible(self.path)} was changed by another program just then; run this again"
            )
        if self._content is not None and not self._has_backup:
            durable.replace(f"{self.path}.bak", self._content)
            self._has_backup = True
        durable.replace(self.path, content)
        self._content, self._database = content, written

    def forget(self) -> None:
        """Keep what was read no longer."""
        self._database = self._content = None
