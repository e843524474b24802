"""Zip archives: sound, damaged and hostile, all built here."""

import io
import struct
import zipfile
import zlib

import pace
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packing import MEBIBYTE, TEXT, codes, noise, unpack, zipped

from scanner.detect.archives import Budget, members


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
@given(
    files=st.dictionaries(
        st.text("abcXYZ0-_é/", min_size=1, max_size=20).map(lambda n: n + ".txt"),
        st.binary(min_size=1, max_size=500),
        max_size=5,
    )
)
def test_round_trip(method, files):
    content = zipped(files, method)
    views, budget = unpack(content)
    assert {view.step: view.data for view in views} == {
        f"zip:{name}": data for name, data in files.items()
    }
    assert budget.exceeded == []


def test_spans_hold_the_compressed_bytes():
    content = zipped({"a": TEXT, "b": TEXT[::-1]})
    for view in unpack(content)[0]:
        start, end = view.span(0, 5)
        assert zlib.decompress(content[start:end], -15) == view.data


def test_data_in_front():
    content = b"#!/bin/sh\nexit\n" + noise(1000) + zipped({"a": TEXT})
    (view,), budget = unpack(content)
    assert (view.data, budget.exceeded) == (TEXT, [])


def test_comment_and_data_behind():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a", TEXT)
        archive.comment = b"c" * 3000
    (view,), _ = unpack(b"MZ" + target.getvalue())
    assert view.data == TEXT


def test_written_to_a_pipe():
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.data = bytearray()

        def writable(self):
            return True

        def write(self, data):
            self.data += data
            return len(data)

    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        pipe = Pipe()
        with zipfile.ZipFile(pipe, "w", method) as archive:
            archive.writestr("a", TEXT)
            archive.writestr("b", TEXT * 2)
        whole = bytes(pipe.data)
        for content in (whole, whole[: whole.index(b"PK\x01\x02")]):
            assert [view.data for view in unpack(content)[0]] == [TEXT, TEXT * 2]


def test_sizes_of_64_bits():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in "ab":
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(TEXT)
    content = target.getvalue()
    assert [view.data for view in unpack(content)[0]] == [TEXT, TEXT]
    # The same with the directory's own fields in 64 bits.
    record = content.index(b"PK\x01\x02")
    end = content.rindex(b"PK\x05\x06")
    size = end - record
    wide = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 2, 2, size, record)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    views, budget = unpack(b"front" + content[:end] + wide + locator + tail)
    assert [view.data for view in views] == [TEXT, TEXT]
    assert budget.exceeded == []


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_without_its_directory(method):
    content = zipped({"a": TEXT, "b": TEXT * 2}, method)
    views, budget = unpack(content[: content.index(b"PK\x01\x02")])
    assert [view.data for view in views] == [TEXT, TEXT * 2]
    assert codes(budget) == ["archive-corrupt"]


def test_directory_with_rubbish():
    content = zipped({"a": TEXT, "b": TEXT * 2})
    second = content.rindex(b"PK\x01\x02")
    views, budget = unpack(content[:second] + b"????" + content[second + 4 :])
    assert [view.data for view in views] == [TEXT, TEXT * 2]
    assert codes(budget) == ["archive-corrupt"]


def test_damaged_member_does_not_hide_the_next():
    content = bytearray(zipped({"a": noise(5000), "b": TEXT}))
    start = content.index(b"a", 30) + 1
    content[start : start + 3] = b"\xff\xff\xff"
    views, budget = unpack(bytes(content))
    assert views[-1].data == TEXT
    assert codes(budget) == ["archive-corrupt"]


def test_encrypted():
    content = bytearray(zipped({"kept": TEXT, "locked": TEXT}))
    record = content.rindex(b"PK\x01\x02")
    content[record + 8] |= 1
    views, budget = unpack(bytes(content))
    assert [view.step for view in views] == ["zip:kept"]
    assert budget.exceeded == [("archive-encrypted", "zip:locked")]


def test_unknown_method():
    content = bytearray(zipped({"a": TEXT}))
    content[content.rindex(b"PK\x01\x02") + 10] = 93
    views, budget = unpack(bytes(content))
    assert (views, codes(budget)) == ([], ["archive-corrupt"])


def test_overlapping_members_are_read_once():
    content = zipped({"a": noise(5000) + TEXT})
    record = content.index(b"PK\x01\x02")
    entry, end = content[record : content.rindex(b"PK\x05\x06")], b""
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1000, 1000, 1000 * len(entry), record, 0)
    views, budget = unpack(content[:record] + entry * 1000 + end)
    assert len(views) == 1
    assert codes(budget) == ["archive-corrupt"]


def test_bomb_of_bombs():
    bomb = zipped({"zeros": bytes(40 * MEBIBYTE)})
    content = zipped({f"{n}.zip": bomb for n in range(16)})
    budget = Budget()
    out = 0
    for view in members(content, budget):
        out += sum(len(inner.data) for inner in members(view.data, budget))
    assert out < 16 * 12 * MEBIBYTE
    assert "archive-ratio" in codes(budget)


def test_total_size():
    content = zipped({str(n): noise(MEBIBYTE, n) for n in range(8)})
    views, budget = unpack(content, size=5 * MEBIBYTE + 10)
    assert sum(len(view.data) for view in views) == 5 * MEBIBYTE + 10
    assert codes(budget) == ["archive-size"]


def test_member_count():
    views, budget = unpack(zipped({str(n): b"x" for n in range(300)}), members=100)
    assert len(views) == 100
    assert codes(budget) == ["archive-members"]


def test_no_time_left():
    views, budget = unpack(zipped({"a": TEXT}), seconds=0)
    assert (views, codes(budget)) == ([], ["archive-time"])


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04" * (10 * MEBIBYTE // 4),
        (b"PK\x03\x04" + bytes(26)) * 100_000,
        (b"PK\x03\x04\x14\0\0\0\x08" + bytes(25)) * 100_000,
        b"PK\x03\x04" + b"PK\x05\x06" * MEBIBYTE,
    ],
    ids=["marks", "empty stored", "deflated", "ends"],
)
def test_many_headers(content):
    budget = Budget()
    sizes = []
    assert pace.cost(lambda: sizes.extend(len(v.data) for v in members(content, budget))) < 6000
    assert sum(sizes) <= 2 * len(content)
    assert budget.members_left >= 0
