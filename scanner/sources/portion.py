"""Evaluates the delta families of sound packs, and carries what was found between processes."""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from scanner.detect.engine import Engine, Result
from scanner.detect.versions import EMPTY, Version, Versions
from scanner.gitdb.damage import DamageError
from scanner.gitdb.objects import commit_links
from scanner.gitdb.pack import WHOLE
from scanner.gitdb.sound import SoundPack
from scanner.kernels.pure.deltas import Change
from scanner.kernels.pure.walk import Visitor
from scanner.model import Confidence, Match, Secret
from scanner.sources.blobs import POINTER_HEAD
from scanner.sources.lfs import pointed

_COMMIT, _BLOB = 1, 3
_NAMES = {kind: WHOLE[kind].decode() + "s" for kind in (_COMMIT, _BLOB, 4)}
Links = tuple[bytes, tuple[bytes, ...]]
"""Tree and parents of a commit."""


class Portion:
    """What some of the families of a pack hold, by row."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.counts: dict[str, list[int]] = {}
        """By kind, how many objects were read and how many bytes they have."""
        self.again: dict[str, list[int]] = {}
        """The same of those among them that other packs have as well."""
        self.results: dict[int, Result] = {}
        self.links: dict[int, Links] = {}
        self.pointers: dict[int, str] = {}
        self.unsound = False
        """Whether something about the pack turned out to be odd, so that none of this counts."""

    def add(self, other: "Portion") -> None:
        """Take in another portion of the same pack."""
        for mine, others in ((self.counts, other.counts), (self.again, other.again)):
            for kind, (number, size) in others.items():
                count = mine.setdefault(kind, [0, 0])
                count[0] += number
                count[1] += size
        self.results.update(other.results)
        self.links.update(other.links)
        self.pointers.update(other.pointers)
        self.unsound = self.unsound or other.unsound


class Reader:
    """Evaluates families of one pack into a portion."""

    def __init__(
        self,
        pack: SoundPack,
        engine: Engine,
        limit: int,
        budget: int,
        repeated: frozenset[int],
        only: frozenset[int] | None = None,
    ) -> None:
        """Read objects up to `limit` bytes, keeping bases of up to `budget` bytes at a time.

        The rows `repeated` are counted by themselves. With `only`, other rows are read just as far
        as these are made from them.
        """
        self._portion = Portion()
        self._pack = pack
        self._versions = Versions(engine)
        self._budget = budget
        self._repeated = repeated
        self._only = only
        self._needed = None if only is None else pack.ancestry(only)
        self._hash_size = pack.hash_size
        self._counts = {
            kind: self._portion.counts.setdefault(name, [0, 0]) for kind, name in _NAMES.items()
        }
        # Blobs with nothing in them need not be counted one by one unless some are left out, or
        # rules are tried on all of them.
        self._empty = EMPTY if engine.reads_all else None
        selective = bool(repeated) or only is not None or engine.reads_all
        prefix = b"" if selective else POINTER_HEAD
        versions = self._versions
        self._blobs = versions.visitor(limit, self._first_blob, self._changed_blob, prefix)
        self._others = versions.each(limit, self._other)
        self._commits = versions.commits(limit, self._commit, pack.hash_size)
        self._visitors: dict[int, Visitor] = {_BLOB: self._blobs}
        if not selective:
            self._visitors[_COMMIT] = self._commits

    def read(
        self, roots: Iterable[int], done: Callable[[int], None], late: Callable[[], bool]
    ) -> None:
        """Evaluate all that grows from `roots`; the portion says if the pack is unsound.

        `done` is told the bytes of the pack that were read; `late` tells when to break off.
        """
        kinds, descend = self._pack.kinds, self._pack.descend
        try:
            for root in roots:
                if late():
                    break
                visitor = self._visitors.get(kinds[root], self._others)
                done(descend(root, visitor, self._budget, late, self._needed))
        except (DamageError, ValueError, OverflowError):
            self._portion.unsound = True

    def verify(self) -> None:
        """Check the whole pack's checksum; the portion says if the pack is unsound."""
        try:
            self._pack.verify()
        except DamageError:
            self._portion.unsound = True

    def packed(self) -> bytes:
        """Return the portion, as `packed` does; then it is over."""
        for kind, visitor in ((_BLOB, self._blobs), (_COMMIT, self._commits)):
            self._counts[kind][0] += visitor.count
            self._counts[kind][1] += visitor.size
        return packed(self._portion, _joined_links(self._hash_size, *self._commits.links))

    def _first_blob(self, row: int, data: bytes) -> Version | None:
        return self._blob(row, data, self._versions.first(data))

    def _changed_blob(
        self, row: int, data: bytes, base: Version | None, change: Change | None
    ) -> Version | None:
        version = self._versions.changed(base, data, change) if change else None
        return self._blob(row, data, version)

    def _blob(self, row: int, data: bytes, version: Version | None) -> Version | None:
        if self._only is not None and row not in self._only:
            return version
        self._note(row, _BLOB, data, version)
        if target := pointed(data):
            self._portion.pointers[row] = target
        return version

    def _commit(self, row: int, data: bytes) -> None:
        self._other(row, data, _COMMIT)

    def _other(self, row: int, data: bytes, kind: int | None) -> int:
        """Take in a commit or tag; `kind` is that of the root, None for the root itself."""
        kind = self._pack.kinds[row] if kind is None else kind
        if self._only is None or row in self._only:
            self._note(row, kind, data, self._versions.first(data))
            if kind == _COMMIT:
                self._portion.links[row] = commit_links(data, self._hash_size)
        return kind

    def _note(self, row: int, kind: int, data: bytes, version: Version | None) -> None:
        count = self._counts[kind]
        count[0] += 1
        count[1] += len(data)
        if row in self._repeated:
            again = self._portion.again.setdefault(_NAMES[kind], [0, 0])
            again[0] += 1
            again[1] += len(data)
        version = version or self._empty
        if version is not None:
            result = self._versions.result(version, data)
            if result.matches or result.exceeded:
                self._portion.results[row] = result


