"""Walks what grows from one whole entry of a pack: inflates each delta and makes its object.

What is done with an object is a visitor's: it keeps a state of each, and makes from that of the
base, from its content and from the delta the next content and state.
"""

from array import array
from collections.abc import Callable, Collection
from typing import Any

_ASKING = 0xFF  # entries between two looks at the time, minus one

Inflate = Callable[[memoryview, int], bytes]
AtOnce = Callable[[memoryview, int, int], bytes]
Check = Callable[[int, bytes], None]


class Visitor:
    """What is done with the objects of a family; the state is the visitor's own affair."""

    def first(self, row: int, data: bytes) -> Any:
        """Take in the content of a whole entry; return the state to keep of it."""
        raise NotImplementedError

    def next(self, row: int, base: bytes, state: Any, delta: bytes) -> tuple[bytes, Any]:
        """Return what `delta` makes of `base`, and the state to keep of it.

        `state` is what was kept of `base`. Raises OverflowError or ValueError for a bad delta.
        """
        raise NotImplementedError


class Forest:
    """The entries of a pack by row: where their streams are, and which are made from which."""

    def __init__(
        self,
        view: memoryview,
        starts: "array[int]",
        offsets: "array[int]",
        sizes: "array[int]",
        links: "tuple[array[int], array[int]]",
        derive: Callable[[int], bytes],
        inflate: Inflate,
        at_once: tuple[AtOnce, AtOnce],
        bounds: tuple[int, int],
    ) -> None:
        """Walk the pack `view`; see `scanner.kernels.pure.packs.plant` for the tables.

        `links` are first children and siblings. `derive` makes an object once more. `inflate`
        returns what a stream holds, which must be as many bytes as it is told, or raises. So do the
        functions `at_once`, without looking at the size: the first for results below the first of
        `bounds`, both for streams up to the second; compiled walks use them.
        """
        self._view, self._starts, self._offsets, self._sizes = view, starts, offsets, sizes
        self._child, self._sibling = links
        self._inflate = inflate
        self._derive = derive

    def descend(
        self,
        root: int,
        visitor: Visitor,
        budget: int,
        late: Callable[[], bool],
        needed: bytearray | None,
        named: Collection[int],
        check: Check,
    ) -> int:
        """Walk everything that grows from `root`, depth first; return the bytes of pack read.

        With `needed`, a flag by row, entries without it are passed over. Bases over `budget` bytes
        together are let go and made once more. `check` is called with row and content of those
        entries that are in `named`. The walk breaks off soon after `late` has turned true.
        """
        child, sibling, offsets = self._child, self._sibling, self._offsets
        data = self.inflated(root)
        state = visitor.first(root, data)
        if root in named:
            check(root, data)
        row, at = root, child[root]
        frames: list[tuple[int, int, Any, bytes | None]] = []
        held = dropped = steps = 0
        walked = offsets[root + 1] - offsets[root]
        while True:
            while at >= 0:
                if needed is not None and not needed[at]:
                    at = sibling[at]
                    continue
                made, kept = visitor.next(at, data, state, self.inflated(at))
                walked += offsets[at + 1] - offsets[at]
                steps += 1
                if not steps & _ASKING and late():
                    return walked
                if at in named:
                    check(at, made)
                after = sibling[at]
                if child[at] >= 0:
                    if after >= 0:
                        frames.append((row, after, state, data))
                        held += len(data)
                        while held > budget and dropped < len(frames):
                            base, next_child, its, content = frames[dropped]
                            frames[dropped] = base, next_child, its, None
                            held -= len(content or b"")
                            dropped += 1
                    row, data, state, at = at, made, kept, child[at]
                else:
                    at = after
            if not frames:
                return walked
            row, at, state, content = frames.pop()
            dropped = min(dropped, len(frames))
            held -= len(content or b"")
            data = self._derive(row) if content is None else content

    def inflated(self, row: int) -> bytes:
        """Return what the stream of an entry holds."""
        return self._inflate(
            self._view[self._starts[row] : self._offsets[row + 1]], self._sizes[row]
        )
