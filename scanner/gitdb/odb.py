"""The object database: every object of a repository, reachable or not, and any one by its id.

What could not be read is listed in `skipped` with one of these codes:

corrupt-object        an object's bytes are damaged, cut short, or not those its id stands for
corrupt-pack          a pack cannot be opened or followed to its end
corrupt-index         an index cannot be used; its pack was read without one, so nothing is lost
missing-base          a delta's base is nowhere to be found, or can itself not be read
over-size             an object is larger than `Limits.max_object_size`
unreadable-alternate  an alternates file names something that is no object directory

Objects that a partial clone was promised and never got are not noticed here: see `missing`.
"""

import os
from collections import deque
from collections.abc import Container, Generator, Iterable, Iterator, Mapping
from contextlib import suppress

from scanner.gitdb.alternates import object_directories
from scanner.gitdb.cache import ByteCache
from scanner.gitdb.damage import DamageError, MissingBaseError, OversizeError, SkipLog
from scanner.gitdb.delta import add_work, apply_delta
from scanner.gitdb.forest import Forest
from scanner.gitdb.git import BatchEntry, Git
from scanner.gitdb.loose import loose_files, loose_path, read_loose
from scanner.gitdb.objects import HASHES, GitObject, Limits, object_id
from scanner.gitdb.pack import OFS_DELTA, WHOLE, Entry
from scanner.gitdb.packindex import PackIndex
from scanner.gitdb.sound import SoundPack
from scanner.gitdb.store import IndexedPack, ObjectStore
from scanner.gitdb.walk import Walk
from scanner.kernels import packs
from scanner.model import Skipped

__all__ = ["GitObject", "Limits", "ObjectDatabase"]

_OPEN_PACKS = 32
_Place = tuple[IndexedPack, int]


