"""A developer's machine: a home of its own, real repositories, the real git and command."""

import os
import random
import string
import subprocess
import sys
from pathlib import Path

import scanner
from scanner.rulepack.samples import checksum

PROJECT = Path(scanner.__file__).parents[1]
PROGRAM = str(Path(sys.executable).parent / "leakseal")
_KEPT = ("PATH", "SYSTEMROOT")


def token(seed):
    """Return a GitHub token, checksum and all, that is always the same for `seed`."""
    rng = random.Random(f"adopt {seed}")
    body = "".join(rng.choices(string.ascii_letters + string.digits, k=30))
    return f"ghp_{body}{checksum(body)}"


class Desk:
    """Where a developer works; `home` has the user's own configuration."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.home = self.folder / "home"
        self.home.mkdir(parents=True)
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        covered = {n: v for n, v in os.environ.items() if n.startswith(("COVERAGE", "COV_"))}
        self.environment = {
            **kept,
            **covered,
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ann",
            "GIT_AUTHOR_EMAIL": "ann@acme.example",
            "GIT_COMMITTER_NAME": "Ann",
            "GIT_COMMITTER_EMAIL": "ann@acme.example",
            "LC_ALL": "C.UTF-8",
        }

    def run(self, *command, cwd=None, stdin="", **environ):
        return subprocess.run(
            [os.fspath(word) for word in command],
            cwd=cwd or self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment | environ,
            check=False,
        )

    def leakseal(self, *arguments, cwd=None, **options):
        return self.run(PROGRAM, *arguments, cwd=cwd, **options)

    def git(self, cwd, *arguments, expect=0, **options):
        done = self.run("git", *arguments, cwd=cwd, **options)
        assert done.returncode == expect, done.stderr
        return done.stdout + done.stderr

    def repository(self, name="repository", *options):
        path = self.folder / name
        self.git(self.folder, "init", "-q", "-b", "main", *options, path)
        return path

    def remote(self, repository, name="remote.git"):
        """Make a bare repository that `repository` pushes to."""
        path = self.repository(name, "--bare")
        self.git(repository, "remote", "add", "origin", path)
        return path

    def project(self):
        """Return a repository with the files of this project as they are."""
        clone = self.folder / "project"
        listed = subprocess.run(
            ["git", "ls-files", "-z", "-c", "-o", "--exclude-standard"],
            cwd=PROJECT, capture_output=True, check=True,
        ).stdout.split(b"\0")  # fmt: skip
        for name in map(os.fsdecode, filter(None, listed)):
            if (PROJECT / name).is_file():
                (clone / name).parent.mkdir(parents=True, exist_ok=True)
                (clone / name).write_bytes((PROJECT / name).read_bytes())
        self.git(self.folder, "init", "-q", "-b", "main", clone)
        self.git(clone, "add", "-A", "--force")
        self.git(clone, "commit", "-qm", "As it is")
        return clone


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def script(path, *lines):
    """Write an executable shell script."""
    write(path, "\n".join(("#!/bin/sh", *lines)) + "\n").chmod(0o755)
    return path


def snapshot(folder):
    """Return what every file below `folder` is: mode, content or the target of a link."""
    return {
        str(path.relative_to(folder)): (
            os.readlink(path) if path.is_symlink() else (path.stat().st_mode, path.read_bytes())
        )
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }
