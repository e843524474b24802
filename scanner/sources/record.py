"""What an audit keeps of a sound pack for the next one, and how it is found again.

It tells which objects hold anything, not what: those few are evaluated again. So no secret is in
it, and what is reported comes from the objects themselves.
"""

import json
import os
from array import array
from collections.abc import Mapping
from typing import Any, NamedTuple

from scanner.cache.key import Key
from scanner.cache.store import ResultCache
from scanner.gitdb.sound import SoundPack
from scanner.sources.portion import Portion, packed_links, unpacked_links
from scanner.sources.tree_portion import TreePortion


class Record(NamedTuple):
    """The portions of a pack's objects and of its trees, without results.

    `flagged` are the rows of objects that hold something, or were not read whole.
    """

    flagged: frozenset[int]
    portion: Portion
    trees: TreePortion


class Records:
    """Where the records of packs are kept for one set of rules and options."""

    def __init__(self, cache: ResultCache | None, rules: str, options: tuple[str, ...]) -> None:
        """Use `cache`, if there is one; `rules` and `options` are as for a `Key`."""
        self._cache = cache
        self._rules = rules
        self._options = options

    def find(self, pack: SoundPack) -> Record | None:
        """Return what is kept of a pack, if this very file was found to have its checksum."""
        if self._cache is None or self._cache.get(_file(pack)) is None:
            return None
        content = self._cache.get(self._pack(pack))
        return None if content is None else _unpacked(content)

    def keep(self, pack: SoundPack, portion: Portion, trees: TreePortion) -> None:
        """Keep what a pack holds, whose checksum was found to be right."""
        if self._cache is not None:
            self._cache.put(self._pack(pack), _packed(portion, trees))
            self._cache.put(_file(pack), b"checked")

    def clean(self, directory: str) -> dict[bytes, tuple[int, int]]:
        """Return the loose blobs of an object directory that held nothing the last time.

        By id, with the size of the file and that of the content.
        """
        content = None if self._cache is None else self._cache.get(self._loose(directory))
        if not content:
            return {}
        size = content[0]
        step = size + 16
        return {
            content[at : at + size]: (
                int.from_bytes(content[at + size : at + size + 8], "big"),
                int.from_bytes(content[at + size + 8 : at + step], "big"),
            )
            for at in range(1, len(content), step)
        }

    def keep_clean(self, directory: str, blobs: Mapping[bytes, tuple[int, int]]) -> None:
        """Keep which loose blobs hold nothing."""
        if self._cache is not None and blobs:
            hash_size = len(next(iter(blobs)))
            rows = (
                name + file.to_bytes(8, "big") + size.to_bytes(8, "big")
                for name, (file, size) in blobs.items()
            )
            self._cache.put(self._loose(directory), bytes([hash_size]) + b"".join(rows))

    def _loose(self, directory: str) -> Key:
        # An object's id stands for its content, so whose directory it is matters to nobody else.
        return Key("loose/1", os.fsencode(os.path.realpath(directory)), self._rules, self._options)

    def _pack(self, pack: SoundPack) -> Key:
        return Key("pack/2", pack.checksum + pack.index_checksum, self._rules, self._options)


def _file(pack: SoundPack) -> Key:
    # Of a file's times, that of the last change of its status cannot be set at will.
    return Key("checked/1", pack.checksum + repr(pack.facts).encode(), "")


def _packed(portion: Portion, trees: TreePortion) -> bytes:
    flagged = sorted({*portion.results, *portion.pointers})
    head = (
        portion.counts,
        list(portion.pointers.items()),
        trees.count,
        trees.size,
        trees.garbled,
        [
            (tree, name, id_.hex(), mode.decode("latin-1"))
            for tree, name, id_, mode in trees.foreign
        ],
        len(trees.names),
    )
    sections = (
        json.dumps(head).encode(),
        array("I", flagged).tobytes(),
        packed_links(portion.links),
        b"\0".join(trees.names),
        trees.edges,
    )
    return b"".join(len(each).to_bytes(8, "big") + each for each in sections)


def _unpacked(content: bytes) -> Record:
    head, flagged, links, names, edges = _sections(content)
    portion, trees = Portion(), TreePortion()
    counts, pointers, trees.count, trees.size, trees.garbled, foreign, count = json.loads(head)
    portion.counts.update(counts)
    portion.pointers.update(pointers)
    portion.links.update(unpacked_links(links))
    trees.foreign = [
        (tree, name, bytes.fromhex(id_), mode.encode("latin-1"))
        for tree, name, id_, mode in foreign
    ]
    trees.names = names.split(b"\0") if count else []
    trees.edges = edges
    return Record(frozenset(array("I", flagged)), portion, trees)


def _sections(content: bytes) -> list[Any]:
    sections = []
    at = 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 8], "big")
        sections.append(content[at + 8 : at + 8 + size])
        at += 8 + size
    return sections
