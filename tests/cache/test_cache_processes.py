import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scanner.cache.key import Key
from scanner.cache.store import ResultCache

HAMMER = [sys.executable, str(Path(__file__).with_name("hammer.py"))]


def start(place, *arguments):
    environ = os.environ | place.environ
    return subprocess.Popen(
        [*HAMMER, *arguments], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_several_processes_meet_only_whole_and_right_values(place):
    running = [start(place, "1.5", "keep") for _ in range(4)]
    done = [(process, *process.communicate(timeout=60)) for process in running]
    assert [(p.returncode, error) for p, _, error in done] == [(0, b"")] * 4
    assert all(int(output) > 10 for _, output, _ in done)
    assert place.drafts() == []
    assert sum(p.stat().st_size for p in place.entries()) < 300_000


def test_clearing_meanwhile_loses_entries_and_nothing_else(place):
    running = [start(place, "1", kind) for kind in ("keep", "keep", "clear")]
    done = [(process, *process.communicate(timeout=60)) for process in running]
    assert [(p.returncode, error) for p, _, error in done] == [(0, b"")] * 3


def test_killed_writers_leave_nothing_that_is_believed(place):
    for _ in range(5):
        process = start(place, "30", "keep")
        while not (place.results.exists() and place.entries()):
            time.sleep(0.01)
        time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    for draft in place.drafts():
        os.utime(draft, (0, 0))
    place.open().put(Key("last", b"", ""), b"value")
    assert place.drafts() == []
    process = start(place, "0.2", "keep")
    assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_uses_the_cache_of_its_parent(place, key):
    script = (
        "import os, sys\n"
        "from scanner.cache.key import Key\n"
        "from scanner.cache.store import ResultCache\n"
        "cache = ResultCache.open(os.environ)\n"
        "children = []\n"
        "for index in range(4):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        for _ in range(20):\n"
        "            cache.put(Key('fork', bytes([index]), ''), bytes([index]))\n"
        "            assert cache.info().entries >= 1\n"
        "        sys.exit(0)\n"
        "    children.append(child)\n"
        "codes = [os.waitpid(child, 0)[1] for child in children]\n"
        "got = [cache.get(Key('fork', bytes([index]), '')) for index in range(4)]\n"
        "assert (codes, got) == ([0] * 4, [bytes([i]) for i in range(4)]), (codes, got)\n"
    )
    environ = os.environ | place.environ
    subprocess.run([sys.executable, "-c", script], env=environ, check=True, timeout=60)


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on file sizes")
def test_a_write_that_fails_half_way_loses_nothing_but_the_entry(place, key):
    place.open().put(key, b"before")
    script = (
        "import os, resource\n"
        "from scanner.cache.key import Key\n"
        "from scanner.cache.store import ResultCache\n"
        "cache = ResultCache.open(os.environ)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        f"cache.put({key!r}, os.urandom(50_000))\n"
        f"assert cache.get({key!r}) == b'before'\n"
    )
    environ = os.environ | place.environ
    subprocess.run([sys.executable, "-c", script], env=environ, check=True, timeout=60)
    assert place.drafts() == []


def test_of_several_first_users_all_get_the_same_key(tmp_path):
    script = (
        "import os, sys\n"
        "from scanner.cache.store import ResultCache\n"
        "sys.stdin.read()\n"
        "print(ResultCache.open(os.environ)._secret.hex())\n"
    )
    for round_ in range(3):
        environ = os.environ | {"LEAKSEAL_CACHE_DIR": str(tmp_path / str(round_))}
        running = [
            subprocess.Popen(
                [sys.executable, "-c", script],
                env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )
            for _ in range(6)
        ]  # fmt: skip
        for process in running:
            process.stdin.close()
        assert len({process.stdout.read() for process in running}) == 1
        for process in running:
            process.stdout.close()
            assert process.wait() == 0


def test_a_file_system_without_hard_links_gets_a_key_as_well(place, key, monkeypatch):
    def none(*_, **__):
        raise PermissionError

    monkeypatch.setattr(os, "link", none)
    place.open().put(key, b"value")
    assert ResultCache.open(place.environ).get(key) == b"value"
