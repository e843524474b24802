"""As long as nothing about a repository changes, its history is told again without being read."""

import os
import random
from pathlib import Path

import pytest
from delta_contents import token
from delta_repositories import git

from scanner.detect.engine import Engine
from scanner.gitdb.repository import Repository
from scanner.rulepack.pack import builtin
from scanner.sources import audit as source
from scanner.sources.audit import Scope, audit
from scanner.sources.progress import Progress
from scanner.sources.tally import Tally

ENGINE = Engine(builtin())


class Memory(dict):
    """Keeps values as the cache on disk does."""

    put = dict.__setitem__

    def histories(self):
        return [value for key, value in self.items() if key.kind.startswith("history/")]


@pytest.fixture
def secrets():
    rng = random.Random(7)
    return [token(rng).decode() for _ in range(6)]


@pytest.fixture
def path(tmp_path, secrets):
    """A repository with credentials in files, a message, a tag, a stash and the reflog."""
    path = tmp_path / "repository"
    git(tmp_path, "init", "-q", "-b", "main", str(path))
    git(path, "config", "user.name", "A")
    git(path, "config", "user.email", "a@example.com")
    for number, secret in enumerate((secrets[0], "", secrets[1])):
        (path / "app.env").write_text(f"TOKEN={secret}\n" + "# line\n" * 30)
        (path / f"{number}.txt").write_text("nothing\n")
        git(path, "add", "-A")
        git(path, "commit", "-q", "-m", f"Use {secrets[2]}" if number == 1 else f"Do {number}")
    git(path, "tag", "-a", "v1", "-m", f"With {secrets[3]}")
    git(path, "repack", "-qad")
    (path / "app.env").write_text(f"TOKEN={secrets[4]}\n")
    git(path, "stash", "-q")
    (path / "more.env").write_text(f"TOKEN={secrets[5]}\n")
    git(path, "add", "-A")
    git(path, "commit", "-q", "-m", "To be undone")
    git(path, "reset", "-q", "--hard", "HEAD~1")
    return path


def found(path, cache, **scope):
    repository = Repository.discover(str(path))
    tally = Tally()
    sightings = list(audit(repository, ENGINE, tally, Scope(cache=cache, **scope), Progress()))
    return [(m.rule.id, m.secret.reveal(), *m[2:], where) for m, where in sightings], (
        tally.coverage()
    )


@pytest.fixture
def unread(monkeypatch):
    """Call to forbid that objects are evaluated from now on."""

    def forbid():
        def evaluate(*_, **__):
            raise AssertionError("the objects are read")

        monkeypatch.setattr(source, "evaluate", evaluate)

    return forbid


def test_the_same_is_told_without_reading_the_objects(path, secrets, unread):
    cache = Memory()
    expected = found(path, None)
    assert {secret.decode() for _, secret, *_ in expected[0]} == set(secrets)
    assert found(path, cache) == expected
    unread()
    assert found(path, cache) == expected
    (path / "new.env").write_text(f"TOKEN={secrets[1][::-1]}\n")
    (path / "0.txt").write_text(f"TOKEN={secrets[0]}\n")
    told = found(path, cache)
    assert told == found(path, cache)
    assert len(told[0]) > len(expected[0])


def test_no_secret_is_kept(path, secrets):
    cache = Memory()
    found(path, cache)
    (kept,) = cache.histories()
    for secret in secrets:
        for part in (secret, secret[4:16], secret.encode().hex()):
            assert part.encode() not in kept


def commit(path, secret):
    (path / "app.env").write_text(f"TOKEN={secret}\n")
    git(path, "commit", "-qam", "One more")


def damage(path, _):
    (pack,) = (path / ".git/objects/pack").glob("*.pack")
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 0xFF
    pack.chmod(0o644)
    pack.write_bytes(content)


def lose(path, _):
    loose = [p for p in (path / ".git/objects").glob("??/*") if p.is_file()]
    for each in loose:
        each.unlink()


CHANGES = {
    "a commit": lambda path, secret: commit(path, secret),
    "a branch": lambda path, _: git(path, "branch", "other", "HEAD~1"),
    "a branch less": lambda path, _: git(path, "tag", "-d", "v1"),
    "another HEAD": lambda path, _: git(path, "checkout", "-q", "--detach", "HEAD~1"),
    "no stash": lambda path, _: git(path, "stash", "drop", "-q"),
    "no reflog": lambda path, _: git(path, "reflog", "expire", "--expire=all", "--all"),
    "a dangling blob": lambda path, secret: git(
        path, "hash-object", "-w", "--stdin", stdin=f"TOKEN={secret}\n".encode()
    ),
    "something staged": lambda path, secret: (
        (path / "s.env").write_text(f"TOKEN={secret}\n"),
        git(path, "add", "s.env"),
    ),
    "all packed": lambda path, _: git(path, "gc", "-q", "--prune=now"),
    "damage": damage,
    "loss": lose,
    "a shallow boundary": lambda path, _: Path(path, ".git/shallow").write_bytes(
        git(path, "rev-parse", "HEAD")
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_seen(path, secrets, change):
    cache = Memory()
    found(path, cache)
    CHANGES[change](path, secrets[0][:-8] + secrets[1][-8:])
    assert found(path, cache) == found(path, None)
    assert found(path, cache) == found(path, None)


def test_other_options_are_another_history(path):
    cache = Memory()
    found(path, cache)
    assert found(path, cache, limit=40) == found(path, None, limit=40)
    assert found(path, cache, exhaustive=True) == found(path, None)


def test_names_with_secrets_are_not_kept(path, secrets):
    cache = Memory()
    git(path, "tag", "-a", f"v-{secrets[0]}", "-m", f"With {secrets[4]}")
    expected = found(path, None)
    assert found(path, cache) == expected == found(path, cache)
    assert not cache.histories()


def test_lfs_objects_are_read_each_time(path, secrets):
    cache = Memory()
    stored = path / ".git/lfs/objects/aa/bb" / ("aabb" + "0" * 60)
    os.makedirs(stored.parent)
    stored.write_text(f"TOKEN={secrets[0]}\n")
    assert found(path, cache) == found(path, None)
    assert not cache.histories()


def test_a_kept_history_that_fits_nothing_is_not_told(path):
    cache = Memory()
    expected = found(path, cache)
    (key,) = (key for key in cache if key.kind.startswith("history/"))
    content = cache[key]
    for lie in (
        b"[]",
        b"{",
        content.replace(b', 0, "', b', 99, "', 1),
        content.replace(b"[[", b"[[1,", 1),
    ):
        cache[key] = lie
        assert found(path, cache) == expected
