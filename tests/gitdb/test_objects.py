import hashlib

import pace
import pytest
from grown import git, grow
from hypothesis import given
from hypothesis import strategies as st

from scanner.gitdb.objects import (
    NOBODY,
    Person,
    object_id,
    parse_commit,
    tree_entries,
)


def test_commit_and_trees_as_git_made_them(repository):
    git(repository, "checkout", "-q", "-b", "side", "HEAD~2")
    grow(repository, 1, files=5, seed=1)
    git(repository, "merge", "-q", "-s", "ours", "-m", "A subject\nof two lines\n\nBody", "main")
    data = git(repository, "cat-file", "commit", "HEAD") + b"\n"
    commit = parse_commit(data, 20)
    form = "--format=%T%n%P%n%an%n%ae%n%aI%n%cn%n%ce%n%cI%n%s"
    lines = git(repository, "log", "-1", form).decode().split("\n")
    assert commit.tree.hex() == lines[0]
    assert " ".join(parent.hex() for parent in commit.parents) == lines[1]
    for person, at in ((commit.author, 2), (commit.committer, 5)):
        assert [person.name.decode(), person.email.decode(), person.when] == lines[at : at + 3]
    assert commit.subject.decode() == lines[8] == "A subject of two lines"
    raw = git(repository, "cat-file", "tree", "HEAD^{tree}")
    listed = git(repository, "ls-tree", "HEAD").split(b"\n")
    entries = tree_entries(raw, 20)
    assert len(entries) == 5
    for (mode, name, object_name), line in zip(entries, listed, strict=True):
        head, _, path = line.partition(b"\t")
        assert (mode, name, object_name.hex().encode()) == (head.split()[0], path, head.split()[2])


@pytest.mark.parametrize(
    ("line", "person"),
    [
        (b"A <a@b> 0 +0000", Person(b"A", b"a@b", "1970-01-01T00:00:00+00:00")),
        (b"A <a@b>", Person(b"A", b"a@b", "")),
        (b"A <a<b>c> 60 -0130", Person(b"A", b"a<b>c", "1969-12-31T22:31:00-01:30")),
        (b"A <a@b> 99999999999999999 +0000", Person(b"A", b"a@b", "")),
        (b"A <a@b> 0 +999999", Person(b"A", b"a@b", "")),
        (b"A <a@b> soon", Person(b"A", b"a@b", "")),
        (b"no address", Person(b"no address", b"", "")),
        (b"", Person(b"", b"", "")),
    ],
)
def test_people(line, person):
    assert parse_commit(b"author " + line + b"\n\n", 20).author == person


def test_garbage_leaves_the_rest_readable():
    commit = parse_commit(b"tree xyz\nparent 12\nparent " + b"ab" * 20 + b"\n\nsubject", 20)
    assert commit.tree == b""
    assert commit.parents == (b"\xab" * 20,)
    assert commit.author is NOBODY
    assert commit.subject == b"subject"


@given(st.binary(), st.sampled_from([20, 32]))
def test_any_bytes_are_survived(data, hash_size):
    parse_commit(data, hash_size)
    for _, _, name in tree_entries(data, hash_size):
        assert len(name) == hash_size


_ENTRY = st.tuples(
    st.sampled_from([b"100644", b"40000", b"120000", b"160000", b""]),
    st.binary(max_size=20).map(lambda name: name.replace(b"\0", b"-")),
    st.binary(min_size=20, max_size=20),
)


@given(st.lists(_ENTRY), st.binary(max_size=5))
def test_trees_come_back(entries, rest):
    data = b"".join(mode + b" " + name + b"\0" + object_id for mode, name, object_id in entries)
    assert tree_entries(data + rest, 20) == entries


def test_large_garbage_takes_linear_time():
    def work():
        tree_entries(b"100644 " + b"x" * 20_000_000, 20)
        tree_entries(b"100644 " * 3_000_000, 20)
        parse_commit(b"parent x\n" * 1_000_000, 20)
        parse_commit(b"author " + b"<" * 10_000_000, 20)

    assert pace.cost(work) < 2000


@given(st.binary())
def test_ids(data):
    content = b"blob %d\0" % len(data) + data
    assert object_id(b"blob", data, "sha1") == hashlib.sha1(content).digest()
    assert object_id(b"blob", data, "sha256") == hashlib.sha256(content).digest()
