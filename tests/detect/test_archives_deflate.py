"""A member comes out the same whether it is read at once or step by step."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.archives import Budget
from scanner.detect.archives.stream import drain, inflate


def deflated(data):
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


def taken(content, end, checksum, **limits):
    budget = Budget(**limits)
    stream = inflate(content, 1, end, checksum)
    return drain(stream, "member", budget), stream.position, budget.exceeded, budget.size_left


@given(
    data=st.lists(st.binary(max_size=40).map(lambda part: part * 9)).map(b"".join),
    flips=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 7)), max_size=2),
    spare=st.binary(max_size=4),
    limits=st.fixed_dictionaries(
        {},
        optional={
            "size": st.integers(0, 2000),
            "member_size": st.integers(0, 2000),
            "ratio_from": st.integers(0, 2000),
            "ratio": st.integers(1, 9),
        },
    ),
)
def test_limits_and_damage(data, flips, spare, limits):
    packed = bytearray(deflated(data))
    for at, bit in flips:
        packed[at % len(packed)] ^= 1 << bit
    content = b"x" + packed + spare
    expected = taken(content, len(content), None, **limits)
    assert taken(content, len(content), zlib.crc32(data), **limits) == expected


@pytest.mark.parametrize("wrong", [0, 1])
def test_checksum_may_lie(wrong):
    data = b"some text, and more of it" * 100
    packed = deflated(data)
    got, position, exceeded, _ = taken(b"x" + packed + b"y", len(packed) + 2, wrong)
    assert (got, position, exceeded) == (data, len(packed) + 1, [])
