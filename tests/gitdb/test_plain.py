"""Plain repositories are recognised as GitPython recognises them."""

import os
import shutil

import pytest
from grown import git
from hypothesis import given
from hypothesis import strategies as st

from scanner.gitdb import discover, plain
from scanner.gitdb.locate import _looked_up

WORDS = st.sampled_from(
    [
        "core",
        "remote",
        "DEFAULT",
        "rem",
        "bare",
        "url",
        "true",
        "x-1",
        "a b",
        "../x",
        "é",
        "",
        "=",
        "[",
        "https://h/p?q#r",
        '"q"',
        "\\",
        "a;b",
        "'",
        "\t",
        " ",
        "\r",
        "\x00",
        "%(x)s",
        "+refs/*:refs/*",
    ]
)
LINES = st.one_of(
    st.builds('[{} "{}"]'.format, WORDS, WORDS),
    st.builds("[{}]".format, WORDS),
    st.builds("\t{} = {}".format, WORDS, WORDS),
    st.builds("{}{}={}".format, WORDS, WORDS, WORDS),
    st.text(max_size=12),
)


def looked_up(start):
    """Return what GitPython finds, its working tree believed only where it belongs."""
    candidates = [start]
    return _looked_up(str(start), candidates)


@given(st.lists(LINES, max_size=8).map("\n".join))
def test_settings(tmp_path_factory, text):
    content = text.encode("utf-8", "surrogateescape")
    mine = plain.settings(content)
    if mine is not None:
        path = tmp_path_factory.getbasetemp() / "config"
        path.write_bytes(content)
        assert discover.read_config(str(path)) == (mine, "")


@pytest.mark.parametrize("options", [(), ("--bare",)])
@pytest.mark.parametrize("where", ["", "refs", "refs/heads", ".git", ".git/refs", "deep/er"])
@pytest.mark.parametrize("remote", [False, True])
def test_as_gitpython(tmp_path, options, where, remote):
    git(tmp_path, "init", "-q", *options)
    if remote:
        git(tmp_path, "remote", "add", "origin", "https://u:p@example.org/x.git?y=1")
        git(tmp_path, "config", "branch.main.merge", "refs/heads/main")
    start = tmp_path / where
    if "--bare" in options and where.startswith((".git", "deep")):
        pytest.skip("a bare repository has none")
    start.mkdir(parents=True, exist_ok=True)
    try:
        mine = plain.recognised(str(start))
    except plain.OddError:
        assert remote  # the question mark
        return
    theirs = looked_up(start)
    assert mine.git_dir == theirs.git_dir == theirs.common_dir
    assert (mine.work_tree, mine.config) == (theirs.work_tree, theirs.config)


def test_none(tmp_path):
    assert plain.recognised(str(tmp_path)) is None


def odd_link(path):
    os.rename(path / ".git", path / "elsewhere")
    os.symlink(path / "elsewhere", path / ".git")


def odd_file(path):
    os.rename(path / ".git", path / "elsewhere")
    (path / ".git").write_text("gitdir: elsewhere\n")


def odd_commondir(path):
    (path / ".git/commondir").write_text("../other\n")


def odd_head(path):
    (path / ".git/HEAD").write_text("nonsense\n")


def odd_head_link(path):
    (path / ".git/HEAD").unlink()
    os.symlink("refs/heads/main", path / ".git/HEAD")


def odd_without_refs(path):
    shutil.rmtree(path / ".git/refs")


def odd_config(path):
    (path / ".git/config").write_text("[core\n")


def odd_config_pipe(path):
    (path / ".git/config").unlink()
    os.mkfifo(path / ".git/config")


def odd_work_tree(path):
    git(path, "config", "core.worktree", "/")


def odd_bare(path):
    git(path, "config", "core.bare", "perhaps")


def odd_nested(path):
    (path / "objects").mkdir()


@pytest.mark.parametrize("make", [v for n, v in sorted(globals().items()) if n.startswith("odd_")])
def test_odd(tmp_path, make):
    git(tmp_path, "init", "-q")
    make(tmp_path)
    with pytest.raises(plain.OddError):
        plain.recognised(str(tmp_path))


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE"])
def test_variables(tmp_path, monkeypatch, name):
    monkeypatch.setenv(name, str(tmp_path))
    with pytest.raises(plain.OddError):
        plain.recognised(str(tmp_path))


def test_a_long_value_that_is_not_plain_costs_no_more_than_its_length():
    assert plain.settings(b'[remote "origin"]\n\turl = ' + b"a" * 60_000 + b'"\n') is None
