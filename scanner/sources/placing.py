"""What sound packs hold, and what their trees name."""

from array import array
from collections.abc import Callable, Iterable

from scanner.gitdb.sound import SoundPack
from scanner.kernels import trees as kernel
from scanner.sources.leading import LeadingTrees
from scanner.sources.packs import Found, SoundPacks
from scanner.sources.portion import Portion
from scanner.sources.tree_portion import TreePortion


class NamedByTrees:
    """What the objects of sound packs hold and what their trees name, by pack."""

    def __init__(
        self, packs: SoundPacks, portions: list[Portion], trees: list[TreePortion]
    ) -> None:
        """Take what was found of each pack."""
        self.portions = portions
        self._packs = packs
        self._all = trees

    def unsound(self) -> list[int]:
        """Return the numbers of packs that turned out to be unsound: none of this counts then."""
        pairs = enumerate(zip(self.portions, self._all, strict=True))
        return [number for number, (p, t) in pairs if p.unsound or t.unsound]

    def read_again(
        self, ids: Iterable[bytes], wanted: frozenset[bytes], progress: Callable[[int], None]
    ) -> "NamedByTrees":
        """Return the same from reading the trees with an eye on `ids` and `wanted` names."""
        flags = self._packs.flags(ids)
        found = self._packs.trees(flags, wanted, progress)
        packs = self._packs.packs
        trees = [
            each if isinstance(each, TreePortion) else _joined(pack, each, its, wanted)
            for pack, each, its in zip(packs, found, flags, strict=True)
        ]
        return NamedByTrees(self._packs, self.portions, trees)

    def names(self) -> Iterable[bytes]:
        """Yield every name; names may come more than once."""
        return (name for portion in self._all for name in portion.names)

    def foreign(self) -> set[bytes]:
        """Return the ids that trees name and their own pack does not have."""
        return {id_ for portion in self._all for _, _, id_, _ in portion.foreign}

    def garbled(self) -> list[bytes]:
        """Return the ids of trees with entries that make no sense."""
        pairs = zip(self._packs.packs, self._all, strict=True)
        ids = (pack.id(row) for pack, portion in pairs for row in sorted(portion.garbled))
        return list(dict.fromkeys(ids))

    def count(self) -> tuple[int, int]:
        """Return how many trees were read, garbled ones excepted, and their bytes."""
        again = [portion.again for portion in self._all]
        number = sum(p.count for p in self._all) - sum(number for number, _ in again)
        return number, sum(p.size for p in self._all) - sum(size for _, size in again)

    def keep(self) -> None:
        """Keep what was found for the next audit."""
        self._packs.keep(self.portions, self._all)

    def into(self, leading: LeadingTrees) -> None:
        """Hand over what the trees name."""
        for pack, portion in zip(self._packs.packs, self._all, strict=True):
            leading.add_pack(pack, portion)


def evaluate_packs(
    packs: SoundPacks, progress: Callable[[int], None], found: Found
) -> NamedByTrees:
    """Return what `packs` hold; those that turn out to be unsound are dropped from them.

    `progress` is told the bytes of packs read so far, `found` what objects hold, perhaps again.
    """
    read = 0

    def objects(count: int) -> None:
        nonlocal read
        read = count
        progress(count)

    def trees(count: int) -> None:
        progress(read + count)

    while True:
        portions = packs.evaluate(objects, found)
        holding = [
            pack.id(row)
            for pack, portion in zip(packs.packs, portions, strict=True)
            for row in (*portion.results, *portion.pointers)
        ]
        named = NamedByTrees(packs, portions, [TreePortion() for _ in packs.packs])
        if not named.unsound():
            named = named.read_again(holding, frozenset(), trees)
        if not named.unsound():
            return named
        # What a dropped pack shares with others was read there only.
        packs.drop(named.unsound())


def _joined(
    pack: SoundPack, portions: list[TreePortion], flags: bytearray, wanted: frozenset[bytes]
) -> TreePortion:
    """Join `portions`, keeping only edges that lead to what is looked for.

    That is what has a flag, or one of the `wanted` names, or cannot be told from the pack alone.
    """
    joined = TreePortion()
    numbers: dict[bytes, int] = {}
    parts: list[kernel.Part] = []
    for portion in portions:
        new = array("I", [numbers.setdefault(name, len(numbers)) for name in portion.names])
        parts.append((portion.changes, portion.edges, new))
        joined.foreign += [
            (tree, new[name], id_, mode) for tree, name, id_, mode in portion.foreign
        ]
        joined.garbled += portion.garbled
        joined.count += portion.count
        joined.size += portion.size
        joined.again = joined.again[0] + portion.again[0], joined.again[1] + portion.again[1]
        joined.unsound = joined.unsound or portion.unsound
    joined.names = list(numbers)
    matters = bytearray(flags)
    for tree, _, _, _ in joined.foreign:
        matters[tree] = 1
    for row in joined.garbled:
        matters[pack.order[row]] = 1
    marked = bytes(name in wanted for name in numbers)
    joined.edges = kernel.leading(parts, bytes(matters), marked)
    return joined
