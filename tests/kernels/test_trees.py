"""Trees are read as `tree_entries` reads them, and edges lead where walking them leads."""

import random
import sys
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.gitdb.objects import tree_entries
from scanner.kernels.pure import trees as pure

sys.path.append(str(Path(__file__).parents[1] / "gitdb"))
from handmade import copy, delta, insert

fast = pytest.importorskip("scanner.kernels.fast.trees")

MODES = st.sampled_from(
    [b"40000", b"100644", b"100755", b"120000", b"160000", b"040000", b"4", b"1600000", b"", b"x"]
)
NAMES = st.sampled_from([b"a", b"b", b"a.pem", b".env", b"", b"\xff", b"a b", b"x" * 300])
SIZES = st.sampled_from([20, 32])
LIMIT = 1 << 20


@st.composite
def trees(draw):
    """Sorted ids, a flag each, wanted names, and trees that name those ids and others."""
    size = draw(SIZES)
    ids = sorted(
        bytes([first]) * (size - 1) + bytes([last])
        for first, last in draw(
            st.sets(st.tuples(st.sampled_from([0, 1, 254, 255]), st.integers(0, 5)), max_size=9)
        )
    )
    flags = bytes(draw(st.sampled_from([0, 0, 1, 255])) for _ in ids)
    wanted = draw(st.frozensets(NAMES, max_size=2))
    known = st.one_of(
        st.sampled_from(ids or [bytes(size)]), st.binary(min_size=size, max_size=size)
    )
    entry = st.builds(lambda mode, name, id_: b"%b %b\0%b" % (mode, name, id_), MODES, NAMES, known)
    contents = draw(st.lists(st.lists(entry, max_size=6).map(b"".join), max_size=4))
    return size, ids, flags, wanted, contents


def reader_of(kernel, case, repeated=frozenset(), budget=1 << 20):
    """Return a reader for which trees are rows of their own number, counted from the end."""
    size, ids, flags, wanted, contents = case
    order = array("I", reversed(range(len(contents))))
    ids = b"".join(ids)
    return kernel.Reader(ids, size, order, flags, wanted, repeated, LIMIT, budget)


def outcome(reader, count):
    whole = [number not in reader.garbled for number in reversed(range(count))]
    return whole, reader.names, reader.foreign, told(reader)


def read(kernel, *case):
    reader, count = reader_of(kernel, case), len(case[-1])
    for number, data in enumerate(case[-1]):
        reader.first(count - 1 - number, data)
    return outcome(reader, count)


def told(reader):
    """Return tree, row and name of all edges that a reader tells."""
    changes, pairs = array("I", reader.changes), array("I", reader.edges)
    held, at, new = {pure.NONE: set()}, 0, 0
    while at < len(changes):
        tree, base, less, more = changes[at : at + 4]
        gone = changes[at + 4 : at + 4 + less].tolist()
        assert gone == sorted(gone)
        assert held[base].issuperset(gone)
        held[tree] = held[base].difference(gone).union(range(new, new + more))
        at, new = at + 4 + less, new + more
    assert 2 * new == len(pairs)
    return sorted(
        (tree, *pairs[2 * number : 2 * number + 2]) for tree, its in held.items() for number in its
    )


def unpacked(edges):
    flat = array("I", edges)
    return list(zip(flat[::3], flat[1::3], flat[2::3], strict=True))


def packed(edges):
    return array("I", [number for edge in edges for number in edge]).tobytes()


def by_definition(size, ids, flags, wanted, contents):
    whole, names, foreign, edges = [], [], [], []
    for tree, data in enumerate(contents):
        length = 0
        for mode, name, id_ in tree_entries(data, size):
            length += len(mode) + len(name) + size + 2
            if name not in names:
                names.append(name)
            number = names.index(name)
            if mode == b"160000" or id_ not in ids:
                if mode != b"160000" or name in wanted:
                    foreign.append((tree, number, id_, mode))
            elif mode[:1] == b"4" or flags[ids.index(id_)] or name in wanted:
                edges.append((tree, ids.index(id_), 2 * number + (mode[:1] == b"4")))
        whole.append(length == len(data))
    return whole, names, foreign, sorted(edges)


@given(trees())
def test_trees_are_read_as_they_are(case):
    expected = by_definition(*case)
    assert read(pure, *case) == expected
    assert read(fast, *case) == expected


@given(trees(), st.data())
def test_garbled_trees_are_read_up_to_what_makes_no_sense(case, data):
    size, ids, flags, wanted, contents = case
    garbled = []
    for content in contents:
        at = data.draw(st.integers(0, len(content)))
        new = data.draw(st.one_of(st.binary(max_size=3), st.sampled_from([b" ", b"\0", b" \0"])))
        content = content[:at] + new + content[at + data.draw(st.integers(0, 9)) :]
        garbled.append(content[: data.draw(st.integers(0, 400))])
    case = size, ids, flags, wanted, garbled
    expected = by_definition(*case)
    assert read(pure, *case) == expected
    assert read(fast, *case) == expected


