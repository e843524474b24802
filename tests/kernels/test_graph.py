"""Commits are laid out parents first, and marked as far as they can be reached."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.kernels.pure import graph as pure

fast = pytest.importorskip("scanner.kernels.fast.graph")


@st.composite
def graphs(draw):
    """The parents of each commit; there may be circles."""
    count = draw(st.integers(0, 9))
    some = st.lists(st.integers(0, max(0, count - 1)), max_size=3, unique=True)
    return [draw(some) for _ in range(count)]


def packed(parents):
    starts = array("I", [0])
    for its in parents:
        starts.append(starts[-1] + len(its))
    return starts, array("I", [parent for its in parents for parent in its])


def past(parents):
    found = [set(its) for its in parents]
    for _ in parents:
        for its in found:
            its.update(*(found[n] for n in list(its)))
    return found


@given(graphs())
def test_parents_come_first(parents):
    order, starts, new_parents, last, sound = pure.laid_out(*packed(parents))
    assert fast.laid_out(*packed(parents)) == (order, starts, new_parents, last, sound)
    count = len(parents)
    assert sorted(order) == list(range(count))
    before = past(parents)
    circles = {n for n in range(count) if n in before[n]}
    unsound = {n for n in range(count) if n in circles or before[n] & circles}
    assert set(order[sound:]) == unsound
    assert list(order[sound:]) == sorted(unsound)
    place = {old: new for new, old in enumerate(order)}
    its = [new_parents[starts[n] : starts[n + 1]].tolist() for n in range(count)]
    assert its == [[place[parent] for parent in parents[old]] for old in order]
    assert all(parent < n for n in range(sound) for parent in its[n])
    assert list(last) == [
        max((child for child in range(count) if n in its[child]), default=n) for n in range(count)
    ]


@given(graphs(), st.data())
def test_marks(parents, data):
    count = len(parents)
    old = data.draw(st.lists(st.sampled_from([0, 0, 0, 7]), min_size=count, max_size=count))
    tips = data.draw(st.lists(st.integers(0, count - 1), max_size=3)) if count else []
    expected, waiting = list(old), list(tips)
    while waiting:
        n = waiting.pop()
        if not expected[n]:
            expected[n] = 3
            waiting += parents[n]
    for kernel in (pure, fast):
        marks = bytearray(old)
        kernel.mark(*packed(parents), array("I", tips), marks, 3)
        assert list(marks) == expected


@pytest.mark.parametrize(
    ("starts", "parents"), [([0], [0]), ([1, 1], []), ([0, 2, 1], [0]), ([0, 1], [1]), ([], [])]
)
def test_parents_that_are_not_there_are_refused(starts, parents):
    starts, parents = array("I", starts), array("I", parents)
    with pytest.raises(ValueError, match=r"starts|parent"):
        fast.laid_out(starts, parents)
    with pytest.raises(ValueError, match=r"starts|parent|marks"):
        fast.mark(starts, parents, array("I"), bytearray(max(0, len(starts) - 1)), 1)


def test_tips_and_marks_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match="tip"):
        fast.mark(*packed([[]]), array("I", [1]), bytearray(1), 1)
    with pytest.raises(ValueError, match="marks"):
        fast.mark(*packed([[]]), array("I"), bytearray(2), 1)
