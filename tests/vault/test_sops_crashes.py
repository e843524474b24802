"""A file that is written to by many, on a disk that is full or may not be written, or by nobody."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sops_files import NAME, Home

from scanner.model import Secret
from scanner.vault import durable
from scanner.vault.store import RefusedError, StoreError

WRITER = """
import os, signal, sys
from scanner.model import Secret
from scanner.vault import choose

home, folder, prefix, count, crash = sys.argv[1:]

def killed(real):
    def last(*arguments):
        if crash.endswith("after"):
            real(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)
    return last

store = choose.store("sops://secrets.enc.yaml", {"HOME": home}, folder)
for number in range(int(count)):
    store.put_new(f"app/{prefix}{number}", Secret(b"value"), "", {})
if crash:
    call = crash.split()[0]
    setattr(os, call, killed(getattr(os, call)))
    store.put_new("app/LAST", Secret(b"last"), "", {})
"""


def writer(home: Home, prefix: str, count: int, crash: str = "") -> subprocess.Popen[bytes]:
    arguments = [str(home.folder), str(home.file.parent), prefix, str(count), crash]
    return subprocess.Popen([sys.executable, "-c", WRITER, *arguments])


def test_two_processes_lose_nothing(home: Home) -> None:
    home.put("app/FIRST", b"value")
    running = [writer(home, prefix, 15) for prefix in "AB"]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    expected = {f"app/{prefix}{number}" for prefix in "AB" for number in range(15)}
    assert set(home.store().names()) == expected | {"app/FIRST"}
    assert os.listdir(home.file.parent) == [NAME]


def test_two_first_writers_agree_on_one_key(home: Home) -> None:
    running = [writer(home, prefix, 1) for prefix in "AB"]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    assert home.store().names() == ["app/A0", "app/B0"]


@pytest.mark.parametrize(
    ("crash", "written"),
    [("fsync before", False), ("replace before", False), ("replace after", True)],
)
def test_killed_writer_leaves_the_old_file_or_the_new(
    home: Home, crash: str, written: bool
) -> None:
    home.put("app/FIRST", b"value")
    before = home.file.read_bytes()
    assert writer(home, "A", 0, crash).wait(timeout=60) == -signal.SIGKILL
    if not written:
        assert home.file.read_bytes() == before
    assert home.store().names() == ["app/FIRST", *["app/LAST"] * written]
    home.put("app/NEXT", b"value")
    assert os.listdir(home.file.parent) == [NAME]


@pytest.mark.slow
def test_writers_killed_at_any_moment_leave_a_whole_file(home: Home) -> None:
    home.put("app/FIRST", b"value")
    for attempt in range(20):
        process = writer(home, f"A{attempt}_", 1000)
        count = len(home.store().names())
        while len(home.store().names()) == count:
            time.sleep(0.002)
        time.sleep(0.003 * attempt)
        process.kill()
        process.wait()
        assert len(home.store().names()) > count
    assert home.value("app/FIRST") == b"value"


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let this process write no file beyond `size` bytes: the write fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_full_disk_leaves_the_old_file(home: Home) -> None:
    home.put("app/FIRST", b"value")
    before = home.file.read_bytes()
    with largest_file(len(before)), pytest.raises(RefusedError, match=f"{NAME} cannot be written"):
        home.put("app/NEXT", b"value" * 1000)
    assert home.file.read_bytes() == before
    assert os.listdir(home.file.parent) == [NAME]
    home.put("app/NEXT", b"value" * 1000)


@contextmanager
def nobody() -> Iterator[None]:
    """Be a user whom permissions hold for, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_folder_that_may_not_be_written_is_named() -> None:
    with nobody(), tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.put("app/FIRST", b"value")
        before = home.file.read_bytes()
        home.file.parent.chmod(0o500)
        (problem,) = home.store().preflight([])
        assert (problem.code, problem.fatal) == ("permission", True)
        with pytest.raises(RefusedError, match="Permission denied"):
            home.put("app/NEXT", b"value")
        assert home.value("app/FIRST") == b"value"
        home.file.chmod(0)
        with pytest.raises(RefusedError, match="cannot be read: Permission denied"):
            home.store().names()
        home.file.parent.chmod(0o700)
        home.file.chmod(0o600)
        assert home.file.read_bytes() == before


def test_who_waits_too_long_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "_PATIENCE", 0.05)
    with durable.locked(str(home.file)), pytest.raises(StoreError, match="another process"):
        home.put("app/KEY", b"value")
    home.put("app/KEY", b"value")


def test_a_writer_waits_for_the_other(home: Home) -> None:
    started = threading.Event()

    def write() -> None:
        started.set()
        home.put("app/KEY", b"value")

    thread = threading.Thread(target=write)
    with durable.locked(str(home.file)):
        thread.start()
        started.wait(10)
        time.sleep(0.05)
        assert not home.file.exists()
    thread.join(30)
    assert home.value("app/KEY") == b"value"


def test_what_was_changed_since_it_was_read_is_seen(home: Home) -> None:
    slow = home.store()
    version = slow.put_new("app/KEY", Secret(b"value"), "", {}).version
    other = home.store().put_version("app/KEY", Secret(b"other"), "", {}, version)
    assert slow.put_version("app/KEY", Secret(b"mine"), "", {}, version).version == other.version
    assert slow.read("app/KEY").value.reveal() == b"other"
