from contextlib import suppress

import pytest
from handmade import append_delta, copy, delta, insert
from hypothesis import given
from hypothesis import strategies as st

from scanner.gitdb.damage import DamageError, OversizeError
from scanner.gitdb.delta import apply_delta

LIMIT = 1 << 24


@st.composite
def edits(draw):
    """A base, steps over it, and what they make of it by plain slicing."""
    base = draw(st.binary(max_size=200)) * draw(st.sampled_from([1, 7, 700]))
    steps, result = [], b""
    for _ in range(draw(st.integers(0, 8))):
        if base and draw(st.booleans()):
            offset = draw(st.integers(0, len(base) - 1))
            length = draw(st.integers(1, len(base) - offset))
            steps.append(copy(offset, length))
            result += base[offset : offset + length]
        else:
            text = draw(st.binary(min_size=1, max_size=300))
            steps.append(insert(text))
            result += text
    return base, delta(len(base), len(result), *steps), result


@given(edits())
def test_equals_plain_slicing(case):
    base, steps, result = case
    assert apply_delta(base, steps, LIMIT) == result


@given(edits(), st.data())
def test_damage_is_noticed_or_harmless(case, data):
    base, steps, _ = case
    at = data.draw(st.integers(0, len(steps) - 1))
    byte = data.draw(st.integers(0, 255))
    try:
        result = apply_delta(base, steps[:at] + bytes([byte]) + steps[at + 1 :], LIMIT)
    except DamageError:
        return
    assert len(result) <= LIMIT


@given(st.binary(), st.binary(max_size=64))
def test_any_bytes_are_survived(base, steps):
    with suppress(DamageError):
        assert len(apply_delta(base, steps, 1000)) <= 1000


def test_copy_of_64_kib_is_written_as_zero():
    base = bytes(range(256)) * 256
    assert copy(0, 0x10000) == b"\x80"
    assert apply_delta(base, delta(len(base), len(base), b"\x80"), LIMIT) == base


def test_limit():
    assert apply_delta(b"abc", append_delta(b"abc", b"de"), 5) == b"abcde"
    with pytest.raises(OversizeError):
        apply_delta(b"abc", append_delta(b"abc", b"de"), 4)
