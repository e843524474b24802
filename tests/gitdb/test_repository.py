import os

import pytest
from grown import git, grow, open_objects

from scanner.gitdb.repository import Ref, Repository, scrub_url


def hexed(ids):
    return {name.hex() for name in ids}


def resolve(path, name):
    return bytes.fromhex(git(path, "rev-parse", name).decode())


class TestGitRefuses:
    @pytest.fixture
    def refused(self, repository):
        git(repository, "pack-refs", "--all")
        grow(repository, 1, seed=7)
        self.wanted = {
            line.split()[1]: bytes.fromhex(line.split()[0].decode())
            for line in git(repository, "for-each-ref").replace(b"\t", b" ").splitlines()
            for line in [line.split()[0] + b" " + line.split()[2]]
        }
        self.head = resolve(repository, "HEAD")
        config = repository / ".git" / "config"
        config.write_text("nonsense before any section\n" + config.read_text())
        return repository

    def test_files_are_read_instead(self, refused):
        found = Repository.discover(str(refused))
        assert {ref.name: ref.id for ref in found.refs()} == self.wanted
        assert found.head() == self.head
        assert found.branch() == "main"
        tag = next(ref for ref in found.refs() if ref.name == b"refs/tags/v1")
        assert tag.peeled != tag.id
        assert {s.code for s in found.skipped} == {"unreadable-config", "git-refused"}
        assert all(s.incomplete for s in found.skipped)

    def test_objects_are_read_all_the_same(self, refused):
        found = Repository.discover(str(refused))
        database = open_objects(found.objects_dir, git=found.git)
        assert self.head in {item.id for item in database.objects()}

    def test_unknown_extension(self, repository):
        git(repository, "config", "core.repositoryFormatVersion", "1")
        git(repository, "config", "extensions.fromTheFuture", "true")
        found = Repository.discover(str(repository))
        assert b"refs/heads/main" in {ref.name for ref in found.refs()}
        assert {s.code for s in found.skipped} == {"git-refused"}


