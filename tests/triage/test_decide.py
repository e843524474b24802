"""What accepts a sighting, until when, and into which list a finding goes."""

from datetime import date

import pytest

from scanner.model import CommitInfo, Confidence, Match, Occurrence, Rule, Secret, Severity, State
from scanner.sources.sighting import Sighting
from scanner.triage.allow import Accepted
from scanner.triage.baseline import Baseline, Entry
from scanner.triage.decide import Policy, decided, reported
from scanner.triage.group import divided

TODAY = date(2026, 11, 26)


def rule(id_, family="", method="pattern"):
    high = Severity.HIGH, Confidence.HIGH
    return Rule(id_, family or id_, id_, "key", "p", *high, method, (), "", 0, (), 0, "")


def sighting(secret, path=b"a", made=None, commit=""):
    match = Match(made or rule("r"), Secret(secret), 0, 5, 1, 1, Confidence.HIGH, ("because",))
    info = CommitInfo(commit, b"a", b"e", "2026-01-01", b"s") if commit else None
    return Sighting(match, Occurrence("file", path, "", 1, 1, 0, 5, (), State.HEAD, info))


def fingerprint(family, secret):
    return f"{family}:{secret.decode()}"


def policy(*entries, baseline=()):
    known = tuple(Entry(name, "", "", reason, "", "", ends) for name, reason, ends in baseline)
    return Policy(entries, Baseline("root:", known))


def decide(seen, given):
    return decided(seen, given, fingerprint, TODAY)


def quiet(seen, given):
    return [bool(each.suppressions) for each in decide(seen, given)]


@pytest.mark.parametrize(
    ("ends", "held"),
    [("", True), ("2026-11-26", True), ("2026-11-25", False), ("2027-01-01", True)],
)
def test_the_last_day_is_the_one_that_is_given(ends, held):
    for given in (
        policy(baseline=[("r:s", "why", ends)]),
        policy(Accepted("why", paths=(r"\Aa\Z",), expires=ends)),
    ):
        (each,) = decide([sighting(b"s")], given)
        assert bool(each.suppressions) == held
        assert each.expired == (() if held else (f"was accepted until {ends}: why",))


def test_what_one_entry_no_longer_accepts_another_may():
    given = policy(Accepted("other", rules=("r",)), baseline=[("r:s", "why", "2020-01-01")])
    (each,) = decide([sighting(b"s")], given)
    assert [s.kind for s in each.suppressions] == ["allow"]
    assert each.expired == ()


def test_an_expired_entry_is_among_the_reasons_of_what_a_hook_reports():
    found = decide([sighting(b"s")], policy(baseline=[("r:s", "why", "2020-01-01")]))
    assert reported(found)[0].match.reasons == ("because", "was accepted until 2020-01-01: why")
    assert reported(decide([sighting(b"s")], policy(baseline=[("r:s", "", "")]))) == []


def test_a_secret_is_known_under_the_family_that_found_it_or_that_names_it():
    generic, specific = rule("generic", method="assignment"), rule("specific")
    both = [sighting(b"s", made=generic), sighting(b"s", b"b", made=specific)]
    assert quiet(both, policy(baseline=[("specific:s", "", "")])) == [True, True]
    assert quiet(both, policy(baseline=[("generic:s", "", "")])) == [True, False]
    assert quiet(both[:1], policy(baseline=[("specific:s", "", "")])) == [False]


@pytest.mark.parametrize(
    ("entry", "held"),
    [
        (Accepted("x", rules=("r",)), True),
        (Accepted("x", rules=("other",)), False),
        (Accepted("x", paths=("^src/",)), True),
        (Accepted("x", paths=("^lib/",)), False),
        (Accepted("x", commits=("abcdef0",)), True),
        (Accepted("x", commits=("abcdef1",)), False),
        (Accepted("x", fingerprints=("r:",)), True),
        (Accepted("x", fingerprints=("s:",)), False),
        (Accepted("x", rules=("r",), paths=("^src/",), commits=("abcdef0",)), True),
        (Accepted("x", rules=("r",), paths=("^src/",), commits=("abcdef1",)), False),
        (Accepted("x", fingerprints=("r:",), paths=("^lib/",)), False),
    ],
)
def test_all_that_an_entry_gives_must_hold(entry, held):
    assert quiet([sighting(b"s", b"src/a.py", commit="abcdef0" + "0" * 33)], policy(entry)) == [
        held
    ]


def test_an_entry_by_path_or_commit_does_not_hold_where_there_is_none():
    assert quiet([sighting(b"s", b"")], policy(Accepted("x", paths=("",)))) == [False]
    assert quiet([sighting(b"s")], policy(Accepted("x", commits=("abcdef0",)))) == [False]


def test_a_place_that_one_rule_may_not_report_is_reported_for_another():
    seen = [sighting(b"s", made=rule("one")), sighting(b"s", made=rule("two"))]
    findings, suppressed = divided(decide(seen, policy(Accepted("x", rules=("one",)))), fingerprint)
    assert len(findings) == 1
    assert suppressed == ()


def test_findings_and_accepted_ones_keep_places_names_and_reasons_apart():
    seen = [sighting(b"s", b"a"), sighting(b"s", b"b"), sighting(b"t", b"c")]
    given = policy(Accepted("x", paths=("b",)), Accepted("old", paths=("a",), expires="2020-01-01"))
    findings, suppressed = divided(decide(seen, given), fingerprint)
    assert [[o.path for o in f.occurrences] for f in findings] == [[b"a"], [b"c"]]
    assert findings[0].reasons == ("because", "was accepted until 2020-01-01: old")
    (accepted,) = suppressed
    assert [o.path for o in accepted.occurrences] == [b"b"]
    assert accepted.fingerprint == findings[0].fingerprint
    assert accepted.reasons == ("because",)
    assert [s.reason for s in accepted.suppressions] == ["x"]


def test_fingerprints_are_made_only_where_they_matter():
    def never(family, secret):
        raise AssertionError

    assert decided([sighting(b"s")], policy(Accepted("x", rules=("r",))), never, TODAY)
