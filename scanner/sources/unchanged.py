"""What history held at the last audit, for as long as nothing about the repository changes.

It is kept where it stands, not what it is: those few objects are evaluated again. So no secret is
in it, and what is reported comes from the objects themselves.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from scanner.cache.key import Key
from scanner.cache.store import ResultCache
from scanner.detect.engine import Engine, Result
from scanner.gitdb.loose import loose_files
from scanner.gitdb.odb import ObjectDatabase
from scanner.gitdb.repository import Repository
from scanner.model import CommitInfo, Coverage, Match, Skipped, State
from scanner.sources.evaluate import Evaluation
from scanner.sources.history import commit_info
from scanner.sources.sighting import Sighting, occurrence
from scanner.sources.tally import Tally

_BY_LIMITS = re.compile(r"(?:blob|commit|tag) ([0-9a-f]{40,64})")
_OF_CLONES = frozenset(("shallow", "partial-clone"))
_STALE = (KeyError, IndexError, TypeError, ValueError)


class Remembered(NamedTuple):
    """What history held: its sightings, and the matches in blobs of HEAD and the index."""

    sightings: list[Sighting]
    blobs: Mapping[bytes, tuple[Match, ...]]


class Unchanged:
    """The kept result for a repository as it is, if there is one."""

    def __init__(
        self,
        cache: ResultCache,
        repository: Repository,
        odb: ObjectDatabase,
        engine: Engine,
        staged: Iterable[bytes],
    ) -> None:
        """Look at the repository's state; `staged` are the ids in its index."""
        self._cache = cache
        self._repository = repository
        self._odb = odb
        self._engine = engine
        self._staged = sorted(staged)
        self._lfs = any(repository.lfs_objects())
        self._key = self._current()
        self._known: dict[bytes, Result] = {}

    def find(self, tally: Tally) -> Remembered | None:
        """Return what was kept, and note in `tally` what was read for it then."""
        content = None if self._lfs else self._cache.get(self._key)
        if content is None:
            return None
        try:
            return self._restored(json.loads(content), tally)
        except _STALE:  # an object is not as it was: the repository changes as it is read
            return None

    def keep(
        self,
        sightings: list[Sighting],
        evaluation: Evaluation,
        wanted: set[bytes],
        before: Coverage,
        after: Coverage,
    ) -> None:
        """Keep `sightings`, unless something else than what the objects say led to them.

        `wanted` are the blobs of HEAD and the index; `before` and `after` tell what was read.
        """
        skipped = [each for each in after.skipped if each not in before.skipped]
        if self._lfs or evaluation.pointers or evaluation.names:
            return
        if not all(_is_kept(each) for each in skipped) or self._key != self._current():
            return
        paths = {each.occurrence.path for each in sightings}
        if any(self._engine.named(path) for path in paths):
            return
        counts = {
            name: number - before.counts.get(name, 0) for name, number in after.counts.items()
        }
        content = (
            counts,
            after.bytes_read - before.bytes_read,
            [each for each in skipped if each.code in _OF_CLONES],
            [each.subject for each in skipped if each.code not in _OF_CLONES],
            [_described(each, evaluation) for each in sightings],
            [id_.hex() for id_ in sorted(wanted & evaluation.blobs.keys())],
            self._repository.root().decode() if self._repository.head() else "",
        )
        self._cache.put(self._key, json.dumps(content).encode())

    def _current(self) -> Key:
        digest = hashlib.blake2b()
        for part in _state(self._repository, self._odb, self._staged):
            digest.update(len(part).to_bytes(8, "big") + part)
        limit = self._odb.limits.max_object_size
        engine = self._engine
        options = f"limit={limit}", f"lowest={int(engine.lowest)}", f"waiting={engine.waiting}"
        return Key("history/1", digest.digest(), self._engine.pack.digest, options)

    def _restored(self, content: Any, tally: Tally) -> Remembered:
        counts, size, skipped, limited, described, blobs, root = content
        sightings = list(self._sightings(described))
        wanted = {bytes.fromhex(id_): self._result(id_).matches for id_ in blobs}
        results = [(self._result(subject.split()[1]), subject) for subject in limited]
        self._repository.learn_root(root.encode())
        for name, number in counts.items():
            tally.count(name, number, 0)
        tally.bytes_read += size
        for code, subject, detail, incomplete in skipped:
            tally.add(Skipped(code, subject, detail, incomplete))
        for result, subject in results:
            tally.limits(result, subject)
        return Remembered(sightings, wanted)

    def _sightings(self, described: Iterable[list[Any]]) -> Iterator[Sighting]:
        for id_, number, place, path, state, introduced, removed in described:
            match = self._result(id_).matches[number]
            where = occurrence(
                match, place, path.encode("latin-1"), State(state), bytes.fromhex(id_)
            )
            came, went = self._info(introduced), self._info(removed)
            yield Sighting(match, where._replace(introduced=came, removed=went))

    def _result(self, id_: str) -> Result:
        name = bytes.fromhex(id_)
        if name not in self._known:
            item = self._odb.read(name)
            if item is None:
                raise KeyError(id_)
            self._known[name] = self._engine.findings(item.data)
        return self._known[name]

    def _info(self, id_: str | None) -> CommitInfo | None:
        return None if id_ is None else commit_info(self._odb, bytes.fromhex(id_))


def _is_kept(skipped: Skipped) -> bool:
    return skipped.code in _OF_CLONES or bool(_BY_LIMITS.fullmatch(skipped.subject))


def _described(each: Sighting, evaluation: Evaluation) -> tuple[Any, ...]:
    """Return a sighting by its object and the number of its match there."""
    match, where = each
    id_ = bytes.fromhex(where.object_id)
    kinds = {"commit": evaluation.commits, "tag": evaluation.tags}
    matches = kinds.get(where.place, evaluation.blobs)[id_]
    return (
        where.object_id,
        matches.index(match),
        where.place,
        where.path.decode("latin-1"),
        int(where.state),
        where.introduced.id if where.introduced else None,
        where.removed.id if where.removed else None,
    )


def _state(repository: Repository, odb: ObjectDatabase, staged: list[bytes]) -> Iterator[bytes]:
    """Yield everything that what history holds depends on."""
    for store in odb.stores:
        folder = os.path.join(store.directory, "pack")
        yield os.fsencode(os.path.realpath(folder))
        yield from _facts(os.path.join(folder, name) for name in _names(folder))
        yield from _facts(path for path, _, _ in loose_files(store.directory, odb.hash_size))
    for name, (id_, peeled) in sorted(repository.ref_ids().items()):
        yield name
        yield id_ + peeled
    yield repository.head() or b""
    for ids in (repository.reflog_ids(), repository.stash_ids(), repository.shallow(), staged):
        yield b"".join(sorted(ids))
    yield b"partial" if repository.is_partial() else b"whole"
    yield repr(odb.skipped).encode()


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _facts(paths: Iterable[str]) -> Iterator[bytes]:
    """Yield what tells each file from any other, and from itself before a change."""
    for path in paths:
        try:
            s = os.stat(path)
        except OSError:
            yield os.fsencode(path)
        else:
            facts = s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns
            yield os.fsencode(path) + repr(facts).encode()
