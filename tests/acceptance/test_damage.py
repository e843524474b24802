"""Packs, objects and refs that are damaged, or lie: named if something was lost, else read.

Every scan here runs with a limit on its memory and on its time.
"""

import os
import random
import sys
import zlib
from functools import partial

import pytest
from handmade import copy, delta, insert, name_of, pack, ref_delta, whole, write_loose, write_pack
from planting import Repository, scan, token

MEBIBYTE = 1 << 20
SECRET = token("damage")
limited = partial(scan, memory=1536 * MEBIBYTE, timeout=60)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_AS")


@pytest.fixture
def repository(tmp_path):
    repository = Repository(tmp_path / "repository")
    repository.commit_file("leak.env", b"TOKEN=%b\n" % SECRET)
    return repository


def subjects(found):
    skipped = found.report["coverage"]["skipped"]
    return " ".join(s["subject"] + " " + s["detail"] for s in skipped)


@pytest.fixture
def packed(repository):
    """The pack of a repository in which a second leak and a chain of deltas are packed."""
    rng = random.Random(7)
    content = b"".join(b"%d %x\n" % (n, rng.getrandbits(128)) for n in range(500))
    for number in range(20):
        content += b"line %d %x\n" % (number, rng.getrandbits(128))
        repository.commit_file("grows.txt", content)
    repository.git("gc", "--quiet")
    (path,) = (repository.path / ".git/objects/pack").glob("*.pack")
    os.chmod(path, 0o644)
    os.chmod(path.with_suffix(".idx"), 0o644)
    later = token("later")
    repository.commit_file("later.env", b"TOKEN=%b\n" % later)
    return repository, path, later


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.99])
def test_pack_cut_short(packed, tmp_path, share):
    repository, path, later = packed
    os.truncate(path, int(path.stat().st_size * share))
    found = limited(repository.path, home=tmp_path)
    assert found.code == 3
    assert path.name in subjects(found)
    assert later in found.places
    assert SECRET in found.places, "on disk, if nowhere else"


@pytest.mark.parametrize(
    "damage", ["offsets", "swapped", "large_offsets", "names", "fanout", "cut"]
)
def test_index_that_lies(packed, tmp_path, damage):
    repository, path, later = packed
    index = path.with_suffix(".idx")
    data = bytearray(index.read_bytes())
    count = int.from_bytes(data[8 + 255 * 4 : 8 + 256 * 4], "big")
    names = 8 + 1024
    offsets = names + count * 24
    if damage == "offsets":
        data[offsets : offsets + 4 * count] = random.Random(3).randbytes(4 * count)
    elif damage == "swapped":
        data[offsets : offsets + 4 * count] = b"".join(
            data[at : at + 4] for at in range(offsets + 4 * count - 4, offsets - 1, -4)
        )
    elif damage == "large_offsets":
        data[offsets : offsets + 4 * count] = b"\x80\xff\xff\xff" * count
    elif damage == "names":
        data[names : names + 20 * count] = random.Random(3).randbytes(20 * count)
    elif damage == "fanout":
        data[8 : 8 + 1024] = b"\xff" * 1024
    else:
        del data[offsets:]
    index.write_bytes(data)
    os.unlink(repository.path / "leak.env")
    found = limited(repository.path, home=tmp_path)
    assert {SECRET, later} <= set(found.places), "the pack itself is whole"
    assert "missing-object" not in found.codes()
    assert found.code == (3 if found.codes() else 1)


def test_deltas_in_a_loop(repository, tmp_path):
    one, two = b"\x11" * 20, b"\x22" * 20
    steps = delta(10, 20, insert(b"x" * 20))
    data, _ = pack(ref_delta(two, steps), ref_delta(one, steps), whole(b"fine " + token("fine")))
    write_pack(repository.path / ".git/objects", data)
    found = limited(repository.path, home=tmp_path)
    assert found.code == 3
    assert "missing-base" in found.codes()
    assert {SECRET, token("fine")} <= set(found.places)


def test_delta_bomb(repository, tmp_path):
    """A small delta that copies its base a hundred thousand times."""
    base = b"a" * 60_000
    steps = delta(len(base), len(base) * 100_000, *[copy(0, len(base))] * 100_000)
    data, _ = pack(whole(base), ref_delta(name_of(base), steps))
    write_pack(repository.path / ".git/objects", data)
    found = limited(repository.path, home=tmp_path)
    assert found.code == 3
    assert found.codes() & {"over-size", "corrupt-object"}
    assert SECRET in found.places


@pytest.mark.parametrize("size", [0, 1, 99, 101, 1 << 40, -1])
def test_loose_object_with_a_false_size(repository, tmp_path, size):
    content = (b"TOKEN=%b" % token("false size")).ljust(100)
    objects = repository.path / ".git/objects"
    write_loose(objects, content, header=b"blob %d\0" % size)
    found = limited(repository.path, home=tmp_path)
    assert found.code == 3
    assert SECRET in found.places


def test_loose_object_that_is_a_bomb(repository, tmp_path):
    size = 400 * MEBIBYTE
    packer = zlib.compressobj(9)
    parts = [packer.compress(b"blob %d\0" % size)]
    parts += [packer.compress(bytes(MEBIBYTE)) for _ in range(400)]
    raw = b"".join([*parts, packer.flush()])
    write_loose(repository.path / ".git/objects", b"", name=b"\x33" * 20, raw=raw)
    found = limited(repository.path, home=tmp_path)
    assert found.code == 3
    assert "over-size" in found.codes()
    assert SECRET in found.places


