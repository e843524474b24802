"""The embedded store: a SOPS file (https://getsops.io) with age keys, to be kept in git.

`sops://secrets.enc.yaml` is relative to the folder that the store is opened in, and
`sops:///srv/secrets.enc.yaml` is not. A merge breaks the MAC over all values; `?merged=accept`
opens the file all the same, and the next write makes a MAC that fits.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import SplitResult, quote, unquote

from scanner.errors import UsageError
from scanner.model import Secret
from scanner.report.escape import visible
from scanner.vault import durable
from scanner.vault.sops import edit, keys
from scanner.vault.sops.entry import LARGEST, fit, held
from scanner.vault.sops.file import File, merged, open_file
from scanner.vault.sops.preflight import problems
from scanner.vault.store import (
    AbsentError,
    Capabilities,
    Entry,
    Held,
    IntegrityError,
    NewEntry,
    Outcome,
    Problem,
    Put,
    StoreError,
    UnfitError,
    put_one,
)

_LARGEST_FILE = 32 << 20
_ACCEPT = "merged=accept"


def open_store(parts: SplitResult, environ: Mapping[str, str], folder: str) -> "SopsStore":
    """Return the store in the file that the URI names; raise UsageError if it names none."""
    named = parts.netloc + parts.path
    path = unquote(named)
    if not path.endswith((".yaml", ".yml")) or "\0" in path:
        raise UsageError("sops:// takes a YAML file, such as sops://secrets.enc.yaml")
    if parts.query not in ("", _ACCEPT) or parts.fragment:
        raise UsageError(f"sops://{visible(named)} can end in ?{_ACCEPT} and nothing else")
    place = os.path.abspath(os.path.join(folder, path))
    return SopsStore(f"sops://{named}", place, environ, merged=bool(parts.query))


def open_entry(
    parts: SplitResult, environ: Mapping[str, str], folder: str
) -> tuple["SopsStore", str]:
    """Return the store and the name of the entry that the URI names after `#`."""
    name = unquote(parts.fragment)
    if not name:
        raise UsageError("the URI of an entry ends in its name: sops://secrets.enc.yaml#app/KEY")
    return open_store(parts._replace(fragment=""), environ, folder), name


class SopsStore:
    """A SOPS file as a store; `scanner.vault.store.Store` says what the methods do."""

    capabilities = Capabilities(
        largest=LARGEST, binary=True, versions=False, check_and_set=True, facts=True
    )

    def __init__(self, base: str, path: str, environ: Mapping[str, str], *, merged: bool) -> None:
        """Use the file at `path`; with `merged`, one whose MAC does not fit is accepted."""
        self.uri = f"{base}?{_ACCEPT}" if merged else base
        self._base = base
        self._path = path
        self._environ = environ
        self._merged = merged
        self._last: tuple[bytes, File] | None = None  # the content that was opened last

    def fit(self, name: str) -> str:
        """Return `name` as a key of the file."""
        return fit(name)

    def address(self, name: str) -> str:
        """Return the URI of one entry."""
        return f"{self._base}#{quote(name)}"

    def preflight(self, entries: Iterable[Entry]) -> list[Problem]:
        """Return what would stop these entries from being written; write nothing."""
        return problems(self._path, self._environ, entries, self._file)

    def put_new(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], kind: str = ""
    ) -> Put:
        """Create the entry. An operation needs no record: repeated, it finds its own value."""
        return put_one(self, NewEntry(name, value, operation, facts, kind))

    def put_all(self, entries: Sequence[NewEntry]) -> Iterator[Put | UnfitError]:
        """Create the entries with one write."""
        with durable.locked(self._path):
            file = self._file()
            answers = [self._look(file, entry) for entry in entries]
            missing = [e for e, answer in zip(entries, answers, strict=True) if answer is None]
            if missing:
                file = self._put(file or self._new_file(), missing)
            elif file and not file.sealed and Outcome.SAME in {_outcome(a) for a in answers}:
                self._save(edit.reseal(file.text, self._unwrap))
        for entry, answer in zip(entries, answers, strict=True):
            yield answer or Put(Outcome.CREATED, _version(file, entry.name))

    def put_version(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], expected: str
    ) -> Put:
        """Put a new value over version `expected`; one that stands already is SAME."""
        if len(value.reveal()) > LARGEST:
            raise UnfitError(_too_large(name, len(value.reveal())))
        with durable.locked(self._path):
            file = self._file()
            there = held(file, name) if file else None
            if not file or not there:
                return Put(Outcome.CONFLICT, "")
            if there.value == value or there.version != expected:
                return self._adopted(file, there, value)
            file = self._put(file, [NewEntry(name, value, operation, facts)])
        return Put(Outcome.CREATED, _version(file, name))

    def read(self, name: str, version: str = "") -> Held:
        """Return what the entry holds; git has the older versions, this store has none."""
        file = self._file()
        there = held(file, name) if file else None
        if there is None:
            raise AbsentError(f"{visible(self.address(name))} does not exist")
        if version not in ("", there.version):
            raise AbsentError(f"{visible(self.address(name))} is not at this version any more")
        return there

    def names(self) -> list[str]:
        """Return the names of all encrypted values, sorted."""
        file = self._file()
        return sorted(file.entries) if file else []

    def close(self) -> None:
        """Forget the values; no file stays open."""
        self._last = None

    def _file(self) -> File | None:
        content = durable.read(self._path, _LARGEST_FILE)
        if content is None:
            return None
        if self._last and self._last[0] == content:
            return self._last[1]
        with _named(self._path):
            file = open_file(_text(content, self._merged), self._unwrap)
            if not file.sealed and not self._merged:
                raise IntegrityError(
                    "every value decrypts, but the MAC over all of them does not fit. If two "
                    f"branches were merged, look at the merge and use {self._base}?{_ACCEPT}; "
                    "if not, somebody changed the file without its key"
                )
        self._last = content, file
        return file

    def _unwrap(self, wrapped: Sequence[str]) -> bytes:
        return keys.unwrap(wrapped, self._environ)

    def _new_file(self) -> File:
        with _named(self._path):
            return keys.new_file(self._path, self._environ)

    def _adopted(self, file: File, there: Held, value: Secret) -> Put:
        """Return what to say of a value that stands; an accepted merge is sealed on the way."""
        if there.value != value:
            return Put(Outcome.CONFLICT, there.version)
        if not file.sealed:
            self._save(edit.reseal(file.text, self._unwrap))
        return Put(Outcome.SAME, there.version)

    def _look(self, file: File | None, entry: NewEntry) -> Put | UnfitError | None:
        """Return what comes of an entry without writing it, None if it is to be written."""
        size = len(entry.value.reveal())
        if size > LARGEST:
            return UnfitError(_too_large(entry.name, size))
        there = held(file, entry.name) if file else None
        if there:
            same = there.value == entry.value
            return Put(Outcome.SAME if same else Outcome.CONFLICT, there.version)
        if fit(entry.name) != entry.name:
            key = visible(fit(entry.name))
            return UnfitError(f"{visible(entry.name)} cannot be a key; {key} can")
        return None

    def _put(self, file: File, entries: Iterable[NewEntry]) -> File:
        with _named(self._path):
            new = [edit.New(e.name, e.value.reveal(), e.facts) for e in entries]
            file = edit.put(file, new, self._unwrap)
            for entry in entries:
                written = held(file, entry.name)
                if written is None or written.value != entry.value:
                    name = visible(entry.name)
                    raise StoreError(f"{name} would not read back; nothing was written")
        self._save(file)
        return file

    def _save(self, file: File) -> None:
        content = file.text.encode()
        if len(content) > _LARGEST_FILE:
            raise UnfitError(f"{visible(self._path)} would be over {_LARGEST_FILE >> 20} MiB")
        durable.replace(self._path, content)
        self._last = content, file


def _too_large(name: str, size: int) -> str:
    return f"{visible(name)} has {size} bytes; a value may have {LARGEST}"


def _outcome(answer: Put | UnfitError | None) -> Outcome | None:
    return answer.outcome if isinstance(answer, Put) else None


def _version(file: File | None, name: str) -> str:
    there = held(file, name) if file else None
    return there.version if there else ""


def _text(content: bytes, accept_merged: bool) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise IntegrityError("it is not UTF-8") from None
    return merged(text) if accept_merged else text


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Say in errors which file they are about."""
    try:
        yield
    except (IntegrityError, StoreError) as error:
        raise type(error)(f"{visible(path)}: {error}") from None
