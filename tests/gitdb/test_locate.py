import os
import shutil

import pytest
from grown import git, grow, open_objects

from scanner.errors import UsageError
from scanner.gitdb.repository import Repository


def resolve(path, name):
    return bytes.fromhex(git(path, "rev-parse", name).decode())


class TestDiscover:
    def test_work_tree(self, repository):
        (repository / "deep" / "er").mkdir(parents=True)
        for start in (repository, repository / "deep" / "er", repository / "file0.txt"):
            found = Repository.discover(str(start))
            assert found.git_dir == found.common_dir == str(repository / ".git")
            assert found.work_tree == str(repository)
            assert not found.bare
            assert (found.object_format, found.hash_size) == ("sha1", 20)
            assert found.skipped == []

    def test_git_dir_itself(self, repository):
        for start in (repository / ".git", repository / ".git" / "refs" / "heads"):
            found = Repository.discover(str(start))
            assert found.git_dir == str(repository / ".git")
            assert found.work_tree == str(repository)

    def test_none(self, tmp_path):
        assert Repository.discover(str(tmp_path)) is None
        assert Repository.discover(str(tmp_path / "absent")) is None

    def test_bare(self, repository, tmp_path):
        git(tmp_path, "clone", "-q", "--bare", "repository", "bare.git")
        found = Repository.discover(str(tmp_path / "bare.git"))
        assert (found.git_dir, found.work_tree) == (str(tmp_path / "bare.git"), None)
        assert found.bare
        assert found.head() == resolve(repository, "HEAD")

    def test_bare_without_configuration(self, repository, tmp_path):
        git(tmp_path, "clone", "-q", "--bare", "repository", "mirror")
        (tmp_path / "mirror" / "config").unlink()
        found = Repository.discover(str(tmp_path / "mirror"))
        assert found.bare
        assert found.work_tree is None
        assert found.head() == resolve(repository, "HEAD")

    def test_linked_worktree(self, repository, tmp_path):
        git(repository, "worktree", "add", "-q", "-b", "side", tmp_path / "side")
        grow(tmp_path / "side", 1, seed=1)
        found = Repository.discover(str(tmp_path / "side"))
        assert found.git_dir == str(repository / ".git" / "worktrees" / "side")
        assert found.common_dir == str(repository / ".git")
        assert found.work_tree == str(tmp_path / "side")
        assert found.branch() == "side"
        assert found.head() == resolve(tmp_path / "side", "HEAD")
        assert Repository.discover(found.git_dir).work_tree == str(tmp_path / "side")

    def test_submodule(self, repository, tmp_path):
        git(tmp_path, "init", "-q", "outer")
        outer = tmp_path / "outer"
        git(outer, "submodule", "--quiet", "add", "--name", "lib/one", repository, "lib")
        git(outer / "lib", "submodule", "--quiet", "add", repository, "inner")
        inside = Repository.discover(str(outer / "lib"))
        modules = outer / ".git" / "modules" / "lib" / "one"
        assert inside.git_dir == str(modules)
        assert inside.work_tree == str(outer / "lib")
        assert Repository.discover(str(modules)).work_tree == str(outer / "lib")
        assert sorted(Repository.discover(str(outer)).nested_git_dirs()) == [
            str(modules),
            str(modules / "modules" / "inner"),
        ]

    def test_sha256(self, tmp_path):
        git(tmp_path, "init", "-q", "--object-format=sha256")
        grow(tmp_path, 1)
        found = Repository.discover(str(tmp_path))
        assert (found.object_format, found.hash_size) == ("sha256", 32)
        assert found.head() == resolve(tmp_path, "HEAD")
        assert [ref.name for ref in found.refs()] == [b"refs/heads/main"]

    def test_unborn(self, tmp_path):
        git(tmp_path, "init", "-q")
        found = Repository.discover(str(tmp_path))
        assert found.head() is None
        assert found.branch() == "main"
        assert found.refs() == []

    def test_path_with_dollar_and_tilde(self, repository, tmp_path, monkeypatch):
        monkeypatch.setenv("ELSEWHERE", str(repository))
        monkeypatch.chdir(tmp_path)
        (tmp_path / "$ELSEWHERE").mkdir()
        assert Repository.discover("$ELSEWHERE") is None

    @pytest.mark.parametrize("claim", ["/", "{tmp}/other", "../../other"])
    def test_foreign_work_tree_is_not_believed(self, repository, tmp_path, claim):
        (tmp_path / "other").mkdir()
        git(repository, "config", "core.worktree", claim.format(tmp=tmp_path))
        for start in (repository, repository / ".git"):
            found = Repository.discover(str(start))
            assert found.work_tree in (None, str(repository))

    @pytest.mark.parametrize("name", ["HEAD", "commondir"])
    def test_fifo_is_refused(self, repository, name):
        (repository / ".git" / name).unlink(missing_ok=True)
        os.mkfifo(repository / ".git" / name)
        with pytest.raises(UsageError):
            Repository.discover(str(repository))

    @pytest.mark.parametrize(
        "name", ["config", "packed-refs", "refs/heads/x", "logs/HEAD", "shallow"]
    )
    def test_other_fifos_only_stop_git(self, repository, name):
        (repository / ".git" / name).unlink(missing_ok=True)
        os.mkfifo(repository / ".git" / name)
        found = Repository.discover(str(repository))
        assert b"refs/heads/main" in {ref.name for ref in found.refs()}
        found.reflog_ids()
        found.shallow()
        found.branch()
        assert "git-refused" in {s.code for s in found.skipped}

    @pytest.mark.parametrize("lost", ["HEAD", "refs", "config"])
    def test_damaged_git_directory(self, repository, lost):
        git(repository.parent, "init", "-q")
        git(repository, "pack-refs", "--all")
        git(repository, "repack", "-q")
        path = repository / ".git" / lost
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        found = Repository.discover(str(repository))
        assert found.git_dir == str(repository / ".git")
        assert found.work_tree == str(repository)
        assert b"refs/heads/main" in {ref.name for ref in found.refs()}
        assert [s.code for s in found.skipped] == ([] if lost == "config" else ["git-refused"])
        database = open_objects(found.objects_dir, git=found.git)
        assert sum(1 for _ in database.objects()) > 50

    def test_fifo_behind_a_git_file(self, repository, tmp_path):
        (tmp_path / "tree").mkdir()
        (tmp_path / "tree" / ".git").write_text(f"gitdir: {tmp_path}/hidden\n")
        (tmp_path / "hidden").mkdir()
        os.mkfifo(tmp_path / "hidden" / "HEAD")
        with pytest.raises(UsageError):
            Repository.discover(str(tmp_path / "tree"))

    def test_git_is_a_fifo(self, tmp_path):
        os.mkfifo(tmp_path / ".git")
        with pytest.raises(UsageError):
            Repository.discover(str(tmp_path))

    def test_include_is_not_followed(self, repository, tmp_path, monkeypatch):
        monkeypatch.setattr("scanner.gitdb.repository._PROBE_SECONDS", 0.5)
        os.mkfifo(tmp_path / "fifo")
        git(repository, "config", "remote.origin.url", "https://host/x")
        git(repository, "config", "includeIf.gitdir:/.path", tmp_path / "fifo")
        assert Repository.discover(str(repository)).origin() == "https://host/x"
