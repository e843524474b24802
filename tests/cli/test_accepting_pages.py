"""docs/baseline.md, docs/ignoring.md and docs/html-report.md: what they say to type works."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from quiet_git import ENVIRONMENT

from scanner.rulepack import samples

ROOT = Path(__file__).parents[2]
TOKEN = samples.expand("<<checksum ghp_ 30>>")


@pytest.fixture
def reader(tmp_path):
    """Return an environment with `leakseal` on PATH, and a repository with a leak and a report."""
    command = tmp_path / "bin" / "leakseal"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m scanner "$@"\n')
    command.chmod(0o755)
    environment = ENVIRONMENT | {
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(tmp_path / "home"),
    }
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "deploy.sh").write_text(f"TOKEN={TOKEN}\n")
    script = """
        git init -q -b main && git add -A && git commit -q -m Leak
        leakseal scan -q -f json -o ../report.json || test $? = 1
        mv ../report.json report.json && echo report.json >> .git/info/exclude
    """
    _typed(script, repository, environment)
    return repository, environment


def _typed(script, folder, environment):
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr
    return done.stdout


def blocks(page):
    found = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs" / page).read_text(), re.M | re.S)
    assert found, page
    return found


def test_accepting(reader):
    repository, environment = reader
    for page in ("baseline.md", "ignoring.md"):
        for block in blocks(page):
            _typed(block, repository, environment)
    assert "FINGERPRINT" not in "".join(blocks("baseline.md"))
    entry = (repository / ".leakseal.baseline").read_text().splitlines()[1]
    assert '"owner": "security@acme.example"' in entry


def test_the_page_for_people(reader):
    repository, environment = reader
    for block in blocks("html-report.md"):
        _typed(block, repository, environment)
    assert (repository / "report.html").read_text().startswith("<!doctype html>")
