"""A pack's delta forest is what git says it is; an odd pack is refused by both kernels or none."""

import random
import sys
import zlib
from array import array
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.gitdb.objects import HASHES
from scanner.gitdb.packindex import PackIndex
from scanner.kernels.pure import packs as pure

sys.path.append(str(Path(__file__).parents[1] / "sources"))
from delta_repositories import git

sys.path.append(str(Path(__file__).parents[1] / "gitdb"))
from handmade import distance_bytes, entry_head

fast = pytest.importorskip("scanner.kernels.fast.packs")

KINDS = {b"commit": 1, b"tree": 2, b"blob": 3, b"tag": 4}


def plant(pack, offsets, hash_size, ids, order):
    """Return what both kernels say, which must be one and the same."""
    found = pure.plant(pack, offsets, hash_size, ids, order)
    assert fast.plant(pack, offsets, hash_size, ids, order) == found
    return found


def commits():
    """Return a history for `git fast-import` that packs as chains of deltas."""
    rng = random.Random(0)
    lines = [b"%x\n" % rng.getrandbits(80) for _ in range(200)]
    for number in range(40):
        lines.insert(rng.randrange(len(lines)), b"%x\n" % rng.getrandbits(80))
        del lines[rng.randrange(len(lines))]
        yield b"commit refs/heads/main\ncommitter A <a@b.c> %d +0000\ndata 0\n" % number
        for path in range(12):
            content = b"".join(lines[path:])
            yield b"M 100644 inline dir/file%d\ndata %d\n%b\n" % (path, len(content), content)