def test_deeply_nested_trees(repository, tmp_path):
    deep = token("deep")
    entry = b"100644 blob %b\tdeep.env\n" % repository.blob(b"TOKEN=%b\n" % deep).encode()
    for _ in range(3000):
        tree = _tree(repository, entry)
        entry = b"040000 tree %b\td\n" % tree.encode()
    commit = repository.git("commit-tree", tree, "-m", "Deep")
    repository.git("update-ref", "refs/heads/deep", commit)
    found = limited(repository.path, home=tmp_path)
    assert found.code == 3
    assert found.codes() == {"too-deep"}
    assert {SECRET, deep} <= set(found.places)


def _tree(repository, entry):
    """Write a tree of one entry, much faster than a process would."""
    mode, _, rest = entry.partition(b" ")
    _, _, rest = rest.partition(b" ")
    name, _, path = rest.rstrip(b"\n").partition(b"\t")
    raw = b"%b %b\0" % (mode.lstrip(b"0"), path) + bytes.fromhex(name.decode())
    path = write_loose(repository.path / ".git/objects", raw, b"tree")
    return "".join(path.split("/")[-2:])


@pytest.mark.slow
@pytest.mark.parametrize("ref", ["refs/heads/wide", "refs/heads/main", "refs/tags/tree"])
def test_tree_that_branches(repository, tmp_path, ref):
    """Forty trees that each hold the next one twice: a path for every number of forty bits."""
    entry = b"100644 blob.env\0" + bytes.fromhex(repository.blob(b"T=%b\n" % token("branch")))
    objects = repository.path / ".git/objects"
    for _ in range(40):
        path = write_loose(objects, entry, b"tree")
        name = bytes.fromhex("".join(path.split("/")[-2:]))
        entry = b"40000 a\0" + name + b"40000 b\0" + name
    commit = repository.git("commit-tree", name.hex(), "-m", "Wide")
    repository.write(f".git/{ref}", (name.hex() if "tags" in ref else commit).encode() + b"\n")
    found = limited(repository.path, home=tmp_path)
    assert {SECRET, token("branch")} <= set(found.places)


def test_commit_with_a_thousand_parents(repository, tmp_path):
    head = repository.head()
    tree = repository.git("rev-parse", "HEAD^{tree}")
    who = "C <c@acme.example> 1 +0000"
    parents = []
    for number in range(1000):
        body = f"tree {tree}\nparent {head}\nauthor {who}\ncommitter {who}\n\n{number}\n"
        path = write_loose(repository.path / ".git/objects", body.encode(), b"commit")
        parents.append("".join(path.split("/")[-2:]))
    lines = "".join(f"parent {parent}\n" for parent in parents)
    body = f"tree {tree}\n{lines}author {who}\ncommitter {who}\n\n{token('octopus').decode()}\n"
    path = write_loose(repository.path / ".git/objects", body.encode(), b"commit")
    repository.git("update-ref", "refs/heads/octopus", "".join(path.split("/")[-2:]))
    found = limited(repository.path, home=tmp_path)
    assert found.code == 1
    assert {SECRET, token("octopus")} <= set(found.places)
    assert found.report["coverage"]["counts"]["commits"] == 1002


@pytest.mark.parametrize("kind", [b"commit", b"tree", b"tag"])
def test_objects_that_make_no_sense(repository, tmp_path, kind):
    """Git would not write them, but can store them; what they say is searched all the same."""
    hidden = token("nonsense")
    for content in (b"", b"\0", b"tree \nparent x\n\n" + hidden, b"100644 " + hidden, hidden * 9):
        write_loose(repository.path / ".git/objects", content, kind)
    found = limited(repository.path, home=tmp_path)
    assert found.code in (1, 3)
    assert {SECRET, hidden} <= set(found.places)


@pytest.mark.parametrize("loop", ["symbolic", "deep", "head"])
def test_refs_in_a_loop(repository, tmp_path, loop):
    refs = repository.path / ".git/refs/heads"
    if loop == "symbolic":
        (refs / "a").write_text("ref: refs/heads/b\n")
        (refs / "b").write_text("ref: refs/heads/a\n")
    elif loop == "deep":
        for number in range(100):
            (refs / f"r{number}").write_text(f"ref: refs/heads/r{number + 1}\n")
    else:
        (repository.path / ".git/HEAD").write_text("ref: HEAD\n")
    found = limited(repository.path, home=tmp_path)
    assert SECRET in found.places
    if loop == "head":
        assert "git-refused" in found.codes()
    else:
        assert found.code == 1, "objects are read whether refs lead to them or not"
        assert any(s["code"] == "broken-ref" for s in found.report["coverage"]["skipped"])


def test_many_refs(repository, tmp_path):
    head = repository.head()
    lines = (f"{head} refs/heads/branch-{n:06}\n" for n in range(20_000))
    (repository.path / ".git/packed-refs").write_text(
        "# pack-refs with: sorted \n" + "".join(lines)
    )
    found = limited(repository.path, home=tmp_path)
    assert found.code == 1
    assert set(found.places) == {SECRET}
