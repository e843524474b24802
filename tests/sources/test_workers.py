import os

import pytest

from scanner.sources.workers import WorkerError, spread


def never():
    return False


def nothing(_):
    pass


@pytest.mark.parametrize("count", [1, 2, 5])
def test_everything_that_is_yielded_arrives_whole(count):
    def work(numbers, done):
        for number in numbers:
            done(1)
            yield b""
            yield b"%d" % number * 100_000

    found = spread(count, 9, work, nothing, never)
    assert sorted(filter(None, found)) == sorted(b"%d" % n * 100_000 for n in range(9))
    assert found.count(b"") == 9


def test_a_worker_that_dies_after_its_first_result_is_noticed():
    parent = os.getpid()

    def work(numbers, done):
        for number in numbers:
            yield b"result"
            if number and os.getpid() != parent:
                os._exit(0)

    with pytest.raises(WorkerError):
        spread(2, 4, work, nothing, never)
