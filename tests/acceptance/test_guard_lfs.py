"""What the guard makes of files in Git LFS: of the objects that pointers stand for."""

import gzip
import os
import shutil
import subprocess

import pytest
from committing import NEW, OLD, Attempt, guard, guarded, stage
from large_files import place, pointer, store
from planting import IDENTITY, environment, git, token
from pushing import Push, hook, leak, pair

CONTENT = b"\x89DATA\n\nTOKEN=%b\n" % NEW
LARGE = CONTENT + bytes(1 << 20)
MISSING = b"LFS objects (1): not in the LFS storage"


@pytest.fixture
def repository(tmp_path):
    return guarded(tmp_path / "repository")


@pytest.fixture
def sides(tmp_path):
    return pair(tmp_path)


def let_pass(attempt, said):
    """Tell whether a commit came to be with one line that says something."""
    assert attempt.committed, attempt.said
    (line,) = attempt.said.strip().splitlines()
    assert line.startswith(b"let pass, not searched in full: "), line
    assert said in line
    return True


def test_a_commit_is_blocked(repository):
    stage(repository, "large.bin", store(repository, CONTENT))
    assert Attempt(repository.path).blocked(b"large.bin:3:7 (lfs)")


def test_a_clean_object_passes_in_silence(repository):
    stage(repository, "large.bin", store(repository, b"\x89DATA\n"))
    assert Attempt(repository.path).passed()


def test_a_linked_worktree_has_the_same_objects(repository, tmp_path):
    repository.git("worktree", "add", "-q", str(tmp_path / "other"))
    content = store(repository, CONTENT)
    (tmp_path / "other/large.bin").write_bytes(content)
    git(tmp_path / "other", "add", "large.bin")
    assert Attempt(tmp_path / "other").blocked(b"large.bin:3:7 (lfs)")


def test_from_a_subdirectory(repository):
    stage(repository, "deep/large.bin", store(repository, CONTENT))
    assert Attempt(repository.path / "deep").blocked(b"deep/large.bin:3:7 (lfs)")


@pytest.mark.parametrize("storage", ["../shared", "inside"])
def test_a_storage_that_settings_name(repository, storage):
    """A path that is not absolute begins in the git directory."""
    folder = os.path.join(".git", storage)
    outside = os.path.normpath(repository.path / folder)
    repository.git("config", "lfs.storage", outside if ".." in storage else storage)
    stage(repository, "large.bin", store(repository, CONTENT, folder))
    assert Attempt(repository.path).blocked(b"large.bin:3:7 (lfs)")


def test_what_the_object_before_held_is_not_new(repository):
    repository.write("large.bin", store(repository, b"1\nTOKEN=%b\n" % OLD))
    repository.git("add", "large.bin")
    repository.git("commit", "-q", "--no-verify", "-m", "Before")
    stage(repository, "large.bin", store(repository, b"2\n\nTOKEN=%b\n" % OLD))
    assert Attempt(repository.path).passed()
    stage(repository, "large.bin", store(repository, b"3\nTOKEN=%b\nTOKEN=%b\n" % (OLD, NEW)))
    assert Attempt(repository.path).blocked(b"large.bin:3:7 (lfs)")


def test_a_moved_pointer(repository):
    repository.write("large.bin", store(repository, CONTENT))
    repository.git("add", "large.bin")
    repository.git("commit", "-q", "--no-verify", "-m", "Before")
    repository.git("mv", "large.bin", "moved.bin")
    assert Attempt(repository.path).passed()


def test_a_file_that_moves_into_lfs_and_out_again(repository):
    content = (repository.path / "old.env").read_bytes()
    stage(repository, "old.env", store(repository, content))
    assert Attempt(repository.path).passed()
    stage(repository, "old.env", content)
    assert Attempt(repository.path).passed()


def test_an_object_that_is_not_here(repository):
    stage(repository, "large.bin", pointer(CONTENT))
    attempt = Attempt(repository.path)
    assert let_pass(attempt, MISSING)
    assert b"large.bin" in attempt.said
    assert b"git lfs fetch" in attempt.said


def test_an_object_over_the_limit(repository):
    stage(repository, "large.bin", store(repository, LARGE))
    hook(repository.path / ".git", "pre-commit", "--max-size", "1")
    assert let_pass(Attempt(repository.path), b"large.bin: its LFS object has %d" % len(LARGE))


