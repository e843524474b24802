import os
import subprocess
import sys

import pace
import pytest
from grown import git, grow

from scanner.errors import USAGE, UsageError
from scanner.gitdb.git import BROKEN, MISSING, OVERSIZE, Git, GitError, find_git, scrub
from scanner.gitdb.repository import Repository


def in_repository(path):
    return Git(str(path / ".git"), str(path))


class TestEnvironment:
    def test_variables_do_not_leak_in(self, repository, tmp_path):
        poisoned = {
            "PATH": os.environ["PATH"],
            "GIT_DIR": "/nowhere",
            "GIT_OBJECT_DIRECTORY": "/nowhere",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.worktree",
            "GIT_CONFIG_VALUE_0": "/nowhere",
            "GIT_CONFIG_PARAMETERS": "'core.worktree'='/nowhere'",
            "GIT_EXTERNAL_DIFF": "/nowhere",
            "GIT_TRACE": str(tmp_path / "trace"),
            "GIT_EXEC_PATH": "/nowhere",
            "GIT_INDEX_FILE": "/nowhere",
        }
        here = Git(str(repository / ".git"), str(repository), environ=poisoned)
        assert len(here.run("ls-files").split()) == 3
        assert not (tmp_path / "trace").exists()

    def test_hooks_see_their_index(self, repository, tmp_path):
        environ = dict(os.environ) | {
            "GIT_DIR": str(repository / ".git"),
            "GIT_WORK_TREE": str(repository),
            "GIT_INDEX_FILE": str(tmp_path / "other-index"),
        }
        assert Git(None, environ=environ, hook=True).run("ls-files") == b""
        del environ["GIT_INDEX_FILE"]
        assert len(Git(None, environ=environ, hook=True).run("ls-files").split()) == 3

    def test_hook_in_a_linked_worktree(self, repository, tmp_path):
        side = tmp_path / "side"
        git(repository, "worktree", "add", "-q", "-b", "side", side)
        hook = repository / ".git" / "hooks" / "pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(
            f"#!{sys.executable}\n"
            "import sys\n"
            f"sys.path.insert(0, {os.getcwd()!r})\n"
            "from scanner.gitdb.git import Git\n"
            "here = Git(None, hook=True)\n"
            f"open({str(tmp_path / 'seen')!r}, 'wb').write(\n"
            "    here.run('diff-index', '--cached', '--name-only', '-z', 'HEAD'))\n"
        )
        hook.chmod(0o755)
        grow(side, 0)
        (side / "new.txt").write_text("new")
        git(side, "add", "new.txt")
        git(side, "commit", "-qm", "new")
        assert (tmp_path / "seen").read_bytes() == b"new.txt\0"

    def test_other_owner_is_no_obstacle(self, repository, monkeypatch):
        if os.geteuid():
            pytest.skip("only root can give files away")
        for folder in (repository, repository / ".git"):
            os.chown(folder, 12345, 12345)
        assert in_repository(repository).run("rev-parse", "HEAD")
        assert Repository.discover(str(repository)).skipped == []
        monkeypatch.chdir(repository)
        assert Git(None, hook=True).run("rev-parse", "HEAD")


class TestFindGit:
    def fake(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "git").write_text("#!/bin/sh\nexit 0\n")
        (folder / "git").chmod(0o755)
        return str(folder)

    def test_passes_over_the_scanned_tree(self, tmp_path):
        inside = self.fake(tmp_path / "tree" / "bin")
        outside = self.fake(tmp_path / "outside")
        path = os.pathsep.join([inside, outside])
        assert find_git(path, [str(tmp_path / "tree")]) == os.path.join(outside, "git")
        assert find_git(path, []) == os.path.join(inside, "git")

    def test_passes_over_relative_entries_and_here(self, tmp_path, monkeypatch):
        here = self.fake(tmp_path / "here")
        self.fake(tmp_path / "here" / "bin")
        monkeypatch.chdir(here)
        path = os.pathsep.join(["", ".", "bin", here])
        assert not find_git(path, []).startswith(str(tmp_path))

    def test_sees_through_links(self, tmp_path):
        self.fake(tmp_path / "tree" / "bin")
        (tmp_path / "outside").symlink_to(tmp_path / "tree" / "bin")
        assert not find_git(str(tmp_path / "outside"), [str(tmp_path / "tree")]).startswith(
            str(tmp_path)
        )

    def test_whole_disk_may_be_scanned(self):
        assert find_git(os.environ["PATH"], ["/"])

    def test_absent(self, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "defpath", str(tmp_path))
        with pytest.raises(GitError) as caught:
            find_git(str(tmp_path), [])
        assert isinstance(caught.value, UsageError)
        assert caught.value.exit_code == USAGE


