"""What is searched of a delta's result is all that may differ from its base; nothing is lost."""

import re
import sys
from array import array
from base64 import b64encode
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tables import occurrences, table

from scanner.detect.automaton import REACH, Automaton
from scanner.gitdb.damage import DamageError, OversizeError
from scanner.gitdb.delta import apply_delta
from scanner.kernels.pure import deltas as pure

sys.path.append(str(Path(__file__).parents[1] / "gitdb"))
from handmade import copy, delta, insert, size_bytes

fast = pytest.importorskip("scanner.kernels.fast.deltas")

LIMIT = 1 << 20
# Sizes of up to eight bytes; `apply_delta` takes ten, some of which may be zeros.
_SHORT_SIZES = re.compile(rb"(?:[\x80-\xff]{0,7}[\0-\x7f]){2}")
WORDS = (b"key", b"ey", b"a-k", b"akey", b"\n", b"k")
REACHES = (0, 1, 2, 5, 1 << 20)

PIECES = st.sampled_from(
    [
        *(b"\n", b"\n", b"\n", b"k", b"K", b"e", b"y", b"a", b"-", b"key", b"aKEY\n", b"\r\n"),
        *(b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b", b"BZ", b"PK", b"\0", b"ustar", b"x" * 250),
        *(b"%41", b"\\x41", b"&#65;", b64encode(b"the quick brown fox"), b"x" * 21 + b"\n"),
        *((b"QUJD" * 16 + b"\n") * 3, b"41" * 20),
    ]
)
TEXTS = st.lists(PIECES, max_size=12).map(b"".join)


def searches(words, reach):
    return (
        pure.Search(lambda data: occurrences(words, data), reach),
        fast.Search(*table(words), reach),
    )


SEARCHES = {reach: searches(WORDS, reach) for reach in REACHES}


@st.composite
def deltas(draw):
    """A base and instructions for it: at random, or an edit of some of its lines."""
    base = draw(TEXTS)
    steps = []
    if draw(st.booleans()):
        lines = [0, *(at + 1 for at, byte in enumerate(base) if byte == 10), len(base)]
        ends = sorted(draw(st.lists(st.sampled_from(lines), max_size=4)))
        for low, high in pairwise([0, *ends, len(base)]):
            steps.append((low, high - low))
            steps.append(draw(st.one_of(st.just(b""), TEXTS)))
    else:
        for _ in range(draw(st.integers(0, 7))):
            if base and draw(st.integers(0, 3)):
                at = draw(st.integers(0, len(base) - 1))
                steps.append((at, draw(st.integers(1, len(base) - at))))
            else:
                steps.append(draw(TEXTS))
    made, size = [], 0
    for step in steps:
        text = base[step[0] : sum(step)] if isinstance(step, tuple) else step
        if text:
            made.append(copy(*step) if isinstance(step, tuple) else insert(text))
            size += len(text)
    return base, delta(len(base), size, *made)


def unpacked(packed, stride):
    flat = array("q", packed)
    return list(zip(*(flat[at::stride] for at in range(stride)), strict=True))


def grown(base, steps, reach):
    """Return what both kernels make of a delta, which must be one and the same."""
    results = [search.grow(base, steps, LIMIT, True) for search in SEARCHES[reach]]
    assert results[0] == results[1]
    data, (copies, regions, hits, flags) = results[0]
    return data, unpacked(copies, 3), unpacked(regions, 2), unpacked(hits, 2), flags


@given(deltas(), st.sampled_from(REACHES))
def test_result_copies_and_hits(case, reach):
    base, steps = case
    data, copies, regions, hits, flags = grown(base, steps, reach)
    assert data == apply_delta(base, steps, LIMIT)
    for target, source, length in copies:
        assert length > 0
        assert data[target : target + length] == base[source : source + length]
    for (a, b, n), (c, d, _) in pairwise(copies):
        assert a + n <= c
        assert (a + n, b + n) != (c, d), "neighbours in both are one copy"
    assert all(0 <= low <= high <= len(data) for low, high in regions)
    assert all(high < low for (_, high), (low, _) in pairwise(regions))
    assert hits == [
        (end, number)
        for end, number in occurrences(WORDS, data)
        for low, high in regions
        if low <= end - len(WORDS[number]) and end <= high
    ]
    if any(b"\0" in data[low:high] for low, high in regions):
        assert flags & pure.ODD


@given(deltas())
@example((b"a\n", delta(2, 2, insert(b"a\n"))))
@example((b"a\nb\n", delta(4, 2, copy(0, 2))))
@example((b"a\nb", delta(3, 3, copy(2, 1), copy(0, 2))))
def test_a_line_that_is_not_searched_stood_in_the_base(case):
    base, steps = case
    data, copies, regions, _, _ = grown(base, steps, 1 << 20)
    start = 0
    for line in data.splitlines(keepends=True) if b"\r" not in data else data.split(b"\n"):
        line += b"" if b"\r" not in data or start + len(line) == len(data) else b"\n"
        end = start + len(line)
        if line and not any(low <= start and end <= high for low, high in regions):
            assert not any(low < end and start < high for low, high in regions)
            (shift,) = (s - t for t, s, n in copies if t <= start and end <= t + n)
            first, last = start + shift, end + shift
            # It is the first or last line only if it was.
            assert (start == 0) == (first == 0)
            assert start == 0 or base[first - 1] == 10
            assert line.endswith(b"\n") or (end == len(data) and last == len(base))
            assert end < len(data) or last == len(base)
        start = end


@given(deltas(), st.sampled_from(REACHES))
def test_regions_reach_as_far_as_they_should(case, reach):
    base, steps = case
    data, copies, regions, _, _ = grown(base, steps, reach)
    searched = {at for low, high in regions for at in range(low, high)}
    copied = {at for target, _, length in copies for at in range(target, target + length)}
    new = set(range(len(data))) - copied
    assert new <= searched
    # Also new is where a copy ends or begins, if what was beside it there is not beside it here.
    ends = (t + n for t, s, n in copies if (t + n < len(data)) != (s + n < len(base)))
    meet = (a + n for (a, _, n), (c, _, _) in pairwise(copies) if a + n == c)
    touched = new | {at - 1 for at in (*ends, *meet) if data[at - 1] != 10}
    for at in touched:
        line = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at) + 1 or len(data)
        near = range(max(line[0], at - reach + 1), min(line[1], at + reach))
        if data[at] != 10:
            assert searched.issuperset(near)
    changes = {0, len(data), *(n for t, _, k in copies for n in (t, t + k))}
    for low, high in regions:
        assert low == 0 or data[low - 1] == 10 or low in changes or _cut(changes, low, reach)
        assert (
            high == len(data)
            or data[high - 1] == 10
            or high in changes
            or _cut(changes, high, reach)
        )


