"""Evaluates the delta families of sound packs, and carries what was found between processes."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from scanner.detect.engine import Engine, Result
from scanner.detect.versions import Version, Versions
from scanner.gitdb.damage import DamageError
from scanner.gitdb.objects import commit_links
from scanner.gitdb.pack import WHOLE
from scanner.gitdb.sound import SoundPack
from scanner.model import Confidence, Match, Rule, Secret

POINTER = re.compile(
    rb"\Aversion https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\n"
)
LARGEST_POINTER = 1024
_COMMIT, _BLOB = 1, 3


class Portion:
    """What some of the families of a pack hold, by row."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.counts: dict[str, list[int]] = {}
        """By kind, how many objects were read and how many bytes they have."""
        self.again: dict[str, list[int]] = {}
        """The same of those among them that other packs have as well."""
        self.results: dict[int, Result] = {}
        self.links: dict[int, tuple[bytes, tuple[bytes, ...]]] = {}
        """Tree and parents of the commits."""
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
        self._limit = limit
        self._budget = budget
        self._repeated = repeated
        self._only = only
        self._selective = bool(repeated) or only is not None
        self._count = self._portion.counts.setdefault("blobs", [0, 0])
        self._next = self._versions.next
        self._needed = None if only is None else pack.ancestry(only)
        self._hash_size = pack.hash_size

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
                if kinds[root] == _BLOB:
                    visit = self._first_blob, self._next_blob
                    done(descend(root, *visit, self._budget, late, self._needed))
                else:
                    others = self._first_other, self._next_other
                    done(descend(root, *others, self._budget, late, self._needed))
        except (DamageError, ValueError, OverflowError):
            self._portion.unsound = True

    def verify(self) -> None:
        """Check the whole pack's checksum; the portion says if the pack is unsound."""
        try:
            self._pack.verify()
        except DamageError:
            self._portion.unsound = True

    def packed(self) -> bytes:
        """Return the portion read so far, as `packed` does."""
        return packed(self._portion)

    def _first_blob(self, row: int, data: bytes) -> Version | None:
        version = self._versions.first(data)
        self._blob(row, data, version)
        return version

    def _next_blob(
        self, row: int, base: bytes, version: Version | None, delta: bytes
    ) -> tuple[bytes, Version | None]:
        data, made = self._next(base, version, delta, self._limit)
        if made is not None or len(data) < LARGEST_POINTER or self._selective:
            self._blob(row, data, made)
        else:
            count = self._count
            count[0] += 1
            count[1] += len(data)
        return data, made

    def _first_other(self, row: int, data: bytes) -> int:
        kind = self._pack.kinds[row]
        self._other(row, kind, data)
        return kind

    def _next_other(self, row: int, base: bytes, kind: int, delta: bytes) -> tuple[bytes, int]:
        data = self._versions.apply(base, delta, self._limit)
        self._other(row, kind, data)
        return data, kind

    def _blob(self, row: int, data: bytes, version: Version | None) -> None:
        if self._only is not None and row not in self._only:
            return
        self._note(row, _BLOB, data, version)
        if len(data) < LARGEST_POINTER and data.startswith(b"version https://git-lfs"):
            pointer = POINTER.match(data)
            if pointer is not None:
                self._portion.pointers[row] = pointer[1].decode()

    def _other(self, row: int, kind: int, data: bytes) -> None:
        if self._only is not None and row not in self._only:
            return
        self._note(row, kind, data, self._versions.first(data))
        if kind == _COMMIT:
            self._portion.links[row] = commit_links(data, self._hash_size)

    def _note(self, row: int, kind: int, data: bytes, version: Version | None) -> None:
        counts = [self._portion.counts]
        if row in self._repeated:
            counts.append(self._portion.again)
        for each in counts:
            count = each.setdefault(WHOLE[kind].decode() + "s", [0, 0])
            count[0] += 1
            count[1] += len(data)
        if version is not None:
            result = self._versions.result(version, data)
            if result.matches or result.exceeded:
                self._portion.results[row] = result


def packed(portion: Portion) -> bytes:
    """Return a portion as bytes for another process of the same scan; secrets are in it."""
    table: dict[tuple[Any, ...], int] = {}
    results = [
        (row, [_place(m, table) for m in result.matches], result.exceeded)
        for row, result in portion.results.items()
    ]
    links = [(row, tree.hex(), [p.hex() for p in ps]) for row, (tree, ps) in portion.links.items()]
    content = (
        portion.unsound,
        portion.counts,
        portion.again,
        list(table),
        results,
        links,
        list(portion.pointers.items()),
    )
    return json.dumps(content).encode()


def unpacked(content: bytes, engine: Engine) -> Portion:
    """Return the portion that `packed` has made bytes of."""
    portion = Portion()
    portion.unsound, counts, again, table, results, links, pointers = json.loads(content)
    portion.counts.update(counts)
    portion.again.update(again)
    known = [_meaning(entry, engine) for entry in table]
    for row, places, exceeded in results:
        matches = tuple(
            Match(known[n][0], known[n][1], start, end, line, column, *known[n][2:])
            for n, start, end, line, column in places
        )
        portion.results[row] = Result(matches, tuple((code, detail) for code, detail in exceeded))
    for row, tree, parents in links:
        portion.links[row] = bytes.fromhex(tree), tuple(map(bytes.fromhex, parents))
    portion.pointers.update(pointers)
    return portion


def _place(match: Match, table: dict[tuple[Any, ...], int]) -> tuple[int, int, int, int, int]:
    """Return a match by the number that what it says has in `table`, and where it stands."""
    rule, secret, start, end, line, column, confidence, reasons, via = match
    entry = rule.id, secret.reveal().decode("latin-1"), int(confidence), reasons, via
    return table.setdefault(entry, len(table)), start, end, line, column


def _meaning(
    entry: list[Any], engine: Engine
) -> tuple[Rule, Secret, Confidence, tuple[str, ...], tuple[str, ...]]:
    rule, secret, confidence, reasons, via = entry
    return (
        engine.rule(rule),
        Secret(secret.encode("latin-1")),
        Confidence(confidence),
        tuple(reasons),
        tuple(via),
    )
