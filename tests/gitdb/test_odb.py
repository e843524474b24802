import os
import random
import shutil

import pytest
from grown import everything, git, grow, open_objects, read_all, seeded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.gitdb.git import Git
from scanner.gitdb.objects import Limits


def agree(directory, git_dir=None, hash_name="sha1", **options):
    """Check that the database and git see the same objects, and return the database."""
    database = open_objects(
        os.path.join(git_dir or os.path.join(directory, ".git"), "objects"), hash_name, **options
    )
    assert read_all(database) == everything(directory)
    assert database.skipped == []
    assert database.bytes_done == database.total_bytes()
    trees = {item.id for item in database.trees()}
    assert trees == {item.id for item in database.objects() if item.kind == b"tree"}
    assert database.skipped == []
    return database


def test_loose(repository):
    agree(repository)


@pytest.mark.parametrize("window", [2, 10, 250])
@pytest.mark.parametrize("depth", [1, 50, 4000])
def test_packed(repository, window, depth):
    git(repository, "repack", "-adfq", f"--window={window}", f"--depth={depth}")
    agree(repository)


def test_packed_with_unreachable_objects(repository):
    git(repository, "gc", "-q", "--prune=never")
    agree(repository)


def test_deltas_by_id_instead_of_offset(repository):
    git(repository, "-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq")
    agree(repository)


def test_index_version_1(repository):
    git(repository, "-c", "pack.indexVersion=1", "repack", "-adfq")
    agree(repository)


def test_several_packs_and_loose_objects(repository):
    for seed in range(3):
        git(repository, "repack", "-q")
        grow(repository, 3, seed=seed + 1)
    # The same objects once more, in one big pack beside the others.
    git(repository, "repack", "-aq")
    grow(repository, 2, seed=9)
    database = agree(repository)
    assert len(database.stores[0].packs) > 3


def test_multi_pack_index(repository):
    git(repository, "repack", "-q")
    grow(repository, 3, seed=1)
    git(repository, "repack", "-q")
    git(repository, "multi-pack-index", "write")
    agree(repository)


def test_packs_that_only_the_multi_pack_index_names(repository):
    git(repository, "repack", "-q")
    grow(repository, 3, seed=1)
    git(repository, "repack", "-q")
    wanted = everything(repository)
    git(repository, "multi-pack-index", "write")
    shutil.rmtree(repository / ".git" / "logs")
    for index in (repository / ".git" / "objects" / "pack").glob("*.idx"):
        index.unlink()
    database = open_objects(repository / ".git" / "objects")
    name = next(iter(wanted))[0]
    assert database.contains(bytes.fromhex(name))
    assert database.read(bytes.fromhex(name)).id.hex() == name
    assert read_all(database) == wanted
    assert database.skipped == []


def test_sha256(tmp_path):
    git(tmp_path, "init", "-q", "--object-format=sha256")
    grow(tmp_path, 6)
    git(tmp_path, "repack", "-dq")
    grow(tmp_path, 3, seed=1)
    git(tmp_path, "-c", "repack.useDeltaBaseOffset=false", "repack", "-dq")
    git(tmp_path, "multi-pack-index", "write")
    grow(tmp_path, 1, seed=2)
    database = agree(tmp_path, hash_name="sha256")
    assert {len(o.id) for o in database.objects()} == {32}


def test_bare(repository, tmp_path):
    git(tmp_path, "clone", "-q", "--bare", "--no-local", "repository", "bare.git")
    agree(tmp_path / "bare.git", git_dir=tmp_path / "bare.git")


def test_linked_worktree(repository, tmp_path):
    git(repository, "worktree", "add", "-q", "-b", "side", tmp_path / "side")
    grow(tmp_path / "side", 2, seed=5)
    agree(repository)


def test_shared_clone_reads_what_it_borrows(repository, tmp_path):
    git(repository, "repack", "-adq")
    git(tmp_path, "clone", "-q", "--shared", "repository", "second")
    grow(tmp_path / "second", 2, seed=5)
    git(tmp_path, "clone", "-q", "--shared", "second", "third")
    grow(tmp_path / "third", 1, seed=6)
    database = agree(tmp_path / "third")
    assert len(database.stores) == 3


def test_pack_whose_bases_are_borrowed(repository, tmp_path):
    git(repository, "repack", "-adq")
    git(tmp_path, "clone", "-q", "--shared", "repository", "second")
    grow(tmp_path / "second", 2, seed=5)
    git(tmp_path / "second", "repack", "-dlq")
    agree(tmp_path / "second")


def test_shallow_clone(repository, tmp_path):
    git(tmp_path, "clone", "-q", "--depth=2", f"file://{repository}", "shallow")
    agree(tmp_path / "shallow")