def _cut(changes, at, reach):
    return any(at in (change - 1 - reach, change + reach) for change in changes)


@given(deltas(), st.sampled_from(REACHES), st.booleans())
def test_untracked_changes_come_only_if_they_show_something(case, reach, tracked):
    base, steps = case
    _, _, _, hits, flags = grown(base, steps, reach)
    for search in SEARCHES[reach]:
        _, change = search.grow(base, steps, LIMIT, tracked)
        assert (change is not None) == bool(tracked or hits or flags)


@given(TEXTS)
def test_whole(data):
    first, second = (search.whole(data) for search in SEARCHES[5])
    assert first == second
    hits = list(occurrences(WORDS, data))
    if first is None:
        assert not hits
        assert b"\0" not in data
    else:
        copies, regions, found, flags = first
        assert (copies, unpacked(regions, 2), unpacked(found, 2)) == (b"", [(0, len(data))], hits)
        assert flags & pure.ODD or b"\0" not in data


def verdict(call):
    try:
        return call()
    except (ValueError, DamageError) as error:
        return OverflowError if isinstance(error, OversizeError) else ValueError
    except OverflowError:
        return OverflowError


def assert_agree_on(base, steps, limit=LIMIT):
    """Whatever the delta is, both do the same, which is what `apply_delta` does."""
    first, second = (
        verdict(lambda search=search: search.grow(base, steps, limit, True))
        for search in SEARCHES[5]
    )
    assert first == second
    made = first[0] if isinstance(first, tuple) else first
    for search in SEARCHES[5]:
        assert verdict(lambda search=search: search.apply(base, steps, limit)) == made
    if _SHORT_SIZES.match(steps):
        assert made == verdict(lambda: apply_delta(base, steps, limit))
    else:
        assert made is ValueError


