import os
import stat
import sys

import pytest

from scanner.errors import UsageError
from scanner.report.write import write

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes and links")


def test_writes_utf8_without_touching_line_ends(tmp_path):
    write(str(tmp_path / "r.txt"), "é…\n")
    assert (tmp_path / "r.txt").read_bytes() == "é…\n".encode()


def test_a_bare_name_lands_in_the_current_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("r.txt", "x")
    assert os.listdir() == ["r.txt"]


@posix
def test_the_new_file_is_for_its_owner_only_whatever_stood_there(tmp_path):
    target = tmp_path / "r.txt"
    target.write_text("old and longer")
    target.chmod(0o644)
    other_name = tmp_path / "hard-link"
    os.link(target, other_name)
    write(str(target), "new")
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert other_name.read_text() == "old and longer"


@posix
def test_a_symbolic_link_is_neither_followed_nor_replaced(tmp_path):
    aim = tmp_path / "aim"
    aim.write_text("precious")
    link = tmp_path / "link"
    link.symlink_to(aim)
    with pytest.raises(UsageError, match="symbolic link"):
        write(str(link), "new")
    assert aim.read_text() == "precious"
    assert link.is_symlink()


@posix
def test_a_device_or_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="not a regular file"):
        write(str(tmp_path / "pipe"), "new")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize("path", [".", "missing/r.txt", "file/r.txt", "", "nul\0", "x" * 300])
def test_an_unusable_target_is_one_clear_line_and_leaves_nothing(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError) as caught:
        write(path, "new")
    assert str(caught.value).startswith("cannot write the report to ")
    assert str(caught.value).isprintable()
    assert not str(caught.value).endswith(("None", ": "))
    assert os.listdir() == ["file"]


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_directory_is_a_usage_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="ermission"):
        write(str(tmp_path / "r.txt"), "new")