class TestRefs:
    def test_every_kind(self, repository, tmp_path):
        head = resolve(repository, "HEAD")
        (repository / "file0.txt").write_text("stashed")
        git(repository, "stash", "-q")
        git(repository, "notes", "add", "-m", "a note")
        git(repository, "update-ref", "refs/pull/1/head", head.hex())
        blob = git(repository, "hash-object", "-w", "--stdin", stdin=b"tagged").decode()
        git(repository, "tag", "on-a-blob", blob)
        git(repository, "tag", "-a", "-m", "x", "twice", "v1")
        git(repository, "pack-refs", "--all")
        git(repository, "update-ref", "refs/heads/later", head.hex())
        git(repository, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/heads/main")
        git(repository, "worktree", "add", "-q", "--detach", tmp_path / "side", "HEAD~1")
        refs = {ref.name: ref for ref in Repository.discover(str(repository)).refs()}
        listed = git(repository, "for-each-ref", "--format=%(refname)").splitlines()
        assert set(refs) == {*listed, b"worktrees/side/HEAD"}
        for name in listed:
            assert refs[name].id == resolve(repository, name.decode())
            assert refs[name].peeled == resolve(repository, name.decode() + "^{}")
        assert refs[b"worktrees/side/HEAD"].id == resolve(repository, "HEAD~1")
        assert refs[b"refs/tags/twice"].peeled == head

    def test_odd_names_and_broken_refs(self, repository):
        head = resolve(repository, "HEAD")
        heads = repository / ".git" / "refs" / "heads"
        (heads / "with space..and dots").write_text(head.hex() + "\n")
        (heads / "broken").write_text("no id at all\n")
        (heads / "absent").write_text("1" * 40 + "\n")
        (heads / "loop").write_text("ref: refs/heads/loop\n")
        (heads / "outside").write_text("ref: ../../../../etc/passwd\n")
        os.symlink("/etc/passwd", heads / "link")
        os.mkfifo(heads / "fifo")
        found = Repository.discover(str(repository))
        refs = {ref.name: ref for ref in found.refs()}
        name = b"refs/heads/with space..and dots"
        assert refs[name] == Ref(name, head, head)
        assert refs[b"refs/heads/absent"].id == b"\x11" * 20
        assert {s.subject for s in found.skipped if s.code == "broken-ref"} == {
            "refs/heads/broken",
            "refs/heads/loop",
            "refs/heads/outside",
        }

    def test_detached(self, repository):
        git(repository, "checkout", "-q", "HEAD~2")
        found = Repository.discover(str(repository))
        assert found.branch() == ""
        assert found.head() == resolve(repository, "HEAD")


class TestLogs:
    def test_reflogs_and_stashes(self, repository, tmp_path):
        for number in range(3):
            (repository / "file0.txt").write_text(f"stash {number}")
            git(repository, "stash", "-q")
        git(repository, "reset", "-q", "--hard", "HEAD~3")
        git(repository, "worktree", "add", "-q", "-b", "side", tmp_path / "side")
        grow(tmp_path / "side", 1, seed=2)
        git(tmp_path / "side", "reset", "-q", "--hard", "HEAD~1")
        wanted = set(git(repository, "rev-list", "--reflog", "--no-walk").decode().split())
        wanted |= set(git(tmp_path / "side", "rev-list", "--reflog", "--no-walk").decode().split())
        stashes = set(git(repository, "rev-list", "-g", "refs/stash").decode().split())
        for start in (repository, tmp_path / "side"):
            found = Repository.discover(str(start))
            assert hexed(found.reflog_ids()) == wanted
            assert hexed(found.stash_ids()) == stashes
        assert len(stashes) == 3

    def test_reftable_asks_git(self, repository):
        (repository / "file0.txt").write_text("stash")
        git(repository, "stash", "-q")
        files = Repository.discover(str(repository))
        wanted = files.reflog_ids(), files.stash_ids()
        (repository / ".git" / "reftable").mkdir()
        tables = Repository.discover(str(repository))
        assert (tables.reflog_ids(), tables.stash_ids()) == wanted

    def test_none(self, tmp_path):
        git(tmp_path, "init", "-q")
        found = Repository.discover(str(tmp_path))
        assert found.reflog_ids() == found.stash_ids() == set()


class TestBoundaries:
    def test_shallow(self, repository, tmp_path):
        git(tmp_path, "clone", "-q", "--depth=2", f"file://{repository}", "shallow")
        found = Repository.discover(str(tmp_path / "shallow"))
        assert found.shallow() == {resolve(repository, "HEAD~1")}
        assert Repository.discover(str(repository)).shallow() == set()

    def test_partial(self, repository, tmp_path):
        git(repository, "config", "uploadpack.allowFilter", "true")
        url = f"file://{repository}"
        git(tmp_path, "clone", "-q", "--no-local", "--filter=blob:none", "-n", url, "partial")
        found = Repository.discover(str(tmp_path / "partial"))
        assert found.is_partial()
        git(tmp_path / "partial", "config", "--remove-section", "remote.origin")
        assert Repository.discover(str(tmp_path / "partial")).is_partial()
        assert not Repository.discover(str(repository)).is_partial()


class TestFiles:
    def test_metadata(self, repository, tmp_path):
        git(repository, "worktree", "add", "-q", "-b", "side", tmp_path / "side")
        inside = repository / ".git"
        (inside / "odd").mkdir()
        (inside / "odd" / "notes").write_text("x")
        (inside / "lfs" / "objects" / "ab" / "cd").mkdir(parents=True)
        (inside / "lfs" / "objects" / "ab" / "cd" / "abcd").write_text("large")
        (inside / "modules" / "m").mkdir(parents=True)
        (inside / "modules" / "m" / "config").write_text("x")
        os.symlink("/etc/passwd", inside / "link")
        os.symlink("/etc", inside / "folder")
        os.mkfifo(inside / "fifo")
        found = Repository.discover(str(repository))
        files = {os.path.relpath(path, inside) for path in found.metadata_files()}
        assert {
            "HEAD", "config", "description", "info/exclude", "logs/HEAD", "refs/heads/main",
            "refs/tags/v1", "COMMIT_EDITMSG", "odd/notes", "worktrees/side/HEAD",
            "worktrees/side/logs/HEAD", "worktrees/side/gitdir",
        } <= files  # fmt: skip
        assert any(path.startswith("hooks/") for path in files)
        assert not {path for path in files if path.split("/")[0] in ("objects", "lfs", "modules")}
        assert not {"index", "worktrees/side/index", "link", "fifo"} & files
        assert list(found.lfs_objects()) == [str(inside / "lfs" / "objects" / "ab/cd/abcd")]
        side = Repository.discover(str(tmp_path / "side"))
        assert {os.path.relpath(path, inside) for path in side.metadata_files()} == files

    def test_deeply_nested_folders(self, repository):
        folders = [repository / ".git"]
        for _ in range(1200):
            folders.append(folders[-1] / "d")
            folders[-1].mkdir()
        deepest = folders[-1] / "file"
        deepest.write_text("x")
        found = Repository.discover(str(repository))
        assert str(deepest) in set(found.metadata_files())
        assert found.skipped == []
        deepest.unlink()
        for folder in reversed(folders[1:]):
            folder.rmdir()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:word@host/a/b.git", "https://host/a/b.git"),
        ("https://us@er:wo@rd@host/a", "https://host/a"),
        ("https://host/a?token=x#y", "https://host/a"),
        ("ssh://git@host:22/a", "ssh://host:22/a"),
        ("git@host:a/b.git", "host:a/b.git"),
        ("https://user:wo/rd@host/a", "https://host/a"),
        ("/srv/git/a", "/srv/git/a"),
        ("https://host/a\x1b[31m\n", "https://host/a [31m "),
        ("", ""),
    ],
)
def test_scrub_url(url, shown):
    assert scrub_url(url) == shown


def test_origin(repository):
    assert Repository.discover(str(repository)).origin() == ""
    secret = "hunter" + "2"
    git(repository, "remote", "add", "origin", f"https://u:{secret}@host/x.git")
    assert Repository.discover(str(repository)).origin() == "https://host/x.git"
