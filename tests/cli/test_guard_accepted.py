"""The guard, as a real process, where a baseline, comments or settings accept what is staged."""

import os
import subprocess
import sys

import pytest
from quiet_git import ENVIRONMENT

from scanner.rulepack import samples
from scanner.rulepack.pack import builtin
from scanner.triage import baseline, keys
from scanner.triage.baseline import Baseline, Entry

A, B = samples.expand("<<checksum ghp_ 30>> <<checksum ghp_ 30>>").split()

FAMILY = next(rule.family for rule in builtin().rules if rule.id == "github-personal-token")


@pytest.fixture
def repository(tmp_path):
    path = tmp_path / "repository"
    path.mkdir()
    run(path, "git", "init", "-q")
    run(path, "git", "commit", "-q", "--allow-empty", "-m", "first")
    return path


def run(path, *command):
    return subprocess.run(
        command, cwd=path, capture_output=True, timeout=60,
        env=ENVIRONMENT | {"HOME": str(path.parent), "XDG_CACHE_HOME": str(path.parent)},
    )  # fmt: skip


def guard(path, *files):
    for name, text in files:
        (path / name).write_text(text)
    run(path, "git", "add", "-A")
    done = run(path, sys.executable, "-m", "scanner", "guard")
    assert A.encode() not in done.stderr
    return done.returncode, done.stderr.decode()


def accept(path, secret, **terms):
    root = run(path, "git", "rev-parse", "HEAD").stdout.strip()
    identity = keys.derived({"XDG_CACHE_HOME": str(path.parent)}, root)
    name = identity.fingerprint(FAMILY, secret.encode())
    entry = Entry(name, "", "", "why", "", "", "")._replace(**terms)
    (path / baseline.NAME).write_text(baseline.text(Baseline(identity.key, (entry,))))


def test_what_is_accepted_passes_and_all_else_is_blocked(repository):
    accept(repository, A)
    code, said = guard(repository, ("a.py", f"'{A}'\n"), ("b.py", f"'{B}'  # leakseal:allow x\n"))
    assert (code, said) == (0, "")
    code, said = guard(repository, ("b.py", f"'{B}'\n"))
    assert code == 1
    assert "a.py" not in said
    assert "b.py:1:2" in said


def test_what_was_accepted_says_so(repository):
    accept(repository, A, expires="2020-01-31")
    code, said = guard(repository, ("a.py", f"'{A}'\n"))
    assert code == 1
    assert "was accepted until 2020-01-31: why" in said


def test_settings_count_beside_the_baseline(repository):
    accept(repository, A)
    settings = "allow: [{paths: [c.py], reason: x}]\nhonor_foreign_ignores: true\n"
    (repository / ".leakseal.yaml").write_text(settings)
    files = ("a.py", f"'{A}'\n"), ("b.py", f"'{B}'  # gitleaks:allow\n"), ("c.py", f"'{B}'\n")
    assert guard(repository, *files) == (0, "")


def test_a_baseline_that_cannot_be_used_blocks_only_if_there_is_something(repository):
    (repository / baseline.NAME).write_text("nonsense\n")
    assert guard(repository) == (0, "")
    code, said = guard(repository, ("a.py", f"'{A}'\n"))
    assert code == 2
    assert f"{baseline.NAME}:1: this is no line of a baseline" in said
    os.unlink(repository / baseline.NAME)
    assert guard(repository)[0] == 1
