"""A project's `.leakseal.yaml`: when it counts, what the report says of it, and the guard."""

import json
import os
import subprocess
import sys

import pytest
from quiet_git import ENVIRONMENT

from scanner.rulepack import samples

TOKEN = samples.expand("<<checksum ghp_ 30>>")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OWN = samples.expand("acme_live_<<lower 20>>")
SETTINGS = """
rules:
  add:
  - id: acme-key
    name: Acme key
    kind: api-key
    provider: Acme
    severity: critical
    keywords: [acme_live_]
    pattern: '{{left}}acme_live_[a-z]{20}{{right}}'
    remediation: https://acme.example/keys
allow:
- paths: [fixtures/**]
  reason: made for tests
"""


def git(repository, *arguments):
    command = ["git", *arguments]
    subprocess.run(command, cwd=repository, env=ENVIRONMENT, check=True, capture_output=True)


@pytest.mark.parametrize(
    "text",
    [
        "{}: 1\n",
        "allow:\n- rules: [{}]\n  reason: x\n",
        "allow:\n- fingerprints: [{}]\n  reason: x\n",
        "rules:\n  extend:\n  - id: {}\n    reason: x\n",
    ],
)
def test_a_mistake_is_told_without_the_secret_in_it(repository, text):
    (repository / ".leakseal.yaml").write_text(text.format(TOKEN))
    command = [sys.executable, "-m", "scanner", "scan", str(repository)]
    environment = ENVIRONMENT | {"PYTHONPATH": ROOT}
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True)
    assert done.returncode == 2
    assert b".leakseal.yaml" in done.stderr
    assert TOKEN.encode() not in done.stdout + done.stderr


@pytest.fixture
def repository(tmp_path):
    path = tmp_path / "repository"
    (path / "fixtures").mkdir(parents=True)
    git(path, "init", "-q", "-b", "main")
    (path / "fixtures" / "token.txt").write_text(f"TOKEN={TOKEN}\n")
    (path / "app.env").write_text(f"ACME={OWN}\n")
    (path / ".leakseal.yaml").write_text(SETTINGS)
    git(path, "add", "-A")
    git(path, "commit", "-q", "-m", "all")
    return path


def leakseal(*arguments, cwd, home):
    command = [sys.executable, "-m", "scanner", *arguments]
    environment = ENVIRONMENT | {"HOME": str(home)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, timeout=60)


def scan(*arguments, cwd, home):
    done = leakseal("scan", "-q", "-f", "json", *arguments, cwd=cwd, home=home)
    report = json.loads(done.stdout)
    rules = {finding["rule"]["id"] for finding in report["findings"]}
    notes = {entry["code"]: entry["detail"] for entry in report["coverage"]["skipped"]}
    assert report["coverage"]["complete"]
    return rules, notes


BUILT_IN, ADDED = {"github-personal-token"}, {"acme-key"}


def test_inside_the_repository_its_settings_count(repository, tmp_path):
    rules, notes = scan(cwd=repository, home=tmp_path)
    assert rules == ADDED
    assert notes == {}
    assert scan(cwd=repository / "fixtures", home=tmp_path)[0] == set()


def test_an_audit_trusts_no_settings_and_says_so(repository, tmp_path):
    rules, notes = scan("--audit", cwd=repository, home=tmp_path)
    assert rules == BUILT_IN
    assert notes == {"own-configuration": "not read: this is an audit"}


def test_from_elsewhere_settings_do_not_count_unless_named(repository, tmp_path):
    rules, notes = scan(str(repository), cwd=tmp_path, home=tmp_path)
    assert rules == BUILT_IN
    assert "run leakseal inside the repository" in notes["own-configuration"]
    settings = str(repository / ".leakseal.yaml")
    rules, notes = scan("--config", settings, str(repository), cwd=tmp_path, home=tmp_path)
    assert rules == ADDED


def test_a_symbolic_link_does_not_count(repository, tmp_path):
    settings = repository / ".leakseal.yaml"
    settings.rename(tmp_path / "settings")
    settings.symlink_to(tmp_path / "settings")
    rules, notes = scan(cwd=repository, home=tmp_path)
    assert rules == BUILT_IN
    assert "no regular file" in notes["own-configuration"]


def test_a_pipe_does_not_count_and_is_not_waited_for(repository, tmp_path):
    (repository / ".leakseal.yaml").unlink()
    os.mkfifo(repository / ".leakseal.yaml")
    rules, notes = scan(cwd=repository, home=tmp_path)
    assert rules == BUILT_IN
    assert "no regular file" in notes["own-configuration"]
    assert leakseal("guard", cwd=repository, home=tmp_path).returncode == 0