def test_an_archive_over_the_limits(repository):
    """What blocks as a file of git's own does not as one in LFS."""
    content = gzip.compress(bytes(300 << 20), 1)
    stage(repository, "large.gz", store(repository, content))
    assert let_pass(Attempt(repository.path), b"large.gz: ")
    stage(repository, "own.gz", content)
    assert not Attempt(repository.path).committed


def test_a_leak_beside_objects_that_are_not_here(repository):
    stage(repository, "large.bin", pointer(CONTENT))
    stage(repository, "new.env", b"TOKEN=%b\n" % NEW)
    attempt = Attempt(repository.path)
    assert attempt.blocked(b"new.env:1:7")
    assert MISSING in attempt.said


def test_a_secret_in_the_name_of_what_is_not_here(repository):
    stage(repository, f"{NEW.decode()}.bin", pointer(CONTENT))
    done = guard(repository)
    assert done.returncode == 1
    assert MISSING in done.stderr
    assert NEW not in done.stderr


def test_many_notes_are_cut_short(repository):
    for number in range(7):
        stage(repository, f"{number}.bin", store(repository, LARGE + b"%d" % number))
    hook(repository.path / ".git", "pre-commit", "--max-size", "1")
    attempt = Attempt(repository.path)
    assert attempt.committed
    assert len(attempt.said.strip().splitlines()) == 6
    assert "2 more such notes" in attempt.said.decode()


def test_a_comment_in_the_pointer_accepts_nothing_in_the_object(repository):
    """The same secret on the same line of both, with a comment in the pointer only."""
    content = b"1\nTOKEN=%b\n" % NEW
    version, rest = store(repository, content).split(b"\n", 1)
    stage(repository, "large.bin", b"%b\nTOKEN=%b # leakseal:allow\n%b" % (version, NEW, rest))
    assert Attempt(repository.path).blocked(b"large.bin:2:7 (lfs)")


def test_a_comment_in_the_object_is_not_looked_for_in_the_pointer(repository):
    stage(repository, "large.bin", store(repository, b"1\nTOKEN=%b # leakseal:allow\n" % NEW))
    assert Attempt(repository.path).blocked(b"large.bin:2:7 (lfs)")


def test_a_push_is_blocked(sides):
    local, _ = sides
    hook(local.path / ".git", "pre-push")
    first = local.commit_file("large.bin", store(local, CONTENT))
    local.commit_file("large.bin", store(local, b"nothing\n"))
    assert Push(local.path).blocked(leak("large.bin:3:7 (lfs)", first))


def test_a_pushed_tag_of_a_tree(sides):
    local, _ = sides
    hook(local.path / ".git", "pre-push")
    tree = local.tree(**{"large.bin": local.blob(store(local, CONTENT))})
    local.git("tag", "of-a-tree", tree)
    push = Push(local.path, "origin", "of-a-tree")
    assert push.code != 0
    assert b"large.bin:3:7 (lfs) in object" in push.said


def test_objects_over_the_limit_do_not_block_a_push(sides):
    local, _ = sides
    hook(local.path / ".git", "pre-push", "--max-size", "1")
    local.commit_file("large.bin", store(local, LARGE))
    push = Push(local.path)
    assert push.code == 0
    assert b"large.bin: its LFS object has" in push.said


def test_a_server_has_no_objects_and_says_so(sides):
    local, bare = sides
    hook(bare, "pre-receive")
    for number in range(3):
        local.write(f"{number}.bin", store(local, CONTENT + b"%d" % number))
    local.commit()
    push = Push(local.path)
    assert push.code == 0
    assert push.said.count(b"not in the LFS storage") == 1
    assert b"LFS objects (3)" in push.said


def test_a_server_that_has_the_object(sides):
    local, bare = sides
    hook(bare, "pre-receive")
    commit = local.commit_file("large.bin", store(local, CONTENT))
    shutil.copytree(local.path / ".git/lfs", bare / "lfs")
    assert Push(local.path).blocked(leak("large.bin:3:7 (lfs)", commit))


def _directory(path):
    os.mkdir(path)


def _link_out(path):
    outside = path.partition("/.git/")[0] + "-outside"
    with open(outside, "wb") as file:
        file.write(CONTENT)
    os.symlink(outside, path)


def _folder_elsewhere(path):
    """Make the directory of the object a link to one that has it."""
    folder = os.path.dirname(path)
    os.rmdir(folder)
    elsewhere = path.partition("/.git/")[0] + "-elsewhere"
    os.mkdir(elsewhere)
    with open(os.path.join(elsewhere, os.path.basename(path)), "wb") as file:
        file.write(CONTENT)
    os.symlink(elsewhere, folder)


