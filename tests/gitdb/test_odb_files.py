import os
import stat

import pytest
from grown import (
    codes,
    contents,
    everything,
    flip,
    git,
    grow,
    open_objects,
    read_all,
    seeded,
)
from handmade import (
    copy,
    delta,
    name_of,
    pack,
    ref_delta,
    whole,
    write_loose,
    write_pack,
)

from scanner.gitdb.git import Git
from scanner.gitdb.objects import Limits

A, B, C = (seeded(number, 500) for number in range(3))


class TestLoose:
    @pytest.mark.parametrize(
        "header",
        [b"blob 499\0", b"blob 501\0", b"blob 0\0", b"blob 99999999999999\0", b"blub 500\0", b"",
         b"blob -5\0", b"blob 500"],
    )  # fmt: skip
    def test_header_lies(self, objects_dir, header):
        write_loose(objects_dir, A, header=header)
        write_loose(objects_dir, B)
        database = open_objects(objects_dir)
        assert contents(database) == [B]
        assert [s.subject for s in database.skipped] == [name_of(A).hex()]
        assert database.read(name_of(A)) is None

    def test_name_lies(self, objects_dir):
        write_loose(objects_dir, A, name=name_of(B))
        database = open_objects(objects_dir)
        assert [item.id for item in database.objects()] == [name_of(A)]
        assert [s.subject for s in database.skipped] == [name_of(B).hex()]
        assert database.read(name_of(B)) is None

    @pytest.mark.parametrize("raw", [b"", b"x", b"x\x9c" * 40])
    def test_not_compressed(self, objects_dir, raw):
        write_loose(objects_dir, A, raw=raw)
        database = open_objects(objects_dir)
        assert contents(database) == []
        assert codes(database) == {"corrupt-object"}

    def test_unreadable(self, objects_dir):
        if os.geteuid() == 0:
            pytest.skip("root reads everything")
        os.chmod(write_loose(objects_dir, A), stat.S_IWUSR)
        database = open_objects(objects_dir)
        assert contents(database) == []
        assert codes(database) == {"corrupt-object"}

    def test_symlink_loop(self, objects_dir):
        path = write_loose(objects_dir, A)
        os.unlink(path)
        os.symlink(path, path)
        database = open_objects(objects_dir)
        assert contents(database) == []
        assert codes(database) == {"corrupt-object"}

    def test_damaged_copy_of_a_packed_object(self, repository):
        wanted = everything(repository)
        database = open_objects(repository / ".git" / "objects")
        name = next(iter(wanted))[0]
        git(repository, "repack", "-q")
        loose = repository / ".git" / "objects" / name[:2] / name[2:]
        flip(loose, 10)
        git(repository, "pack-objects", "-q", ".git/objects/pack/pack", stdin=name.encode())
        database = open_objects(repository / ".git" / "objects")
        assert read_all(database) == wanted
        assert database.skipped == []

    def test_leftover_of_an_interrupted_git(self, objects_dir):
        path = write_loose(objects_dir, A)
        os.rename(path, os.path.join(os.path.dirname(path), "tmp_obj_a1B2c3"))
        assert contents(open_objects(objects_dir)) == [A]


class TestAlternates:
    def test_paths(self, objects_dir, tmp_path):
        folders = {name: tmp_path / name for name in ("plain", "with space", 'quo"ted', "ab")}
        for number, folder in enumerate(folders.values()):
            (folder / "info").mkdir(parents=True)
            write_loose(folder, b"%d" % number)
        (objects_dir / "info" / "alternates").write_text(
            f'# a comment\n{folders["plain"]}\n../with space\n"{tmp_path}/quo\\"ted"\n\n'
            f'"../\\141b"\n../plain\n{objects_dir}\n'
        )
        database = open_objects(objects_dir)
        assert contents(database) == [b"0", b"1", b"2", b"3"]
        assert database.skipped == []

    @pytest.mark.parametrize("target", ["/dev/zero", "/proc/self/fd", "/absent", "nul\0"])
    def test_not_an_object_directory(self, objects_dir, target):
        (objects_dir / "info" / "alternates").write_text(target + "\n")
        write_loose(objects_dir, A)
        database = open_objects(objects_dir)
        assert contents(database) == [A]
        assert codes(database) == {"unreadable-alternate"}

    def test_loop(self, objects_dir, tmp_path):
        other = tmp_path / "other"
        (other / "info").mkdir(parents=True)
        (other / "info" / "alternates").write_text(f"{objects_dir}\n../other\n")
        (objects_dir / "info" / "alternates").write_text(f"{other}\n")
        write_loose(other, A)
        database = open_objects(objects_dir)
        assert contents(database) == [A]
        assert database.skipped == []

    def test_five_deep_and_no_deeper(self, objects_dir, tmp_path):
        last = objects_dir
        for number in range(8):
            folder = tmp_path / f"level{number}"
            (folder / "info").mkdir(parents=True)
            write_loose(folder, b"%d" % number)
            (last / "info" / "alternates").write_text(f"{folder}\n")
            last = folder
        database = open_objects(objects_dir)
        assert contents(database) == [b"%d" % number for number in range(6)]
        assert codes(database) == {"unreadable-alternate"}


class TestRescueByGit:
    def test_object_behind_an_over_size_base(self, repository):
        """Git can hold what we do not, and hands out the small version after the large one."""
        big = seeded(1, 60_000)
        small = big[:900]
        for data in (big, small):
            git(repository, "hash-object", "-w", "--stdin", stdin=data)
        step = delta(len(big), 900, copy(0, 900))
        content, _ = pack(whole(big), ref_delta(name_of(big), step))
        objects = repository / ".git" / "objects"
        for name in (name_of(big).hex(), name_of(small).hex()):
            os.unlink(objects / name[:2] / name[2:])
        git(repository, "index-pack", write_pack(objects, content))
        limits = Limits(max_object_size=20_000)
        alone = open_objects(objects, limits=limits)
        assert small not in contents(alone)
        assert codes(alone) == {"over-size", "missing-base"}
        helped = open_objects(objects, limits=limits, git=Git(str(repository / ".git")))
        assert small in contents(helped)
        assert codes(helped) == {"over-size"}

    def test_many_damaged_objects(self, repository):
        grow(repository, 10, seed=4)
        loose = list((repository / ".git" / "objects").glob("??/*"))
        for path in loose[::2]:
            flip(path, 8)
        wanted = {path.parent.name + path.name for path in loose[1::2]}
        database = open_objects(repository / ".git" / "objects", git=Git(str(repository / ".git")))
        assert {item.id.hex() for item in database.objects()} == wanted
        assert len(database.skipped) == len(loose[::2])
