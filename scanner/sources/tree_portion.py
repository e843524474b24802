"""Reads the trees of sound packs for what leads to findings, and carries that between processes."""

import json
from collections.abc import Callable, Iterable

from scanner.gitdb.damage import DamageError
from scanner.gitdb.sound import SoundPack
from scanner.kernels import deltas, trees


class TreePortion:
    """What some of the trees of a pack name.

    `edges` are as `scanner.kernels.pure.trees` describes them; `foreign` are row of the tree,
    number of the name, id and mode of what the pack does not have; `garbled` the rows of trees with
    entries that make no sense.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self.names: list[bytes] = []
        self.edges = b""
        self.foreign: list[tuple[int, int, bytes, bytes]] = []
        self.garbled: list[int] = []
        self.count = 0
        self.size = 0
        self.again = (0, 0)
        """How many of the trees, and of their bytes, other packs have as well."""
        self.unsound = False


class TreeReader:
    """Reads families of trees of one pack into a portion."""

    def __init__(
        self,
        pack: SoundPack,
        search: deltas.Search,
        limit: int,
        budget: int,
        flags: bytes,
        wanted: frozenset[bytes],
        repeated: frozenset[int],
    ) -> None:
        """Look for ids by `flags` (one a number of the pack's ids) and for `wanted` names.

        `search` makes objects of deltas; `limit`, `budget` and `repeated` are as for what reads
        other objects.
        """
        self._portion = TreePortion()
        self._pack = pack
        self._visitor = deltas.Each(search, limit, self._take)
        self._budget = budget
        self._repeated = repeated
        self._reader = trees.Reader(pack.ids, pack.hash_size, flags, wanted)

    def read(
        self, roots: Iterable[int], done: Callable[[int], None], late: Callable[[], bool]
    ) -> None:
        """Read all that grows from `roots`, as what reads other objects does."""
        try:
            for root in roots:
                if late():
                    break
                done(self._pack.descend(root, self._visitor, self._budget, late))
        except (DamageError, ValueError, OverflowError):
            self._portion.unsound = True

    def verify(self) -> None:
        """Do nothing: the pack is checked with its other objects."""

    def packed(self) -> bytes:
        """Return the portion read so far, as `packed` does."""
        self._portion.names = self._reader.names
        self._portion.edges = self._reader.edges
        self._portion.foreign = self._reader.foreign
        return packed(self._portion)

    def _take(self, row: int, data: bytes, _: None) -> None:
        if self._reader.read(self._pack.order[row], data):
            self._portion.count += 1
            self._portion.size += len(data)
            if row in self._repeated:
                number, size = self._portion.again
                self._portion.again = number + 1, size + len(data)
        else:
            self._portion.garbled.append(row)


def packed(portion: TreePortion) -> bytes:
    """Return a portion as bytes for another process of the same scan."""
    foreign = [
        (tree, name, id_.hex(), mode.decode("latin-1")) for tree, name, id_, mode in portion.foreign
    ]
    head = json.dumps(
        (portion.unsound, portion.count, portion.size, portion.again, portion.garbled, foreign)
    )
    parts = head.encode(), b"\0".join(portion.names), portion.edges
    sizes = (len(part).to_bytes(8, "big") for part in parts)
    return b"".join((*sizes, len(portion.names).to_bytes(8, "big"), *parts))


def unpacked(content: bytes) -> TreePortion:
    """Return the portion that `packed` has made bytes of."""
    numbers = [int.from_bytes(content[at : at + 8], "big") for at in range(0, 32, 8)]
    at = 32
    parts = []
    for size in numbers[:3]:
        parts.append(content[at : at + size])
        at += size
    portion = TreePortion()
    head = json.loads(parts[0])
    portion.unsound, portion.count, portion.size, (number, size), portion.garbled, foreign = head
    portion.again = number, size
    portion.foreign = [
        (tree, name, bytes.fromhex(id_), mode.encode("latin-1"))
        for tree, name, id_, mode in foreign
    ]
    portion.names = parts[1].split(b"\0") if numbers[3] else []
    portion.edges = parts[2]
    return portion
