"""The real git and the real pre-commit, as tests of the hooks run them."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def run(*command, cwd, expect=0, **extra):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | extra
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


def git(cwd, *arguments, expect=0, **extra):
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    return run("git", *identity, *arguments, cwd=cwd, expect=expect, **extra)


def pre_commit(cwd, *arguments, expect=0, **extra):
    return run(sys.executable, "-m", "pre_commit", *arguments, cwd=cwd, expect=expect, **extra)