def packed(portion: Portion, links: bytes = b"") -> bytes:
    """Return a portion as bytes for another process of the same scan; secrets are in it.

    Packed `links` are added to those of the portion.
    """
    table: dict[tuple[Any, ...], int] = {}
    results = [
        (row, [_place(m, table) for m in result.matches], result.exceeded)
        for row, result in portion.results.items()
    ]
    content = (
        portion.unsound,
        portion.counts,
        portion.again,
        list(table),
        results,
        list(portion.pointers.items()),
    )
    links += packed_links(portion.links)
    return len(links).to_bytes(8, "big") + links + json.dumps(content).encode()


def unpacked(content: bytes, engine: Engine) -> Portion:
    """Return the portion that `packed` has made bytes of."""
    portion = Portion()
    end = 8 + int.from_bytes(content[:8], "big")
    portion.links.update(unpacked_links(content[8:end]))
    portion.unsound, counts, again, table, results, pointers = json.loads(content[end:])
    portion.counts.update(counts)
    portion.again.update(again)
    known = [_meaning(entry, engine) for entry in table]
    for row, places, exceeded in results:
        matches = tuple(
            Match(known[n][0], known[n][1], start, end, line, column, *known[n][2:])
            for n, start, end, line, column in places
        )
        portion.results[row] = Result(matches, tuple((code, detail) for code, detail in exceeded))
    portion.pointers.update(pointers)
    return portion


def packed_links(links: Mapping[int, Links]) -> bytes:
    """Return tree and parents of commits, by row, as bytes."""
    size = max((len(id_) for tree, ps in links.values() for id_ in (tree, *ps)), default=0)
    none = bytes(size)
    rows = array("I", [n for row, (_, ps) in links.items() for n in (row, len(ps))])
    ids = b"".join(id_ for tree, ps in links.values() for id_ in (tree or none, *ps))
    return _joined_links(size, rows.tobytes(), ids)


def _joined_links(size: int, rows: bytes, ids: bytes) -> bytes:
    """Return links with ids of `size` bytes; `rows` has two numbers for each commit."""
    return array("I", (size, len(rows) // 8)).tobytes() + rows + ids


def unpacked_links(content: bytes) -> Iterator[tuple[int, Links]]:
    """Yield the rows and links that `packed_links` has made bytes of, once or more."""
    end = 0
    while end < len(content):
        size, count = array("I", content[end : end + 8])
        at = end + 8 + 8 * count
        rows = array("I", content[end + 8 : at])
        end, none = at, bytes(size)
        for row, parents in zip(rows[::2], rows[1::2], strict=True):
            start, end = at + size, at + (1 + parents) * size
            tree = content[at:start]
            named = tuple(content[n : n + size] for n in range(start, end, size)) if size else ()
            yield row, (b"" if tree == none else tree, named)
            at = end


def _place(match: Match, table: dict[tuple[Any, ...], int]) -> tuple[int, int, int, int, int]:
    """Return a match by the number that what it says has in `table`, and where it stands."""
    rule, secret, start, end, line, column, confidence, *said = match
    entry = rule.id, secret.reveal().decode("latin-1"), int(confidence), *said
    return table.setdefault(entry, len(table)), start, end, line, column


def _meaning(entry: list[Any], engine: Engine) -> tuple[Any, ...]:
    """Return rule, secret and confidence, and what the match says besides."""
    rule, secret, confidence, *said = entry
    value = Secret(secret.encode("latin-1"))
    return (engine.rule(rule), value, Confidence(confidence), *map(tuple, said))
