"""What of the leaks that a hook finds is accepted."""

import os
import subprocess
import sys

import pytest

from scanner.detect.engine import Engine
from scanner.errors import UsageError
from scanner.gitdb.git import Git
from scanner.rulepack import samples
from scanner.rulepack.pack import builtin
from scanner.sources import staged
from scanner.sources.tally import Tally
from scanner.triage import baseline, hook, keys
from scanner.triage.allow import Accepted
from scanner.triage.baseline import Baseline, Entry
from scanner.triage.identity import keyed

A, B, C = samples.expand("<<checksum ghp_ 30>> <<checksum ghp_ 30>> <<checksum ghp_ 30>>").split()
ENGINE = Engine(builtin(), waiting=True)
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.com",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.com",
}


def git(*arguments):
    done = subprocess.run(["git", *arguments], env=ENVIRONMENT, check=True, capture_output=True)
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path, monkeypatch):
    (tmp_path / "repository" / "sub").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repository")
    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "first")
    return tmp_path / "repository"


@pytest.fixture
def environ(tmp_path):
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


def found():
    git("add", "-A")
    runner = Git(None, hook=True)
    return list(staged.sightings(runner, ENGINE, Tally(), staged.heads(runner), 1 << 20))


def secrets(sightings):
    return sorted(s.match.secret.reveal().decode() for s in sightings)


def known(path, identity, *values, **terms):
    entry = Entry("", "", "", "why", "", "", "")._replace(**terms)
    family = found()[0].match.rule.family
    entries = (
        entry._replace(fingerprint=identity.fingerprint(family, value.encode())) for value in values
    )
    made = baseline.with_entries(Baseline(identity.key, ()), entries)
    path.write_text(baseline.text(made))


def test_the_baseline_and_comments_accept_and_nothing_else_does(repository, environ, monkeypatch):
    (repository / "a.py").write_text(f"'{A}'\n'{B}'  # leakseal:allow test\n'{C}'\n")
    identity = keys.derived(environ, git("rev-parse", "HEAD").encode())
    known(repository / baseline.NAME, identity, A)
    seen = found()
    assert secrets(seen) == sorted([A, B, C])
    assert secrets(hook.reported(seen, ENGINE, environ=environ)) == [C]
    monkeypatch.chdir(repository / "sub")
    assert secrets(hook.reported(seen, ENGINE, environ=environ)) == [C]


def test_what_has_expired_says_so(repository, environ):
    (repository / "a.py").write_text(f"'{A}'\n")
    identity = keys.derived(environ, git("rev-parse", "HEAD").encode())
    known(repository / baseline.NAME, identity, A, expires="2020-01-31")
    (left,) = hook.reported(found(), ENGINE, environ=environ)
    assert left.match.reasons[-1] == "was accepted until 2020-01-31: why"


def test_a_named_baseline_and_the_repositorys_own_key_are_used(repository, environ, tmp_path):
    (repository / "a.py").write_text(f"'{A}'\n'{B}'\n")
    assert keys.make(str(repository / ".git"))
    key, source = keys.find(environ, None, str(repository / ".git"), str(repository))
    known(tmp_path / "elsewhere", keyed(key, source), A)
    left = hook.reported(found(), ENGINE, environ=environ, named=str(tmp_path / "elsewhere"))
    assert secrets(left) == [B]
    other = {"LEAKSEAL_KEY": "k" * 32}
    with pytest.raises(UsageError, match="made with another key"):
        hook.reported(found(), ENGINE, environ=other, named=str(tmp_path / "elsewhere"))


def test_a_damaged_baseline_is_an_error(repository, environ):
    (repository / "a.py").write_text(f"'{A}'\n")
    (repository / baseline.NAME).write_text("<<<<<<< HEAD\n")
    with pytest.raises(UsageError, match="baseline:1"):
        hook.reported(found(), ENGINE, environ=environ)


def test_comments_for_other_tools_count_if_asked_for(repository, environ):
    (repository / "a.py").write_text(f"'{A}'  # gitleaks:allow\n")
    assert secrets(hook.reported(found(), ENGINE, environ=environ)) == [A]
    assert hook.reported(found(), ENGINE, environ=environ, foreign=True) == []


def test_entries_of_the_settings_accept_by_fingerprint(repository, environ):
    (repository / "a.py").write_text(f"'{A}'\n'{B}'\n")
    identity = keys.derived(environ, git("rev-parse", "HEAD").encode())
    seen = found()
    name = identity.fingerprint(seen[0].match.rule.family, A.encode())
    entries = [Accepted("why", fingerprints=(name[:12],))]
    assert secrets(hook.accepted_by(entries, seen, environ)) == [B]


def test_it_loads_nothing_that_the_guard_must_not():
    code = (
        "import sys, scanner.triage.hook;"
        "sys.exit(bool({'click', 'yaml', 'git', 'rich'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
