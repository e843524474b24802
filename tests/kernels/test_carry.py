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


RECORDS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9), st.integers(0, 3)), max_size=8)


@given(
    records=RECORDS, new=RECORDS, rows=st.lists(st.tuples(*[st.integers(0, 60)] * 3), max_size=4)
)
def test_records_are_carried_and_added_in_order(records, new, rows):
    old, more = (
        array("q", [n for at, size, word in sorted(rows) for n in (at, at + size, word)]).tobytes()
        for rows in (records, new)
    )
    copies = array("q", [n for row in rows for n in row]).tobytes()
    expected = pure.carried(old, copies, b"", more)
    assert fast.carried(old, copies, b"", more) == expected
    moved = pure.carry(
        array("q", [n for at, size, _ in sorted(records) for n in (at, at + size)]).tobytes(),
        copies,
        b"",
    )
    flat = array("q", expected)
    triples = list(zip(flat[::3], flat[1::3], flat[2::3], strict=True))
    assert triples == sorted(triples)
    assert len(triples) == len(new) + len(moved)


@given(st.lists(st.tuples(st.integers(9, 60), st.integers(0, 3)), max_size=8))
def test_hits_are_parted_by_kind(hits):
    packed = array("q", [n for hit in hits for n in hit]).tobytes()
    lengths, kinds = array("q", (3, 4, 5, 6)), bytes((1, 2, 3, 0))
    near, far = fast.parted(packed, lengths, kinds)
    assert (near, far) == pure.parted(packed, lengths, kinds)
    flat = array("q", near)
    assert list(zip(flat[::2], flat[1::2], strict=True)) == [h for h in hits if h[1] in (0, 2)]
    flat = array("q", far)
    expected = sorted((end - lengths[w], end, w) for end, w in hits if w in (1, 2))
    assert list(zip(flat[::3], flat[1::3], flat[2::3], strict=True)) == expected


@pytest.mark.parametrize("twin", [pure, fast])
def test_unknown_words_are_refused(twin):
    for word in (-1, 1, 1 << 40):
        with pytest.raises(ValueError, match="no such word"):
            twin.parted(array("q", (5, word)).tobytes(), array("q", (3,)), b"\1")
    with pytest.raises(ValueError, match="as many"):
        twin.parted(b"", array("q", (3,)), b"")
