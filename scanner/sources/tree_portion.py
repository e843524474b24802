"""Reads the trees of sound packs for what leads to findings, and carries that between processes."""

import json
from collections.abc import Callable, Iterable

from scanner.gitdb.damage import DamageError
from scanner.gitdb.sound import SoundPack
from scanner.kernels import trees


class TreePortion:
    """What trees of a pack name.

    `edges` and `changes` are as `scanner.kernels.pure.trees` describes them: as a reader tells them
    or, for all trees of the pack, edges that lead to what is looked for, without changes. `foreign`
    are row of the tree, number of the name, id and mode of what the pack does not have; `garbled`
    the rows of trees with entries that make no sense.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self.names: list[bytes] = []
        self.edges = b""
        self.changes = b""
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
        limit: int,
        budget: int,
        flags: bytes,
        wanted: frozenset[bytes],
        repeated: frozenset[int],
    ) -> None:
        """Look for ids by `flags` (one a number of the pack's ids) and for `wanted` names.

        `limit`, `budget` and `repeated` are as for what reads other objects.
        """
        self._pack = pack
        self._budget = budget
        self._unsound = False
        self._reader = trees.Reader(
            pack.ids, pack.hash_size, pack.order, flags, wanted, repeated, limit, budget
        )

    def read(
        self, roots: Iterable[int], done: Callable[[int], None], late: Callable[[], bool]
    ) -> None:
        """Read all that grows from `roots`, as what reads other objects does."""
        try:
            for root in roots:
                if late():
                    break
                done(self._pack.descend(root, self._reader, self._budget, late))
        except (DamageError, ValueError, OverflowError):
            self._unsound = True

    def verify(self) -> None:
        """Do nothing: the pack is checked with its other objects."""

    def packed(self) -> bytes:
        """Return the portion read so far, as `packed` does."""
        reader = self._reader
        portion = TreePortion()
        portion.names, portion.foreign, portion.garbled = (
            reader.names,
            reader.foreign,
            reader.garbled,
        )
        portion.edges, portion.changes = reader.edges, reader.changes
        portion.unsound = self._unsound
        portion.count, portion.size, portion.again = reader.count, reader.size, reader.again
        return packed(portion)


def packed(portion: TreePortion) -> bytes:
    """Return a portion as bytes for another process of the same scan."""
    foreign = [
        (tree, name, id_.hex(), mode.decode("latin-1")) for tree, name, id_, mode in portion.foreign
    ]
    head = json.dumps(
        (portion.unsound, portion.count, portion.size, portion.again, portion.garbled, foreign)
    )
    parts = head.encode(), b"\0".join(portion.names), portion.changes, portion.edges
    sizes = (len(part).to_bytes(8, "big") for part in parts)
    return b"".join((*sizes, len(portion.names).to_bytes(8, "big"), *parts))


def unpacked(content: bytes) -> TreePortion:
    """Return the portion that `packed` has made bytes of."""
    numbers = [int.from_bytes(content[at : at + 8], "big") for at in range(0, 40, 8)]
    at = 40
    parts = []
    for size in numbers[:4]:
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
    portion.names = parts[1].split(b"\0") if numbers[4] else []
    portion.changes, portion.edges = parts[2:]
    return portion
