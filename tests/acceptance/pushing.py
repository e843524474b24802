"""Real pushes between repositories that the guard watches, on one side or on the other."""

import re
import shlex
import subprocess

from planting import COMMAND, IDENTITY, Repository, environment, git, token

OLD, NEW, OTHER = token("old"), token("new"), token("other")
_LEAK = re.compile(rb"(?:remote: )?(\S.*?): GitHub personal access token")


def hook(git_dir, name, *options, before=""):
    """Make the guard one of a repository's hooks, with what git passes it."""
    script = git_dir / "hooks" / name
    script.parent.mkdir(exist_ok=True)
    command = shlex.join([*COMMAND, "guard", name, *options])
    script.write_text(f'#!/bin/sh\n{before}\nexec {command} "$@"\n')
    script.chmod(0o755)


class Push:
    """A `git push` and what came of it."""

    def __init__(self, directory, *arguments, **environ):
        done = subprocess.run(
            ["git", "push", *(arguments or ("origin", "HEAD"))],
            cwd=directory,
            capture_output=True,
            env=environment(directory.parent) | IDENTITY | environ,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=120,
        )
        self.said = done.stdout + done.stderr
        self.code = done.returncode
        lines = (_LEAK.match(line) for line in self.said.splitlines())
        self.leaks = sorted(line[1].decode() for line in lines if line)

    def passed(self):
        assert self.code == 0, self.said
        assert b"leakseal" not in self.said
        return True

    def blocked(self, *leaks):
        """Assert that exactly these leaks were named, and nothing of a value was."""
        assert self.code != 0
        assert self.leaks == sorted(leaks), self.said
        own = b"".join(line for line in self.said.splitlines() if not line.startswith(b" ! ["))
        for value in (OLD, NEW, OTHER):
            assert value not in own  # git itself names the refs that were refused
        assert b"push blocked" in self.said or b"push refused" in self.said
        return True


def pair(tmp_path, *options):
    """Return a repository and the bare one that it pushes to, which has all of it."""
    bare = tmp_path / "bare.git"
    bare.mkdir()
    git(bare, "init", "-q", "--bare", *options)
    local = Repository(tmp_path / "local", *options)
    local.git("remote", "add", "origin", str(bare))
    local.commit_file("old.env", b"# settings\nTOKEN=%b\n" % OLD, "First")
    local.git("push", "-q", "origin", "main")
    return local, bare


def short(commit):
    return commit[:12]


def leak(place, commit):
    return f"{place} in commit {short(commit)}"
