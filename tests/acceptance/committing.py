"""Real commits in repositories that the guard watches, and what comes of them."""

import shlex
import subprocess

from planting import COMMAND, IDENTITY, Repository, environment, git, run, token

OLD, NEW = token("old"), token("new")


def install(git_dir):
    """Make the guard the pre-commit hook of a repository."""
    hook = git_dir / "hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {shlex.join(COMMAND)} guard\n")
    hook.chmod(0o755)


def guarded(path):
    """Return a repository with the guard as its hook, and an old leak in HEAD."""
    repository = Repository(path)
    repository.commit_file("old.env", b"# settings\nTOKEN=%b\n" % OLD)
    install(repository.path / ".git")
    return repository


class Attempt:
    """A `git commit`: whether it came to be, and what was said."""

    def __init__(self, directory, *options):
        before = self._head(directory)
        options = options or ("-m", "Try")
        self.said = _commit(directory, *options)
        self.committed = self._head(directory) != before

    def _head(self, directory):
        return git(directory, "rev-parse", "--verify", "-q", "HEAD", check=False)

    def blocked(self, *places):
        """Assert that exactly the leaks at `places` were named, with nothing of the value."""
        assert not self.committed
        assert OLD not in self.said
        assert NEW not in self.said
        named = {
            line.split(b": ")[0] for line in self.said.splitlines() if b"personal access" in line
        }
        assert named == set(places), self.said
        assert b"github-personal-token" in self.said
        assert b"commit blocked" in self.said
        return True

    def passed(self):
        assert self.committed, self.said
        assert self.said.strip() == b""
        return True


def _commit(directory, *options):
    done = subprocess.run(
        ["git", "commit", "-q", *options],
        cwd=directory,
        capture_output=True,
        env=environment(directory.parent) | IDENTITY,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    return done.stdout + done.stderr


def stage(repository, path, content):
    repository.write(path, content)
    repository.git("add", "--force", "--", path)


def guard(repository, **environ):
    return run("guard", home=repository.path.parent, cwd=repository.path, **environ)
