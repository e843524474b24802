"""What the compiled reader says of commits is what `commit_links` says."""

import hashlib
import sys
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import occurrences, table

from scanner.gitdb.objects import commit_links

sys.path.append(str(Path(__file__).parents[1] / "gitdb"))
from handmade import copy, delta, insert

fast = pytest.importorskip("scanner.kernels.fast.deltas")

WORDS = (b"key",)
SEARCH = fast.Search(*table(WORDS), 9)
LIMIT = 1 << 20


@st.composite
def commits(draw):
    """A size of ids and commits, most of them nearly as git writes them."""
    size = draw(st.sampled_from([20, 32]))
    digits = st.sampled_from([b"0a" * size, b"f9" * size, b"F9" * size, b"0a" * size + b"1", b"0"])
    line = st.one_of(
        st.builds(lambda i: b"tree " + i, digits),
        st.builds(lambda i: b"parent " + i, digits),
        st.sampled_from([b"author A", b"committer B", b" tree x", b"gpgsig k", b"", b"key", b"\0"]),
    )
    plain = st.builds(
        lambda tree, parents: [b"tree " + tree, *(b"parent " + p for p in parents), b"author A"],
        digits,
        st.lists(digits, max_size=3),
    )
    lines = st.builds(
        lambda head, rest, end: b"\n".join(head + rest) + end,
        st.one_of(plain, plain, st.lists(line, max_size=3)),
        st.lists(line, max_size=5),
        st.sampled_from([b"\n", b"", b"\n\nmessage\n"]),
    )
    return size, draw(st.lists(lines, min_size=1, max_size=4))


def linked(reader, size):
    """Return the links that a reader tells, by row."""
    rows, ids = reader.links
    flat, found, at = array("I", rows), {}, 0
    for row, parents in zip(flat[::2], flat[1::2], strict=True):
        its = [ids[n : n + size] for n in range(at, at + (1 + parents) * size, size)]
        found[row] = its[0], tuple(its[1:])
        at += (1 + parents) * size
    assert at == len(ids)
    return found


@given(commits())
def test_links_are_what_the_commits_say(case):
    size, contents = case
    handed = {}
    reader = fast.Commits(SEARCH, LIMIT, handed.__setitem__, size)
    for row, data in enumerate(contents):
        if row % 2:
            change = delta(len(contents[0]), len(data), *([insert(data)] if data else []))
            assert reader.next(row, contents[0], None, change) == (data, None)
        else:
            reader.first(row, data)
    found = linked(reader, size)
    assert sorted((*found, *handed)) == list(range(len(contents)))
    assert (reader.count, reader.size) == (len(found), sum(len(contents[row]) for row in found))
    for row, links in found.items():
        assert links == commit_links(contents[row], size)
        assert SEARCH.whole(contents[row]) is None
    for row, data in handed.items():
        assert data == contents[row]


def test_commits_as_git_writes_them_are_not_handed_over():
    data = (
        b"tree %b\nparent %b\nparent %b\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nm\n"
    )
    ids = [hashlib.sha1(bytes([n]), usedforsecurity=False).digest() for n in range(3)]
    data %= tuple(id_.hex().encode() for id_ in ids)
    reader = fast.Commits(SEARCH, LIMIT, None, 20)
    reader.first(7, data)
    change = delta(len(data), len(data), copy(0, len(data)))
    reader.next(8, data, None, change)
    links = ids[0], (ids[1], ids[2])
    assert linked(reader, 20) == {7: links, 8: links}


def test_a_commit_with_a_keyword_is_handed_over():
    data = b"tree %b\nauthor A <a@b> 1 +0000\n\na key\n" % (b"1a" * 20)
    assert list(occurrences(WORDS, data))
    handed = []
    fast.Commits(SEARCH, LIMIT, lambda row, data: handed.append((row, data)), 20).first(3, data)
    assert handed == [(3, data)]