def test_a_path_may_have_any_letters(repository, tmp_path):
    (repository / "Prüfung").mkdir()
    (repository / "fixtures" / "token.txt").rename(repository / "Prüfung" / "token.txt")
    settings = SETTINGS.replace("fixtures/**", "'Prü[f]ung/**'")
    git(repository, "add", "-A")
    (repository / ".leakseal.yaml").write_text(settings, encoding="utf-8")
    rules, notes = scan("--no-history", cwd=repository, home=tmp_path)
    assert rules == ADDED
    assert notes == {}


def test_a_rule_that_is_not_understood_later_ends_the_scan_too(repository, tmp_path):
    text = SETTINGS.replace("severity: critical", "severity: critical\n    checks: [nonsense]")
    (repository / ".leakseal.yaml").write_text(text)
    done = leakseal("scan", cwd=repository, home=tmp_path)
    assert done.returncode == 2
    assert b"rules.add: rule acme-key: there is no check nonsense" in done.stderr


def test_a_mistake_reaches_no_terminal_as_it_is(repository, tmp_path):
    (repository / ".leakseal.yaml").write_text('"\\e]0;owned\\a": 1\n')
    for command in ("scan", "guard"):
        done = leakseal(command, cwd=repository, home=tmp_path)
        assert done.returncode == 2
        assert b"\\x1b]0;owned\\x07" in done.stderr
        assert b"\x1b" not in done.stderr


@pytest.mark.parametrize(("command", "code"), [("guard", 2), ("scan -q {}", 1)])
def test_a_directory_that_is_gone_has_no_settings(repository, tmp_path, command, code):
    command = command.format(repository)
    shell = f'mkdir gone && cd gone && rmdir ../gone && "{sys.executable}" -m scanner {command}'
    environment = ENVIRONMENT | {"HOME": str(tmp_path), "PYTHONPATH": ROOT}
    done = subprocess.run(
        ["sh", "-c", shell], cwd=repository, env=environment, capture_output=True, timeout=60
    )
    assert done.returncode == code
    assert b"internal error" not in done.stderr


def test_a_bare_clone_has_no_settings(repository, tmp_path):
    git(tmp_path, "clone", "-q", "--bare", str(repository), "bare.git")
    rules, _ = scan(cwd=tmp_path / "bare.git", home=tmp_path)
    assert rules == BUILT_IN


def test_a_commit_is_allowed(repository, tmp_path):
    (repository / "old.env").write_text(f"ACME={OWN[:-1]}z\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "import")
    git(repository, "rm", "-q", "old.env")
    git(repository, "commit", "-q", "-m", "remove")
    command = ["git", "rev-parse", "HEAD~"]
    done = subprocess.run(command, cwd=repository, env=ENVIRONMENT, capture_output=True, check=True)
    commit = done.stdout.decode()[:12]
    settings = SETTINGS + f"- commits: ['{commit}']\n  rules: [acme-key]\n  reason: revoked\n"
    found = leakseal("scan", "-q", "-f", "json", cwd=repository, home=tmp_path)
    assert len(json.loads(found.stdout)["findings"]) == 2
    (repository / ".leakseal.yaml").write_text(settings)
    done = leakseal("scan", "-q", "-f", "json", cwd=repository, home=tmp_path)
    assert len(json.loads(done.stdout)["findings"]) == 1


def test_a_mistake_ends_the_scan(repository, tmp_path):
    (repository / ".leakseal.yaml").write_text("rules: {disable: [{id: nope, reason: x}]}")
    done = leakseal("scan", cwd=repository, home=tmp_path)
    assert done.returncode == 2
    assert b"there is no rule nope" in done.stderr
    assert done.stdout == b""


def test_the_guard_uses_the_settings(repository, tmp_path):
    (repository / "fixtures" / "other.txt").write_text(f"TOKEN={TOKEN}\n")
    git(repository, "add", "-A")
    assert leakseal("guard", cwd=repository, home=tmp_path).returncode == 0
    (repository / "new.env").write_text(f"ACME={OWN[:-1]}q\n")
    git(repository, "add", "-A")
    done = leakseal("guard", cwd=repository / "fixtures", home=tmp_path)
    assert done.returncode == 1
    assert b"acme-key" in done.stderr
    (repository / ".leakseal.yaml").write_text("rules: {disable: [{id: nope, reason: x}]}")
    done = leakseal("guard", cwd=repository, home=tmp_path)
    assert done.returncode == 2
    assert b"there is no rule nope" in done.stderr
