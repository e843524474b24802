"""What every store can do, in bytes, and what it can answer.

A store is opened on a base (`vault://kv/acme`, `sops://secrets.enc.yaml`); an entry has a name
below it, such as `shop/app/DB_PASSWORD`, which the store turns into its own kind of address. Values
are bytes and come back the same. Nothing here overwrites a value that the caller has not named.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple, Protocol, runtime_checkable

from scanner.errors import LeaksealError, UsageError
from scanner.model import Secret


class StoreError(LeaksealError):
    """The store cannot be reached, or did not do what it was asked: nothing is known to be lost."""

    exit_code = 3


class AbsentError(StoreError):
    """There is no such entry, or not this version of it."""


class RefusedError(StoreError):
    """The store understood and said no: login, permission, a policy, a sealed server."""


class ConflictError(LeaksealError):
    """Something else stands where a value was to be written; it was not touched."""

    exit_code = 4


class IntegrityError(LeaksealError):
    """What was read is not what was written: wrong key, damage, or tampering."""

    exit_code = 5


class UnfitError(UsageError):
    """The store cannot hold such a value or name: too large, empty, forbidden characters."""


class Outcome(Enum):
    """What a write came to."""

    CREATED = "created"
    SAME = "same"  # the value was there already: adopted, nothing written
    CONFLICT = "conflict"  # another value is there: nothing written


class Put(NamedTuple):
    """What came of a write; `version` is the store's own name for the version that now stands."""

    outcome: Outcome
    version: str


class NewEntry(NamedTuple):
    """What `Store.put_new` is given, for many at once."""

    name: str
    value: Secret
    operation: str
    facts: Mapping[str, str]
    kind: str = ""


class Held(NamedTuple):
    """What an entry holds. `facts` are those it was written with, where the store keeps any."""

    value: Secret
    version: str
    facts: dict[str, str]


class Entry(NamedTuple):
    """An entry to be written, as far as `preflight` must know it.

    `kind` is what the value is: "password", "api-key", "ssh-key", "certificate",
    "encryption-key", "connection-string" or "".
    """

    name: str
    size: int
    kind: str = ""


class Problem(NamedTuple):
    """Something that stands in the way of writing, or is worth knowing.

    `code` is one of: address, login, permission, engine, name, size, tls, encryption, sealed,
    taken, library. `message` says what, where and what to do, in a line or two. A `fatal` one
    forbids to write at all.
    """

    code: str
    message: str
    fatal: bool = True


class Capabilities(NamedTuple):
    """What a store offers; `largest` is the most bytes that one value may have."""

    largest: int
    binary: bool  # keeps any bytes as they are; otherwise what is not text is kept in base64
    versions: bool  # older versions stay readable
    check_and_set: bool  # two writers cannot overwrite each other
    facts: bool  # keeps facts beside a value


class Store(Protocol):
    """A store opened on its base. Every method may raise StoreError; no message holds a value.

    `name` is what `fit` returned for the entry.
    """

    uri: str  # the base, as it was given, without anything secret in it

    @property
    def capabilities(self) -> Capabilities:
        """Return what the store offers; it may have to be asked."""
        ...

    def fit(self, name: str) -> str:
        """Return `name` with what the store forbids replaced, the same each time.

        A name that had to be changed or cut ends in a short hash of the original, so that two names
        stay two.
        """
        ...

    def address(self, name: str) -> str:
        """Return the URI of one entry; `scanner.vault.choose.entry` opens it again."""
        ...

    def preflight(self, entries: Iterable[Entry]) -> list[Problem]:
        """Return what would stop these entries from being written and read back; write nothing."""
        ...

    def put_new(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], kind: str = ""
    ) -> Put:
        """Create the entry. If one is there, leave it: SAME for the same bytes, else CONFLICT.

        `operation` is a UUID that names this write: doing it again with the same one is the same
        write. `facts` are not secret: names of `[a-z_]`, values of at most 256 characters.
        `kind` is as in `Entry`. Raises UnfitError for a value that the store cannot hold.
        """
        ...

    def put_version(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], expected: str
    ) -> Put:
        """Put a new value over version `expected`; CONFLICT if another version stands by then."""
        ...

    def read(self, name: str, version: str = "") -> Held:
        """Return what the entry holds, exactly; raise AbsentError or IntegrityError."""
        ...

    def names(self) -> list[str]:
        """Return the names of all entries below the base, sorted."""
        ...

    def close(self) -> None:
        """Give back connections and files; the store cannot be used any more."""
        ...


@runtime_checkable
class OneFile(Protocol):
    """A store that is one file, which it can write once for many entries."""

    def put_all(self, entries: Sequence[NewEntry]) -> Iterator[Put | UnfitError]:
        """Create each entry as `Store.put_new` does; all are written before the first answer."""
        ...


def put_all(store: Store, entries: Sequence[NewEntry]) -> Iterator[Put | UnfitError]:
    """Create each entry as `Store.put_new` does, and yield what came of each, in order.

    What the store cannot hold is answered by the error, and the others are written. Raises
    StoreError where the store gives out; what was yielded until then stands.
    """
    if isinstance(store, OneFile):
        yield from store.put_all(entries)
        return
    for entry in entries:
        try:
            yield store.put_new(*entry)
        except UnfitError as error:
            yield error


def put_one(store: OneFile, entry: NewEntry) -> Put:
    """Create the entry as `Store.put_new` does, in a store that is one file."""
    (put,) = store.put_all([entry])
    if isinstance(put, UnfitError):
        raise put
    return put
