import os
from itertools import pairwise

import pace
import pytest
from grown import (
    codes,
    contents,
    flip,
    open_objects,
    seeded,
)
from handmade import (
    append_delta,
    copy,
    delta,
    entry_head,
    index,
    name_of,
    ofs_delta,
    pack,
    ref_delta,
    whole,
    write_loose,
    write_pack,
)

from scanner.gitdb.objects import Limits

A, B, C = (seeded(number, 500) for number in range(3))


class TestPack:
    def test_cut_short_gives_all_before_the_cut(self, objects_dir):
        content, offsets = pack(whole(A), whole(B), whole(C))
        pairs = list(zip(map(name_of, (A, B, C)), offsets, strict=True))
        for idx in (None, index(pairs)):
            for cut in (offsets[2] + 30, offsets[2] + 1, offsets[2]):
                write_pack(objects_dir, content[:cut], idx)
                database = open_objects(objects_dir)
                assert contents(database) == sorted([A, B])
                assert codes(database) <= {"corrupt-pack", "corrupt-object"}
                assert database.skipped
                assert not idx or name_of(C).hex() in {s.subject for s in database.skipped}

    @pytest.mark.parametrize("content", [b"", b"PACK", b"PACK\0\0\0\x09\0\0\0\0", b"x" * 5000])
    def test_not_a_pack(self, objects_dir, content):
        write_pack(objects_dir, content)
        write_loose(objects_dir, A)
        database = open_objects(objects_dir)
        assert contents(database) == [A]
        assert codes(database) == {"corrupt-pack"}

    def test_pack_is_a_fifo(self, objects_dir):
        os.mkfifo(objects_dir / "pack" / "pack-x.pack")
        os.mkfifo(objects_dir / "pack" / "pack-x.idx")
        os.mkfifo(objects_dir / "pack" / "multi-pack-index")
        os.mkfifo(objects_dir / "info" / "alternates")
        (objects_dir / name_of(A).hex()[:2]).mkdir()
        os.mkfifo(objects_dir / name_of(A).hex()[:2] / name_of(A).hex()[2:])
        write_loose(objects_dir, B)
        database = open_objects(objects_dir)
        assert contents(database) == [B]
        assert {"corrupt-pack", "corrupt-object", "unreadable-alternate"} <= codes(database)

    def test_damaged_zlib_loses_one_object(self, objects_dir):
        content, offsets = pack(whole(A), whole(B), whole(C))
        pairs = list(zip(map(name_of, (A, B, C)), offsets, strict=True))
        path = write_pack(objects_dir, content, index(pairs))
        flip(path, offsets[1] + 40)
        database = open_objects(objects_dir)
        assert contents(database) == sorted([A, C])
        assert name_of(B).hex() in {s.subject for s in database.skipped}

    def test_damaged_base_loses_its_deltas_too(self, objects_dir):
        content, offsets = pack(whole(A), ref_delta(name_of(A), append_delta(A, b"tail")), whole(C))
        pairs = list(zip(map(name_of, (A, A + b"tail", C)), offsets, strict=True))
        path = write_pack(objects_dir, content, index(pairs))
        flip(path, offsets[0] + 40)
        database = open_objects(objects_dir)
        assert contents(database) == [C]
        assert {s.subject: s.code for s in database.skipped if len(s.subject) == 40} == {
            name_of(A).hex(): "corrupt-object",
            name_of(A + b"tail").hex(): "missing-base",
        }

    def test_damaged_base_is_replaced_by_a_loose_copy(self, objects_dir):
        first = whole(A)
        content, offsets = pack(
            first,
            ofs_delta(len(first), append_delta(A, b"tail")),
            ref_delta(name_of(A), append_delta(A, b"other tail")),
        )
        wanted = [A, A + b"tail", A + b"other tail"]
        pairs = list(zip(map(name_of, wanted), offsets, strict=True))
        path = write_pack(objects_dir, content, index(pairs))
        flip(path, offsets[0] + 40)
        write_loose(objects_dir, A)
        database = open_objects(objects_dir)
        assert contents(database) == sorted(wanted)
        assert database.skipped == []

    @pytest.mark.parametrize("lie", [0, 1, 499, 501, 1 << 20, 1 << 27, 1 << 60])
    def test_size_in_the_header_lies(self, objects_dir, lie):
        content, offsets = pack(whole(A), whole(B, size=lie), whole(C))
        pairs = list(zip(map(name_of, (A, B, C)), offsets, strict=True))
        write_pack(objects_dir, content, index(pairs))
        database = open_objects(objects_dir)
        assert contents(database) == sorted([A, C])
        assert name_of(B).hex() in {s.subject for s in database.skipped}

    def test_over_size(self, objects_dir):
        big = bytes(5000)
        step = append_delta(A, bytes(5000))
        content, offsets = pack(whole(big), whole(A), ref_delta(name_of(A), step))
        pairs = list(zip(map(name_of, (big, A, A + bytes(5000))), offsets, strict=True))
        write_loose(objects_dir, bytes(4999))
        for idx in (index(pairs), None):
            write_pack(objects_dir, content, idx)
            database = open_objects(objects_dir, limits=Limits(max_object_size=2000))
            assert contents(database) == [A]
            assert [s.code for s in database.skipped] == ["over-size"] * 3
            assert database.read(name_of(big)) is None

    def test_bomb_is_skipped_quickly(self, objects_dir):
        content, _ = pack(whole(bytes(64 << 20)), whole(A))
        write_pack(objects_dir, content)
        database = open_objects(objects_dir, limits=Limits(max_object_size=1 << 20))
        assert pace.cost(lambda: list(database.objects())) < 200
        assert "over-size" in codes(database)

    def test_pack_of_bombs_is_given_up(self, objects_dir):
        entry = whole(bytes(900_000))
        content, _ = pack(*[entry] * 200)
        write_pack(objects_dir, content)
        database = open_objects(objects_dir, limits=Limits(max_object_size=1 << 20))
        assert contents(database) == [bytes(900_000)]
        assert codes(database) == {"over-size"}

    def test_chain_of_large_objects_is_given_up(self, objects_dir):
        bodies = [bytes(900) + b"%03d" % number for number in range(100)]
        entries = [whole(bodies[0])]
        for old, new in pairwise(bodies):
            step = delta(903, 903, copy(0, 900), b"\x03" + new[-3:])
            entries.append(ofs_delta(len(entries[-1]), step))
            assert old != new
        content, offsets = pack(*entries)
        pairs = list(zip(map(name_of, bodies), offsets, strict=True))
        write_pack(objects_dir, content, index(pairs))
        limits = Limits(max_object_size=1000, cache_size=0)
        database = open_objects(objects_dir, limits=limits)
        assert contents(database) == bodies
        assert database.read(name_of(bodies[60])).data == bodies[60]
        assert database.read(name_of(bodies[99])) is None

    def test_many_damaged_objects_are_summarised(self, objects_dir):
        bodies = [b"%d" % number for number in range(300)]
        content, offsets = pack(*(entry_head(3, 9) + b"not zlib" for _ in bodies), whole(A))
        pairs = list(zip(map(name_of, [*bodies, A]), offsets, strict=True))
        write_pack(objects_dir, content, index(pairs))
        database = open_objects(objects_dir)
        assert contents(database) == [A]
        damaged = [s for s in database.skipped if s.code == "corrupt-object"]
        assert len(damaged) == 101
        assert damaged[-1].subject == "200 more"