@given(st.lists(st.binary(max_size=60)), SIZES)
def test_any_bytes_are_survived(contents, size):
    case = size, [bytes(size)], b"\1", frozenset([b""]), contents
    assert read(pure, *case) == read(fast, *case) == by_definition(*case)


def test_many_names_and_edges():
    """More than the tables of the compiled reader hold at first."""
    ids = [number.to_bytes(20, "big") for number in range(3000)]
    content = b"".join(b"40000 %d\0%b" % (n % 9000, ids[n % 3000]) for n in range(20_000))
    case = 20, ids, bytes(3000), frozenset([b"5"]), [content, content]
    whole, names, foreign, edges = read(fast, *case)
    assert (whole, len(names), foreign, len(edges)) == ([True, True], 9000, [], 40_000)
    assert read(pure, *case) == (whole, names, foreign, edges)


@pytest.mark.parametrize(
    ("ids", "size", "flags"),
    [(b"x" * 39, 20, b"\0"), (b"x" * 40, 20, b"\0"), (b"x" * 8, 4, b"\0\0")],
)
def test_ids_and_flags_that_do_not_fit_are_refused(ids, size, flags):
    with pytest.raises(ValueError, match="fit"):
        fast.Reader(ids, size, array("I"), flags, frozenset(), frozenset(), LIMIT, LIMIT)


@st.composite
def families(draw):
    """Trees, and how each is made: from an earlier one by steps, or (-1) whole."""
    size, ids, flags, wanted, contents = draw(trees())
    seed, roots = draw(st.integers(0, 1 << 32)), contents or [b""]
    rng = random.Random(seed)
    made = [(-1, [], data) for data in roots]
    for _ in range(draw(st.integers(1, 8))):
        base = rng.randrange(len(made))
        steps = changed(rng, made[base][2], rng.choice(roots), size)
        made.append((base, steps, result(made[base][2], steps)))
    return (size, ids, flags, wanted, [data for _, _, data in made]), made


def changed(rng, base, other, size):
    """Return steps that copy pieces of `base`, cut anywhere or nearly so, among other bytes."""
    entries, at = [0], 0
    for mode, name, _ in tree_entries(base, size):
        at += len(mode) + len(name) + size + 2
        entries.append(at)
    ends = [*entries, len(base)]
    steps, low = [], 0
    for _ in range(rng.randint(0, 6)):
        off = rng.choice((0, 0, 0, 1, -1, rng.randint(-40, 40)))
        high = min(len(base), max(0, rng.choice(ends) + off))
        low = min(len(base), max(0, rng.choice((low, low, rng.choice(ends), high))))
        if low < high:
            steps.append((low, high - low))
        low = max(low, high)
        if rng.random() < 0.4:
            start = rng.randint(0, len(other))
            new = rng.choice(
                (b"40000 n\0" + bytes(size), other[start : start + rng.randint(1, 90)])
            )
            steps.append(new or b"x")
    return steps


def result(base, steps):
    return b"".join(
        base[step[0] : sum(step)] if isinstance(step, tuple) else step for step in steps
    )


def grow_all(reader, made, wanted=lambda root: True):
    """Have all trees read that grow from a `wanted` one."""
    states, roots = [], []
    count = len(made)
    for number, (base, steps, data) in enumerate(made):
        row = count - 1 - number
        roots.append(number if base < 0 else roots[base])
        if base < 0 or not wanted(roots[-1]):
            states.append(reader.first(row, data) if wanted(roots[-1]) else None)
            continue
        parts = [copy(*step) if isinstance(step, tuple) else insert(step) for step in steps]
        change = delta(len(made[base][2]), len(data), *parts)
        grown, state = reader.next(row, made[base][2], states[base], change)
        assert grown == data
        states.append(state)


@given(families(), st.sampled_from([0, 300, 700, 1 << 20]))
def test_trees_by_deltas_are_read_as_in_full(case, budget):
    trees, made = case
    count = len(made)
    expected = by_definition(*trees)
    repeated = frozenset(range(0, count, 3))
    tallies = []
    for kernel in (pure, fast):
        reader = reader_of(kernel, trees, repeated, budget)
        grow_all(reader, made)
        assert outcome(reader, count) == expected
        sizes = [len(data) for number, data in enumerate(trees[-1]) if expected[0][number]]
        assert (reader.count, reader.size) == (len(sizes), sum(sizes))
        again = [
            len(data)
            for number, data in enumerate(trees[-1])
            if expected[0][number] and count - 1 - number in repeated
        ]
        assert reader.again == (len(again), sum(again))
        tallies.append(reader.garbled)
    assert tallies[0] == tallies[1]


