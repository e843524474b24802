from itertools import permutations

from scanner.model import CommitInfo, Confidence, Match, Occurrence, Rule, Secret, Severity, State
from scanner.sources.sighting import Sighting
from scanner.triage.group import group


def rule(id_, method="pattern", severity=Severity.HIGH):
    return Rule(
        id_, id_, id_, "api-key", "p", severity, Confidence.HIGH, method, (), "", 0, (), 0, ""
    )


def sighting(rule, secret, path=b"f", state=State.HEAD, when="", why="because", commit="1"):
    match = Match(rule, Secret(secret), 0, 5, 1, 1, Confidence.HIGH, (why,))
    info = CommitInfo(commit * 40, b"a", b"e", when, b"s") if when else None
    return Sighting(match, Occurrence("file", path, "", 1, 1, 0, 5, (), state, info))


def fingerprint(family, secret):
    return f"{family}:{secret.decode()}"


def test_one_finding_for_one_secret_in_many_places():
    seen = [sighting(rule("r"), b"s", path) for path in (b"b", b"a", b"a")]
    (finding,) = group(seen, fingerprint)
    assert [o.path for o in finding.occurrences] == [b"a", b"b"]
    assert finding.fingerprint == "r:s"


def test_the_specific_rule_names_a_secret_that_a_generic_one_saw_too():
    generic, specific = rule("generic", "assignment"), rule("specific")
    (finding,) = group([sighting(generic, b"s"), sighting(specific, b"s", b"g")], fingerprint)
    assert finding.rule.id == "specific"
    assert len(finding.occurrences) == 2


def test_severe_and_exposed_findings_come_first():
    seen = [
        sighting(rule("low", severity=Severity.LOW), b"1"),
        sighting(rule("high"), b"2", state=State.UNREACHABLE),
        sighting(rule("high"), b"3", state=State.HEAD),
    ]
    assert [f.secret.reveal() for f in group(seen, fingerprint)] == [b"3", b"2", b"1"]


def test_places_are_ordered_by_exposure_then_time():
    seen = [
        sighting(rule("r"), b"s", b"old", State.HISTORY, "2020-01-01"),
        sighting(rule("r"), b"s", b"new", State.HEAD, "2024-01-01"),
        sighting(rule("r"), b"s", b"older", State.HISTORY, "2019-01-01"),
    ]
    (finding,) = group(seen, fingerprint)
    assert [o.path for o in finding.occurrences] == [b"new", b"older", b"old"]


def test_the_order_in_which_places_were_found_changes_nothing():
    seen = [
        sighting(rule("r"), b"s", b"f", State.HISTORY, "2020-01-01", why, commit)
        for why, commit in (("a", "3"), ("b", "1"), ("c", "2"), ("d", "1"))
    ]
    first = group(seen, fingerprint)
    assert first[0].reasons == ("b",)
    assert all(group(list(order), fingerprint) == first for order in permutations(seen))
