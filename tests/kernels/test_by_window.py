"""What is around a keyword is looked up as far as it matters, and no further."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.kernels.pure import deltas as pure

fast = pytest.importorskip("scanner.kernels.fast.deltas")

TEXTS = st.lists(st.sampled_from((b"key", b"\n", b"x", b"\r\n")), max_size=12).map(b"".join)
WINDOWS = st.tuples(st.integers(-1, 9), st.integers(0, 9), st.booleans())


def packed(rows):
    return array("q", [int(number) for row in rows for number in row])


@given(st.data(), TEXTS, st.lists(WINDOWS, min_size=1, max_size=3))
def test_both_look_up_the_same(data, text, windows):
    place = st.integers(0, len(text))
    drawn = data.draw(st.lists(st.tuples(place, place, st.integers(0, len(windows) - 1))))
    records = [(min(a, b), max(a, b), word) for a, b, word in drawn]
    args = text, packed(records).tobytes(), packed(windows)
    met, unknown, left = pure.by_window(*args, {})
    assert fast.by_window(*args, {}) == (met, unknown, left)
    assert not met
    assert left == [(end, word) for _, end, word in records if windows[word][0] < 0]
    bound = [record for record in records if windows[record[2]][0] >= 0]
    assert [(start, end, key[0]) for start, end, key in unknown] == bound
    for start, _, (word, offset, around) in unknown:
        before, after, one_line = windows[word]
        low, high = start - offset, start - offset + len(around)
        assert text[low:high] == around
        assert max(0, start - before) <= low <= start <= high <= start + after
        if not one_line:
            assert (low, high) == (max(0, start - before), min(start + after, len(text)))
            continue
        assert b"\n" not in text[low + 1 : start]
        assert low in (0, max(0, start - before)) or text[low] == 10
        assert b"\n" not in text[start : max(start, high - 1)]
        assert high == min(start + after, len(text)) or text[high - 1] == 10
    known = {key: (start, n % 2 * "m") for n, (start, _, key) in enumerate(unknown)}
    again = pure.by_window(*args, known)
    assert fast.by_window(*args, known) == again
    expected = [(s, known[key]) for s, _, key in unknown if known[key][1]]
    assert again == ([(s - first, its) for s, (first, its) in expected], [], left)


@pytest.mark.parametrize("twin", [pure, fast])
@pytest.mark.parametrize("record", [(-1, 2, 0), (3, 2, 0), (0, 5, 0), (0, 3, 1), (0, 3, -1)])
def test_keywords_outside_are_refused(twin, record):
    with pytest.raises(ValueError, match="outside"):
        twin.by_window(b"key\n", packed([record]).tobytes(), packed([(0, 0, 0)]), {})
