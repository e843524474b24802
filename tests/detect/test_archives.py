"""Compressed files, nesting, labels and budgets; archives are built here."""

import bz2
import gzip
import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packing import MEBIBYTE, TEXT, codes, noise, tarred, unpack, zipped

from scanner.detect.archives import Budget, members
from scanner.detect.archives.names import label


@pytest.mark.parametrize(
    ("compress", "step"), [(gzip.compress, "gzip"), (bz2.compress, "bzip2"), (lzma.compress, "xz")]
)
class TestCompressedFiles:
    @given(data=st.binary(min_size=1, max_size=3000))
    def test_round_trip(self, compress, step, data):
        content = compress(data)
        (view,), budget = unpack(content)
        assert (view.data, view.step, budget.exceeded) == (data, step, [])
        assert view.span(0, 1) == (0, len(content))
        assert view.decoded(0, 1)

    def test_streams_that_follow_each_other_are_one_file(self, compress, step):
        content = compress(b"first ") + compress(b"second") + b"\0" * 8
        (view,), budget = unpack(content)
        assert view.data == b"first second"
        assert budget.exceeded == []

    def test_cut_short_gives_what_was_there(self, compress, step):
        data = noise(3 * MEBIBYTE)
        content = compress(data)
        (view,), budget = unpack(content[: len(content) * 2 // 3])
        assert len(view.data) > MEBIBYTE
        assert data.startswith(view.data)
        assert codes(budget) == ["archive-corrupt"]

    def test_damage_in_the_middle_is_told(self, compress, step):
        content = bytearray(compress(noise(2 * MEBIBYTE)))
        content[len(content) // 2 :: 7] = bytes(len(range(len(content) // 2, len(content), 7)))
        _, budget = unpack(bytes(content))
        assert codes(budget) == ["archive-corrupt"]

    def test_a_member_larger_than_allowed_is_cut(self, compress, step):
        data = noise(3 * MEBIBYTE)
        (view,), budget = unpack(compress(data), member_size=MEBIBYTE)
        assert view.data == data[:MEBIBYTE]
        assert codes(budget) == ["archive-size"]

    def test_exactly_as_large_as_allowed_is_whole(self, compress, step):
        data = noise(MEBIBYTE)
        (view,), budget = unpack(compress(data), member_size=MEBIBYTE)
        assert view.data == data
        assert budget.exceeded == []

    def test_bomb(self, compress, step):
        content = compress(bytes(100 * MEBIBYTE))
        (view,), budget = unpack(content)
        assert len(view.data) <= max(2 * MEBIBYTE, 200 * len(content) + MEBIBYTE)
        assert codes(budget) == ["archive-ratio"]

    def test_many_tiny_streams_count_as_members(self, compress, step):
        content = compress(b"x") * 500
        (view,), budget = unpack(content, members=100)
        assert view.data == b"x" * 100
        assert codes(budget) == ["archive-members"]


def test_nested():
    inner = zipped({"conf/app.env": TEXT})
    content = gzip.compress(tarred({"lib/x.jar": inner, "y": b"y"}))
    budget = Budget()
    steps = []
    while True:
        view = next(members(content, budget), None)
        if view is None:
            break
        steps.append(view.step)
        content = view.data
    assert steps == ["gzip", "tar:lib/x.jar", "zip:conf/app.env"]
    assert content == TEXT


def test_deep_nesting_costs_what_it_holds():
    content = b"x" * 1000
    for level in range(200):
        content = gzip.compress(content, mtime=0) if level % 2 else zipped({"n": content})
    budget = Budget()
    depth = 0
    while view := next(members(content, budget), None):
        content = view.data
        depth += 1
    assert depth == 200
    assert content == b"x" * 1000


@given(st.binary(max_size=300), st.sampled_from([b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06"]))
def test_rubbish_after_a_mark(rubbish, mark):
    for content in (mark + rubbish, rubbish + mark + rubbish):
        unpack(content)


@given(st.data())
def test_any_damage(data):
    content = bytearray(
        data.draw(
            st.sampled_from(
                [
                    zipped({"a": TEXT, "b": b"bb"}),
                    tarred({"a": TEXT, "b": b"bb"}),
                    gzip.compress(TEXT),
                ]
            )
        )
    )
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    unpack(bytes(content[: data.draw(st.integers(0, len(content)))]))


@pytest.mark.parametrize("content", [b"", b"P", b"PK", b"plain text\n" * 100, noise(100_000)])
def test_nothing_in_it(content):
    assert unpack(content)[0] == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"a/b c.txt", "a/b c.txt"),
        ("é/ü".encode(), "é/ü"),
        (b"caf\x82", "caf\xe9"),
        (b"a\nb\x1b[0m\x7f", "a\\nb\\x1b[0m\\x7f"),
        ("a\u202eb".encode(), "a\\u202eb"),
    ],
)
def test_labels(name, shown):
    assert label(name, "cp437") == shown


def test_long_labels_are_cut():
    assert len(label(b"x" * 60_000, "cp437")) == 500


def test_remarks_are_bounded_and_given_once():
    budget = Budget()
    for n in range(1000):
        budget.remark("archive-corrupt", str(n // 2))
    assert budget.exceeded == [("archive-corrupt", str(n)) for n in range(100)]
