"""findings(o) for every object of an object database, once.

Sound packs are evaluated along their deltas, by all CPUs; everything else, or all of it if asked
for, object by object. The rest of the history source only sees an Evaluation.
"""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import NamedTuple

from scanner.cache.store import ResultCache
from scanner.detect.engine import Engine
from scanner.gitdb.objects import GitObject, commit_links, tree_entries
from scanner.gitdb.odb import ObjectDatabase
from scanner.gitdb.pack import WHOLE
from scanner.gitdb.packindex import PackIndex
from scanner.gitdb.sound import SoundPack
from scanner.model import Match
from scanner.sources.lfs import pointed
from scanner.sources.names import Names
from scanner.sources.packs import Found, SoundPacks
from scanner.sources.placing import NamedByTrees, evaluate_packs
from scanner.sources.portion import Portion
from scanner.sources.tally import Tally

GITLINK = b"160000"


class Evaluation(NamedTuple):
    """What all objects hold, by raw object id.

    `missing` are objects that trees and commits name and the database does not have;
    `pointers` are the LFS pointers: blob id to the SHA-256 (hex) of the object it points to.
    `trees` tell what the trees of the packs in `done` name; others are still to be read.
    """

    blobs: dict[bytes, tuple[Match, ...]]
    commits: dict[bytes, tuple[Match, ...]]
    tags: dict[bytes, tuple[Match, ...]]
    names: dict[bytes, tuple[Match, ...]]
    graph: dict[bytes, tuple[bytes, tuple[bytes, ...]]]
    missing: set[bytes]
    pointers: dict[bytes, str]
    trees: NamedByTrees | None
    done: dict[str, PackIndex]


def _untold(_kind: str, _id: bytes, _matches: tuple[Match, ...]) -> None:
    """Take what an object holds for known."""


def evaluate(
    odb: ObjectDatabase,
    engine: Engine,
    tally: Tally,
    hash_size: int,
    progress: Callable[[int], None],
    *,
    exhaustive: bool = False,
    workers: int = 0,
    cache: ResultCache | None = None,
    found: Found = _untold,
) -> Evaluation:
    """Return what all objects of `odb` hold; `progress` is told the packed bytes done so far.

    `found` is told of each object that holds something as soon as that is known, perhaps twice.

    `exhaustive` reads every object in full. No more than `workers` processes are used, for 0 as
    many as there are CPUs. What packs hold is looked up in `cache`, and kept there, unless the
    reading is exhaustive.
    """
    cache = None if exhaustive else cache
    result = Evaluation({}, {}, {}, {}, {}, set(), {}, None, {})
    names = Names()
    packs = SoundPacks(
        [] if exhaustive else odb.sound_packs(), engine, tally, odb.limits, workers, cache
    )
    named = evaluate_packs(packs, progress, found)
    for pack, portion, repeated in zip(packs.packs, named.portions, packs.repeated, strict=True):
        result.done[pack.path] = pack.index
        _take(pack, portion, repeated, tally, result)
    names.add(named.names())
    tally.count("trees", *named.count())
    _note_missing(packs.absent(_linked(named, result)), odb, result)
    garbled = (item for item in map(odb.read, named.garbled()) if item is not None)
    known = packs.records.clean(odb.directory)
    clean: dict[bytes, int] = {}
    for item in chain(garbled, odb.objects(result.done, known)):
        if tally.expired():
            break
        if _one(item, odb, engine, tally, hash_size, result, names, found):
            clean[item.id] = len(item.data)
        progress(odb.bytes_done)
    tally.count("blobs", len(odb.passed), sum(odb.passed.values()))
    clean.update(odb.passed)
    if clean.keys() != odb.passed.keys() or len(known) > 2 * len(clean):
        files = odb.loose_sizes(clean.keys()) if cache is not None else ()
        packs.records.keep_clean(odb.directory, {n: (size, clean[n]) for n, size in files})
    # The index of a pack may not tell what is in it; by now that is known from the pack itself.
    result.missing.difference_update([i for i in result.missing if odb.contains(i)])
    result.names.update(names.search(engine, tally))
    if result.names:  # so seldom that the trees are read once more for it
        holding = result.blobs.keys() | result.pointers.keys()
        named = named.read_again(holding, frozenset(result.names), progress)
    elif not tally.expired():
        named.keep()
    for skipped in odb.skipped:
        tally.add(skipped)
    return result._replace(trees=named)


def _take(
    pack: SoundPack,
    portion: Portion,
    repeated: frozenset[int],
    tally: Tally,
    result: Evaluation,
) -> None:
    """Add what a pack holds; the rows `repeated` were added with another pack."""
    for what, (number, size) in portion.counts.items():
        less = portion.again.get(what, [0, 0])
        tally.count(what, number - less[0], size - less[1])
    for row, (tree, parents) in sorted(portion.links.items()):
        result.graph[pack.id(row)] = tree, parents
    for row, target in sorted(portion.pointers.items()):
        result.pointers[pack.id(row)] = target
    for row, found in sorted(portion.results.items()):
        if row in repeated:
            continue
        name, kind = pack.id(row), WHOLE[pack.kind(row)].decode()
        tally.limits(found, f"{kind} {name.hex()}")
        if found.matches:
            _of_kind(kind, result)[name] = found.matches


def _of_kind(kind: str, result: Evaluation) -> dict[bytes, tuple[Match, ...]]:
    return {"commit": result.commits, "tag": result.tags, "blob": result.blobs}[kind]


def _linked(named: NamedByTrees, result: Evaluation) -> set[bytes]:
    """Return all ids that commits, and trees in packs without them, name."""
    ids = named.foreign()
    for tree, parents in result.graph.values():
        ids.add(tree)
        ids.update(parents)
    return ids - result.graph.keys() - {b""}


def _one(
    item: GitObject,
    odb: ObjectDatabase,
    engine: Engine,
    tally: Tally,
    hash_size: int,
    result: Evaluation,
    names: Names,
    found: Found,
) -> bool:
    """Add what an object holds; tell whether it is a blob that holds nothing."""
    kind = item.kind.decode()
    if item.kind == b"tree":
        entries = tree_entries(item.data, hash_size)
        names.add(name for _, name, _ in entries)
        _note_missing((i for mode, _, i in entries if mode != GITLINK), odb, result)
        if sum(len(mode) + len(name) + 2 + len(i) for mode, name, i in entries) == len(item.data):
            tally.read("trees", len(item.data))
            return False
        tally.skip("corrupt-object", item.id.hex(), "this tree has entries that make no sense")
        kind = "blob"  # searched as one, so that nothing hides in it
    matches, exceeded = tally.search(engine, f"{kind}s", f"{kind} {item.id.hex()}", item.data)
    if item.kind == b"commit":
        tree, parents = commit_links(item.data, hash_size)
        result.graph[item.id] = tree, parents
        _note_missing((tree, *parents), odb, result)
    if matches:
        _of_kind(kind, result)[item.id] = matches
        found(kind, item.id, matches)
    if kind == "blob" and (target := pointed(item.data)):
        result.pointers[item.id] = target
    return item.kind == b"blob" and not (matches or exceeded or item.id in result.pointers)


def _note_missing(ids: Iterable[bytes], odb: ObjectDatabase, result: Evaluation) -> None:
    result.missing.update(i for i in ids if i and not odb.contains(i))