@given(deltas(), st.data())
def test_damage_is_noticed_by_all_or_none(case, data):
    base, steps = case
    garbled = bytearray(steps)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(garbled) - 1))
        new = data.draw(st.one_of(st.binary(max_size=3), st.just(b"\xff\xff\xff\xff\xff\xff\xff")))
        garbled[at : at + data.draw(st.integers(0, 2))] = new
        if not garbled:
            garbled = bytearray(b"\0")
    assert_agree_on(base, bytes(garbled), data.draw(st.sampled_from([LIMIT, 30, 0])))


@given(st.binary(max_size=20), st.binary(max_size=30))
def test_any_bytes_are_survived(base, rest):
    for steps in (rest, bytes([len(base)]) + rest, bytes([len(base), 5]) + rest):
        assert_agree_on(base, steps)


@pytest.mark.parametrize(
    "steps",
    [
        b"",
        b"\x04",
        size_bytes(4) + size_bytes(1 << 50) + insert(b"x"),
        delta(4, 4),
        delta(4, 0x10000, b"\x80"),
        delta(4, 4, b"\xff\xff\xff\xff\xff\xff\xff\xff"),
        delta(4, 4, b"\x90"),
        delta(4, 4, b"\x00"),
        delta(4, 4, copy(1, 4)),
        delta(4, 3, copy(0, 4)),
        delta(4, 9, insert(b"12345678")),
        delta(4, 9, b"\x09" + b"12345678"),
        delta(4, 0),
        b"\x84" + b"\x80" * 8 + b"\x00" + b"\x01" + insert(b"x"),
    ],
)
def test_lies(steps):
    assert_agree_on(b"base", steps)


KEYWORDS = st.lists(
    st.text("ab-_1\n", min_size=1, max_size=5).map(str.encode), unique=True, max_size=8
)


@given(KEYWORDS, st.lists(st.sampled_from([b"a", b"A", b"b", b"B-_1", b"\xe9", b"\n"])))
def test_every_way_of_searching_finds_every_keyword(words, pieces):
    data = b"".join(pieces)
    expected = list(occurrences(words, data))
    automaton = Automaton({word.decode(): (0,) for word in words})
    assert list(automaton._iterate(data)) == expected
    for search in (automaton.search(), *searches(words, REACH)):
        change = search.whole(data)
        assert unpacked(change[2] if change else b"", 2) == expected


LETTERS = st.text("ab", min_size=1, max_size=40).map(str.encode)


@given(st.lists(LETTERS, min_size=1, max_size=6, unique=True), st.lists(LETTERS), st.data())
def test_keywords_are_found_wherever_a_text_is_divided(words, pieces, data):
    text = b"".join(pieces) * data.draw(st.integers(1, 60))
    search = fast.Search(*table(words), REACH)
    change = search.whole(text)
    assert unpacked(change[2] if change else b"", 2) == list(occurrences(words, text))


def test_a_table_that_leads_outside_of_itself_is_refused():
    good = table(WORDS)
    fast.Search(*good, REACH)
    rows, classes, starts, words, first, width = good
    wild, crooked, far = array("I", rows), array("I", rows), array("I", starts)
    wild[3], crooked[3], far[-1] = len(rows), 1, len(words) + 1
    for bad in (
        (wild, classes, starts, words, first, width),
        (crooked, classes, starts, words, first, width),
        (rows[:-1], classes, starts, words, first, width),
        (rows, classes[:-1], starts, words, first, width),
        (rows, bytes([width]) * 256, starts, words, first, width),
        (rows, classes, starts[:-1], words, first, width),
        (rows, classes, far, words, first, width),
        (rows, classes, starts, words, first + 1, width),
        (rows, classes, starts, words, first - width, width),
        (rows, classes, starts, words, len(rows) + width, width),
        (rows, classes, starts, words, first, 0),
        (array("I"), classes, array("I", [0]), words, 0, width),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            fast.Search(*bad, REACH)
