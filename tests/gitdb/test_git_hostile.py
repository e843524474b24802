import os
import shutil

import pytest
from grown import git

from scanner.gitdb.git import BROKEN, MISSING, Git, GitError
from scanner.gitdb.odb import ObjectDatabase
from scanner.gitdb.repository import Repository

COMMANDS = [
    ("ls-files", "-z", "--stage"),
    ("ls-files", "-z", "--others", "--exclude-standard"),
    ("ls-files", "-z", "-m"),
    ("ls-files", "-z", "--modified", "--others"),
    ("diff-index", "-z", "--cached", "HEAD"),
    ("diff-index", "-z", "HEAD"),
    ("diff-index", "-p", "HEAD"),
    ("diff-files", "-z"),
    ("diff-files", "-p"),
    ("diff-tree", "-r", "-z", "--root", "HEAD"),
    ("diff-tree", "-p", "--root", "HEAD"),
    ("log", "-p", "--all"),
    ("show", "HEAD"),
    ("diff", "HEAD"),
    ("status", "--porcelain"),
    ("for-each-ref",),
    ("rev-list", "--all", "--objects"),
    ("rev-parse", "HEAD"),
    ("ls-tree", "-r", "-z", "HEAD"),
    ("cat-file", "-p", "HEAD"),
    ("config", "--list", "-z"),
    ("hash-object", "file0.txt"),
    ("cat-file", "--filters", "HEAD:file0.txt"),
]


@pytest.fixture
def trap(repository, tmp_path):
    """A repository whose configuration runs a program, which leaves a file, wherever it can."""
    canary = tmp_path / "canary"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {canary}\ncat\n")
    program.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (hooks / hook).write_text(program.read_text())
        (hooks / hook).chmod(0o755)
    settings = {
        "core.fsmonitor": program,
        "core.pager": program,
        "pager.log": program,
        "core.hooksPath": hooks,
        "core.sshCommand": program,
        "core.gitProxy": program,
        "core.askPass": program,
        "core.editor": program,
        "core.alternateRefsCommand": program,
        "credential.helper": program,
        "diff.external": program,
        "diff.trap.textconv": program,
        "diff.trap.command": program,
        "filter.trap.clean": program,
        "filter.trap.smudge": program,
        "filter.trap.required": "true",
        "filter.other = name.process": program,
        "gpg.program": program,
        "log.showSignature": "true",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "protocol.file.allow": "always",
        "remote.origin.url": f"ext::{program}",
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
        "remote.origin.uploadpack": program,
        "uploadpack.packObjectsHook": program,
        "extensions.partialClone": "origin",
        "core.repositoryFormatVersion": "1",
        "trace2.normalTarget": canary,
        "log.mailmap": "true",
        "mailmap.file": program,
        **{f"alias.{command[0]}": f"!{program}" for command in COMMANDS},
    }
    included = tmp_path / "included"
    for key, value in settings.items():
        git(repository, "config", key, value)
        git(repository, "config", "-f", included, key, value)
    git(repository, "config", "include.path", included)
    for name in (".gitattributes", ".git/info/attributes"):
        (repository / name).write_text("file0.txt diff=trap\n*.txt diff=trap filter=trap\n")
    # A commit that claims to be signed, and files that look changed although they are not.
    body = git(repository, "cat-file", "commit", "HEAD")
    signed = body.replace(b"\n\n", b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n x\n\n", 1)
    name = git(repository, "hash-object", "-w", "-t", "commit", "--stdin", stdin=signed)
    (repository / ".git" / "refs" / "heads" / "main").write_bytes(name + b"\n")
    os.utime(repository / "file0.txt", (1, 1))
    os.utime(repository / "file1.txt")
    canary.unlink(missing_ok=True)
    return repository, canary


def in_repository(path):
    return Git(str(path / ".git"), str(path))


class TestHostile:
    def test_a_git_that_would_run_filters_all_the_same_is_refused(self, trap, tmp_path):
        path, canary = trap
        old = tmp_path / "old" / "git"
        old.parent.mkdir()
        old.write_text(
            "#!/bin/sh\nunset GIT_CONFIG_COUNT\n"
            'case "$*" in *" version") echo git version 2.30.9; exit;; esac\n'
            f'exec {shutil.which("git")} "$@"\n'
        )
        old.chmod(0o755)
        runner = Git(str(path / ".git"), str(path), environ={"PATH": str(old.parent)})
        with pytest.raises(GitError, match=r"git 2\.31"):
            runner.run("status", "--porcelain")
        assert runner.run("rev-parse", "HEAD")
        assert not canary.exists()

    def test_the_trap_works(self, trap):
        path, canary = trap
        git(path, "log", "-p", "-1")
        assert canary.exists()

    @pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
    def test_nothing_runs(self, trap, command):
        path, canary = trap
        in_repository(path).run(*command)
        assert not canary.exists()

    @pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
    def test_nothing_runs_in_a_hook(self, trap, command, monkeypatch):
        path, canary = trap
        monkeypatch.chdir(path)
        Git(None, hook=True).run(*command)
        assert not canary.exists()

    def test_nothing_is_fetched(self, trap):
        path, canary = trap
        with pytest.raises(GitError):
            in_repository(path).run("cat-file", "-p", "1" * 40)
        (entry,) = in_repository(path).batch([b"\x11" * 20])
        assert entry.kind in (MISSING, BROKEN)
        for command in ("fetch", "ls-remote"):
            with pytest.raises(GitError):
                in_repository(path).run(command, "origin")
        assert not canary.exists()

    def test_discovery_and_reading_run_nothing(self, trap):
        path, canary = trap
        repository = Repository.discover(str(path))
        repository.refs()
        repository.head()
        repository.branch()
        repository.origin()
        repository.reflog_ids()
        database = ObjectDatabase(repository.objects_dir, "sha1", git=repository.git)
        assert sum(1 for _ in database.objects()) > 30
        assert database.read(b"\x11" * 20) is None
        assert not canary.exists()

    def test_nothing_is_written(self, trap):
        path, _ = trap
        before = sorted((p, p.stat().st_mtime_ns) for p in path.rglob("*"))
        for command in COMMANDS:
            in_repository(path).run(*command)
        assert sorted((p, p.stat().st_mtime_ns) for p in path.rglob("*")) == before

    def test_replace_refs_and_grafts_hide_nothing(self, repository):
        head = git(repository, "rev-parse", "HEAD").decode()
        parent = git(repository, "rev-parse", "HEAD~3").decode()
        git(repository, "replace", head, parent)
        (repository / ".git" / "info" / "grafts").write_text(f"{head}\n")
        here = in_repository(repository)
        (entry,) = here.batch([bytes.fromhex(head)])
        assert b"change 11" in entry.data
        assert len(here.run("rev-list", head).split()) == 12

    def test_configuration_that_blocks_is_given_up(self, repository, tmp_path):
        os.mkfifo(tmp_path / "fifo")
        git(repository, "config", "include.path", tmp_path / "fifo")
        here = in_repository(repository)
        with pytest.raises(GitError, match="did not answer"):
            here.run("rev-parse", "HEAD", timeout=0.5)
        # From then on it is not even tried, though it would answer now.
        (tmp_path / "fifo").unlink()
        assert in_repository(repository).run("rev-parse", "HEAD")
        with pytest.raises(GitError):
            here.run("rev-parse", "HEAD")
        assert [e.kind for e in here.batch([bytes(20), bytes(20)])] == [BROKEN, BROKEN]
