"""Stores at `vault://MOUNT/PATH`: a KV secrets engine of HashiCorp Vault or OpenBao.

An entry has a path of its own, and one key of the data there holds its value.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from urllib.parse import SplitResult

from hvac.utils import format_url

from scanner.model import Secret
from scanner.report.escape import visible
from scanner.vault.hashicorp import labels
from scanner.vault.hashicorp.answer import (
    DeniedError,
    MismatchError,
    MountError,
    NotFoundError,
    field,
)
from scanner.vault.hashicorp.connection import Connection
from scanner.vault.hashicorp.data import ENCODING, decode, encode
from scanner.vault.hashicorp.kv import Engine, Standing
from scanner.vault.hashicorp.kv1 import KvV1
from scanner.vault.hashicorp.kv2 import KvV2
from scanner.vault.hashicorp.login import log_in
from scanner.vault.hashicorp.place import KEY, Place, fit
from scanner.vault.hashicorp.preflight import problems
from scanner.vault.hashicorp.settings import settings
from scanner.vault.store import (
    AbsentError,
    Capabilities,
    Entry,
    Held,
    IntegrityError,
    Outcome,
    Problem,
    Put,
    Store,
    StoreError,
)

ATTEMPTS = 5  # to write while others write the same entry


def open_store(parts: SplitResult, environ: Mapping[str, str], folder: str) -> Store:
    """Return the store on the base that `parts` names; the server is not asked until it must be.

    Raises UsageError if the URI makes no sense.
    """
    return _store(Place.of_base(parts), environ)


def open_entry(parts: SplitResult, environ: Mapping[str, str], folder: str) -> tuple[Store, str]:
    """Return the store and the name of the entry at `vault://MOUNT/PATH#KEY`; see `open_store`."""
    place, name = Place.of_entry(parts)
    return _store(place, environ), name


class HashicorpStore:
    """A `scanner.vault.store.Store`; docs/stores/vault.md."""

    def __init__(self, place: Place, connection: Connection) -> None:
        """Keep entries below `place`, on the server of `connection`."""
        self.uri = place.uri
        self._place = place
        self._connection = connection

    @cached_property
    def engine(self) -> Engine:
        """Return the engine of the version that the server says the mount has.

        Raises MountError if it is not a KV engine, or if neither the server nor `?kv=` tells.
        """
        client, mount = self._connection.client, self._place.mount
        url = format_url("/v1/sys/internal/ui/mounts/{mount}", mount=mount)
        told = self._place.options.get("kv", "")
        try:
            answer = client.adapter.get(url)
        except (DeniedError, NotFoundError) as error:
            if not told:
                raise MountError(
                    f"the server does not say what {visible(mount)} is: there is no such mount, or "
                    f"nothing in it is allowed; if there is one, add ?kv=1 or ?kv=2. {error}"
                ) from None
            version = told
        else:
            version = _version(answer, mount)
        if told not in ("", version):
            raise MountError(f"{visible(mount)} is version {version} of the KV engine, not {told}")
        return KvV2(client, mount) if version == "2" else KvV1(client, mount)

    @cached_property
    def capabilities(self) -> Capabilities:
        """Return what the engine can do, which the server has to be asked for."""
        return self.engine.capabilities

    def fit(self, name: str) -> str:
        """Return `name` as a path of letters, digits, `.`, `_`, `-` and `/`."""
        return fit(name)

    def address(self, name: str) -> str:
        """Return `vault://MOUNT/PATH#KEY`."""
        return self._place.address(name)

    def preflight(self, entries: Iterable[Entry]) -> list[Problem]:
        """Return what is wrong with the connection, login, mount, policies, names and sizes."""
        return problems(self._connection, self._place, lambda: self.engine, entries)

    def put_new(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], kind: str = ""
    ) -> Put:
        """Create the entry; DeletedError where one was deleted and can be brought back."""
        return self._put(name, value, operation, facts, "")

    def put_version(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], expected: str
    ) -> Put:
        """Put `value` over version `expected`; other keys at the path stay as they are."""
        if not expected:
            raise StoreError(f"name the version of {visible(name)} that is to be replaced")
        return self._put(name, value, operation, facts, expected)

    def _put(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], expected: str
    ) -> Put:
        path, key, engine = self._place.path(name), self._place.key, self.engine
        encoded = encode(value, key)
        for _ in range(ATTEMPTS):
            standing = engine.standing(path)
            if standing.version and decode(standing.data, key) == value.reveal():
                return Put(Outcome.SAME, standing.version)
            try:
                if standing.version != expected:
                    self._disown(path, operation, standing)
                    return Put(Outcome.CONFLICT, standing.version)
                version = engine.next_version(standing)
                kept = labels.labels(operation, facts, version, standing.labels)
                data = {**standing.data, **encoded}
                if key == KEY and ENCODING not in encoded:
                    data.pop(ENCODING, None)
                return Put(Outcome.CREATED, engine.write(path, data, kept, standing))
            except MismatchError:  # somebody, or an earlier try of ours whose answer got lost
                continue
        raise StoreError(f"others keep writing {self.address(name)}; try again")

    def _disown(self, path: str, operation: str, standing: Standing) -> None:
        """Take our labels off what others wrote between our labels and our value."""
        if standing.labels.get(labels.OPERATION) == operation:
            self.engine.relabel(path, labels.foreign(standing.labels), standing)

    def read(self, name: str, version: str = "") -> Held:
        """Return what the entry holds; raise IntegrityError if it is not a text or not base64."""
        standing = self.engine.read(self._place.path(name), version)
        key = self._place.key
        if key not in standing.data:
            raise AbsentError(f"{self.address(name)}: there is no such key")
        content = decode(standing.data, key)
        if content is None:
            raise IntegrityError(f"{self.address(name)} holds no text, or not the base64 it tells")
        facts = labels.facts(standing.labels, standing.version)
        return Held(Secret(content), standing.version, facts)

    def names(self) -> list[str]:
        """Return all names below the base, also those of which all versions were deleted."""
        found: list[str] = []
        folders = [""]
        while folders:
            folder = folders.pop()
            for name in self.engine.listed(self._place.path(folder).strip("/")):
                (folders if name.endswith("/") else found).append(folder + name)
        return sorted(found)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _store(place: Place, environ: Mapping[str, str]) -> Store:
    connection = Connection(
        settings(environ, place.options), partial(log_in, environ, place.options)
    )
    # Its capabilities are asked for when first read; mypy takes that for something else.
    return HashicorpStore(place, connection)


def _version(answer: object, mount: str) -> str:
    kind, path = field(answer, str, "data", "type"), field(answer, str, "data", "path")
    if kind not in ("kv", "generic") or path != f"{mount}/":
        what = f"{visible(path or '')} of type {visible(kind or '')}"
        raise MountError(f"{visible(mount)} is not a KV secrets engine: the server says {what}")
    version = field(answer, str, "data", "options", "version") or "1"
    if version not in ("1", "2"):
        raise MountError(f"{visible(mount)} is of a version not known here: {visible(version)}")
    return version