@pytest.mark.parametrize("put", [_directory, _link_out, _folder_elsewhere, os.mkfifo])
def test_what_is_no_file_of_the_storage_is_no_object(repository, put):
    put(place(repository.path / ".git/lfs", CONTENT))
    stage(repository, "large.bin", pointer(CONTENT))
    assert let_pass(Attempt(repository.path), MISSING)


@pytest.mark.parametrize("oid", ["../" * 20 + "etc/passwd", "A" * 64, "a" * 63, "a" * 65, "é" * 32])
def test_a_pointer_that_names_no_object_is_text(repository, oid):
    stage(repository, "large.bin", pointer(CONTENT, oid=oid))
    assert Attempt(repository.path).passed()


def test_a_pointer_with_another_size(repository):
    store(repository, CONTENT)
    stage(repository, "large.bin", pointer(CONTENT, size=10**30))
    assert Attempt(repository.path).blocked(b"large.bin:3:7 (lfs)")


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (b"\n", b"\r\n"),
        (b"git-lfs.github", b"hawser.github"),
        (b"https://git-lfs.github.com/spec/v1", b"http://git-media.io/v/2"),
        (b"oid", b"ext-0-case sha256:%b\noid" % (b"0" * 64)),
    ],
)
def test_other_forms_that_git_lfs_reads(repository, said, instead):
    content = store(repository, CONTENT)
    stage(repository, "large.bin", content.replace(said, instead))
    assert Attempt(repository.path).blocked(b"large.bin:3:7 (lfs)")


def test_a_storage_that_is_a_file(repository):
    repository.write(".git/lfs", b"")
    stage(repository, "large.bin", pointer(CONTENT))
    assert let_pass(Attempt(repository.path), MISSING)


@pytest.mark.slow
def test_ten_thousand_pointers(repository):
    """Half of them to one large object, which is read once; the others to none."""
    store(repository, LARGE)
    lines = b"".join(
        b"blob\ndata %d\n%b\n" % (len(each), each)
        for n in range(5000)
        for each in (pointer(LARGE, size=n), pointer(b"%d" % n))
    )
    marks = os.path.join(repository.path, ".git/marks")
    repository.git("fast-import", "--quiet", f"--export-marks={marks}", stdin=_marked(lines))
    with open(marks) as file:
        ids = [line.split()[1] for line in file]
    entries = "".join(f"100644 {id_}\tmany/{n}.bin\n" for n, id_ in enumerate(ids))
    repository.git("update-index", "--index-info", stdin=entries.encode())
    done = guard(repository)
    assert done.returncode == 1
    assert b"LFS objects (5000)" in done.stderr


@pytest.mark.skipif(shutil.which("git-lfs") is None, reason="git-lfs is not installed")
def test_with_git_lfs_itself(tmp_path):
    """Real files through its filters, and a push to a remote that it brings the objects to."""
    local, _ = pair(tmp_path)
    secret = token("lfs")

    def real(*words):
        return subprocess.run(
            ["git", *words],
            cwd=local.path,
            env=environment(tmp_path) | IDENTITY,
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )

    assert real("lfs", "install", "--local").returncode == 0
    assert real("lfs", "track", "*.bin").returncode == 0
    local.write("large.bin", b"\x89DATA\n\nTOKEN=%b\n" % secret)
    real("add", ".gitattributes", "large.bin")
    assert real("cat-file", "-p", ":large.bin").stdout == pointer(
        b"\x89DATA\n\nTOKEN=%b\n" % secret
    )
    hook(local.path / ".git", "pre-commit")
    done = real("commit", "-q", "-m", "Add data")
    assert done.returncode != 0
    assert b"large.bin:3:7 (lfs): " in done.stderr
    assert real("commit", "-q", "--no-verify", "-m", "Add data").returncode == 0
    hook(local.path / ".git", "pre-push")
    done = real("push", "-q", "origin", "main")
    assert done.returncode != 0
    assert b"large.bin:3:7 (lfs) in commit " in done.stderr
    assert secret not in done.stderr


def _marked(stream):
    """Return a stream for fast-import whose blobs can be told from each other."""
    parts = stream.split(b"blob\n")[1:]
    return b"".join(b"blob\nmark :%d\n%b" % (n, part) for n, part in enumerate(parts, 1))
