"""Parts of one credential in several files, and findings that name each other."""

import pace
import pytest

from scanner.model import (
    CommitInfo,
    Confidence,
    Finding,
    Match,
    Occurrence,
    Rule,
    Secret,
    Severity,
    State,
)
from scanner.sources.sighting import Sighting
from scanner.triage.companions import linked, settled
from scanner.triage.group import group

LOW, MEDIUM, HIGH = Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH


def rule(id_, confidence, companions=()):
    return Rule(
        *(id_, id_, f"Acme {id_}", "api-key", "Acme", Severity.HIGH, confidence, "pattern"),
        *(("acme",), "acme", 0, (), 0.0, "https://acme.example/"),
        companions=companions,
        within=3,
    )


ID, KEY, TOKEN = rule("id", LOW), rule("key", LOW, ("id",)), rule("token", HIGH, ("id", "key"))


def sighting(rule, secret, path, commit="", line=1, state=State.HEAD, place="file", blob="b" * 40):
    match = Match(rule, Secret(secret), 0, 9, line, 1, rule.confidence, ("because",))
    info = CommitInfo(commit * 40, b"a", b"e", "2024-01-01", b"s") if commit else None
    return Sighting(match, Occurrence(place, path, blob, line, 1, 0, 9, (), state, info))


def confidences(*seen, lowest=MEDIUM):
    return {s.match.secret.reveal(): s.match.confidence for s in settled(seen, lowest)}


def test_another_file_of_one_commit():
    identity, key = sighting(ID, b"i", b"a/id", "1"), sighting(KEY, b"k", b"b/key", "1")
    assert confidences(identity, key) == {b"k": MEDIUM}
    assert confidences(key, identity) == {b"k": MEDIUM}
    (raised,) = settled([identity, key], MEDIUM)
    assert raised.match.reasons == ("because", "an Acme id came with the same commit")


def test_of_two_commits():
    assert confidences(sighting(ID, b"i", b"id", "1"), sighting(KEY, b"k", b"key", "2")) == {}


def test_what_is_sure_in_one_place_is_so_wherever_it_stands():
    seen = [sighting(KEY, b"k", b"f", c) for c in "12"]
    assert len(settled([*seen, sighting(ID, b"i", b"g", "1")], MEDIUM)) == 2
    surer = KEY._replace(confidence=MEDIUM)
    assert len(settled([*seen, sighting(surer, b"k", b"g", "3")], MEDIUM)) == 3
    assert len(settled([*seen, sighting(surer, b"j", b"g", "3")], MEDIUM)) == 1
    assert settled([*seen, sighting(surer, b"j", b"g", "3")], HIGH) == []


def test_what_no_commit_is_known_for_belongs_to_what_stands_in_the_folder():
    key = sighting(KEY, b"k", b"a/key", state=State.WORKTREE)
    assert confidences(key, sighting(ID, b"i", b"a/id", "1")) == {b"k": MEDIUM}
    assert confidences(key, sighting(ID, b"i", b"a/id", "1", state=State.HISTORY)) == {}
    assert confidences(key, sighting(ID, b"i", b"b/id", "1")) == {}


def test_one_file_is_the_engine_s_to_judge():
    seen = [sighting(ID, b"i", b"f", "1"), sighting(KEY, b"k", b"f", "1", line=900)]
    assert confidences(*seen) == {}
    assert confidences(*seen, sighting(ID, b"j", b"g", "1")) == {b"k": MEDIUM}


def test_without_a_commit_only_one_folder_is_together():
    key = sighting(KEY, b"k", b"conf/key")
    assert confidences(key, sighting(ID, b"i", b"conf/id")) == {b"k": MEDIUM}
    assert confidences(key, sighting(ID, b"i", b"other/id")) == {}
    assert confidences(key, sighting(ID, b"i", b"", place="object")) == {}


def test_all_that_is_staged_is_one_commit():
    key = sighting(KEY, b"k", b"a/key", state=State.STAGED)
    assert confidences(key, sighting(ID, b"i", b"b/id", state=State.STAGED)) == {b"k": MEDIUM}
    assert confidences(key, sighting(ID, b"i", b"b/id", state=State.WORKTREE)) == {}


@pytest.mark.parametrize(
    ("lowest", "expected"),
    [(LOW, {b"i": LOW, b"k": MEDIUM, b"t": HIGH}), (HIGH, {b"t": HIGH})],
)
def test_what_was_asked_for_decides(lowest, expected):
    seen = [sighting(r, s, p, "1") for r, s, p in ((ID, b"i", b"1"), (KEY, b"k", b"2"))]
    assert confidences(*seen, sighting(TOKEN, b"t", b"3", "1"), lowest=lowest) == expected


def findings(*seen):
    found = group(settled(seen, LOW), lambda family, secret: f"{family}-{secret.decode()}")
    return {f.fingerprint: f.companions for f in found}


def test_findings_near_each_other_name_each_other():
    seen = [
        sighting(ID, b"1", b"f", "1", 5),
        sighting(ID, b"2", b"f", "1", 20),
        sighting(TOKEN, b"t", b"f", "1", 7),
        sighting(ID, b"3", b"g", "1", 7, blob="c" * 40),
    ]
    assert findings(*seen) == {
        "token-t": ("id-1",),
        "id-1": ("token-t",),
        "id-2": (),
        "id-3": (),
    }


def test_findings_of_one_commit_name_each_other_if_nothing_is_near():
    seen = [sighting(ID, b"1", b"g", "1"), sighting(TOKEN, b"t", b"f", "1", 7)]
    assert findings(*seen) == {"token-t": ("id-1",), "id-1": ("token-t",)}
    seen = [sighting(ID, b"1", b"g", "2"), sighting(TOKEN, b"t", b"f", "1", 7)]
    assert findings(*seen) == {"token-t": (), "id-1": ()}


def many(count):
    for n in range(count):
        info = CommitInfo("1" * 40, b"a", b"e", "2024-01-01", b"s")
        for rule in (ID, TOKEN):
            where = Occurrence("file", b"%d" % n, "", 1, 1, 0, 9, (), State.HEAD, info)
            secret = Secret(f"{rule.id}{n}".encode())
            yield Finding(f"{rule.id}{n}", rule, secret, HIGH, (), (where,))


def test_a_commit_with_thousands_of_parts_is_linear():
    found, named = list(many(5000)), []
    assert pace.cost(lambda: named.extend(linked(found))) < 500
    assert all(len(f.companions) <= 16 for f in named)
    assert any(f.companions for f in named)