@pytest.mark.parametrize("kernel", [pure, fast], ids=["pure", "fast"])
def test_a_delta_that_lies_is_refused(kernel):
    reader = reader_of(kernel, (20, [], b"", frozenset(), [b""] * 2))
    state = reader.first(0, b"40000 a\0" + bytes(20))
    with pytest.raises(ValueError, match="base"):
        reader.next(1, b"40000 a\0" + bytes(20), state, delta(3, 3, insert(b"abc")))
    with pytest.raises(OverflowError):
        reader.next(1, b"", None, delta(0, LIMIT + 1))
    assert (reader.count, reader.garbled) == (1, [])


def test_what_is_known_of_bases_does_not_outgrow_the_budget():
    """Else a long chain of large trees would take their number times their size."""
    content = b"".join(b"100644 %d\0%b" % (n, bytes(20)) for n in range(1000))
    reader = reader_of(fast, (20, [bytes(20)], b"\0", frozenset(), [b""]), budget=10_000)
    states = [reader.first(0, content) for _ in range(9)]
    assert [state is None for state in states] == [False] * 2 + [True] * 7
    states.clear()
    assert reader.first(0, content) is not None


def test_rows_that_are_not_there_are_refused():
    reader = reader_of(fast, (20, [], b"", frozenset(), [b""]))
    for row in (-1, 1, 1 << 40):
        with pytest.raises(IndexError):
            reader.first(row, b"")


def test_what_is_known_to_another_reader_does_not_count():
    content = b"40000 a\0" + bytes(20)
    case = 20, [bytes(20)], b"\1", frozenset(), [content] * 2
    state = reader_of(fast, case).first(0, content)
    reader = reader_of(fast, case)
    reader.next(0, content, state, delta(len(content), len(content), copy(0, len(content))))
    assert told(reader) == [(1, 0, 1)]


@st.composite
def graphs(draw):
    """Edges, flags by row and marks by name; edges may go in circles."""
    rows, names = draw(st.integers(1, 9)), draw(st.integers(1, 4))
    row, name = st.integers(0, rows - 1), st.integers(0, 2 * names - 1)
    edges = draw(st.lists(st.tuples(row, row, name), max_size=20))
    flag = st.sampled_from([0, 0, 0, 0, 1, 255])
    flags = bytes(draw(st.lists(flag, min_size=rows, max_size=rows)))
    return edges, flags, bytes(draw(st.lists(flag, min_size=names, max_size=names)))


@given(graphs())
def test_leading_to(case):
    edges, flags, marked = case
    leads = {row for row, flag in enumerate(flags) if flag}
    leads |= {tree for tree, _, name in edges if marked[name >> 1]}
    for _ in flags:
        leads |= {tree for tree, row, _ in edges if row in leads}
    expected = [edge for edge in edges if edge[1] in leads or marked[edge[2] >> 1]]
    for kernel in (pure, fast):
        assert unpacked(kernel.leading_to(packed(edges), flags, marked)) == expected


@given(graphs())
def test_reach(case):
    edges, flags, _ = case
    expected = {row for row, flag in enumerate(flags) if flag}
    for _ in flags:
        expected |= {row for tree, row, _ in edges if tree in expected}
    for kernel in (pure, fast):
        reached = bytearray(flags)
        kernel.reach(packed(edges), reached)
        assert {row for row, flag in enumerate(reached) if flag} == expected


@pytest.mark.parametrize("kernel", [pure, fast], ids=["pure", "fast"])
def test_deep_trees_cost_what_their_depth_does(kernel):
    """Were all edges gone through for each step, this would be 10 thousand million steps."""
    count = 100_000
    chain = packed((row, row + 1, 0) for row in range(count - 1))
    assert kernel.leading_to(chain, bytes(count - 1) + b"\1", b"\0") == chain
    back = packed((row + 1, row, 0) for row in range(count - 1))
    reached = bytearray(count - 1) + b"\1"
    kernel.reach(back, reached)
    assert all(reached)


@pytest.mark.parametrize("edge", [(9, 0, 0), (0, 9, 0), (0, 0, 9)])
def test_edges_that_lead_nowhere_are_refused(edge):
    with pytest.raises(ValueError, match="nowhere"):
        fast.leading_to(packed([edge]), b"\0\0", b"\0")
    if edge[2] < 9:
        with pytest.raises(ValueError, match="nowhere"):
            fast.reach(packed([edge]), bytearray(2))


