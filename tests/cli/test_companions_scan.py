"""A key's id and its secret in two files of one commit, through the command line."""

import json
import os
import subprocess
import sys

import pytest

from scanner.rulepack import samples

IDENTITY = samples.expand("<<checked aws AKIA>>")
OTHER_IDENTITY = samples.expand("<<checked aws ASIA>>")
SECRET = samples.expand("<<alnum 40>>")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "LEAKSEAL_KEY": "key of fingerprints " * 2,
    **{f"GIT_{who}_NAME": "Ann" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "ann@example.com" for who in ("AUTHOR", "COMMITTER")},
}
BETWEEN = f"{'# what this is for' * 4}\n" * 4
RULE = "aws-secret-key-of-pair"


@pytest.fixture
def repository(tmp_path):
    path = tmp_path / "repository"
    path.mkdir()
    git(path, "init", "-q", "-b", "main")
    return path


def git(path, *args):
    subprocess.run(["git", *args], cwd=path, env=ENVIRONMENT, check=True)


def write(path, name, text):
    (path / name).parent.mkdir(parents=True, exist_ok=True)
    (path / name).write_text(text)
    git(path, "add", name)


def commit(path, **files):
    for name, text in files.items():
        write(path, name.replace("__", "/"), text)
    git(path, "commit", "-q", "-m", "Change")


def leakseal(path, *args):
    return subprocess.run(
        [sys.executable, "-m", "scanner", *args], cwd=path, env=ENVIRONMENT | {"PYTHONPATH": ROOT},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def scan(path, *args):
    done = leakseal(path, "scan", "--no-cache", "-f", "json", *args)
    return {f["rule"]["id"]: f for f in json.loads(done.stdout)["findings"]}


def test_in_two_files_of_one_commit(repository):
    commit(repository, a__id=f"key_id: {IDENTITY}\n", b__pw=f"my_secret_key <{SECRET}>\n")
    found = scan(repository)
    assert found[RULE]["confidence"] == "medium"
    assert "came with the same commit" in " ".join(found[RULE]["reasons"])
    assert found[RULE]["companions"] == [found["aws-access-key-id"]["fingerprint"]]
    assert found["aws-access-key-id"]["companions"] == [found[RULE]["fingerprint"]]
    assert found[RULE]["rule"]["rotation"]


def test_in_two_commits(repository):
    commit(repository, a__id=f"key_id: {IDENTITY}\n")
    commit(repository, b__pw=f"my_secret_key <{SECRET}>\n")
    assert RULE not in scan(repository)
    assert scan(repository, "--confidence", "low")[RULE]["confidence"] == "low"


def test_exhaustive_and_without_history(repository):
    commit(repository, a__id=f"key_id: {IDENTITY}\n", a__pw=f"my_secret_key <{SECRET}>\n")
    commit(repository, a__id="")
    found = scan(repository)
    assert scan(repository, "--exhaustive") == found
    assert RULE in found
    assert RULE not in scan(repository, "--no-history")
    write(repository, "other/id", f"key_id: {IDENTITY}\n")
    assert RULE not in scan(repository, "--no-history")
    write(repository, "a/id", f"key_id: {IDENTITY}\n")
    assert RULE in scan(repository, "--no-history")
    assert RULE not in scan(repository, "--staged"), "the key is not of that commit"


def test_a_later_commit_that_brings_both_together_in_one_file(repository):
    commit(repository, pw=f"my_secret_key <{SECRET}>\n")
    assert RULE not in scan(repository)
    commit(repository, pw=f"key_id: {IDENTITY}\n{BETWEEN}my_secret_key <{SECRET}>\n")
    place, before = scan(repository)[RULE]["occurrences"]
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=repository, capture_output=True, text=True, check=True
    )
    assert place["introduced"]["id"] == head.stdout.strip()
    assert (place["state"], before["state"], before["line"]) == ("head", "history", 1)
    assert place["removed"] is before["removed"] is None
    assert RULE in scan(repository, "--range", "HEAD~1..HEAD")


def test_the_guard(repository):
    commit(repository, readme="nothing\n")
    write(repository, "b/pw", f"my_secret_key <{SECRET}>\n")
    assert leakseal(repository, "guard").returncode == 0
    low = leakseal(repository, "guard", "--confidence", "low")
    assert low.returncode == 1
    assert f"{RULE}; low confidence\n" in low.stderr
    write(repository, "a/id", f"key_id: {IDENTITY}\n")
    done = leakseal(repository, "guard", "--confidence=medium")
    assert done.returncode == 1
    assert "b/pw:1" in done.stderr
    assert "an AWS access key ID is staged as well" in done.stderr.replace("key id", "key ID")
    assert "b/pw" not in leakseal(repository, "guard", "--confidence", "high").stderr
    assert leakseal(repository, "guard", "--confidence", "sure").returncode == 2


