import json

import jsonschema
import pytest

from scanner.model import State
from scanner.report import render


@pytest.fixture(scope="session")
def errors(sarif_schema):
    validator = jsonschema.Draft4Validator(sarif_schema)
    return lambda log: [error.message for error in validator.iter_errors(log)]


def run_of(report, **options):
    return json.loads(render(report, "sarif", **options))["runs"][0]


def notices(run, id_):
    told = run["invocations"][0]["toolExecutionNotifications"]
    known = run["tool"]["driver"]["notifications"]
    return [n for n in told if known[n["descriptor"]["index"]]["id"] == id_]


@pytest.fixture
def mixed(make):
    """A report with one leak in HEAD, one in history, and three that do not count."""
    old = make.occurrence(b"old.env", state=State.HISTORY)
    kinds = ("baseline", "inline", "allow")
    return make.report(
        make.finding(fingerprint="here"),
        make.finding(old, make.occurrence(b"", place="commit"), fingerprint="gone"),
        baseline=".leakseal.baseline",
        suppressed=tuple(
            make.suppressed(by=(make.suppression(kind=kind),), fingerprint=kind) for kind in kinds
        ),
    )


def test_what_does_not_count_has_suppressions_and_fits_the_schema(mixed, errors):
    assert errors(json.loads(render(mixed, "sarif"))) == []
    results = {r["partialFingerprints"]["leakseal/v1"]: r for r in run_of(mixed)["results"]}
    assert len(results) == 5
    assert "suppressions" not in results["here"]
    assert results["baseline"]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "a key of the test server",
            "properties": {
                "source": "baseline",
                "owner": "Ann Lee",
                "added": "2024-01-02",
                "expires": "2999-12-31",
            },
        }
    ]
    assert results["inline"]["suppressions"][0]["kind"] == "inSource"
    assert results["allow"]["suppressions"][0]["kind"] == "external"


def test_an_acceptance_without_reason_has_no_justification(make):
    bare = make.suppression(reason="", owner="", added="", expires="")
    (result,) = run_of(make.report(suppressed=(make.suppressed(by=(bare,)),)))["results"]
    assert result["suppressions"] == [
        {"kind": "external", "status": "accepted", "properties": {"source": "baseline"}}
    ]


def test_the_baseline_state_is_told_if_there_was_a_baseline(mixed):
    states = {
        r["partialFingerprints"]["leakseal/v1"]: r["baselineState"]
        for r in run_of(mixed)["results"]
    }
    assert states == {
        "here": "new",
        "gone": "new",
        "baseline": "unchanged",
        "inline": "new",
        "allow": "new",
    }
    assert all("baselineState" not in r for r in run_of(mixed._replace(baseline=""))["results"])


def test_the_scope_head_lists_what_can_be_anchored_and_counts_the_rest(mixed, errors):
    assert errors(json.loads(render(mixed, "sarif", sarif_scope="head"))) == []
    run = run_of(mixed, sarif_scope="head")
    assert [r["partialFingerprints"]["leakseal/v1"] for r in run["results"]] == ["here"]
    (told,) = notices(run, "result-scope")
    assert told["level"] == "note"
    assert "1 of 2 secrets" in told["message"]["text"]
    assert "3 that do not count" in told["message"]["text"]


@pytest.mark.parametrize("state", [State.HEAD, State.STAGED, State.WORKTREE])
def test_the_index_and_the_working_tree_are_in_the_scope_head(make, state):
    report = make.report(make.finding(make.occurrence(state=state)))
    run = run_of(report, sarif_scope="head")
    assert len(run["results"]) == 1
    assert notices(run, "result-scope") == []


@pytest.mark.parametrize("place", ["commit", "tag", "ref", "object", "git", "stdin"])
def test_what_stands_in_no_file_is_not_in_the_scope_head(make, place):
    report = make.report(make.finding(make.occurrence(place=place)))
    assert run_of(report, sarif_scope="head")["results"] == []


def test_the_scope_all_says_nothing_of_scopes(mixed):
    assert notices(run_of(mixed), "result-scope") == []


def test_what_the_baseline_has_and_nobody_finds_is_absent(make, errors):
    gone = (make.absent(path="a b/é\udcff.env"), make.absent(fingerprint="cd" * 20, path=""))
    report = make.report(make.finding(), baseline=".leakseal.baseline", absent=gone)
    log = json.loads(render(report, "sarif"))
    assert errors(log) == []
    here, *results = log["runs"][0]["results"]
    assert here["baselineState"] == "new"
    assert [result["baselineState"] for result in results] == ["absent", "absent"]
    assert [result["level"] for result in results] == ["none", "none"]
    assert results[0]["suppressions"][0]["justification"] == "was a test"
    (place,) = results[0]["locations"]
    uri = place["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20b/%C3%A9%FF.env"
    assert results[1]["locations"] == []
    assert len(run_of(report, sarif_scope="head")["results"]) == 1
