"""A walk of deltas makes every object of a family once, whatever it has to let go of meanwhile."""

import zlib
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.gitdb.damage import DamageError
from scanner.gitdb.inflate import AT_ONCE, BROKEN, SHORT_RESULT, SHORT_STREAM, inflate_whole
from scanner.kernels.pure import walk as pure

fast = pytest.importorskip("scanner.kernels.fast.walk")

TWINS = pytest.mark.parametrize("walk", [pure, fast], ids=["pure", "fast"])


class Pack:
    """Entries whose objects are the texts of their ancestors and their own, one after another."""

    def __init__(self, bases, texts):
        self.texts = texts
        self.bases = bases
        self.child, self.sibling = (array("i", [-1]) * len(bases) for _ in range(2))
        for row in reversed(range(len(bases))):
            if bases[row] >= 0:
                self.sibling[row] = self.child[bases[row]]
                self.child[bases[row]] = row
        streams = [zlib.compress(text) for text in texts]
        self.offsets = array("Q", [0])
        for stream in streams:
            self.offsets.append(self.offsets[-1] + len(stream))
        self.sizes = array("Q", map(len, texts))
        self.content = b"".join(streams)

    def made(self, row):
        base = self.made(self.bases[row]) if self.bases[row] >= 0 else b""
        return base + self.texts[row]

    def forest(self, walk, derive=None, content=None):
        return walk.Forest(
            memoryview(self.content if content is None else content),
            self.offsets[:-1],
            self.offsets,
            self.sizes,
            (self.child, self.sibling),
            derive or self.made,
            inflate_whole,
            AT_ONCE,
            (SHORT_RESULT, SHORT_STREAM),
        )


def visitor(walk, met):
    class Met(walk.Visitor):
        def first(self, row, data):
            met.append((row, data))
            return row

        def next(self, row, base, state, delta):
            met.append((row, base + delta))
            assert PACKS[-1].bases[row] == state
            return base + delta, row

    return Met()


PACKS = []


@st.composite
def packs(draw):
    bases = [-1] + [draw(st.integers(0, row)) for row in range(draw(st.integers(0, 12)))]
    texts = [draw(st.binary(max_size=40)) * draw(st.sampled_from((1, 1, 9))) for _ in bases]
    PACKS.append(Pack(bases, texts))
    return PACKS[-1]


@TWINS
@given(pack=packs(), budget=st.sampled_from((0, 1, 30, 1 << 20)), data=st.data())
def test_everything_needed_is_made_once(walk, pack, budget, data):
    count = len(pack.bases)
    flags = data.draw(st.none() | st.binary(min_size=count, max_size=count).map(bytearray))
    named = data.draw(st.sets(st.integers(0, count - 1)))
    met, checked = [], []
    walked = pack.forest(walk).descend(
        0,
        visitor(walk, met),
        budget,
        lambda: False,
        flags,
        named,
        lambda row, content: checked.append((row, content)),
    )
    rows = {0}
    for row in range(1, count):
        if pack.bases[row] in rows and (flags is None or flags[row]):
            rows.add(row)
    assert sorted(met) == [(row, pack.made(row)) for row in sorted(rows)]
    assert sorted(checked) == [(row, pack.made(row)) for row in sorted(rows & named)]
    assert walked == sum(pack.offsets[row + 1] - pack.offsets[row] for row in rows)


@TWINS
def test_a_walk_breaks_off_when_it_is_late(walk):
    pack = Pack([-1] + [0] * 2000, [b"x"] * 2001)
    PACKS.append(pack)
    met = []
    pack.forest(walk).descend(0, visitor(walk, met), 1, lambda: True, None, (), None)
    assert 0 < len(met) <= 257


@TWINS
@pytest.mark.parametrize("at", [1, 5, -1])
def test_a_damaged_stream_is_refused(walk, at):
    pack = Pack([-1], [b"some text that is long enough"])
    content = bytearray(pack.content)
    content[at] ^= 0x5A
    with pytest.raises((DamageError, *BROKEN)):
        pack.forest(walk, content=bytes(content)).descend(
            0, visitor(walk, []), 1, lambda: False, None, (), None
        )


@TWINS
@pytest.mark.parametrize("declared", [0, 1, 599, 601])
def test_a_stream_of_another_size_is_refused(walk, declared):
    pack = Pack([-1], [b"x" * 600])
    pack.sizes[0] = declared
    with pytest.raises(DamageError):
        pack.forest(walk).descend(0, visitor(walk, []), 1, lambda: False, None, (), None)


def test_tables_that_lead_outside_are_refused():
    pack = Pack([-1, 0], [b"a", b"b"])
    pack.child[0] = 7
    with pytest.raises(ValueError, match="linked"):
        pack.forest(fast)
    pack = Pack([-1, 0], [b"a", b"b"])
    pack.offsets[2] += 1
    with pytest.raises(ValueError, match="outside"):
        pack.forest(fast)
    pack = Pack([-1, 0], [b"a", b"b"])
    pack.sizes.append(1)
    with pytest.raises(ValueError, match="fit"):
        pack.forest(fast)
    with pytest.raises(ValueError, match="no such"):
        Pack([-1], [b"a"]).forest(fast).descend(
            3, visitor(fast, []), 1, lambda: False, None, (), None
        )
