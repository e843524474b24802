from hypothesis import given
from hypothesis import strategies as st

from scanner.gitdb.attribution import DEEPEST_PATH, Trees, attribute
from scanner.gitdb.graph import Graph

A, B = b"blob-a", b"blob-b"


def build(layout, blobs=None, names=None):
    """Make a graph from {commit: (parents, {path: blob})}, each path at most one directory deep."""
    trees = Trees(blobs or {A: frozenset({0}), B: frozenset({1})}, names or {})
    commits = {}
    for commit, (parents, files) in layout.items():
        root = b"tree " + commit
        folders = {}
        entries = []
        for path, blob in files.items():
            folder, _, name = path.rpartition(b"/")
            if folder:
                folders.setdefault(folder, []).append((b"100644", name, blob))
            else:
                entries.append((b"100644", name, blob))
        for folder, inner in folders.items():
            trees.add(root + folder, inner)
            entries.append((b"40000", folder, root + folder))
        trees.add(root, entries)
        commits[commit] = (root, tuple(parents))
    return Graph(commits), trees


def attributed(graph, trees, classes):
    roots = [graph.commits[commit][0] for commit in graph.ids]
    return attribute(graph, roots, trees, [classes[commit] for commit in graph.ids])


def events(layout, **followed):
    graph, trees = build(layout, **followed)
    placed = attributed(graph, trees, dict.fromkeys(graph.commits, 0)).placed
    return {(p.key, p.path, p.introduced, p.removed) for p in placed}


def test_introduced_and_removed_in_a_line():
    layout = {b"1": ([], {}), b"2": ([b"1"], {b"f": A}), b"3": ([b"2"], {})}
    assert events(layout) == {(0, b"f", b"2", b"3")}


def test_a_merge_that_takes_one_side_introduces_nothing():
    layout = {
        b"1": ([], {}),
        b"2": ([b"1"], {b"d/f": A}),
        b"3": ([b"1"], {}),
        b"4": ([b"2", b"3"], {b"d/f": A}),
    }
    assert events(layout) == {(0, b"d/f", b"2", None)}


def test_content_of_a_merge_only():
    layout = {
        b"1": ([], {}),
        b"2": ([b"1"], {}),
        b"3": ([b"1"], {}),
        b"4": ([b"2", b"3"], {b"f": A}),
    }
    assert events(layout) == {(0, b"f", b"4", None)}


def test_removed_by_a_merge():
    layout = {
        b"1": ([], {}),
        b"2": ([b"1"], {b"f": A}),
        b"3": ([b"1"], {}),
        b"4": ([b"2", b"3"], {}),
    }
    assert events(layout) == {(0, b"f", b"2", b"4")}


def test_removed_on_a_branch_is_not_removed_again_by_the_merge():
    layout = {
        b"1": ([], {b"f": A}),
        b"2": ([b"1"], {b"f": A}),
        b"3": ([b"1"], {}),
        b"4": ([b"2", b"3"], {}),
    }
    assert events(layout) == {(0, b"f", b"1", b"3")}


def test_removed_on_two_branches():
    layout = {b"1": ([], {b"f": A}), b"2": ([b"1"], {}), b"3": ([b"1"], {})}
    assert events(layout) == {(0, b"f", b"1", b"2"), (0, b"f", b"1", b"3")}


def test_added_again_after_removal():
    layout = {
        b"1": ([], {b"f": A}),
        b"2": ([b"1"], {}),
        b"3": ([b"2"], {b"f": A}),
        b"4": ([b"3"], {}),
    }
    assert events(layout) == {(0, b"f", b"1", b"2"), (0, b"f", b"3", b"4")}


def test_a_name_counts_like_content():
    layout = {b"1": ([], {b"d/secret": b"other"})}
    assert events(layout, names={b"secret": frozenset({7})}) == {(7, b"d/secret", b"1", None)}


def test_a_missing_parent_is_passed_over():
    assert events({b"2": ([b"gone"], {b"f": A})}) == {(0, b"f", b"2", None)}


def test_too_deep_a_tree_is_noted_and_does_not_exhaust_the_stack():
    trees = Trees({A: frozenset({0})}, {})
    for depth in range(5000):
        trees.add(b"t%d" % depth, [(b"40000", b"d", b"t%d" % (depth + 1))])
    trees.add(b"t5000", [(b"100644", b"f", A)])
    graph = Graph({b"c": (b"t0", ())})
    assert attributed(graph, trees, {b"c": 0}).placed == []
    assert trees.too_deep
    assert DEEPEST_PATH < 5000


FILES = st.dictionaries(st.sampled_from([b"f", b"g", b"d/f"]), st.sampled_from([A, B]))


@st.composite
def layouts(draw):
    layout = {}
    for number in range(draw(st.integers(1, 7))):
        known = sorted(layout)
        parents = draw(st.lists(st.sampled_from(known), max_size=3, unique=True)) if known else []
        layout[b"%d" % number] = (parents, draw(FILES))
    return layout


@given(layouts())
def test_agrees_with_the_definition(layout):
    key = {A: 0, B: 1}
    has = {c: {(key[b], p) for p, b in files.items()} for c, (_, files) in layout.items()}
    ever = {}
    for commit, (parents, _) in layout.items():
        ever[commit] = has[commit].union(*(ever[p] for p in parents))
    entered, left = set(), set()
    for commit, (parents, _) in layout.items():
        before = set().union(*(has[p] for p in parents))
        dropped = set().union(*(ever[p] - has[p] for p in parents))
        entered |= {(*pair, commit) for pair in has[commit] - before}
        left |= {(*pair, commit) for pair in before - has[commit] - dropped}
    graph, trees = build(layout)
    result = attributed(graph, trees, {c: i for i, c in enumerate(sorted(layout))})
    assert {(p.key, p.path, p.introduced) for p in result.placed} == entered
    past = {}
    for commit, (parents, _) in layout.items():
        past[commit] = set(parents).union(*(past[p] for p in parents))
    ended = set()
    for key_, path, removal in left:
        before = {c for k, p, c in entered if (k, p) == (key_, path) and c in past[removal]}
        latest = {c for c in before if not any(c in past[other] for other in before)}
        assert latest, "what leaves has entered"
        ended |= {(key_, path, commit, removal) for commit in latest}
    found = {(p.key, p.path, p.introduced, p.removed) for p in result.placed if p.removed}
    assert found == ended
    for number, commit in enumerate(sorted(layout)):
        assert result.held[number] == has[commit]
    for p in result.placed:
        assert key[p.id] == p.key
