"""What was found in a base stands where copies put it, unless it is searched anew there."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.kernels.pure import deltas as pure

fast = pytest.importorskip("scanner.kernels.fast.deltas")


def packed(rows):
    return array("q", [number for row in rows for number in row]).tobytes()


@st.composite
def carried(draw):
    """Places, copies that do not overlap in the result, and regions, as a change has them."""
    places = draw(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)), max_size=10))
    rows, at = [], 0
    for gap, source, length in draw(
        st.lists(st.tuples(*[st.integers(0, 6), st.integers(0, 60), st.integers(1, 25)]))
    ):
        rows.append((at + gap, source, length))
        at += gap + length
    marks, at = [], 0
    for gap, length in draw(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 20)))):
        marks.append((at + gap, at + gap + length))
        at += gap + length
    return sorted((start, start + length) for start, length in places), rows, marks


@given(carried())
def test_carry(case):
    places, copies, regions = case
    expected = [
        (number, target + start - source, target + end - source)
        for target, source, length in copies
        for number, (start, end) in enumerate(places)
        if source <= start
        and end <= source + length
        and not any(
            low <= target + start - source and target + end - source <= high
            for low, high in regions
        )
    ]
    arguments = packed(places), packed(copies), packed(regions)
    assert pure.carry(*arguments) == expected
    assert fast.carry(*arguments) == expected


@given(carried(), st.integers(1, 3))
def test_shift(case, stride):
    places, copies, regions = case
    records = [tuple(range(start, start + stride)) for start, _ in places]
    expected = [
        tuple(number + target - source for number in record)
        for target, source, length in copies
        for record in records
        if source <= record[0] < source + length
        and not any(low <= record[0] + target - source < high for low, high in regions)
    ]
    arguments = packed(records), stride, packed(copies), packed(regions)
    assert pure.shift(*arguments) == packed(expected)
    assert fast.shift(*arguments) == packed(expected)
