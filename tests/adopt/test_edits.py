"""Files are written all together, or stay as they were."""

import os

import pytest

from scanner.adopt.edit import Edit, write
from scanner.errors import LeaksealError, UsageError
from scanner.remediate.worktree import WorkTree


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "old").write_bytes(b"before\r\n")
    (tmp_path / "old").chmod(0o640)
    return WorkTree(str(tmp_path))


def test_all_files_are_written(tree, tmp_path):
    write(tree, [Edit("old", b"before\r\n", b"after"), Edit("new/file", None, b"made")])
    assert (tmp_path / "old").read_bytes() == b"after"
    assert (tmp_path / "old").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "new" / "file").read_bytes() == b"made"


def test_a_file_that_changed_meanwhile_keeps_all_others_from_being_written(tree, tmp_path):
    edits = [Edit("new", None, b"made"), Edit("old", b"something else", b"after")]
    with pytest.raises(UsageError, match="run this again"):
        write(tree, edits)
    assert sorted(os.listdir(tmp_path)) == ["old"]
    assert (tmp_path / "old").read_bytes() == b"before\r\n"


def test_what_was_written_before_a_failure_is_taken_back(tree, tmp_path):
    edits = [Edit("old", b"before\r\n", b"after"), Edit("new", None, b"made")]
    with pytest.raises(LeaksealError):
        write(tree, [*edits, Edit("old/file", None, b"a file stands where a folder must be")])
    assert sorted(os.listdir(tmp_path)) == ["old"]
    assert (tmp_path / "old").read_bytes() == b"before\r\n"


@pytest.mark.parametrize("path", ["../outside", "/etc/outside", ".git/config", "a//b", ""])
def test_nothing_outside_of_the_tree_is_written(tree, path):
    with pytest.raises(LeaksealError):
        write(tree, [Edit(path, None, b"made")])
