import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import UsageError
from scanner.triage import keys
from scanner.triage.identity import keyed, read_key, unkeyed

KEY = b"k" * 32


@given(st.text("abc-", min_size=1), st.binary(), st.text("abc-", min_size=1), st.binary())
def test_fingerprints_differ_exactly_when_family_or_secret_do(family, secret, family2, secret2):
    fingerprint = keyed(KEY, "test").fingerprint
    same = (family, secret) == (family2, secret2)
    assert (fingerprint(family, secret) == fingerprint(family2, secret2)) == same


def test_another_key_gives_another_fingerprint():
    one, two = keyed(KEY, "test"), keyed(b"j" * 32, "test")
    assert one.fingerprint("f", b"secret") != two.fingerprint("f", b"secret")


def test_without_a_key_the_salt_tells_repositories_apart_and_the_cache_does_not_matter():
    fresh = unkeyed(b"salt", {}, lambda name, value: None)
    again = unkeyed(b"salt", {}, lambda name, value: None)
    other = unkeyed(b"other", {}, lambda name, value: None)
    assert fresh.fingerprint("f", b"s") == again.fingerprint("f", b"s")
    assert fresh.fingerprint("f", b"s") != other.fingerprint("f", b"s")


def test_the_cache_answers_the_second_time_and_holds_nothing_of_the_secret(tmp_path):
    environ = {"XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    secret = b"correct horse battery"
    first = keys.choose(environ, None, None, None, b"salt").fingerprint("f", secret)
    path = tmp_path / "leakseal" / "fingerprints.jsonl"
    content = path.read_bytes()
    assert secret not in content
    assert secret.hex().encode() not in content
    assert keys.choose(environ, None, None, None, b"salt").fingerprint("f", secret) == first
    assert path.read_bytes() == content
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_damaged_cache_is_no_obstacle(tmp_path):
    environ = {"XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    (tmp_path / "leakseal").mkdir()
    lines = ["not json", json.dumps(["key", "not hex"]), json.dumps({"a": 1}), '["half']
    (tmp_path / "leakseal" / "fingerprints.jsonl").write_text("\n".join(lines))
    expected = unkeyed(b"salt", {}, lambda name, value: None).fingerprint("f", b"s")
    assert keys.choose(environ, None, None, None, b"salt").fingerprint("f", b"s") == expected


def test_the_environment_wins_over_the_git_directory(tmp_path):
    own = tmp_path / "leakseal" / "key"
    own.parent.mkdir()
    own.write_bytes(KEY + b"\n")
    own.chmod(0o600)
    from_file = keys.choose({}, None, str(tmp_path), None, b"")
    assert from_file.source == "git directory"
    assert from_file.fingerprint("f", b"s") == keyed(KEY, "").fingerprint("f", b"s")
    assert keys.choose({"LEAKSEAL_KEY": "x" * 20}, None, str(tmp_path), None, b"").source == (
        "LEAKSEAL_KEY"
    )


def test_a_key_in_the_work_tree_is_refused(tmp_path):
    key = tmp_path / "key"
    key.write_bytes(KEY)
    key.chmod(0o600)
    with pytest.raises(UsageError, match="outside"):
        read_key(str(key), str(tmp_path))
    assert read_key(str(key), None) == KEY


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_key_that_others_can_read_is_refused(tmp_path):
    key = tmp_path / "key"
    key.write_bytes(KEY)
    key.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        read_key(str(key), None)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 5000])
def test_a_key_of_an_odd_size_is_refused(tmp_path, content):
    key = tmp_path / "key"
    key.write_bytes(content)
    key.chmod(0o600)
    with pytest.raises(UsageError):
        keys.choose({}, str(key), None, None, b"")
