"""Tar archives: sound, damaged and hostile, all built here."""

import io
import tarfile

import pace
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packing import MEBIBYTE, TEXT, codes, tarred, unpack


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@given(
    files=st.dictionaries(
        st.text("abcé_", min_size=1, max_size=60).map(lambda n: "d/" * 20 + n),
        st.binary(min_size=1, max_size=2000),
        max_size=4,
    )
)
def test_round_trip(form, files):
    content = tarred(files, form)
    views, budget = unpack(content)
    assert {view.step: view.data for view in views} == {
        f"tar:{name}": data for name, data in files.items()
    }
    assert budget.exceeded == []
    for view in views:
        start, end = view.span(0, 1)
        assert content[start:end] == view.data


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names(form):
    name = "/".join("directory" + str(n) for n in range(40))
    (view,), _ = unpack(tarred({name: b"x"}, form))
    assert view.step == f"tar:{name}"


def test_links_and_directories_hold_nothing():
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo("n")
            info.type, info.linkname = kind, "target"
            archive.addfile(info)
        info = tarfile.TarInfo("file")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    views, budget = unpack(target.getvalue())
    assert [view.step for view in views] == ["tar:file"]
    assert budget.exceeded == []


def test_cut_short():
    content = tarred({"a": b"x" * 600, "b": b"y" * 5000})
    views, budget = unpack(content[:4000])
    assert views[0].data == b"x" * 600
    assert set(views[1].data) == set(b"y")
    assert codes(budget) == ["archive-corrupt"] * len(budget.exceeded) != []


def test_damaged_header_does_not_hide_the_next():
    content = bytearray(tarred({"a": b"x" * 600, "b": TEXT, "c": TEXT}, tarfile.USTAR_FORMAT))
    content[512 * 3 + 10] ^= 0xFF
    views, budget = unpack(bytes(content))
    assert [view.step for view in views] == ["tar:a", "tar:c"]
    assert codes(budget) == ["archive-corrupt"]


def test_size_beyond_everything():
    content = bytearray(tarred({"a": TEXT}, tarfile.USTAR_FORMAT))
    content[124:136] = b"\x80" + b"\xff" * 11
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content[:512])
    (view,), budget = unpack(bytes(content))
    assert view.data.startswith(TEXT)
    assert "archive-corrupt" in codes(budget)


def test_two_archives_one_after_the_other():
    views, _ = unpack(tarred({"a": b"1"}) + tarred({"b": b"2"}))
    assert [view.step for view in views] == ["tar:a", "tar:b"]


def test_many_marks():
    content = tarred({"a": TEXT}) + b"\1" + b"ustar" * (2 * MEBIBYTE)
    views = []
    assert pace.cost(lambda: views.extend(unpack(content)[0])) < 6000
    assert [view.data for view in views] == [TEXT]


@pytest.mark.parametrize("signed", [False, True])
def test_members_of_old_writers(signed):
    content = bytearray(tarred({"a": TEXT, "caf\xe9": TEXT}, tarfile.USTAR_FORMAT))
    second = 512 + (len(TEXT) + 511) // 512 * 512
    header = content[second : second + 512]
    header[257:512] = bytes(255)
    header[148:156] = b" " * 8
    total = sum(byte - 256 if signed and byte > 127 else byte for byte in header)
    header[148:156] = b"%06o\0 " % total
    content[second : second + 512] = header
    views, budget = unpack(bytes(content))
    assert [view.step for view in views] == ["tar:a", "tar:caf\xe9"]
    assert budget.exceeded == []


def test_sparse_file_with_a_long_map():
    content = bytearray(tarred({"a": TEXT, "b": TEXT}, tarfile.USTAR_FORMAT))
    header = content[:512]
    header[156:157], header[482] = b"S", 1
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    more, last = bytearray(512), bytes(512)
    more[504] = 1
    views, budget = unpack(bytes(header + more + last + content[512:]))
    assert [(view.step, view.data) for view in views] == [("tar:a", TEXT), ("tar:b", TEXT)]
    assert budget.exceeded == []
