"""What an audit keeps for the next one: the same result, from less, without any secret."""

import random

import pytest
from delta_contents import token
from delta_repositories import git

from scanner.detect.engine import Engine
from scanner.gitdb.odb import ObjectDatabase
from scanner.model import Confidence
from scanner.rulepack.pack import builtin, make
from scanner.sources.evaluate import evaluate
from scanner.sources.record import Records
from scanner.sources.tally import Tally

PACK = builtin()


class Memory(dict):
    """Keeps values as the cache on disk does, and how often one was found."""

    found = 0

    def get(self, key):
        value = super().get(key)
        self.found += value is not None
        return value

    put = dict.__setitem__


@pytest.fixture
def repository(tmp_path):
    """A repository whose first commits are in a pack and whose last are loose; its secrets."""
    rng = random.Random(5)
    path = tmp_path / "repository"
    git(tmp_path, "init", "-q", "-b", "main", str(path))
    git(path, "config", "user.name", "A")
    git(path, "config", "user.email", "a@example.com")
    secrets = [token(rng) for _ in range(3)]

    def commit(number, secret=b""):
        lines = [b"# line %d of a file that grows" % n for n in range(40 + number)]
        lines[number % 40] = b"TOKEN=" + secret if secret else b"# nothing"
        (path / "settings.env").write_bytes(b"\n".join(lines) + b"\n")
        (path / f"empty{number % 7}.txt").write_bytes(b"%d nothing\n" % number)
        git(path, "add", "-A")
        git(path, "commit", "-q", "-m", f"Change {number}")

    for number in range(25):
        commit(number, secrets[0] if number in (3, 4, 5) else b"")
    git(path, "repack", "-qadf")
    for number in range(25, 40):
        commit(number, secrets[1] if number == 30 else b"")
    return path, secrets, commit


def audit(path, cache, engine=None, **how):
    odb = ObjectDatabase(str(path / ".git/objects"), "sha1")
    tally = Tally()
    engine = engine or Engine(PACK)
    result = evaluate(odb, engine, tally, 20, lambda _: None, cache=cache, **how)
    passed = len(odb.passed)
    odb.close()
    plain = result._replace(trees=None, done=None)
    return plain, tally.coverage(), passed


def secrets_of(evaluation):
    return {m.secret.reveal() for matches in evaluation.blobs.values() for m in matches}


def test_the_next_audit_says_the_same_from_less(repository):
    path, secrets, _ = repository
    cache = Memory()
    expected = audit(path, None)[:2]
    assert secrets_of(expected[0]) == set(secrets[:2])
    first = audit(path, cache)
    assert first == (*expected, 0)
    assert not cache.found
    again = audit(path, cache)
    assert again[:2] == expected
    assert again[2] > 10
    assert cache.found == len(cache) == 3
    assert audit(path, cache, exhaustive=True)[:2] == expected


def test_what_is_new_is_found(repository):
    path, secrets, commit = repository
    cache = Memory()
    audit(path, cache)
    commit(40, secrets[2])
    assert secrets_of(audit(path, cache)[0]) == set(secrets)
    git(path, "repack", "-qd")
    assert secrets_of(audit(path, cache)[0]) == set(secrets)
    assert audit(path, cache)[:2] == audit(path, None)[:2]


def test_no_secret_is_kept(repository):
    path, secrets, _ = repository
    cache = Memory()
    audit(path, cache)
    kept = b"".join(cache.values())
    assert kept
    for secret in secrets:
        for part in (secret, secret[4:16], secret.hex().encode()):
            assert part not in kept


@pytest.mark.parametrize("change", ["rules", "confidence"])
def test_other_rules_or_options_start_anew(repository, change):
    path, _, _ = repository
    cache = Memory()
    audit(path, cache)
    rules = make(rule for rule in PACK.rules if rule.id != "age-secret-key")
    other = Engine(rules) if change == "rules" else Engine(PACK, Confidence.LOW)
    found = cache.found
    got = audit(path, cache, other)
    assert got[:2] == audit(path, None, other)[:2]
    assert got[2] == 0
    assert cache.found <= found + 1  # that the pack's checksum is right is true for all rules


def test_a_name_with_a_secret_keeps_its_pack_out(repository):
    path, secrets, _ = repository
    (path / f"{secrets[2].decode()}.txt").write_text("nothing\n")
    git(path, "add", "-A")
    git(path, "commit", "-q", "-m", "A name")
    git(path, "repack", "-qadf")
    cache = Memory()
    first = audit(path, cache)
    assert first[0].names
    assert audit(path, cache)[:2] == first[:2] == audit(path, None)[:2]
    assert secrets[2] not in b"".join(cache.values())


def test_a_pack_that_changed_is_not_taken_for_the_one_before(repository):
    path, _, _ = repository
    cache = Memory()
    audit(path, cache)
    (pack,) = (path / ".git/objects/pack").glob("*.pack")
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 0xFF
    pack.chmod(0o644)
    pack.write_bytes(content)
    damaged = audit(path, cache)
    assert not damaged[1].complete
    assert damaged[:2] == audit(path, None)[:2]


def test_records_without_a_cache_keep_nothing(repository):
    path, _, _ = repository
    records = Records(None, PACK.digest, ())
    assert records.clean(str(path / ".git/objects")) == {}


@pytest.mark.parametrize("exhaustive", [False, True])
def test_progress_only_grows_up_to_the_size_of_everything(repository, exhaustive):
    path, _, _ = repository
    odb = ObjectDatabase(str(path / ".git/objects"), "sha1")
    told = []
    evaluate(odb, Engine(PACK), Tally(), 20, told.append, exhaustive=exhaustive)
    assert told == sorted(told)
    assert 0.9 * odb.total_bytes() < told[-1] <= odb.total_bytes()
