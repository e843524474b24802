"""The index and the working tree, compared with HEAD and with each other."""

import os
from collections.abc import Callable, Iterator, Mapping

from scanner.detect.engine import Engine
from scanner.gitdb.git import GitError
from scanner.gitdb.objects import object_id
from scanner.gitdb.repository import Repository
from scanner.model import Match, State
from scanner.sources import changes, files
from scanner.sources.blobs import Blobs, Holding, held, holding
from scanner.sources.names import Names
from scanner.sources.sighting import Sighting, sighting
from scanner.sources.tally import Tally


class Checkout:
    """What HEAD, the index and the files on disk hold at each path.

    Blobs are read one by one, unless there is an evaluation of all objects to look them up in.
    """

    def __init__(self, repository: Repository, engine: Engine, tally: Tally, limit: int) -> None:
        """Read the tree of HEAD and the index; what git cannot tell is noted in `tally`."""
        self._repository = repository
        self._engine = engine
        self._tally = tally
        self._limit = limit
        self._known: Mapping[bytes, tuple[Match, ...]] | None = None
        self._blobs = Blobs(repository.git, engine, tally, limit)
        self._head = dict(self._git("HEAD", changes.committed)) if repository.head() else {}
        self._index = list(self._git("index", changes.index)) if repository.work_tree else []

    def _git(
        self, what: str, read: Callable[..., Iterator[tuple[bytes, bytes]]]
    ) -> list[tuple[bytes, bytes]]:
        try:
            return list(read(self._repository.git))
        except (GitError, ValueError) as error:
            self._tally.skip("unreadable", what, str(error))
            return []

    def reuse(self, blobs: Mapping[bytes, tuple[Match, ...]]) -> None:
        """Look blobs up in `blobs`: all of HEAD and the index that hold anything are there."""
        self._known = blobs

    def close(self) -> None:
        """Let go of git."""
        self._blobs.close()

    def ids(self) -> set[bytes]:
        """Return the ids of all blobs in HEAD and the index."""
        return self.staged_ids().union(self._head.values())

    def staged_ids(self) -> set[bytes]:
        """Return the ids of all blobs in the index."""
        return {id_ for _, id_ in self._index}

    def index(self, *, tracked: bool) -> Iterator[Sighting]:
        """Yield what the index holds, by path; what HEAD holds there too only with `tracked`."""
        for path, id_ in self._index:
            self._tally.read("index entries", 0)
            if tracked or id_ != self._head.get(path):
                known = self._holdings(self._head.get(path), path)
                for match in self._matches(id_, path):
                    if holding(match) not in known:
                        yield sighting(match, "file", path, State.STAGED, id_)
                    elif tracked:
                        yield sighting(match, "file", path, State.HEAD, id_)

    def files(
        self, root: str, nested: Callable[[str], bool], *, tracked: bool
    ) -> Iterator[Sighting]:
        """Yield what the files below `root` hold; with `tracked`, also what HEAD holds there.

        `nested` is asked of each repository within whether it will be read by itself.
        """
        index = dict(self._index)
        names = Names()
        for file in files.walk(root, self._tally, nested):
            if self._tally.expired():
                return
            names.add((file.path,))
            data = files.read(file, self._tally, self._limit)
            if data is not None:
                yield from self._file(file.path, data, index, tracked=tracked)
        for path, matches in names.search(self._engine, self._tally).items():
            for match in matches:
                if path not in self._head:
                    yield sighting(match, "path", path, State.WORKTREE)
                elif tracked:
                    yield sighting(match, "path", path, State.HEAD)

    def _file(
        self, path: bytes, data: bytes, index: dict[bytes, bytes], *, tracked: bool
    ) -> Iterator[Sighting]:
        id_ = object_id(b"blob", data, self._repository.object_format)
        known = id_ in (self._head.get(path), index.get(path)) and self._known is not None
        if known or (tracked and id_ == index.get(path) and self._blobs.was_read(id_)):
            self._tally.read("files", len(data))
            return
        matches = self._tally.search(self._engine, "files", os.fsdecode(path), data).matches
        if not matches:
            return
        in_head = self._holdings(self._head.get(path), path)
        in_index = self._holdings(index.get(path), path)
        for match in matches:
            if holding(match) in in_index:
                continue
            if holding(match) not in in_head:
                yield sighting(match, "file", path, State.WORKTREE)
            elif tracked:
                yield sighting(match, "file", path, State.HEAD, self._head[path])

    def _holdings(self, id_: bytes | None, path: bytes) -> set[Holding]:
        return held(self._matches(id_, path)) if id_ else set()

    def _matches(self, id_: bytes, path: bytes) -> tuple[Match, ...]:
        if self._known is not None:
            return self._known.get(id_, ())
        return self._blobs.matches(id_, path)
