import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.gitdb import ends as module
from scanner.gitdb.ends import Changes, ends
from scanner.gitdb.graph import Graph


@st.composite
def histories(draw):
    commits = {}
    for number in range(draw(st.integers(2, 12))):
        known = [b"gone", *sorted(commits)]
        parents = draw(st.lists(st.sampled_from(known), max_size=3))
        commits[b"%02d" % number] = (b"", tuple(parents))
    some = st.lists(st.sampled_from(sorted(commits)), unique=True).map(sorted)
    changes = st.builds(Changes, some.filter(lambda commits: len(commits) > 1), some)
    return commits, dict(enumerate(draw(st.lists(changes, max_size=4))))


def ended(changes, commits):
    """Return what `ends` does, by ids of commits."""
    graph = Graph(commits)
    numbered = {
        n: Changes(*(sorted(graph.number[commit] for commit in its) for its in change))
        for n, change in changes.items()
    }
    found = ends(numbered, graph.parents(), graph.last)
    return {
        n: {graph.ids[commit]: [graph.ids[c] for c in its] for commit, its in end.items()}
        for n, end in found.items()
    }


def in_order(found):
    return {commit: sorted(removals) for commit, removals in found.items()}


def by_definition(commits, change):
    past = {}
    for commit, (_, parents) in commits.items():
        present = [p for p in parents if p in commits]
        past[commit] = set(present).union(*(past[p] for p in present))
    found = {}
    for removal in change.left:
        before = [c for c in change.entered if c in past[removal]]
        for commit in before:
            if not any(commit in past[other] for other in before):
                found.setdefault(commit, []).append(removal)
    return found


@pytest.mark.parametrize("most", [1, 8192])
@given(histories())
def test_agrees_with_the_definition(most, history):
    commits, changes = history
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MOST_BITS", most)
        found = ended(changes, commits)
    assert {n: in_order(e) for n, e in found.items() if e} == {
        n: in_order(e) for n, c in changes.items() if (e := by_definition(commits, c))
    }


def test_what_entered_once_is_ended_by_every_removal():
    commits = {b"1": (b"", ()), b"2": (b"", (b"1",)), b"3": (b"", (b"1",))}
    assert ended({7: Changes([b"1"], [b"2", b"3"])}, commits) == {7: {b"1": [b"2", b"3"]}}
