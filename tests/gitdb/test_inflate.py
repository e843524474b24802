"""Streams in packs may hold anything; none makes more of itself than a pack's entry may."""

import tracemalloc
import zlib

import pytest

from scanner.gitdb.damage import DamageError
from scanner.gitdb.inflate import inflate_whole


@pytest.mark.parametrize("size", [0, 1, 255, 256, 5000, 3 << 20])
def test_a_stream_gives_what_it_holds(size):
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)
    assert inflate_whole(memoryview(zlib.compress(data)), size) == data


@pytest.mark.parametrize("size", [10, 600])
@pytest.mark.parametrize("level", [0, 9])
def test_what_is_not_one_stream_of_that_size_is_refused(size, level):
    stream = zlib.compress(b"x" * size, level)
    for bad in (stream + b"\0", stream + b"abcd", stream[:-1], stream[:-3], stream[1:], b""):
        with pytest.raises(DamageError):
            inflate_whole(memoryview(bad), size)
    for other in (size - 1, size + 1):
        with pytest.raises(DamageError):
            inflate_whole(memoryview(stream), other)


def test_a_stream_that_lies_about_its_size_takes_little_memory():
    engine = zlib.compressobj(9)
    stream = b"".join(engine.compress(bytes(1 << 20)) for _ in range(400)) + engine.flush()
    tracemalloc.start()
    with pytest.raises(DamageError):
        inflate_whole(memoryview(stream), 600)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20
