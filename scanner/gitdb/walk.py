"""One pass over everything an object database holds.

First what packs and loose objects give by themselves; then what needed a base from elsewhere; last
what an index names and nothing gave, which git is asked for.
"""

import os
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import NamedTuple, Protocol

from scanner.gitdb.damage import DamageError, OversizeError, SkipLog
from scanner.gitdb.forest import Forest, Grown
from scanner.gitdb.loose import loose_files, read_loose
from scanner.gitdb.objects import GitObject, Limits, object_id
from scanner.gitdb.packindex import PackIndex
from scanner.gitdb.store import IndexedPack, ObjectStore

# A base in a pack without an index is known once that pack was walked; each round goes one further.
_ROUNDS = 16


class Source(Protocol):
    """What a walk needs of the database it walks."""

    stores: list[ObjectStore]
    hash_name: str
    hash_size: int
    limits: Limits
    log: SkipLog
    bytes_done: int
    passed: dict[bytes, int]

    def read(self, name: bytes) -> GitObject | None:
        """Return one object by its id."""


class _Claims(NamedTuple):
    """A pack's forest and, by row, the id an index claims for each of its entries, or none."""

    packed: IndexedPack
    forest: Forest
    ids: list[bytes]


class Walk:
    """Yields each object of a database once; what cannot be read goes to its log."""

    def __init__(
        self,
        source: Source,
        only: bytes = b"",
        done: Mapping[str, PackIndex] | None = None,
        clean: Mapping[bytes, tuple[int, int]] | None = None,
    ) -> None:
        """Prepare to walk `source`; with `only`, a kind, nothing else is looked at.

        The packs at the paths of `done`, with all objects of their indexes, are passed over. So are
        the loose objects in `clean` whose file has the first size given there; their ids and the
        second sizes go to the source's `passed`.
        """
        self._source = source
        self._only = only
        self._done = list((done or {}).values())
        self._clean = clean or {}
        self._seen: set[bytes] = set()
        self._reasons: dict[bytes, DamageError] = {}
        self._partial: list[_Claims] = []
        self._walked: set[str] = set(done or ())
        self._promised: dict[str, PackIndex] = {}

    def objects(self) -> Iterator[GitObject]:
        """Yield all objects."""
        yield from self._packed()
        yield from self._loose()
        # A repack that ran meanwhile has moved loose objects into packs not there before.
        for store in self._source.stores:
            store.refresh()
        yield from self._packed()
        yield from self._grafted()
        if not self._only:  # else what was passed over would seem to be missing
            yield from self._rescued()

    def _known(self, name: bytes) -> bool:
        return any(index.find(name) >= 0 for index in self._done)

    def _packed(self) -> Iterator[GitObject]:
        for store in self._source.stores:
            for packed in list(store.packs):
                path = packed.pack.path
                if path in self._walked:
                    continue
                self._walked.add(path)
                done = self._source.bytes_done
                if packed.index:
                    self._promised[path] = packed.index
                try:
                    yield from self._pack(packed)
                except DamageError as error:
                    # A repack that runs meanwhile removes packs; their objects are then elsewhere.
                    if os.path.lexists(path):
                        self._source.log.add(error.code, path, str(error))
                packed.pack.close()
                self._source.bytes_done = done + packed.size

    def _pack(self, packed: IndexedPack) -> Iterator[GitObject]:
        table = packed.table()
        broken_off: DamageError | None = None
        if not packed.whole:
            table, _, broken_off = self._scanned(packed, table)
        claims = self._claims(packed, table)
        learned: list[tuple[bytes, int]] = []
        yield from self._claimed(claims, claims.forest.walk(self._only), learned)
        if packed.whole and (learned or claims.forest.suspicious):
            # The index agrees with the header, but not with what lies at its offsets.
            table, more, broken_off = self._scanned(packed, table)
            if more:
                claims = self._claims(packed, table)
                yield from self._claimed(claims, claims.forest.walk(self._only), learned)
        proven = packed.whole and not learned and not claims.forest.gaps
        if broken_off and not proven:
            self._source.log.add(broken_off.code, packed.pack.path, str(broken_off))
        if claims.forest.unreached():
            self._partial.append(claims)
        elif proven:
            self._promised.pop(packed.pack.path, None)
        packed.learn(learned, self._source.hash_size)

    def _scanned(
        self, packed: IndexedPack, table: list[tuple[int, bytes]]
    ) -> tuple[list[tuple[int, bytes]], bool, DamageError | None]:
        """Return the table with the entries the index lacks, whether there are, and the damage."""
        offsets, broken_off = packed.pack.scan(self._source.limits.max_object_size)
        more = set(offsets).difference(offset for offset, _ in table)
        return sorted([*table, *((offset, b"") for offset in more)]), bool(more), broken_off

    def _claims(self, packed: IndexedPack, table: list[tuple[int, bytes]]) -> _Claims:
        offsets = [offset for offset, _ in table]
        source = self._source
        forest = Forest(packed.pack, offsets, source.hash_name, source.limits, source.read)
        return _Claims(packed, forest, [name for _, name in table])

    def _claimed(
        self, claims: _Claims, grown: Iterator[Grown], learned: list[tuple[bytes, int]]
    ) -> Iterator[GitObject]:
        """Yield what was not seen before; note in `learned` what the index does not say."""
        seen = self._seen
        _, forest, ids = claims
        for row, name, kind, data in grown:
            expected = ids[row]
            self._source.bytes_done += forest.span(row)
            if expected != name:
                learned.append((name, forest.offsets[row]))
            if name not in seen:
                seen.add(name)
                if not self._known(name):
                    yield GitObject(name, kind, data)

    def _loose(self) -> Iterator[GitObject]:
        source = self._source
        for store in source.stores:
            for path, expected, size in loose_files(store.directory, source.hash_size):
                source.bytes_done += size
                if expected in self._seen or (expected and self._known(expected)):
                    continue
                if expected and self._clean.get(expected, (-1, 0))[0] == size:
                    self._seen.add(expected)
                    source.passed[expected] = self._clean[expected][1]
                    continue
                try:
                    kind, data = read_loose(path, source.limits.max_object_size)
                except OSError:
                    self._failed(path, expected, DamageError("cannot be opened"))
                    continue
                except DamageError as error:
                    self._failed(path, expected, error)
                    continue
                name = object_id(kind, data, source.hash_name)
                if expected and name != expected:
                    self._failed(path, expected, DamageError("its content is another object's"))
                new = name not in self._seen and not self._known(name)
                if new and self._only in (b"", kind):
                    self._seen.add(name)
                    yield GitObject(name, kind, data)

    def _failed(self, path: str, expected: bytes, error: DamageError) -> None:
        if expected:
            self._reasons.setdefault(expected, error)
        else:
            self._source.log.add(error.code, path, str(error))

    def _grafted(self) -> Iterator[GitObject]:
        """Yield what grows from bases outside of a pack, or in place of damaged ones."""
        read = self._source.read
        for _ in range(_ROUNDS):
            before = len(self._seen)
            for claims in self._partial:
                packed, forest, ids = claims
                learned: list[tuple[bytes, int]] = []
                for row, error in list(forest.damage.items()):
                    if ids[row] and not isinstance(error, OversizeError):
                        found = read(ids[row])
                        if found:
                            yield from self._claimed(claims, forest.replace(row, found), learned)
                for base_id in list(forest.waiting):
                    found = read(base_id)
                    if found and self._only in (b"", found.kind):
                        yield from self._claimed(claims, forest.graft(found), learned)
                packed.learn(learned, self._source.hash_size)
                packed.pack.close()
            if len(self._seen) == before:
                return

    def _rescued(self) -> Iterator[GitObject]:
        """Yield what only git can read, and log what nobody can."""
        source = self._source
        for _, forest, ids in self._partial:
            for row, error in forest.unreached().items():
                subject = f"{forest.pack.path} at offset {forest.offsets[row]}"
                if ids[row]:
                    self._reasons.setdefault(ids[row], error)
                else:
                    source.log.add(error.code, subject, str(error))
        unknown = DamageError("an index names it, but it is not there")
        indexes = [*self._promised.values(), *(i for s in source.stores for i in s.promised)]
        promised = (name for index in indexes for name in index.ids())
        for name in chain(list(self._reasons), promised):
            if name not in self._seen and not self._known(name):
                self._seen.add(name)
                error = self._reasons.get(name, unknown)
                found = None if isinstance(error, OversizeError) else source.read(name)
                if found:
                    yield found
                else:
                    source.log.add(error.code, name.hex(), str(error))