class TestBatch:
    def test_answers_in_order(self, repository):
        here = in_repository(repository)
        names = [bytes.fromhex(n) for n in here.run("rev-list", "HEAD").decode().split()]
        asked = [names[0], bytes(20), names[1], names[0]]
        entries = list(here.batch(asked))
        assert [e.id for e in entries] == asked
        assert [e.kind for e in entries] == [b"commit", MISSING, b"commit", b"commit"]
        assert entries[0].data == git(repository, "cat-file", "commit", "HEAD") + b"\n"

    def test_over_size(self, repository):
        blob = git(repository, "hash-object", "-w", "--stdin", stdin=bytes(1001)).decode()
        small = git(repository, "hash-object", "-w", "--stdin", stdin=bytes(1000)).decode()
        names = [bytes.fromhex(blob), bytes.fromhex(small)]
        entries = list(in_repository(repository).batch(names, limit=1000))
        assert [(e.kind, len(e.data)) for e in entries] == [(OVERSIZE, 0), (b"blob", 1000)]

    def test_goes_on_after_a_damaged_object(self, repository):
        blob = git(repository, "hash-object", "-w", "--stdin", stdin=b"x" * 500).decode()
        path = repository / ".git" / "objects" / blob[:2] / blob[2:]
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:-8])
        head = git(repository, "rev-parse", "HEAD").decode()
        names = [bytes.fromhex(blob), bytes.fromhex(head)]
        assert [e.kind for e in in_repository(repository).batch(names)] == [BROKEN, b"commit"]

    def test_much_data_does_not_deadlock(self, repository):
        names = [
            git(repository, "hash-object", "-w", "--stdin", stdin=b"%d" % n * 200_000).decode()
            for n in range(10)
        ]
        entries = list(in_repository(repository).batch(map(bytes.fromhex, names * 3)))
        assert sum(len(e.data) for e in entries) == 3 * 10 * 200_000

    def test_abandoned(self, repository):
        head = bytes.fromhex(git(repository, "rev-parse", "HEAD").decode())
        answers = in_repository(repository).batch([head, head])
        assert next(answers).id == head
        answers.close()

    def test_no_repository(self, tmp_path):
        entries = list(Git(str(tmp_path / "absent")).batch([bytes(20)] * 3))
        assert [e.kind for e in entries] == [BROKEN] * 3


class TestErrors:
    def test_last_line_is_told(self, repository):
        with pytest.raises(GitError, match=r"ambiguous|unknown revision|bad revision"):
            in_repository(repository).run("rev-parse", "absent", "--")

    def test_credentials_and_control_bytes_are_scrubbed(self):
        password = "pass" + "word"
        text = scrub(
            f"fatal: \x1b[31m'https://user:{password}@host/x?token={password}' \r\n\0 gone"
        )
        assert password not in text
        assert "https://host/x" in text
        assert text.isprintable()

    def test_scrub_takes_linear_time(self):
        assert pace.cost(lambda: scrub("://" * 100_000)) < 200


def test_imports_are_few():
    """The pre-commit guard pays for every import."""
    code = "import sys; import scanner.gitdb.git; print(*sys.modules)"
    loaded = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {os.getcwd()!r}); {code}",
        ],
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()
    assert not {"git", "click", "yaml", "logging", "dataclasses", "pathlib", "zlib"} & set(loaded)
