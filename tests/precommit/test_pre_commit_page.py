"""docs/pre-commit.md: its commands work in sequence, and what it shows is what they print."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from adopting import PROJECT, git

pytestmark = pytest.mark.slow
PAGE = PROJECT / "docs/pre-commit.md"
_BLOCK = re.compile(r"^```(sh|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CHANGING = re.compile(r"\b[0-9a-f]{12}\b|\w{4}(?=…)")


def commands(text):
    """Yield (command, what it prints), in the order of the page; None where it does not say."""
    for kind, body in _BLOCK.findall(text):
        if kind == "sh":
            yield body, None
            continue
        for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def steady(output):
    """Return the lines of an output, without ids and secrets, which differ each time."""
    lines = (line.rstrip() for line in _CHANGING.sub("X", output).splitlines())
    return [line for line in lines if line and not line.startswith("[INFO]")]


def environment(tmp_path):
    """Return what the commands run with: nobody's settings, and nothing is compiled."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    people = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.com"))
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}"
    config = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return own | people | config | {"PATH": path, "CC": "/bin/false", "PRE_COMMIT_HOME": tmp_path}


def test_commands_and_what_they_print(tmp_path, hooks):
    places = {
        "URL-OR-PATH-OF-THIS-REPOSITORY": str(hooks),
        "FULL-COMMIT-ID-OR-TAG": git(hooks, "rev-parse", "HEAD").strip(),
        "/srv/git": str(tmp_path),
        "/opt/leakseal": str(tmp_path / "leakseal"),
    }
    text = PAGE.read_text()
    for name, value in places.items():
        text = text.replace(name, value)
    app = tmp_path / "app"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "app.git")
    git(tmp_path, "init", "-q", "-b", "main", "app")
    git(app, "remote", "add", "origin", str(tmp_path / "app.git"))
    environ = environment(tmp_path / "home")
    for command, expected in commands(text):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=app,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        blocked = bool(re.search("(push|commit) (blocked|refused)", expected or ""))
        assert (done.returncode != 0) == blocked, command + done.stdout
        if expected is not None:
            assert steady(done.stdout) == steady(expected), command
