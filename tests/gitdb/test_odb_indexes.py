import os
import shutil

import pytest
from grown import (
    contents,
    everything,
    git,
    only_pack,
    open_objects,
    read_all,
    seeded,
)
from handmade import (
    append_delta,
    index,
    name_of,
    ofs_delta,
    pack,
    ref_delta,
    whole,
    write_pack,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

A, B, C = (seeded(number, 500) for number in range(3))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_survived_and_told(data, tmp_path_factory):
    """Whatever bytes are wrong: no exception, no wrong object, and nothing lost in silence."""
    objects = tmp_path_factory.mktemp("objects")
    first = whole(A)
    bodies = [A, A + b"1", B, A + b"2", A + b"13"]
    content, offsets = pack(
        first,
        ofs_delta(len(first), append_delta(A, b"1")),
        whole(B),
        ref_delta(name_of(A), append_delta(A, b"2")),
        ref_delta(name_of(A + b"1"), append_delta(A + b"1", b"3")),
    )
    names = [name_of(body) for body in bodies]
    idx = index(list(zip(names, offsets, strict=True)))
    files = [content, idx]
    for _ in range(data.draw(st.integers(1, 4))):
        which = data.draw(st.integers(0, 1))
        damaged = bytearray(files[which])
        if data.draw(st.integers(0, 9)) == 0:
            del damaged[data.draw(st.integers(0, len(damaged))) :]
        elif damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        files[which] = bytes(damaged)
    write_pack(objects, files[0], files[1] if data.draw(st.booleans()) else None)
    database = open_objects(objects)
    found = {item.id: item for item in database.objects()}
    for item in found.values():
        assert name_of(item.data, item.kind) == item.id
        assert database.read(item.id) == item
    lost = set(names) - set(found)
    assert not lost or any(skipped.incomplete for skipped in database.skipped)
    shutil.rmtree(objects)


class TestIndex:
    def test_absent(self, repository):
        git(repository, "repack", "-adq")
        wanted = everything(repository)
        only_pack(repository).with_suffix(".idx").unlink()
        database = open_objects(repository / ".git" / "objects")
        some = next(iter(wanted))[0]
        assert database.read(bytes.fromhex(some)).id.hex() == some
        assert read_all(database) == wanted
        assert database.skipped == []

    def test_temporary_pack(self, repository):
        git(repository, "repack", "-adq")
        wanted = everything(repository)
        path = only_pack(repository)
        path.rename(path.with_name("tmp_pack_aB3xYz"))
        assert read_all(open_objects(repository / ".git" / "objects")) == wanted

    @pytest.mark.parametrize("keep", [0, 7, 500, 1100, 2000])
    def test_cut_short(self, repository, keep):
        git(repository, "repack", "-adq")
        wanted = everything(repository)
        path = only_pack(repository).with_suffix(".idx")
        path.chmod(0o644)
        os.truncate(path, keep)
        database = open_objects(repository / ".git" / "objects")
        assert read_all(database) == wanted
        assert [(s.code, s.incomplete) for s in database.skipped] == [("corrupt-index", False)]

    def test_lacks_an_object(self, objects_dir):
        content, offsets = pack(whole(A), whole(B), whole(C))
        write_pack(
            objects_dir, content, index([(name_of(A), offsets[0]), (name_of(C), offsets[2])])
        )
        database = open_objects(objects_dir)
        assert contents(database) == sorted([A, B, C])
        assert database.skipped == []
        assert database.read(name_of(B)).data == B

    def test_agrees_with_a_header_that_hides_an_object(self, objects_dir):
        content, offsets = pack(whole(A), whole(B), whole(C), count=2)
        write_pack(
            objects_dir, content, index([(name_of(A), offsets[0]), (name_of(C), offsets[2])])
        )
        assert contents(open_objects(objects_dir)) == sorted([A, B, C])

    def test_names_the_wrong_offsets(self, objects_dir):
        content, offsets = pack(whole(A), whole(B), whole(C))
        pairs = [(name_of(A), offsets[0]), (name_of(B), offsets[2]), (name_of(C), offsets[1])]
        write_pack(objects_dir, content, index(pairs))
        database = open_objects(objects_dir)
        assert contents(database) == sorted([A, B, C])
        assert database.skipped == []
        assert database.read(name_of(B)).data == B

    def test_points_into_the_middle_of_an_entry(self, objects_dir):
        content, offsets = pack(whole(A), whole(B), whole(C))
        pairs = [(name_of(A), offsets[0]), (name_of(B), offsets[1] + 9), (name_of(C), offsets[2])]
        write_pack(objects_dir, content, index(pairs))
        database = open_objects(objects_dir)
        assert contents(database) == sorted([A, B, C])
        assert not any(s.incomplete for s in database.skipped if name_of(B).hex() in s.subject)

    def test_points_outside(self, objects_dir):
        content, offsets = pack(whole(A), whole(B))
        pairs = [(name_of(A), offsets[0]), (name_of(B), 1 << 40)]
        write_pack(objects_dir, content, index(pairs))
        assert contents(open_objects(objects_dir)) == sorted([A, B])

    def test_names_an_object_that_is_not_there(self, objects_dir):
        content, offsets = pack(whole(A), whole(B))
        pairs = [(name_of(A), offsets[0]), (name_of(B), offsets[1]), (name_of(C), offsets[1])]
        write_pack(objects_dir, content, index(pairs))
        database = open_objects(objects_dir)
        assert contents(database) == sorted([A, B])
        assert [(s.code, s.subject) for s in database.skipped] == [
            ("corrupt-object", name_of(C).hex())
        ]

    def test_fan_out_descends(self, objects_dir):
        content, offsets = pack(whole(A), whole(B))
        idx = bytearray(index([(name_of(A), offsets[0]), (name_of(B), offsets[1])]))
        idx[8 : 8 + 4] = b"\xff\xff\xff\xff"
        write_pack(objects_dir, content, bytes(idx))
        assert contents(open_objects(objects_dir)) == sorted([A, B])

    def test_damaged_multi_pack_index(self, repository):
        git(repository, "repack", "-adq")
        git(repository, "multi-pack-index", "write")
        wanted = everything(repository)
        path = repository / ".git" / "objects" / "pack" / "multi-pack-index"
        path.chmod(0o644)
        for length in (200, 40, 3, 0):
            os.truncate(path, length)
            database = open_objects(repository / ".git" / "objects")
            assert read_all(database) == wanted
            assert [(s.code, s.incomplete) for s in database.skipped] == [("corrupt-index", False)]