class ObjectDatabase:
    """Reads the objects under one object directory and its alternates. Ids are raw bytes."""

    def __init__(
        self,
        repository_objects_dir: str,
        hash_name: str,
        limits: Limits | None = None,
        git: Git | None = None,
    ) -> None:
        """Look up the object directories; `hash_name` is "sha1" or "sha256".

        `git` is asked for objects that cannot be read here; its answers are checked by hashing.
        """
        self.hash_name = hash_name
        self.hash_size = HASHES[hash_name]
        self.limits = limits or Limits()
        self.log = SkipLog(self.limits.max_skipped)
        self.bytes_done = 0
        """How many of `total_bytes` the running `objects` has read."""
        self.passed: dict[bytes, int] = {}
        """The loose objects that the running `objects` has passed over, with their sizes."""
        self.directory = repository_objects_dir
        directories = object_directories(repository_objects_dir, self.log)
        self.stores = [ObjectStore(path, self.hash_size, self.log) for path in directories]
        self._first_skipped = self.log.listing()
        self._cache: ByteCache[tuple[str, int]] = ByteCache(self.limits.cache_size)
        self._open: dict[str, IndexedPack] = {}
        self._recent: IndexedPack | None = None
        self._git = git
        self._questions: deque[bytes] = deque()
        self._answers: Generator[BatchEntry, None, None] | None = None

    @property
    def skipped(self) -> list[Skipped]:
        """Return what could not be read so far."""
        return self.log.listing()

    def total_bytes(self) -> int:
        """Return the size on disk of everything `objects` reads."""
        packs = sum(packed.size for store in self.stores for packed in store.packs)
        return packs + sum(
            size
            for store in self.stores
            for _, _, size in loose_files(store.directory, self.hash_size)
        )

    def sound_packs(self) -> Iterator[SoundPack]:
        """Yield the packs that are as their index says, so far."""
        for packed in (packed for store in self.stores for packed in store.packs):
            with suppress(DamageError):
                yield SoundPack(packed, self.hash_name, self.limits.max_object_size)

    def objects(
        self,
        done: Mapping[str, PackIndex] | None = None,
        clean: Mapping[bytes, tuple[int, int]] | None = None,
    ) -> Iterator[GitObject]:
        """Yield every object once; what cannot be read goes to `skipped`, which begins anew.

        The packs at the paths of `done`, with all objects of their indexes, are passed over, and so
        are the loose objects in `clean` whose file has the first size given there; `passed` tells
        which, with the second size.
        """
        self.passed.clear()
        self.bytes_done = sum(
            p.size for s in self.stores for p in s.packs if p.pack.path in (done or ())
        )
        self.log.rewind(self._first_skipped)
        return Walk(self, done=done, clean=clean).objects()

    def loose_sizes(self, names: Container[bytes]) -> Iterator[tuple[bytes, int]]:
        """Yield id and size on disk of the loose objects among `names`."""
        for store in self.stores:
            for _, name, size in loose_files(store.directory, self.hash_size):
                if name in names:
                    yield name, size

    def trees(self, done: Mapping[str, PackIndex] | None = None) -> Iterator[GitObject]:
        """Yield every tree once, quicker than by picking them out of `objects`."""
        if self.log.listing():  # with damage about, any entry may need any other
            return (item for item in self.objects(done) if item.kind == b"tree")
        return Walk(self, b"tree", done).objects()

    def contains(self, name: bytes) -> bool:
        """Tell whether an object is named here; it may still turn out to be damaged."""
        return self._place(name) is not None or bool(self._loose_path(name))

    def missing(self, ids: Iterable[bytes]) -> set[bytes]:
        """Return those of `ids` that are not here."""
        left = [name for name in ids if len(name) == self.hash_size]
        for index in (p.index for store in self.stores for p in store.packs if p.index):
            rows = packs.rows(index.joined_ids(), self.hash_size, b"".join(left))
            left = [name for name, row in zip(left, rows, strict=True) if row < 0]
        return {name for name in left if not self.contains(name)}

    def read(self, name: bytes) -> GitObject | None:
        """Return one object, or None if it is not here or cannot be read."""
        if len(name) != self.hash_size:
            return None
        found = self._read_packed(name) or self._read_loose(name)
        appeared = [store.refresh() for store in self.stores] if found is None else []
        if any(appeared):
            found = self._read_packed(name)
        if found is None and self.contains(name):
            found = self._read_git(name)
        return found

    def close(self) -> None:
        """Let go of all files and of git; reading again opens what it needs."""
        if self._answers is not None:
            self._answers.close()
            self._answers = None
        for packed in self._open.values():
            packed.pack.close()
        self._open.clear()

    def _read_packed(self, name: bytes) -> GitObject | None:
        for packed, offset in self._places(name):
            try:
                kind, data = self._resolve(packed, offset)
            except DamageError:
                continue
            if object_id(kind, data, self.hash_name) == name:
                self._recent = packed
                return GitObject(name, kind, data)
        return None

    def _read_loose(self, name: bytes) -> GitObject | None:
        for store in self.stores:
            try:
                kind, data = read_loose(
                    loose_path(store.directory, name), self.limits.max_object_size
                )
            except (DamageError, OSError):
                continue
            if object_id(kind, data, self.hash_name) == name:
                return GitObject(name, kind, data)
        return None

    def _read_git(self, name: bytes) -> GitObject | None:
        if self._git is None:
            return None
        if self._answers is None:
            self._answers = self._git.batch(_taken(self._questions), self.limits.max_object_size)
        self._questions.append(name)
        _, kind, data = next(self._answers)
        if kind in WHOLE.values() and object_id(kind, data, self.hash_name) == name:
            return GitObject(name, kind, data)
        return None

    def _places(self, name: bytes) -> Iterator[_Place]:
        """Yield where indexes say the object is, the pack that had the last one first."""
        recent = self._recent
        if recent and recent.index and (offset := recent.index.find(name)) >= 0:
            yield recent, offset
        for store in self.stores:
            for packed in store.packs:
                if packed is not recent:
                    if packed.index is None:
                        self._learn(packed)
                    if packed.index and (offset := packed.index.find(name)) >= 0:
                        yield packed, offset

    def _learn(self, packed: IndexedPack) -> None:
        """Give a pack that has no index one, by walking it."""
        learned: list[tuple[bytes, int]] = []
        try:
            offsets, _ = packed.pack.scan(self.limits.max_object_size)
            forest = Forest(packed.pack, offsets, self.hash_name, self.limits, lambda _: None)
            learned = [(grown.id, offsets[grown.row]) for grown in forest.walk()]
        except DamageError:
            learned.clear()
        packed.learn(learned, self.hash_size)

    def _resolve(self, packed: IndexedPack, offset: int) -> tuple[bytes, bytes]:
        """Return (kind, content) of a packed object; raises DamageError."""
        limit = self.limits.max_object_size
        chain: list[tuple[IndexedPack, Entry]] = []
        visited: set[tuple[str, int]] = set()
        while (found := self._cache.get((packed.pack.path, offset))) is None:
            key = packed.pack.path, offset
            if key in visited:
                raise MissingBaseError("its delta chain is a loop")
            visited.add(key)
            self._keep_open(packed)
            entry = packed.pack.entry(offset)
            if entry.size > limit:
                raise OversizeError(f"{entry.size} bytes")
            if entry.kind in WHOLE:
                found = WHOLE[entry.kind], self._content(packed, entry)
                self._cache.put(key, found)
                break
            chain.append((packed, entry))
            if entry.kind == OFS_DELTA:
                offset = entry.base
                continue
            place = next(self._places(entry.base_id), None)
            if place is None:
                base = self._read_loose(entry.base_id)
                if base is None:
                    raise MissingBaseError("its base is nowhere to be found")
                found = base.kind, base.data
                break
            packed, offset = place
        kind, data = found
        work = 0
        for packed, entry in reversed(chain):
            data = apply_delta(data, self._content(packed, entry), limit)
            work = add_work(work, data, limit)
            self._cache.put((packed.pack.path, entry.offset), (kind, data))
        return kind, data

    def _content(self, packed: IndexedPack, entry: Entry) -> bytes:
        self._keep_open(packed)
        stop = entry.start + entry.size + (entry.size >> 8) + 32
        return packed.pack.inflate(entry.start, stop, entry.size)[0]

    def _keep_open(self, packed: IndexedPack) -> None:
        """Note that a pack is used, and close the one that was opened first if there are many."""
        self._open[packed.pack.path] = packed
        if len(self._open) > _OPEN_PACKS:
            self._open.pop(next(iter(self._open))).pack.close()

    def _place(self, name: bytes) -> _Place | None:
        return next(self._places(name), None)

    def _loose_path(self, name: bytes) -> str:
        paths = (loose_path(store.directory, name) for store in self.stores)
        return next(filter(os.path.isfile, paths), "")


def _taken(questions: deque[bytes]) -> Iterator[bytes]:
    """Yield what is put into a queue, each as it is asked for."""
    while True:
        yield questions.popleft()
