"""findings(o) for every object of an object database, each read in full, once.

The rest of the history source only sees an Evaluation, so how it is computed can change here alone.
"""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from scanner.detect.engine import Engine
from scanner.gitdb.objects import GitObject, parse_commit, tree_entries
from scanner.gitdb.odb import ObjectDatabase
from scanner.model import Match
from scanner.sources.names import Names
from scanner.sources.tally import Tally

_POINTER = re.compile(
    rb"\Aversion https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\n"
)
_LARGEST_POINTER = 1024
_GITLINK = b"160000"


class Evaluation(NamedTuple):
    """What all objects hold, by raw object id.

    `missing` are objects that trees and commits name and the database does not have;
    `pointers` are the LFS pointers: blob id to the SHA-256 (hex) of the object it points to.
    """

    blobs: dict[bytes, tuple[Match, ...]]
    commits: dict[bytes, tuple[Match, ...]]
    tags: dict[bytes, tuple[Match, ...]]
    names: dict[bytes, tuple[Match, ...]]
    graph: dict[bytes, tuple[bytes, tuple[bytes, ...]]]
    missing: set[bytes]
    pointers: dict[bytes, str]


def evaluate(
    odb: ObjectDatabase,
    engine: Engine,
    tally: Tally,
    hash_size: int,
    progress: Callable[[int], None],
) -> Evaluation:
    """Return what all objects of `odb` hold; `progress` is told the packed bytes done so far."""
    result = Evaluation({}, {}, {}, {}, {}, set(), {})
    names = Names()
    for item in odb.objects():
        if tally.expired():
            break
        _one(item, odb, engine, tally, hash_size, result, names)
        progress(odb.bytes_done)
    # The index of a pack may not tell what is in it; by now that is known from the pack itself.
    result.missing.difference_update([i for i in result.missing if odb.contains(i)])
    for name, matches in names.search(engine, tally).items():
        result.names[name] = matches
    for skipped in odb.skipped:
        tally.add(skipped)
    return result


def _one(
    item: GitObject,
    odb: ObjectDatabase,
    engine: Engine,
    tally: Tally,
    hash_size: int,
    result: Evaluation,
    names: Names,
) -> None:
    kind = item.kind.decode()
    if item.kind == b"tree":
        entries = tree_entries(item.data, hash_size)
        names.add(name for _, name, _ in entries)
        _note_missing((i for mode, _, i in entries if mode != _GITLINK), odb, result)
        if sum(len(mode) + len(name) + 2 + len(i) for mode, name, i in entries) == len(item.data):
            tally.read("trees", len(item.data))
            return
        tally.skip("corrupt-object", item.id.hex(), "this tree has entries that make no sense")
        kind = "blob"  # searched as one, so that nothing hides in it
    found = tally.search(engine, f"{kind}s", f"{kind} {item.id.hex()}", item.data).matches
    if item.kind == b"commit":
        commit = parse_commit(item.data, hash_size)
        result.graph[item.id] = (commit.tree, commit.parents)
        _note_missing((commit.tree, *commit.parents), odb, result)
    if found:
        {"commit": result.commits, "tag": result.tags, "blob": result.blobs}[kind][item.id] = found
    if kind == "blob" and len(item.data) < _LARGEST_POINTER:
        pointer = _POINTER.match(item.data)
        if pointer is not None:
            result.pointers[item.id] = pointer[1].decode()


def _note_missing(ids: Iterable[bytes], odb: ObjectDatabase, result: Evaluation) -> None:
    result.missing.update(i for i in ids if not odb.contains(i))
