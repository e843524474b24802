"""Runs one command as a whole process tree and says what it cost. Linux only: it reads /proc."""

import contextlib
import ctypes
import os
import platform
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.02
SHARE = 0.05  # of one core, at most, goes into sampling: large trees are looked at less often
_LIBC = ctypes.CDLL(None)
_SET_CHILD_SUBREAPER = 36  # prctl(2)
_KCMP = {"x86_64": 312, "aarch64": 272}  # its system call, by architecture
_KCMP_VM = 1


@dataclass(frozen=True)
class Cost:
    """What one run took. `exit_code` is negative for a signal, as in `subprocess`."""

    wall: float
    """Seconds from the start to the end of the first process."""
    cpu: float
    """Seconds of processor time, user and system, of every process of the tree."""
    peak: int
    """Most bytes in use at one time by the whole tree: the sum of PSS, so that pages which
    processes share count once. Mapped files count where they are resident."""
    largest: int
    """Most bytes resident in any one process (`ru_maxrss`)."""
    samples: int
    exit_code: int
    timed_out: bool


def run(
    command: Sequence[str],
    *,
    stdout: Path,
    stderr: Path,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    timeout: float | None = None,
) -> Cost:
    """Run `command` to its end, or kill its process group after `timeout` seconds."""
    _adopt_orphans()
    with stdout.open("wb") as out, stderr.open("wb") as err:
        began = time.monotonic()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=environment,
            cwd=directory,
            start_new_session=True,
        )
    sampler = _Sampler(child.pid, None if timeout is None else began + timeout)
    sampler.start()
    try:
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)
        raise
    finally:
        sampler.stop()
    child.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime + _end_group(child.pid)
    return Cost(
        wall=wall,
        cpu=cpu,
        peak=sampler.peak,
        largest=usage.ru_maxrss * 1024,
        samples=sampler.samples,
        exit_code=child.returncode,
        timed_out=sampler.timed_out,
    )


def footprint(pid: int) -> int:
    """Return the sum of PSS, in bytes, of `pid` and all its descendants that are alive."""
    total = 0
    waiting = [(pid, 0)]
    while waiting:
        current, parent = waiting.pop()
        # Between vfork and exec a child runs in its parent's memory.
        if not parent or not _share_memory(parent, current):
            total += pss(current)
        waiting += [(child, current) for child in children(current)]
    return total


def children(pid: int) -> list[int]:
    """Return the direct children of `pid`, whichever of its threads started them."""
    found: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for thread in threads:
        try:
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += map(int, file.read().split())
        except OSError:  # it has ended meanwhile
            continue
    return found


def pss(pid: int) -> int:
    """Return the proportional set size of a process in bytes; 0 if it is gone or not ours."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


class _Sampler(threading.Thread):
    def __init__(self, pid: int, deadline: float | None) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self.samples = 0
        self.timed_out = False
        self._pid = pid
        self._deadline = deadline
        self._ended = threading.Event()

    def run(self) -> None:
        pause = 0.0
        while not self._ended.wait(pause):
            began = time.monotonic()
            if self._deadline is not None and began > self._deadline:
                self.timed_out = True
                os.killpg(self._pid, signal.SIGKILL)
                return
            # Adopted orphans hang on this process, next to the first process of the run.
            self.peak = max(self.peak, sum(map(footprint, self._tops())))
            self.samples += 1
            pause = max(INTERVAL, (time.monotonic() - began) * (1 / SHARE - 1))

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def _tops(self) -> set[int]:
        return {self._pid, *children(os.getpid())}


def _adopt_orphans() -> None:
    """Make descendants whose parent ends children of this process, so that none is lost."""
    _LIBC.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _share_memory(one: int, other: int) -> bool:
    """Return whether two processes are known to run in one address space (kcmp(2))."""
    number = _KCMP.get(platform.machine())
    return number is not None and _LIBC.syscall(number, one, other, _KCMP_VM, 0, 0) == 0


def _end_group(group: int) -> float:
    """End what the first process left running; return the processor time of these, in seconds."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    seconds = 0.0
    while True:
        try:
            _, _, usage = os.wait4(-group, 0)
        except ChildProcessError:
            return seconds
        seconds += usage.ru_utime + usage.ru_stime
