"""Repositories whose files lead elsewhere, or to something that never ends when it is read."""

import os
import socket

import pytest
from planting import run, scan, token


def test_a_working_tree_elsewhere_is_not_read(leaking, tmp_path):
    """`core.worktree` may not lead the scan out of the repository."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "private.env").write_bytes(b"TOKEN=%b\n" % token("private"))
    leaking.git("config", "core.worktree", str(elsewhere))
    found = scan(leaking.path, home=tmp_path)
    assert token("private") not in found.places
    assert token("head") in found.places


@pytest.mark.parametrize("link", ["leak.link", "directory.link"])
def test_links_are_not_followed(leaking, tmp_path, link):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "private.env").write_bytes(b"TOKEN=%b\n" % token("private"))
    target = elsewhere if link.startswith("directory") else elsewhere / "private.env"
    os.symlink(target, leaking.path / link)
    os.symlink(leaking.path, leaking.path / "loop.link")
    os.symlink(elsewhere / "private.env", leaking.path / ".git/private")
    found = scan(leaking.path, home=tmp_path)
    assert token("private") not in found.places
    assert token("file") in found.places


@pytest.mark.parametrize("target", ["fifo", "/etc", "/dev/zero", "loop", "file", "newlines"])
def test_alternates_that_point_elsewhere(leaking, tmp_path, target):
    objects = leaking.path / ".git/objects"
    fifo, file = tmp_path / "fifo", tmp_path / "file"
    os.mkfifo(fifo)
    file.write_bytes(b"x")
    targets = {"fifo": fifo, "loop": objects, "file": file, "newlines": '"/tmp/\\n\\033[31m"'}
    (objects / "info/alternates").write_text(f"{targets.get(target, target)}\n")
    found = scan(leaking.path, home=tmp_path)
    assert {token("head"), token("staged"), token("file")} <= set(found.places)
    assert found.code == (1 if target == "loop" else 3)


def test_alternates_that_is_a_pipe(leaking, tmp_path):
    os.mkfifo(leaking.path / ".git/objects/info/alternates")
    found = scan(leaking.path, home=tmp_path)
    assert found.code == 3
    assert token("file") in found.places


def test_a_path_that_is_there_but_cannot_be_reached(tmp_path):
    os.symlink("round", tmp_path / "round")
    done = run("scan", tmp_path / "round", home=tmp_path)
    assert done.returncode == 2
    assert b"cannot get at" in done.stderr
    assert b"Too many levels of symbolic links" in done.stderr


@pytest.mark.parametrize("name", ["HEAD", "config", "index", "packed-refs", "refs/heads/pipe"])
def test_pipes_in_the_git_directory(leaking, tmp_path, name):
    path = leaking.path / ".git" / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    done = run("scan", leaking.path, home=tmp_path)
    assert done.returncode in (2, 3)
    assert b"neither a file nor a directory" in done.stdout + done.stderr


def test_special_files_in_the_working_tree(leaking, tmp_path):
    """Pipes, sockets, and links to what never ends are left alone; the rest is found."""
    os.mkfifo(leaking.path / "pipe")
    os.symlink("/dev/zero", leaking.path / "zero")
    os.symlink(leaking.path / "pipe", leaking.path / "to-pipe")
    here = os.getcwd()
    os.chdir(leaking.path)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket")
    finally:
        os.chdir(here)
    found = scan(leaking.path, home=tmp_path)
    assert found.code == 1
    assert token("file") in found.places


def test_nested_git_that_is_a_pipe(leaking, tmp_path):
    """A repository in the working tree that cannot be opened does not end the scan."""
    (leaking.path / "sub").mkdir()
    os.mkfifo(leaking.path / "sub/.git")
    leaking.write("sub/file.env", b"TOKEN=%b\n" % token("sub"))
    found = scan(leaking.path, home=tmp_path)
    assert found.code == 3
    assert {token("sub"), token("head")} <= set(found.places)


def test_nothing_hides_behind_a_false_git_directory(leaking, tmp_path):
    """What only looks like a repository is a directory like any other, `.git` included."""
    leaking.write("one/.git", b"gitdir: ../.git\n")
    leaking.write("one/file.env", b"TOKEN=%b\n" % token("one"))
    leaking.write("two/.git/nothing", b"TOKEN=%b\n" % token("two .git"))
    leaking.write("two/file.env", b"TOKEN=%b\n" % token("two"))
    leaking.write("three/.git", b"gitdir: /nonexistent\n")
    leaking.write("three/file.env", b"TOKEN=%b\n" % token("three"))
    found = scan(leaking.path, home=tmp_path)
    for name in ("one", "two", "two .git", "three"):
        assert token(name) in found.places, name


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may read everything")
def test_unreadable_files(leaking, tmp_path):
    leaking.write("secret/file", b"x")
    os.chmod(leaking.path / "secret", 0)
    os.chmod(leaking.path / "a.txt", 0)
    found = scan(leaking.path, home=tmp_path)
    os.chmod(leaking.path / "secret", 0o755)
    assert found.code == 3
    assert "unreadable" in found.codes()
    assert token("head") in found.places