@given(graphs())
def test_spans(case):
    edges, flags, _ = case
    edges.sort()
    trees_of = [tree for tree, _, _ in edges]
    expected = []
    for row in range(len(flags)):
        first = trees_of.index(row) if row in trees_of else 0
        expected += [first, first + trees_of.count(row) if row in trees_of else 0]
    for kernel in (pure, fast):
        assert list(kernel.spans(packed(edges), len(flags))) == expected


@given(graphs(), st.booleans())
def test_classes(case, circles):
    edges, flags, _ = case
    kinds = array("I", list(flags))
    if not circles:
        edges = [(min(a, b), max(a, b), name) for a, b, name in edges if a != b]
    edges.sort(key=lambda edge: edge[0])
    found = pure.classes(packed(edges), kinds)
    assert fast.classes(packed(edges), kinds) == found
    assert all(new == old for new, old in zip(found, kinds, strict=True) if old)
    if circles:
        return

    def meaning(row):
        its = tuple((name, meaning(child)) for tree, child, name in edges if tree == row)
        return kinds[row] or its or 0

    meanings = [meaning(row) for row in range(len(flags))]
    for first, one in enumerate(meanings):
        for second, other in enumerate(meanings):
            assert (found[first] == found[second]) == (one == other)


@given(families(), st.sampled_from([0, 700, 1 << 20]), st.randoms(use_true_random=False))
def test_leading(case, budget, rng):
    """Of what two readers tell, each of some of the families and with names of its own."""
    trees, made = case
    rows = max(len(trees[1]), len(made))
    flags = bytes(rng.choices((0, 1), (4, 1), k=rows))
    first = rng.choices((True, False), k=len(made))
    results = []
    for kernel in (pure, fast):
        parts, edges, names = [], [], {}
        for mine in (True, False):
            reader = reader_of(kernel, trees, budget=budget)
            grow_all(reader, made, lambda root, mine=mine: first[root] == mine)
            numbers = array("I", [names.setdefault(name, len(names)) for name in reader.names])
            parts.append((reader.changes, reader.edges, numbers))
            edges += [
                (tree, 2 * numbers[name >> 1] + name % 2, row) for tree, row, name in told(reader)
            ]
        marked = bytes(name in trees[3] for name in names)
        flat = packed((tree, row, name) for tree, name, row in sorted(edges))
        results.append(kernel.leading(parts, flags, marked))
        assert unpacked(results[-1]) == unpacked(pure.leading_to(flat, flags, marked))
    assert results[0] == results[1]


@pytest.mark.parametrize("kernel", [pure, fast], ids=["pure", "fast"])
def test_an_edge_of_many_versions_costs_what_they_do(kernel):
    """A chain of versions that share one edge, which the last does not have, and a late one."""
    count, none = 50_000, pure.NONE
    changes = array("I", (0, none, 0, 1))
    for tree in range(1, count):
        changes.extend((tree, tree - 1, 0, 0))
    changes.extend((count, count - 1, 1, 1, 0))
    edges = array("I", (count + 1, 0, count + 2, 0))
    part = changes.tobytes(), edges.tobytes(), array("I", [0])
    found = kernel.leading([part], bytes(count + 1) + b"\1\1", b"\0")
    kept = [(tree, count + 1, 0) for tree in range(count)]
    assert unpacked(found) == [*kept, (count, count + 2, 0)]


NONE = pure.NONE


@pytest.mark.parametrize(
    ("changes", "edges", "numbers"),
    [
        ((0, NONE, 0), (), ()),
        ((0, NONE, 1, 0), (), ()),
        ((0, NONE, 0, 1), (), ()),
        ((), (0, 0), (0,)),
        ((9, NONE, 0, 1), (0, 0), (0,)),
        ((0, 1, 0, 1), (0, 0), (0,)),
        ((0, 0, 0, 1), (0, 0), (0,)),
        ((0, 9, 0, 1), (0, 0), (0,)),
        ((0, NONE, 0, 1), (9, 0), (0,)),
        ((0, NONE, 0, 1), (0, 2), (0,)),
        ((0, NONE, 0, 1), (0, 0), (9,)),
        ((0, NONE, 0, 1, 0, NONE, 0, 1), (0, 0, 0, 0), (0,)),
    ],
)
def test_changes_that_make_no_sense_are_refused(changes, edges, numbers):
    part = array("I", changes).tobytes(), array("I", edges).tobytes(), array("I", numbers)
    with pytest.raises(ValueError, match=r"chang|edge|name|tree"):
        fast.leading([part], b"\0\0", b"\0")


def test_classes_of_trees_that_hold_each_other_many_times():
    """A walk that puts off what it has met already would hold more than there are trees."""
    count = 40
    edges = packed((tree, row, 0) for tree in range(count) for row in range(count - 1, tree, -1))
    for kernel in (pure, fast):
        found = kernel.classes(edges, array("I", [0] * (count - 1) + [1]))
        assert len(set(found)) == count
