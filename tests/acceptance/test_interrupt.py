"""Ctrl-C and SIGTERM: a partial report, within a moment, and nobody left behind."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from planting import token

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Hundreds of files that share nothing and take long to judge; one has a secret."""
    path = tmp_path_factory.mktemp("long") / "repository.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", path], check=True)
    rng = random.Random(1)
    files = []
    for number in range(240):
        names = [b"user%d.password = %d\n" % (n, rng.getrandbits(20)) for n in range(6000)]
        if number == 3:
            names.insert(0, b"TOKEN=" + token("interrupted") + b"\n")
        text = b"".join(names)
        files.append(b"M 100644 inline f%d\ndata %d\n%b\n" % (number, len(text), text))
    head = b"commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 1\nx\n"
    importing = ["git", "-C", path, "fast-import", "--quiet", "--depth=0"]
    subprocess.run(importing, input=head + b"".join(files), check=True)
    return path


def scan(repository, home, *options):
    command = [sys.executable, "-P", "-m", "scanner", "scan", str(repository), "-f", "json"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    return subprocess.Popen(
        [*command, "--no-cache", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
@pytest.mark.parametrize("options", [("--workers", "2"), ("--workers", "1"), ("--exhaustive",)])
def test_the_first_signal_ends_a_scan_with_what_it_has(repository, tmp_path, number, options):
    with scan(repository, tmp_path, *options) as process:
        begun(process)
        process.send_signal(number)
        output, error = process.communicate(timeout=120)
    assert process.returncode == 128 + number, error
    report = json.loads(output)
    assert not report["coverage"]["complete"]
    assert "interrupted" in {gap["code"] for gap in report["coverage"]["skipped"]}
    assert not left_behind(process.pid)


def test_the_second_ends_it_at_once(repository, tmp_path):
    with scan(repository, tmp_path, "--exhaustive") as process:
        begun(process)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        output, error = process.communicate(timeout=120)
    assert process.returncode == 130
    assert (output, error.strip()) == (b"", b"leakseal: interrupted")
    assert not left_behind(process.pid)


def begun(process):
    """Wait until a scan catches signals, and has had time to search a part."""
    caught = 0
    while process.poll() is None and not caught >> signal.SIGTERM - 1 & 1:
        time.sleep(0.05)
        status = Path(f"/proc/{process.pid}/status").read_text()
        caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    time.sleep(1)


def left_behind(session):
    """Return the processes of a session that has ended."""
    listed = subprocess.run(["ps", "-o", "pid=", "-s", str(session)], capture_output=True)
    return listed.stdout.split()
