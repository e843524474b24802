"""Evaluates sound packs with all CPUs: their families are spread over processes."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import NamedTuple, TypeVar

from scanner.cache.store import ResultCache
from scanner.detect.engine import Engine
from scanner.gitdb.objects import Limits
from scanner.gitdb.pack import WHOLE
from scanner.gitdb.sound import SoundPack
from scanner.model import Match
from scanner.sources import portion, tree_portion
from scanner.sources.portion import Portion
from scanner.sources.record import Records
from scanner.sources.tally import Tally
from scanner.sources.tree_portion import TreePortion
from scanner.sources.workers import WorkerError, spread, usable

_TREE_KIND = 2
_TREE = frozenset((_TREE_KIND,))
_OTHERS = frozenset((1, 3, 4))
_PARTS = 48
_WORTH_A_PROCESS = 40_000_000  # the cost, in about nanoseconds, of what one process does alone
_NUMBER = 8  # bytes of the number of a pack before what was found in it
_BASES = 128 << 20  # bytes of bases that all processes together keep

_Reader = portion.Reader | tree_portion.TreeReader
_Portions = TypeVar("_Portions")
Found = Callable[[str, bytes, tuple[Match, ...]], None]
"""Is told the kind and id of an object, and what it holds."""


class _Job(NamedTuple):
    """Families of one pack: its number and the rows of their roots; no rows: its checksum."""

    pack: int
    roots: Sequence[int]


class SoundPacks:
    """The packs of a database that can be read without looking anything up elsewhere."""

    def __init__(
        self,
        packs: Iterable[SoundPack],
        engine: Engine,
        tally: Tally,
        limits: Limits,
        workers: int,
        cache: ResultCache | None,
    ) -> None:
        """Read `packs` with up to `workers` processes, for 0 as many as there are CPUs."""
        self.packs = sorted(packs, key=lambda pack: (-pack.size, pack.path))
        self._engine = engine
        self._tally = tally
        self._workers = workers or usable()
        self._limit = limits.max_object_size
        self._budget = min(limits.base_budget, _BASES // self._workers)
        self.repeated = _repeated(self.packs)
        """By pack, the rows of objects that a pack before it has."""
        options = (
            f"limit={self._limit}",
            f"lowest={int(engine.lowest)}",
            f"waiting={engine.waiting}",
        )
        self.records = Records(cache, engine.pack.digest, options)
        self._known = [
            None if self._has_trees(n) else self.records.find(pack)
            for n, pack in enumerate(self.packs)
        ]

    def drop(self, numbers: Iterable[int]) -> None:
        """Leave out some packs."""
        unwanted = set(numbers)
        self.packs = [pack for n, pack in enumerate(self.packs) if n not in unwanted]
        self.repeated = _repeated(self.packs)
        self._known = [record for n, record in enumerate(self._known) if n not in unwanted]

    def keep(self, portions: list[Portion], trees: list[TreePortion]) -> None:
        """Keep what was found of each pack for the next audit."""
        for n, pack in enumerate(self.packs):
            if self._known[n] is None:
                self.records.keep(pack, portions[n], trees[n])

    def _has_trees(self, number: int) -> bool:
        """Tell whether any of a pack's repeated rows is a tree; no record knows of its size."""
        pack = self.packs[number]
        return any(pack.kind(row) == _TREE_KIND for row in self.repeated[number])

    def absent(self, names: set[bytes]) -> set[bytes]:
        """Return those of `names` that none of the packs has."""
        for pack in self.packs:
            left = list(names)
            found = pack.numbers(left)
            names = {name for name, row in zip(left, found, strict=True) if row < 0}
        return names

    def flags(self, names: Iterable[bytes]) -> list[bytearray]:
        """Return, by pack, a flag for each of its ids: 1 if it is among `names`."""
        wanted = list(names)
        flags = [bytearray(len(pack)) for pack in self.packs]
        for pack, its in zip(self.packs, flags, strict=True):
            for number in pack.numbers(wanted):
                if number >= 0:
                    its[number] = 1
        return flags

    def evaluate(self, progress: Callable[[int], None], found: Found) -> list[Portion]:
        """Return, by pack, what its commits, blobs and tags hold; tell `found` as soon as known."""
        only = [
            record.flagged | its if record else None
            for record, its in zip(self._known, self.repeated, strict=True)
        ]
        needed = [
            None if its is None else pack.ancestry(its)
            for pack, its in zip(self.packs, only, strict=True)
        ]

        def reader(number: int) -> portion.Reader:
            return portion.Reader(
                self.packs[number],
                self._engine,
                self._limit,
                self._budget,
                self.repeated[number],
                only[number],
            )

        def read(workers: int) -> list[Portion]:
            portions = [Portion() for _ in self.packs]
            with closing(self._spread(workers, _OTHERS, needed, reader, progress)) as parts:
                for number, content in parts:
                    part = portion.unpacked(content, self._engine)
                    self._tell(number, part, found)
                    portions[number].add(part)
            return portions

        portions = self._read(read)
        for each, record in zip(portions, self._known, strict=True):
            if record:
                each.counts = record.portion.counts
                each.links = record.portion.links
        return portions

    def _tell(self, number: int, part: Portion, found: Found) -> None:
        pack, repeated = self.packs[number], self.repeated[number]
        for row, result in part.results.items():
            if result.matches and row not in repeated:
                found(WHOLE[pack.kind(row)].decode(), pack.id(row), result.matches)

    def trees(
        self, flags: Sequence[bytearray], wanted: frozenset[bytes], progress: Callable[[int], None]
    ) -> list[TreePortion | list[TreePortion]]:
        """Return, by pack, what its trees name, in portions; as one if an audit before this did.

        `flags` tell, by pack and number of id, what to look for; `wanted` are names to look for.
        """

        def reader(number: int) -> tree_portion.TreeReader:
            return tree_portion.TreeReader(
                self.packs[number],
                self._limit,
                self._budget,
                bytes(flags[number]),
                wanted,
                self.repeated[number],
            )

        known = [record.trees if record and not wanted else None for record in self._known]
        needed = [bytearray(len(p)) if k else None for p, k in zip(self.packs, known, strict=True)]

        def read(workers: int) -> list[list[TreePortion]]:
            portions: list[list[TreePortion]] = [[] for _ in self.packs]
            with closing(self._spread(workers, _TREE, needed, reader, progress)) as parts:
                for number, content in parts:
                    portions[number].append(tree_portion.unpacked(content))
            return portions

        return [its or new for its, new in zip(known, self._read(read), strict=True)]

    def _read(self, read: Callable[[int], list[_Portions]]) -> list[_Portions]:
        """Return what `read` does with all processes, or with one if they give out."""
        try:
            return read(self._workers)
        except WorkerError:  # killed for the memory it takes, most likely
            return read(1)

    def _spread(
        self,
        workers: int,
        kinds: frozenset[int],
        needed: Sequence[bytearray | None],
        reader: Callable[[int], _Reader],
        progress: Callable[[int], None],
    ) -> Generator[tuple[int, bytes], None, None]:
        """Yield number of pack and packed portion for all families of `kinds`.

        `needed` tells, by pack and row, which entries to read; None stands for all.
        """
        jobs: list[_Job] = []
        cost = 0
        for number, pack in enumerate(self.packs):
            parts = max(1, _PARTS // len(self.packs))
            groups, its = pack.families(kinds, parts, needed[number])
            if kinds is _OTHERS and needed[number] is None:
                jobs.append(_Job(number, ()))
            jobs.extend(_Job(number, roots) for roots in groups)
            cost += its

        def work(numbers: Iterator[int], done: Callable[[int], None]) -> Iterator[bytes]:
            for job in numbers:
                number, roots = jobs[job]
                if self._tally.late():
                    continue
                # Each job has a reader of its own, so that no process gathers what many found.
                its = reader(number)
                if roots:
                    its.read(roots, done, self._tally.late)
                else:
                    its.verify()
                yield number.to_bytes(_NUMBER, "big") + its.packed()
                self.packs[number].forget()

        workers = workers if cost > _WORTH_A_PROCESS else 1
        with closing(spread(workers, len(jobs), work, progress, self._tally.late)) as results:
            for result in results:
                yield int.from_bytes(result[:_NUMBER], "big"), result[_NUMBER:]


def _repeated(packs: list[SoundPack]) -> list[frozenset[int]]:
    """Return, by pack, the rows of objects that a pack before it has."""
    repeated: list[frozenset[int]] = [frozenset()] if packs else []
    seen: set[bytes] = set()
    for pack in packs[1:]:  # the first is the largest, so its ids are not put into a set
        ids = pack.all_ids()
        numbers = set(packs[0].shared_with(pack))
        numbers.update(number for number, id_ in enumerate(ids) if id_ in seen)
        repeated.append(frozenset(pack.rows_of(numbers)))
        seen.update(ids)
    return repeated
