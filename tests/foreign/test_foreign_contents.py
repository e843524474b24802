"""Files that another tool names are read in commits and on disk, and nowhere else."""

import os

import pytest

from scanner.foreign.contents import Contents
from scanner.gitdb.repository import Repository


@pytest.fixture
def read(shop):
    opened = []

    def at(commit, path):
        contents = Contents(Repository.discover("."), [(commit, path)])
        opened.append(contents)
        return contents.at(commit, path)

    yield at
    for contents in opened:
        contents.close()


def test_what_a_commit_has(shop, read):
    assert read(shop.first, "src/old.py") == f"token = '{shop.old}'\n".encode()
    assert read(shop.second, "src/old.py") is None
    assert read("0" * 40, "src/old.py") is None
    assert read(shop.first, "src") is None
    assert read(shop.first[:12], "deploy.sh") == (shop.path / "deploy.sh").read_bytes()


@pytest.mark.parametrize("name", ["a\nb", "a\0b", "", " ", "--help", "HEAD", "x" * 5000, "a b"])
def test_odd_names_are_no_files(shop, read, name):
    for commit in ("", shop.first, "--batch", "HEAD\n", "HEAD:deploy.sh"):
        assert read(commit, name) is None


def test_what_lies_on_disk_is_read_below_the_root_alone(shop, read, tmp_path):
    (tmp_path / "outside").write_text("x")
    (shop.path / "link").symlink_to(tmp_path / "outside")
    (shop.path / "folder").symlink_to(tmp_path)
    os.mkfifo(shop.path / "pipe")
    assert read("", "deploy.sh")
    outside = ("../outside", "link", "folder/outside", "pipe", str(tmp_path / "outside"))
    for path in (*outside, "conf", "none"):
        assert read("", path) is None


def test_all_places_are_read_through_one_git(shop):
    odd = [(shop.first, name) for name in ("a\rb", "a b", "\x0b", "x missing")]
    places = [*odd, *((shop.first, path) for path, *_ in shop.known)]
    contents = Contents(Repository.discover("."), places)
    assert [bool(contents.at(*place)) for place in places] == [False] * 4 + [True] * 3
    assert contents.at(shop.first, "deploy.sh") == contents.at("", "deploy.sh")
    assert set(contents.files()) == {b"deploy.sh", b"conf/app.env", b"fresh.txt"}
    contents.close()
