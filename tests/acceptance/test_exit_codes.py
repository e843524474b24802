"""What a run ends with, each as a process: 0, 1, 2, 3 and 4, and when it is cut off."""

import os
import signal
import stat
import subprocess
import sys
import time

import pytest
from planting import COMMAND, KEY, Repository, environment, run, token

BROKEN = """
import sys
import scanner.cli.target as target
def fail(*_):
    raise ZeroDivisionError("ghp_" + "x" * 36)
target.builtin = fail
from scanner.__main__ import main
sys.argv[0] = "leakseal"
main()
"""


@pytest.fixture
def clean(tmp_path):
    folder = tmp_path / "clean"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"nothing to see\n")
    return folder


@pytest.fixture
def leaking(tmp_path):
    repository = Repository(tmp_path / "leaking")
    repository.commit_file("a.env", b"TOKEN=%b\n" % token("exit"))
    return repository


def broken(repository):
    """Take away a blob that HEAD needs."""
    other = repository.blob(b"gone")
    repository.commit_file("gone.txt", b"gone")
    (repository.path / ".git/objects" / other[:2] / other[2:]).unlink()
    return repository.path


def untroubled(done):
    return b"Traceback" not in done.stdout + done.stderr


def test_0_clean(clean, tmp_path):
    done = run("scan", clean, home=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"No leaks found" in done.stdout


def test_1_leaks(leaking, tmp_path):
    done = run("scan", leaking.path, home=tmp_path)
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"COMPLETE" in done.stdout


@pytest.mark.parametrize("code", [0, 7, 255])
def test_another_code_for_leaks(leaking, clean, tmp_path, code):
    assert run("scan", leaking.path, f"--exit-code={code}", home=tmp_path).returncode == code
    assert run("scan", clean, f"--exit-code={code}", home=tmp_path).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-such-option",),
        ("no-such-command",),
        ("scan", "no-such-path"),
        ("scan", "--no-such-option"),
        ("scan", "--format", "no-such-format"),
        ("scan", ".", "--exit-code", "256"),
        ("scan", ".", "--staged", "--no-history"),
        ("scan", ".", "--range", "HEAD"),
        ("scan", ".", "--staged"),
        ("scan", ".", "--key-file", "no-such-file"),
        ("guard", "--no-such-option"),
        ("guard",),
    ],
    ids=" ".join,
)
def test_2_usage(clean, tmp_path, arguments):
    environ = {} if "--key-file" not in arguments else {"LEAKSEAL_KEY": ""}
    done = run(*arguments, home=tmp_path, cwd=clean, **environ)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr
    assert untroubled(done)


def test_2_unknown_revision(leaking, tmp_path):
    done = run("scan", leaking.path, "--range", "nowhere..HEAD", home=tmp_path)
    assert done.returncode == 2
    assert untroubled(done)


@pytest.mark.parametrize("key", ["too-short-9", "\udcff"])
def test_2_unusable_key(leaking, tmp_path, key):
    done = run("scan", leaking.path, home=tmp_path, LEAKSEAL_KEY=key)
    assert done.returncode == 2
    assert key.encode("utf-8", "surrogateescape") not in done.stderr


def test_3_incomplete(leaking, tmp_path):
    """The gap wins over the leaks, which are reported all the same."""
    done = run("scan", broken(leaking), home=tmp_path)
    assert done.returncode == 3
    assert b"INCOMPLETE" in done.stdout
    assert b"a.env" in done.stdout


def test_3_whatever_leaks_should_exit_with(leaking, tmp_path):
    assert run("scan", broken(leaking), "--exit-code=0", home=tmp_path).returncode == 3


def test_3_out_of_time(leaking, tmp_path):
    done = run("scan", leaking.path, "--timeout", "0", home=tmp_path)
    assert done.returncode == 3
    assert b"time-limit" in done.stdout


def test_3_over_size(clean, tmp_path):
    with open(clean / "large.bin", "wb") as file:
        file.truncate(2 << 20)
    done = run("scan", clean, "--max-size", "1", home=tmp_path)
    assert done.returncode == 3
    assert b"over-size" in done.stdout
    assert b"large.bin" in done.stdout


def test_4_internal_error(clean, tmp_path):
    """Something that must not happen does: no traceback, and nothing of the message."""
    done = run("scan", clean, home=tmp_path, command=[sys.executable, "-c", BROKEN])
    assert done.returncode == 4
    assert done.stdout == b""
    assert b"internal error: ZeroDivisionError" in done.stderr
    assert b"ghp_" not in done.stderr
    assert untroubled(done)


def test_report_into_a_directory(clean, tmp_path):
    done = run("scan", clean, "-o", tmp_path, home=tmp_path)
    assert done.returncode == 2
    assert untroubled(done)
    done = run("scan", clean, "-o", tmp_path / "no-such-directory/report", home=tmp_path)
    assert done.returncode == 2


@pytest.mark.skipif(os.name == "nt", reason="has no modes")
@pytest.mark.parametrize("fmt", ["text", "json", "sarif"])
def test_report_is_private(leaking, tmp_path, fmt):
    report = tmp_path / "report"
    report.write_bytes(b"old")
    report.chmod(0o644)
    done = run("scan", leaking.path, "-f", fmt, "-o", report, home=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert b"a.env" in report.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir() if "report" in p.name) == ["report"]


def start(arguments, tmp_path, **options):
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=tmp_path,
        env=environment(tmp_path, LEAKSEAL_KEY=KEY),
        stderr=subprocess.PIPE,
        **options,
    )


def test_output_closed_early(leaking, tmp_path):
    """As with `| head`: no traceback, no complaint."""
    for number in range(3000):
        secret = token(f"many {number}")
        (leaking.path / f"{number:04}.env").write_bytes(b"TOKEN=%b\n" % secret)
    read, write = os.pipe()
    with start(["scan", leaking.path], tmp_path, stdout=write) as process:
        os.close(write)
        os.read(read, 10)
        os.close(read)
        error = process.stderr.read()
    assert error == b""
    assert process.returncode == 141


@pytest.mark.skipif(os.name == "nt", reason="has no signals")
def test_interrupted_while_reading_standard_input(tmp_path):
    with start(["scan", "-"], tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        output, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (output, error.strip()) == (b"", b"leakseal: interrupted")


@pytest.mark.skipif(os.name == "nt", reason="has no signals")
def test_interrupted_in_the_middle_of_a_large_file(tmp_path):
    large = tmp_path / "large.txt"
    large.write_bytes(b"password = secret_token_\n" * 4_000_000)
    with start(["scan", large], tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        output, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"INCOMPLETE" in output
    assert error == b""