def test_the_guard_when_the_id_comes_into_the_secret_s_file(repository):
    commit(repository, pw=f"my_secret_key <{SECRET}>\n")
    write(repository, "pw", f"key_id: {IDENTITY}\n{BETWEEN}my_secret_key <{SECRET}>\n")
    assert "pw:6" in leakseal(repository, "guard").stderr


BESIDE = f"key_id: {IDENTITY}\n{BETWEEN}my_secret_key <{SECRET}>\n"


def test_a_secret_that_loses_its_id_stands_there_as_before(repository):
    commit(repository, pw=BESIDE)
    write(repository, "pw", f"my_secret_key <{SECRET}>\n")
    assert leakseal(repository, "guard").returncode == 0
    git(repository, "commit", "-q", "-m", "Change")
    found = scan(repository)
    assert found[RULE]["state"] == "head"
    assert [place["removed"] for place in found[RULE]["occurrences"]] == [None, None]
    assert scan(repository, "--exhaustive") == found
    assert scan(repository, "--range", "HEAD~1..HEAD") == {}


def test_a_secret_that_loses_its_id_to_another_file_is_not_new(repository):
    commit(repository, pw=BESIDE)
    write(repository, "pw", f"my_secret_key <{SECRET}>\n")
    write(repository, "id", f"key_id: {IDENTITY}\n")
    assert "pw:" not in leakseal(repository, "guard").stderr
    assert RULE not in scan(repository, "--staged")


def test_a_range_tells_what_stands_in_head_beside_its_id_by_now(repository):
    commit(repository, readme="nothing\n")
    commit(repository, a__id=f"key_id: {IDENTITY}\n", pw=f"my_secret_key <{SECRET}>\n")
    commit(repository, pw=BESIDE)
    assert scan(repository, "--range", "HEAD~2..HEAD~1")[RULE]["state"] == "head"


def test_the_id_may_stand_where_nothing_is_reported(repository):
    commit(repository, a__id=f"key_id: {IDENTITY}\n", b__pw=f"my_secret_key <{SECRET}>\n")
    assert [*scan(repository, "--path", "b/**")] == [RULE]
    assert [*scan(repository, "b")] == [RULE]
    allow = "allow: [{paths: [a/id], reason: ids are no secrets}]\n"
    write(repository, ".leakseal.yaml", allow)
    assert [*scan(repository)] == [RULE]
    write(repository, "c/pw", f"my_secret_key <{SECRET[::-1]}>\n")
    write(repository, "a/id", f"key_id: {IDENTITY}\nkey_id: {OTHER_IDENTITY}\n")
    assert "c/pw:1" in leakseal(repository, "guard").stderr


def test_what_would_not_be_reported_is_not_counted_as_allowed(repository):
    commit(repository, pw=f"my_secret_key <{SECRET}>\n")
    write(repository, ".leakseal.yaml", "allow: [{paths: [pw], reason: old}]\n")
    done = leakseal(repository, "scan", "--no-cache", "-f", "json")
    assert json.loads(done.stdout)["coverage"]["skipped"] == []


def test_a_new_file_beside_a_committed_id(repository):
    commit(repository, a__id=f"key_id: {IDENTITY}\n", b__id="nothing\n")
    (repository / "a" / "pw").write_text(f"my_secret_key <{SECRET}>\n")
    (repository / "b" / "pw").write_text(f"my_secret_key <{SECRET[::-1]}>\n")
    for options in ((), ("--no-history",)):
        found = scan(repository, *options)
        (place,) = found[RULE]["occurrences"]
        assert place["path"] == "a/pw"
        assert found[RULE]["companions"] == [found["aws-access-key-id"]["fingerprint"]]


def test_other_formats_name_the_companion_and_the_rotation(repository):
    commit(repository, a__id=f"key_id: {IDENTITY}\n", b__pw=f"my_secret_key <{SECRET}>\n")
    text = leakseal(repository, "scan", "--no-cache").stdout
    assert "With  belongs with " in text
    assert "Create a second access key" in text
    sarif = json.loads(leakseal(repository, "scan", "--no-cache", "-f", "sarif").stdout)["runs"][0]
    results = {r["ruleId"]: r for r in sarif["results"]}
    fingerprint = results["aws-access-key-id"]["partialFingerprints"]["leakseal/v1"]
    assert results[RULE]["properties"]["companions"] == [fingerprint]
    (rule,) = (r for r in sarif["tool"]["driver"]["rules"] if r["id"] == RULE)
    assert "Create a second access key" in rule["help"]["text"]


def test_a_wrong_checksum_is_silent(repository):
    right = samples.expand("<<checksum ghp_ 30>>")
    wrong = right[:-1] + ("a" if right[-1] != "a" else "b")
    commit(repository, env=f"GITHUB_TOKEN={wrong}\n", yaml=f'password: "{wrong}"\n')
    assert scan(repository, "--confidence", "low") == {}
    commit(repository, env=f"GITHUB_TOKEN={right}\n")
    assert scan(repository)["github-personal-token"]["confidence"] == "high"
