"""The store `kdbx://FILE`: a KeePass database, which KeePassXC and others open too."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult

from scanner.model import Secret
from scanner.report.escape import visible
from scanner.vault.keepass import tree
from scanner.vault.keepass.check import problems
from scanner.vault.keepass.entry import fill, held, latest, replace, versions
from scanner.vault.keepass.file import DatabaseFile
from scanner.vault.keepass.key import key
from scanner.vault.keepass.name import Place, fit, fragment, place
from scanner.vault.store import (
    AbsentError,
    Capabilities,
    Entry,
    Held,
    NewEntry,
    Outcome,
    Problem,
    Put,
    UnfitError,
    put_one,
)

CAPABILITIES = Capabilities(
    largest=4 << 20, binary=True, versions=True, check_and_set=True, facts=True
)


def open_store(parts: SplitResult, environ: Mapping[str, str], folder: str) -> "KeePassStore":
    """Return the store at a URI; its file is made by the first writing.

    Raises UsageError for a wrong URI, RefusedError if no key is set.
    """
    where = place(parts, folder)
    return KeePassStore(where, DatabaseFile(where.file, key(environ)))


def open_entry(
    parts: SplitResult, environ: Mapping[str, str], folder: str
) -> tuple["KeePassStore", str]:
    """Return the whole database as a store, and the name of the entry at the URI in it."""
    where = place(parts, folder)
    name = where.inside
    return KeePassStore(where._replace(inside=""), DatabaseFile(where.file, key(environ))), name


class KeePassStore:
    """A group of a KeePass database. Every put is on the disk when it returns."""

    capabilities = CAPABILITIES

    def __init__(self, where: Place, file: DatabaseFile) -> None:
        """Keep entries below the group that `where` names, the root if it names none."""
        self.uri = where.uri + fragment(where.inside)
        self._where = where
        self._base = tuple(where.inside.split("/")) if where.inside else ()
        self._file = file

    def fit(self, name: str) -> str:
        """Return `name` with what KeePassXC would not show or find replaced."""
        return fit(name)

    def address(self, name: str) -> str:
        """Return `kdbx://FILE#group/title`."""
        return self._where.uri + fragment("/".join(self._path(name)))

    def preflight(self, entries: Iterable[Entry]) -> list[Problem]:
        """Return what would stop these entries; the database is opened, nothing is written."""
        return problems(self._file, entries, self.capabilities.largest)

    def put_new(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], kind: str = ""
    ) -> Put:
        """Create the entry unless there is one. The value alone tells whether it is the same."""
        return put_one(self, NewEntry(name, value, operation, facts, kind))

    def put_all(self, entries: Sequence[NewEntry]) -> Iterator[Put | UnfitError]:
        """Create the entries with one write."""
        with self._file.locked():
            database = self._file.load() or self._file.start()
            answers = [self._put(database, entry) for entry in entries]
            if any(isinstance(a, Put) and a.outcome is Outcome.CREATED for a in answers):
                self._file.save()
        yield from answers

    def _put(self, database: Any, new: NewEntry) -> Put | UnfitError:
        """Put an entry into the database in memory, unless there is one."""
        try:
            self._require_fit(new.name, new.value)
        except UnfitError as error:
            return error
        entry = tree.find(database, self._path(new.name))
        if entry is not None:
            return _standing(latest(database, entry), new.value)
        entry = tree.create(database, self._path(new.name))
        return Put(Outcome.CREATED, fill(database, entry, new.value, new.facts))

    def put_version(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], expected: str
    ) -> Put:
        """Put a value over version `expected`, which stays in the history of the entry."""
        self._require_fit(name, value)
        with self._file.locked():
            database = self._file.load()
            entry = tree.find(database, self._path(name)) if database else None
            if entry is None:
                return Put(Outcome.CONFLICT, "")
            there = latest(database, entry)
            if there.version != expected or there.value == value:
                return _standing(there, value)
            version = replace(database, entry, value, facts)
            self._file.save()
        return Put(Outcome.CREATED, version)

    def read(self, name: str, version: str = "") -> Held:
        """Return what the entry holds, or held as `version`."""
        database = self._file.load()
        entry = tree.find(database, self._path(name)) if database else None
        if entry is None:
            raise AbsentError(f"{self.address(name)} does not exist")
        if not version:
            return latest(database, entry)
        element = versions(entry).get(version)
        if element is None:
            raise AbsentError(f"{self.address(name)} has no version {visible(version)}")
        return held(database, element, version)

    def names(self) -> list[str]:
        """Return the names of all entries that `fit` could have named, sorted."""
        database = self._file.load()
        found = tree.paths(database, self._base) if database else ()
        names = {"/".join(path) for path in found if all("/" not in segment for segment in path)}
        return sorted(name for name in names if name and fit(name) == name)

    def close(self) -> None:
        """Keep the database no longer."""
        self._file.forget()

    def _path(self, name: str) -> tuple[str, ...]:
        return (*self._base, *name.split("/"))

    def _require_fit(self, name: str, value: Secret) -> None:
        if fit(name) != name:
            raise UnfitError(f"{visible(name)} cannot be the name of an entry; {fit(name)} can")
        if len(value.reveal()) > self.capabilities.largest:
            largest = self.capabilities.largest >> 20
            raise UnfitError(f"{self.address(name)}: the value has over {largest} MiB")


def _standing(there: Held, value: Secret) -> Put:
    return Put(Outcome.SAME if there.value == value else Outcome.CONFLICT, there.version)
