import os
import signal
import time

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

    found = list(spread(count, 9, work, nothing, never))
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
        list(spread(2, 4, work, nothing, never))


def test_a_worker_that_alone_is_told_to_end_is_not_taken_for_one_that_is_done():
    parent, told = os.getpid(), []
    before = signal.signal(signal.SIGTERM, lambda *_: told.append(1))

    def work(numbers, done):
        for number in numbers:
            if number == 0 and os.getpid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)
            if not told:
                yield b"result"

    try:
        with pytest.raises(WorkerError):
            list(spread(2, 4, work, nothing, lambda: bool(told)))
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("count", [1, 2])
def test_a_result_comes_before_the_work_goes_on(count, tmp_path):
    taken = tmp_path / "taken"

    def work(numbers, done):
        for _number in numbers:
            yield b"result"
            for _ in range(1000):
                if taken.exists():
                    break
                time.sleep(0.01)
            else:
                raise AssertionError("nobody took it")

    found = spread(count, 4, work, nothing, never)
    assert next(found) == b"result"
    taken.touch()
    assert len(list(found)) == 3


def test_no_process_outlives_a_reader_that_breaks_off(tmp_path):
    def work(numbers, done):
        for _number in numbers:
            (tmp_path / str(os.getpid())).touch()
            yield b"result"
            time.sleep(60)

    found = spread(2, 4, work, nothing, never)
    next(found)
    found.close()
    for process in os.listdir(tmp_path):
        with pytest.raises(ProcessLookupError):
            os.kill(int(process), 0)
