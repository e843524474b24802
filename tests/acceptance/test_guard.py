"""`leakseal guard` as the pre-commit hook of real repositories: what it blocks and what not."""

import base64
import os
import sys

import pytest
from committing import NEW, OLD, Attempt, guard, guarded, stage
from places_content import zipped
from planting import environment, run, token

FAILING = """
import sys
import scanner.sources.staged as staged
def fail(*_):
    raise ZeroDivisionError("ghp_" + "x" * 36)
staged.heads = fail
from scanner.__main__ import main
sys.argv[1:] = ["guard"]
main()
"""
MODULES = """
import sys
from scanner.__main__ import main
sys.argv[1:] = ["guard"]
try:
    main()
finally:
    print(*sorted(name for name in sys.modules if "." not in name))
"""


@pytest.fixture
def repository(tmp_path):
    return guarded(tmp_path / "repository")


def test_nothing_staged(repository):
    done = guard(repository)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_clean(repository):
    stage(repository, "new.txt", b"nothing\n")
    assert Attempt(repository.path).passed()


def test_leak(repository):
    stage(repository, "conf/new.env", b"\nA=1\nTOKEN=%b\n" % NEW)
    attempt = Attempt(repository.path)
    assert attempt.blocked(b"conf/new.env:3:7")
    assert b"environment" in attempt.said, "says what to do"
    assert b"https://" in attempt.said, "says how to revoke it"
    assert guard(repository).returncode == 1


def test_no_verify(repository):
    stage(repository, "new.env", b"TOKEN=%b\n" % NEW)
    assert Attempt(repository.path, "--no-verify", "-m", "Anyway").passed()


def test_from_a_subdirectory(repository):
    stage(repository, "deep/down/new.env", b"TOKEN=%b\n" % NEW)
    assert Attempt(repository.path / "deep").blocked(b"deep/down/new.env:1:7")


def test_staged_leak_whose_file_is_clean_again(repository):
    stage(repository, "new.env", b"TOKEN=%b\n" % NEW)
    repository.write("new.env", b"TOKEN=\n")
    assert Attempt(repository.path).blocked(b"new.env:1:7")


def test_staged_clean_but_the_file_leaks(repository):
    stage(repository, "new.env", b"TOKEN=\n")
    repository.write("new.env", b"TOKEN=%b\n" % NEW)
    assert Attempt(repository.path).passed()


def test_partially_staged(repository):
    """One of two leaks is staged; only that one is named, on its line in the index."""
    stage(repository, "old.env", b"TOKEN=%b\nNEW=%b\n" % (OLD, NEW))
    repository.write("old.env", b"\n\n\nTOKEN=%b\nNEW=%b\nX=%b\n" % (OLD, NEW, token("x")))
    assert Attempt(repository.path).blocked(b"old.env:2:5")


def test_moved_line(repository):
    stage(repository, "old.env", b"\n\n# moved\nTOKEN = '%b'\n" % OLD)
    assert Attempt(repository.path).passed()


def test_rename(repository):
    repository.git("mv", "old.env", "renamed.env")
    assert Attempt(repository.path).passed()


def test_new_secret_beside_an_old_one(repository):
    stage(repository, "old.env", b"# settings\nTOKEN=%b,%b\n" % (OLD, NEW))
    assert Attempt(repository.path).blocked(b"old.env:2:48")


def test_old_secret_replaced(repository):
    stage(repository, "old.env", b"# settings\nTOKEN=%b\n" % NEW)
    assert Attempt(repository.path).blocked(b"old.env:2:7")


def test_old_secret_taken_out(repository):
    stage(repository, "old.env", b"# settings\nTOKEN=\n")
    assert Attempt(repository.path).passed()


def test_deleted_file(repository):
    repository.git("rm", "-q", "old.env")
    assert Attempt(repository.path).passed()


def test_mode_change(repository):
    repository.git("update-index", "--chmod=+x", "old.env")
    assert Attempt(repository.path).passed()


def test_file_name(repository):
    stage(repository, b"keys/%b.txt" % NEW, b"nothing\n")
    attempt = Attempt(repository.path)
    assert not attempt.committed
    assert NEW not in attempt.said
    assert b"in the file's name" in attempt.said


@pytest.mark.parametrize(
    ("content", "via"),
    [
        (b"\x7fELF\0\0" + NEW + b"\0\xff", b""),
        (zipped({"conf/app.env": b"TOKEN=%b\n" % NEW}), b"zip:conf/app.env"),
        (b"data: " + base64.b64encode(b"token = %b" % NEW), b"base64"),
        (f"\ufefftoken = {NEW.decode()}\r\n".encode("utf-16-le"), b"utf-16-le"),
    ],
    ids=["binary", "zip", "base64", "utf-16"],
)
def test_content_of_all_kinds(repository, content, via):
    stage(repository, "blob.bin", content)
    attempt = Attempt(repository.path)
    assert not attempt.committed
    assert b"blob.bin:1:" in attempt.said
    assert via in attempt.said
    assert NEW not in attempt.said


def test_symbolic_link(repository):
    os.symlink(NEW, os.fsencode(repository.path / "link"))
    repository.git("add", "link")
    assert Attempt(repository.path).blocked(b"link:1:1")


def test_several_leaks(repository):
    stage(repository, "a.env", b"A=%b\nB=%b\n" % (NEW, token("b")))
    stage(repository, "b.env", b"A=%b\n" % NEW)
    assert Attempt(repository.path).blocked(b"a.env:1:3", b"a.env:2:3", b"b.env:1:3")


def test_over_size(repository):
    """What is too large to be searched blocks, and says that it was not searched."""
    with open(repository.path / "large.bin", "wb") as file:
        file.truncate(65 << 20)
    repository.git("add", "large.bin")
    done = guard(repository)
    assert done.returncode == 3
    assert b"not read" in done.stderr
    assert b"larger than the limit" in done.stderr
    assert not Attempt(repository.path).committed


def test_missing_object(repository):
    """An index that names a blob that is not there is not clean."""
    lost = "b" * 40
    repository.git("update-index", "--add", "--cacheinfo", f"100644,{lost},lost.env")
    assert guard(repository).returncode == 3


def test_outside_of_a_repository(tmp_path):
    done = run("guard", home=tmp_path)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_internal_error(repository):
    command = [sys.executable, "-c", FAILING]
    done = run(home=repository.path.parent, cwd=repository.path, command=command)
    assert done.returncode == 4
    assert b"ZeroDivisionError" in done.stderr
    assert b"ghp_" not in done.stderr
    assert b"Traceback" not in done.stderr


def test_loads_nothing_slow(repository):
    """A leak to report and a decoder to run, and still no library for it."""
    stage(repository, "new.env", b"TOKEN=%b\nX=%b\n" % (NEW, base64.b64encode(NEW)))
    command = [sys.executable, "-S", "-c", MODULES]
    paths = os.pathsep.join([environment("")["PYTHONPATH"], *sys.path[1:]])
    home = repository.path.parent
    done = run(home=home, cwd=repository.path, command=command, PYTHONPATH=paths)
    assert done.returncode == 1, done.stderr
    loaded = set(done.stdout.decode().split())
    assert "scanner" in loaded
    assert not loaded & {"click", "yaml", "git", "rich", "zipfile", "tarfile", "asyncio"}
