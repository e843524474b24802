"""Spreads jobs over processes, which hand back results in bytes as they have them."""

import contextlib
import gc
import mmap
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple, NoReturn

from scanner.errors import LeaksealError

_POLL = 0.1  # seconds
_GRACE = 0.7  # seconds
_COUNTER = struct.Struct("=q")
_JOB = struct.Struct("=i")
_SIZE = 8  # bytes before each result, that tell its size
_DONE = b"\xff" * _SIZE  # after the last

Work = Callable[[Iterator[int], Callable[[int], None]], Iterator[bytes]]


class WorkerError(LeaksealError):
    """A worker process ended before it was done."""


class _Worker(NamedTuple):
    process: int
    pipe: int
    buffer: bytearray

    def take(self, piece: bytes) -> Iterator[bytes]:
        """Take in what came through the pipe; yield the results that are whole."""
        buffer = self.buffer
        buffer += piece
        while len(buffer) >= _SIZE:
            end = _SIZE + int.from_bytes(buffer[:_SIZE], "big")
            if len(buffer) < end:
                break
            yield bytes(buffer[_SIZE:end])
            del buffer[:end]

    def has_ended_well(self) -> bool:
        """Tell, once the pipe is closed, whether all has come through it."""
        return self.buffer == _DONE


def usable() -> int:
    """Return how many processes can run at once: the CPUs this one may use, 1 without `fork`."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    count: int,
    jobs: int,
    work: Work,
    progress: Callable[[int], None],
    late: Callable[[], bool],
) -> Generator[bytes, None, None]:
    """Run `work` in `count` processes until all of `jobs` are done; yield what they do, at once.

    `work` takes an iterator over the numbers of the jobs that fall to it, and a function to call
    with the bytes it has read since the last call; `progress` is told their sum. With one process
    it runs in this one. When `late` turns true, the processes get SIGTERM, for whose handler, if
    there is one, they have a moment to yield what they have. Raises WorkerError, in the end, if a
    process fails; none is left behind in any case.
    """
    count = min(count, jobs)
    if count <= 1:
        total = 0

        def add(size: int) -> None:
            nonlocal total
            total += size
            progress(total)

        yield from work(iter(range(jobs)), add)
        return
    with mmap.mmap(-1, count * _COUNTER.size) as counters:
        queue = _queue(jobs)
        workers: list[_Worker] = []
        gc.freeze()  # so that collecting garbage does not copy the pages all of them share
        try:
            for _ in range(count):
                workers.append(_started(work, queue, counters, late, workers))
            yield from _collect(workers, counters, progress, late)
        finally:
            gc.unfreeze()
            os.close(queue)
            _end(workers)
        if not late() and not all(worker.has_ended_well() for worker in workers):
            raise WorkerError("a worker process ended before it was done")


def _queue(jobs: int) -> int:
    """Return a pipe that holds the numbers of all jobs; reading takes one out."""
    reading, writing = os.pipe()
    numbers = b"".join(map(_JOB.pack, range(jobs)))
    os.set_blocking(writing, False)
    try:
        fits = os.write(writing, numbers) == len(numbers)
    except BlockingIOError:
        fits = False
    os.close(writing)
    if not fits:
        os.close(reading)
        raise WorkerError("there are more jobs than a pipe holds")
    return reading


def _started(
    work: Work,
    queue: int,
    counters: mmap.mmap,
    late: Callable[[], bool],
    others: list[_Worker],
) -> _Worker:
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return _Worker(process, reading, bytearray())
    os.close(reading)
    for other in others:
        os.close(other.pipe)
    return _run(work, queue, counters, len(others), late, writing)


def _run(
    work: Work,
    queue: int,
    counters: mmap.mmap,
    number: int,
    late: Callable[[], bool],
    pipe: int,
) -> NoReturn:
    """Do the work of a child process and leave, without any of what the parent has to do."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent gets it too, and ends this one
        gc.disable()
        done = 0

        def add(size: int) -> None:
            nonlocal done
            done += size
            _COUNTER.pack_into(counters, number * _COUNTER.size, done)

        with os.fdopen(pipe, "wb") as stream:
            for result in work(_taken(queue), add):
                stream.write(len(result).to_bytes(_SIZE, "big"))
                stream.write(result)
                stream.flush()
            if not late():  # SIGTERM may have come to this process alone, which left things out
                stream.write(_DONE)
        status = 0
    finally:
        os._exit(status)


def _taken(queue: int) -> Iterator[int]:
    while number := os.read(queue, _JOB.size):
        yield _JOB.unpack(number)[0]


def _collect(
    workers: list[_Worker],
    counters: mmap.mmap,
    progress: Callable[[int], None],
    late: Callable[[], bool],
) -> Iterator[bytes]:
    """Yield what the workers send until all have closed their pipes, or soon after it is late."""
    waiting = {worker.pipe: worker for worker in workers}
    end = 0.0
    while waiting and (not end or time.monotonic() < end):
        if late() and not end:
            end = time.monotonic() + _GRACE
            _signal(workers, signal.SIGTERM)
        ready, _, _ = select.select(list(waiting), [], [], _POLL)
        for pipe in ready:
            piece = os.read(pipe, 1 << 20)
            if piece:
                yield from waiting[pipe].take(piece)
            else:
                del waiting[pipe]
        progress(
            sum(_COUNTER.unpack_from(counters, i * _COUNTER.size)[0] for i in range(len(workers)))
        )


def _end(workers: list[_Worker]) -> None:
    for worker in workers:
        os.close(worker.pipe)
    _signal(workers, signal.SIGKILL)
    for worker in workers:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(worker.process, 0)


def _signal(workers: list[_Worker], number: int) -> None:
    for worker in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.process, number)