class TestDeltas:
    def test_thin_pack_with_loose_base(self, objects_dir):
        content, _ = pack(ref_delta(name_of(A), append_delta(A, b"tail")))
        write_pack(objects_dir, content)
        write_loose(objects_dir, A)
        database = open_objects(objects_dir)
        assert contents(database) == sorted([A, A + b"tail"])
        assert database.skipped == []

    def test_thin_packs_lean_on_each_other(self, objects_dir):
        data = A
        for number in range(6):
            step = append_delta(data, b"%d" % number)
            content, offsets = pack(ref_delta(name_of(data), step))
            data += b"%d" % number
            # The last link comes first in the directory, and every other one has an index.
            idx = index([(name_of(data), offsets[0])]) if number % 2 else None
            write_pack(objects_dir, content, idx, stem=f"pack-{9 - number}")
        write_loose(objects_dir, A)
        database = open_objects(objects_dir)
        assert len(contents(database)) == 7
        assert database.skipped == []
        assert database.read(name_of(data)).data == data

    def test_base_behind_its_delta(self, objects_dir):
        content, _ = pack(ref_delta(name_of(A), append_delta(A, b"tail")), whole(A))
        write_pack(objects_dir, content)
        assert contents(open_objects(objects_dir)) == sorted([A, A + b"tail"])

    def test_missing_base(self, objects_dir):
        content, _ = pack(ref_delta(name_of(A), append_delta(A, b"tail")), whole(B))
        write_pack(objects_dir, content)
        database = open_objects(objects_dir)
        assert contents(database) == [B]
        assert codes(database) == {"missing-base"}

    def test_loop(self, objects_dir):
        one, two = name_of(b"one"), name_of(b"two")
        content, offsets = pack(
            ref_delta(two, append_delta(b"two", b"x")),
            ref_delta(one, append_delta(b"one", b"x")),
            whole(A),
        )
        pairs = list(zip((one, two, name_of(A)), offsets, strict=True))
        write_pack(objects_dir, content, index(pairs))
        database = open_objects(objects_dir)
        assert contents(database) == [A]
        assert database.read(one) is None
        assert [s.code for s in database.skipped] == ["missing-base", "missing-base"]

    def test_base_before_the_pack(self, objects_dir):
        content, _ = pack(ofs_delta(4000, append_delta(A, b"x")), whole(A))
        write_pack(objects_dir, content)
        database = open_objects(objects_dir)
        assert contents(database) == []
        assert "corrupt-pack" in codes(database)

    @pytest.mark.parametrize(
        "step",
        [
            delta(500, 600, copy(0, 600)),
            delta(500, 10, copy(0, 500)),
            delta(500, 1000, copy(0, 500)),
            delta(400, 400, copy(0, 400)),
            delta(500, 3, b"\x7fab"),
            delta(500, 1, b"\0"),
            delta(500, 100, b"\xff\x01"),
            delta(500, 1 << 60, copy(0, 500)),
            b"\xff" * 30,
            b"",
        ],
    )
    def test_nonsense(self, objects_dir, step):
        content, _ = pack(whole(A), ref_delta(name_of(A), step), whole(B))
        write_pack(objects_dir, content)
        database = open_objects(objects_dir)
        assert contents(database) == sorted([A, B])
        assert len(database.skipped) == 1

    def test_wide_and_deep_within_the_budget(self, objects_dir):
        """Dropped bases are derived again, from roots inside and outside of the pack."""
        entries, wanted, level = [], [], [A]
        for depth in range(4):
            following = []
            for base in level:
                for number in range(3):
                    tail = b"%d/%d" % (depth, number)
                    entries.append(ref_delta(name_of(base), append_delta(base, tail)))
                    following.append(base + tail)
            level = following
            wanted += following
        content, _ = pack(*entries)
        write_pack(objects_dir, content)
        write_loose(objects_dir, A)
        for budget in (0, 600, 1200, 10_000):
            database = open_objects(objects_dir, limits=Limits(base_budget=budget, cache_size=0))
            assert contents(database) == sorted([A, *wanted])
            assert database.skipped == []