@pytest.fixture(scope="module", params=["sha1", "sha256"])
def repository(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp(request.param)
    git(directory, "init", "-q", "--bare", f"--object-format={request.param}")
    git(directory, "fast-import", "--quiet", stdin=b"".join(commits()))
    return directory, HASHES[request.param]


@pytest.mark.parametrize("by_offset", ["true", "false"])
def test_real_packs(repository, by_offset):
    directory, hash_size = repository
    git(directory, "-c", f"repack.useDeltaBaseOffset={by_offset}", "repack", "-qadf")
    (path,) = (directory / "objects" / "pack").glob("*.pack")
    pack = path.read_bytes()
    index = PackIndex.load(str(path.with_suffix(".idx")), hash_size)
    order, offsets = fast.by_offset(index.offsets())
    assert (order, offsets) == pure.by_offset(index.offsets())
    offsets = array("Q", [*(index.offsets()[n] for n in order), len(pack) - hash_size])
    ids = index.joined_ids()
    forest = plant(memoryview(pack), offsets, hash_size, ids, order)
    kinds, starts, sizes, _, _, bases, named, _ = forest
    assert_is_forest(forest, offsets)
    names = [ids[number * hash_size : (number + 1) * hash_size] for number in order]
    form = "%(objectname) %(objecttype) %(deltabase)"
    said = git(directory, "cat-file", "--batch-all-objects", f"--batch-check={form}")
    delta = 6 if by_offset == "true" else 7
    expected = {}
    for line in said.split(b"\n")[:-1]:
        name, kind, base = line.split()
        base = base.strip(b"0") and bytes.fromhex(base.decode())
        expected[bytes.fromhex(name.decode())] = (delta if base else KINDS[kind], base)
    assert {
        name: (kinds[row], names[bases[row]] if bases[row] >= 0 else b"")
        for row, name in enumerate(names)
    } == expected
    assert any(bases[row] >= 0 and bases[bases[row]] >= 0 for row in range(len(names)))
    assert named == ({base for base in bases if base >= 0} if delta == 7 else set())
    for row, start in enumerate(starts):
        stream = zlib.decompressobj()
        assert len(stream.decompress(pack[start : offsets[row + 1]])) == sizes[row]
        assert stream.eof
        assert not stream.unused_data


def assert_is_forest(forest, offsets):
    """Every entry is on the list of its base, once; a root's cost is the sum of all below it."""
    kinds, _, sizes, child, sibling, bases, _, costs = forest
    reached = [0] * len(kinds)
    for root in (row for row, base in enumerate(bases) if base < 0):
        cost, waiting = 0, [root]
        while waiting:
            row = waiting.pop()
            reached[row] += 1
            cost += 6000 + (min(sizes[root], 1 << 32) >> 2) + 8 * (offsets[row + 1] - offsets[row])
            at = child[row]
            while at >= 0:
                assert bases[at] == row
                waiting.append(at)
                at = sibling[at]
        assert costs[root] == cost
    assert reached == [1] * len(kinds)


@st.composite
def packs(draw):
    """Entries with any bases, of which some are not there or go in a circle."""
    hash_size = draw(st.sampled_from([20, 32]))
    count = draw(st.integers(0, 12))
    number = st.integers(0, max(0, count - 1))
    order = draw(st.permutations(range(count)))
    names = sorted({bytes([7 * n]) * (hash_size - 1) + bytes([n]) for n in range(count)})
    body, offsets = bytearray(b"PACK\0\0\0\2\0\0\0\0"), []
    for row in range(count):
        kind = draw(st.sampled_from([1, 2, 3, 4, 6, 6, 6, 7, 7, 7]))
        offsets.append(len(body))
        body += entry_head(kind, draw(st.integers(0, 1 << draw(st.sampled_from([3, 12, 60])))))
        if kind == 6:
            base = draw(st.integers(0, max(0, row - 1)))
            body += distance_bytes(offsets[row] - offsets[base])
        elif kind == 7:
            body += names[order[draw(number)]]
        body += draw(st.binary(min_size=1, max_size=9))
    offsets.append(len(body))
    tail = draw(st.binary(max_size=hash_size))
    return bytearray(body + tail), array("Q", offsets), hash_size, b"".join(names), order


@given(packs())
def test_any_bases(case):
    pack, offsets, hash_size, ids, order = case
    forest = plant(bytes(pack), offsets, hash_size, ids, array("I", order))
    if forest is not None:
        assert_is_forest(forest, offsets)


@given(packs(), st.data())
def test_damage_is_noticed_by_both_or_harmless(case, data):
    pack, offsets, hash_size, ids, order = case
    number = st.one_of(st.sampled_from([0, 11, 12, 1 << 31, (1 << 64) - 1]), st.integers(0, 400))
    for _ in range(data.draw(st.integers(1, 3))):
        what = data.draw(st.sampled_from(["byte", "byte", "offset", "id", "cut", "short", "order"]))
        if what == "byte":
            pack[data.draw(st.integers(0, len(pack) - 1))] = data.draw(st.integers(0, 255))
        elif what == "offset":
            offsets[data.draw(st.integers(0, len(offsets) - 1))] = data.draw(number)
        elif what == "id" and ids:
            at = data.draw(st.integers(0, len(ids) - 1))
            ids = ids[:at] + bytes([data.draw(st.integers(0, 255))]) + ids[at + 1 :]
        elif what == "cut":
            del pack[data.draw(st.integers(13, max(13, len(pack)))) :]
        elif what == "short":
            ids = ids[: data.draw(st.integers(0, len(ids)))]
        elif order:
            first, second = (data.draw(st.integers(0, len(order) - 1)) for _ in "12")
            order[first], order[second] = order[second], order[first]
    forest = plant(bytes(pack), offsets, hash_size, ids, array("I", order))
    if forest is not None:
        assert all(12 <= low < high <= len(pack) for low, high in pairwise(offsets))
        starts = forest[1]
        assert all(
            low < at < high for at, (low, high) in zip(starts, pairwise(offsets), strict=True)
        )
        assert_is_forest(forest, offsets)


@pytest.mark.parametrize("size", [(1 << 60) - 1, 1 << 33])
def test_costs_of_sizes_nothing_has(size):
    body, offsets = bytearray(12), [12]
    body += entry_head(3, size) + b"x"
    for _ in range(63):
        offsets.append(len(body))
        body += entry_head(6, size) + distance_bytes(offsets[-1] - offsets[-2]) + b"x"
    offsets = array("Q", [*offsets, len(body)])
    ids = b"".join(bytes([n]) * 20 for n in range(64))
    assert_is_forest(plant(bytes(body), offsets, 20, ids, array("I", range(64))), offsets)


@pytest.mark.parametrize("kernel", [pure, fast], ids=["pure", "fast"])
def test_one_long_chain_costs_what_its_length_does(kernel):
    """Were every entry's chain walked to its root, this would be 20 thousand million steps."""
    count = 200_000
    entry = entry_head(6, 5) + distance_bytes(3) + b"x"
    body = bytes(12) + entry_head(3, 5) + b"xx" + entry * (count - 1)
    offsets = array("Q", range(12, 12 + 3 * count + 1, 3))
    ids = b"".join(number.to_bytes(20, "big") for number in range(count))
    forest = kernel.plant(body, offsets, 20, ids, array("I", range(count)))
    assert forest[7][0] == count * (6000 + (5 >> 2) + 8 * 3)


@given(st.lists(st.one_of(st.integers(0, 70), st.integers(0, (1 << 48) - 1))))
def test_by_offset(offsets):
    offsets = array("Q", offsets)
    expected = sorted(range(len(offsets)), key=offsets.__getitem__)
    assert (
        pure.by_offset(offsets)
        == fast.by_offset(offsets)
        == (array("I", expected), array("Q", sorted(offsets)))
    )


@given(
    st.lists(st.binary(min_size=20, max_size=20), unique=True),
    st.lists(st.integers(0, 99)),
    st.lists(st.binary(min_size=20, max_size=20), max_size=3),
)
def test_rows(ids, known, others):
    ids.sort()
    names = [ids[number % len(ids)] for number in known if ids] + others
    expected = array("i", [ids.index(name) if name in ids else -1 for name in names])
    for kernel, searched in ((pure, 0), (pure, 50), (fast, 0)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pure, "_SEARCHED", searched)
            assert kernel.rows(b"".join(ids), 20, b"".join(names)) == expected