def test_partial_clone(repository, tmp_path):
    git(repository, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "-n", f"file://{repository}", "partial")
    objects = tmp_path / "partial" / ".git" / "objects"
    database = open_objects(objects, git=Git(str(tmp_path / "partial" / ".git")))
    ours = read_all(database)
    assert {kind for _, kind, _ in ours} == {b"commit", b"tree", b"tag"}
    blob = bytes.fromhex(git(repository, "rev-parse", "HEAD:file0.txt").decode())
    commit = bytes.fromhex(git(repository, "rev-parse", "HEAD").decode())
    assert database.missing([blob, commit]) == {blob}
    assert database.read(blob) is None
    assert ours < everything(repository)
    assert database.skipped == []


def test_objects_of_an_unfinished_push(repository, tmp_path):
    objects = repository / ".git" / "objects"
    wanted = everything(repository)
    git(repository, "repack", "-adq")
    (objects / "incoming-Xy12").mkdir()
    shutil.move(objects / "pack", objects / "incoming-Xy12" / "pack")
    assert read_all(open_objects(objects)) == wanted


def test_read_finds_every_object(repository):
    git(repository, "repack", "-dq")
    grow(repository, 2, seed=3)
    database = open_objects(repository / ".git" / "objects")
    for item in list(database.objects()):
        assert database.read(item.id) == item
        assert database.contains(item.id)
    assert database.read(bytes(20)) is None
    assert database.read(b"short") is None


def test_read_sees_packs_that_appear_later(repository):
    database = open_objects(repository / ".git" / "objects")
    blob = git(repository, "hash-object", "-w", "--stdin", stdin=b"late").decode()
    git(repository, "repack", "-q")
    git(repository, "pack-objects", "-q", ".git/objects/pack/pack", stdin=blob.encode())
    git(repository, "prune-packed")
    assert database.read(bytes.fromhex(blob)).data == b"late"


def test_walk_sees_a_repack_that_happens_meanwhile(repository):
    wanted = everything(repository)
    database = open_objects(repository / ".git" / "objects")
    found = []
    for item in database.objects():
        if not found:
            git(repository, "repack", "-q")
            names = "\n".join(name for name, _, _ in wanted)
            git(repository, "pack-objects", "-q", ".git/objects/pack/pack", stdin=names.encode())
            git(repository, "prune-packed")
        found.append(item.id.hex())
    assert sorted(found) == sorted(name for name, _, _ in wanted)
    assert database.skipped == []


def test_walk_sees_a_repack_that_removes_packs(repository):
    git(repository, "repack", "-q")
    grow(repository, 1, seed=1)
    git(repository, "repack", "-q")
    wanted = everything(repository)
    database = open_objects(repository / ".git" / "objects")
    walk = database.objects()
    found = {next(walk).id.hex()}
    git(repository, "gc", "-q", "--prune=never")
    found.update(item.id.hex() for item in walk)
    assert found == {name for name, _, _ in wanted}
    assert database.skipped == []


@pytest.mark.parametrize("budget", [0, 1000, 20_000])
def test_small_budgets_change_nothing(repository, budget):
    git(repository, "repack", "-adfq", "--window=50", "--depth=3")
    limits = Limits(base_budget=budget, cache_size=budget)
    database = agree(repository, limits=limits)
    for item in list(database.objects()):
        assert database.read(item.id) == item


def test_long_chain_is_not_recursive(tmp_path):
    git(tmp_path, "init", "-q")
    data = seeded(1, 2000)
    marks = []
    for number in range(1500):
        data += b"%d\n" % number
        marks.append(b"blob\ndata %d\n%s\n" % (len(data), data))
    git(tmp_path, "fast-import", "--quiet", "--depth=4000", stdin=b"".join(marks))
    agree(tmp_path)


def test_empty_repository(tmp_path):
    git(tmp_path, "init", "-q")
    agree(tmp_path)


def test_empty_and_large_objects(tmp_path):
    git(tmp_path, "init", "-q")
    rng = random.Random(3)
    large = rng.randbytes(3 << 20)
    for data in (b"", large, large + b"tail", large[: 1 << 20] + b"middle" + large[1 << 20 :]):
        git(tmp_path, "hash-object", "-w", "--stdin", stdin=data)
    agree(tmp_path)
    names = "\n".join(name for name, _, _ in everything(tmp_path))
    git(tmp_path, "pack-objects", "-q", ".git/objects/pack/pack", stdin=names.encode())
    git(tmp_path, "prune-packed")
    agree(tmp_path)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    steps=st.lists(st.sampled_from(["grow", "repack", "repack-all", "midx", "loose"]), max_size=6),
)
def test_random_repository(tmp_path_factory, seed, steps):
    path = tmp_path_factory.mktemp("random")
    git(path, "init", "-q")
    rng = random.Random(seed)
    grow(path, 2, files=2, seed=rng.random())
    for step in steps:
        if step == "grow":
            grow(path, rng.randrange(1, 4), files=2, seed=rng.random())
        elif step == "loose":
            git(path, "hash-object", "-w", "--stdin", stdin=rng.randbytes(rng.randrange(2000)))
        elif step == "midx":
            git(path, "multi-pack-index", "write", check=False)
        else:
            git(path, "repack", "-q", *(["-adf"] if step == "repack-all" else ["-d"]))
    agree(path)
    shutil.rmtree(path)
