import json
import re

import jsonschema
import pytest

from scanner.model import Confidence, Secret, Severity, State
from scanner.report import render
from scanner.report.sarif import MOST_RELATED


@pytest.fixture(scope="session")
def errors(sarif_schema):
    validator = jsonschema.Draft4Validator(sarif_schema)
    return lambda log: [error.message for error in validator.iter_errors(log)]


def run_of(report, **options):
    log = json.loads(render(report, "sarif", **options))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return run


def result_of(make, *places, **changes):
    (result,) = run_of(make.report(make.finding(*places, **changes)))["results"]
    return result


def regions(value):
    if isinstance(value, dict):
        if "region" in value:
            yield value["region"]
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from regions(inner)


def test_logs_fit_the_official_schema(make, errors):
    odd = [make.occurrence(b"\xff [a](0) {1}", place=p, line=n % 3) for n, p in enumerate(PLACES)]
    findings = [make.finding(*odd, state_place) for state_place in map(state_of(make), State)]
    full = make.report(*findings, coverage=make.coverage(make.skipped(), make.skipped()))
    bare = make.report(head="", branch="", origin="", target="-", started="", ended="")
    for report in (full, bare, make.report(origin="")):
        for show_secrets in (False, True):
            text = render(report, "sarif", show_secrets=show_secrets)
            assert errors(json.loads(text)) == []
            assert all(region["startLine"] >= 1 for region in regions(json.loads(text)))


PLACES = ("file", "commit", "tag", "ref", "path", "object", "git", "stdin")


def state_of(make):
    return lambda state: make.occurrence(state=state)


def test_a_broken_log_does_not_fit(make, errors):
    log = json.loads(render(make.report(make.finding()), "sarif"))
    log["runs"][0]["results"][0]["locations"] = {}
    assert errors(log)


def test_no_findings_is_an_empty_list_of_results(make):
    run = run_of(make.report())
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []


def test_a_rule_says_what_to_do_and_how_bad_it_is(make):
    rule = make.rule(severity=Severity.CRITICAL, confidence=Confidence.MEDIUM, name="A *b* [c] key")
    (told,) = run_of(make.report(make.finding(rule=rule)))["tool"]["driver"]["rules"]
    assert told["id"] == "acme-api-key"
    assert told["name"] == "ABCKey"
    assert told["helpUri"] == "https://acme.example/keys#revoke"
    assert told["defaultConfiguration"] == {"level": "error"}
    assert float(told["properties"]["security-severity"]) > 9
    assert told["properties"]["precision"] == "medium"
    assert {"security", "secret", "api-key", "Acme"} <= set(told["properties"]["tags"])
    assert r"A \*b\* \[c\] key" in told["help"]["markdown"]
    assert "<https://acme.example/keys#revoke>" in told["help"]["markdown"]
    assert told["help"]["text"].endswith("More: https://acme.example/keys#revoke")


def test_advice_that_is_no_link_is_no_help_uri(make):
    rule = make.rule(remediation="ask <the> owner")
    (told,) = run_of(make.report(make.finding(rule=rule)))["tool"]["driver"]["rules"]
    assert "helpUri" not in told
    assert told["help"]["markdown"].endswith(r"ask \<the\> owner")


def test_each_rule_stands_once_and_results_point_to_it(make):
    findings = [
        make.finding(rule=make.rule(id=name), secret=make.secret(str(n)))
        for n, name in enumerate(["b", "a", "b"])
    ]
    run = run_of(make.report(*findings))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["a", "b"]
    assert len(run["results"]) == 3
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])


@pytest.mark.parametrize(
    ("severity", "level", "least", "most"),
    [
        (Severity.CRITICAL, "error", 9.1, 10),
        (Severity.HIGH, "error", 7, 8.9),
        (Severity.MEDIUM, "warning", 4, 6.9),
        (Severity.LOW, "note", 0.1, 3.9),
    ],
)
def test_levels_and_scores_agree(make, severity, level, least, most):
    run = run_of(make.report(make.finding(rule=make.rule(severity=severity))))
    assert run["results"][0]["level"] == level
    score = run["tool"]["driver"]["rules"][0]["properties"]["security-severity"]
    assert least <= float(score) <= most


def test_the_most_exposed_file_leads_and_other_places_are_related(make):
    result = result_of(
        make,
        make.occurrence(b"", place="commit", state=State.HEAD),
        make.occurrence(b".git/config", place="git", state=State.HEAD),
        make.occurrence(b"old.env", state=State.HISTORY),
        make.occurrence(b"a b/new.env", state=State.STAGED),
    )
    (first,) = result["locations"]
    assert first["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b/new.env", "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": 12,
            "startColumn": 9,
            "snippet": {"text": "acm…[14 characters]"},
        },
    }
    uris = [
        place["physicalLocation"]["artifactLocation"]["uri"] for place in result["relatedLocations"]
    ]
    assert uris == ["old.env", ".git/config", ".git"]
    assert [place["id"] for place in result["relatedLocations"]] == [1, 2, 3]
    assert "introduced by 10000000 on 2024-05-01" in first["message"]["text"]
    assert result["partialFingerprints"] == {"leakseal/v1": make.finding().fingerprint}
    assert result["properties"]["places"] == 4


@pytest.mark.parametrize(
    ("kind", "path", "name"),
    [
        ("commit", b"", "commit:" + "ab" * 20),
        ("tag", b"v1", "tag:" + "ab" * 20),
        ("object", b"", "object:" + "ab" * 20),
        ("ref", b"refs/heads/x", "ref:refs/heads/x"),
        ("file", b"../../etc/passwd", "file:" + "ab" * 20),
    ],
)
def test_what_stands_in_no_file_is_named_and_placed_in_git(make, kind, path, name):
    result = result_of(make, make.occurrence(path, place=kind))
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == ".git"
    assert place["physicalLocation"]["region"] == {"startLine": 1}
    assert place["logicalLocations"][0]["fullyQualifiedName"] == name
    assert place["logicalLocations"][0]["kind"] == kind


def test_standard_input_and_file_names_have_locations(make):
    (stdin,) = result_of(make, make.occurrence(b"", place="stdin"))["locations"]
    assert stdin["physicalLocation"]["artifactLocation"]["uri"] == "-"
    assert stdin["physicalLocation"]["region"]["startLine"] == 12
    (name,) = result_of(make, make.occurrence(b"x.env", place="path"))["locations"]
    assert name["physicalLocation"]["artifactLocation"]["uri"] == "x.env"
    assert name["physicalLocation"]["region"] == {"startLine": 1}


def test_related_places_are_capped_and_the_message_says_so(make):
    places = [make.occurrence(b"f%d" % n) for n in range(MOST_RELATED + 20)]
    result = result_of(make, *places)
    assert len(result["relatedLocations"]) == MOST_RELATED
    assert f"{MOST_RELATED + 20} places" in result["message"]["text"]
    assert f"first {MOST_RELATED + 1} places" in result["message"]["text"]
    assert "Listed" not in result_of(make, *places[: MOST_RELATED + 1])["message"]["text"]


def test_messages_hold_no_link_no_placeholder_and_never_the_secret(make):
    value = b"[x](" + b"0) {0} Qx7"
    report = make.report(
        make.finding(make.occurrence(b"[a](http://e) {0}"), secret=Secret(value)),
        coverage=make.coverage(make.skipped(subject="[a](b) {1}")),
    )
    run = run_of(report, show_secrets=True)
    (result,) = run["results"]
    told = [result["message"], result["locations"][0]["message"]]
    told += [n["message"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert len(told) == 3
    for message in told:
        assert not re.search(r"[\[\]{}]", message["text"])
        assert "Qx7" not in message["text"]
    assert result["locations"][0]["physicalLocation"]["region"]["snippet"]["text"] == value.decode()


def test_what_was_skipped_becomes_notifications(make):
    gone = make.skipped(), make.skipped(code="excluded", detail="", incomplete=False)
    run = run_of(make.report(coverage=make.coverage(*gone)))
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["startTimeUtc"] == "2024-06-01T08:00:00Z"
    assert invocation["endTimeUtc"] == "2024-06-01T08:00:09Z"
    told = invocation["toolExecutionNotifications"]
    assert [n["level"] for n in told] == ["warning", "note"]
    assert told[0]["message"]["text"] == "dump.sql: 120 MB are more than the limit of 64 MB"
    known = run["tool"]["driver"]["notifications"]
    assert [known[n["descriptor"]["index"]]["id"] for n in told] == ["over-size", "excluded"]


def test_only_what_could_not_be_read_makes_the_run_unsuccessful(make):
    report = make.report(coverage=make.coverage(make.skipped(incomplete=False)))
    assert run_of(report)["invocations"][0]["executionSuccessful"] is True


def test_the_run_names_root_repository_and_revision(make):
    run = run_of(make.report(target=r"C:\a b", origin="git@git.example:acme.git"))
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == "file:///C:/a%20b/"
    assert run["versionControlProvenance"] == [
        {
            "repositoryUri": "ssh://git@git.example/acme.git",
            "revisionId": "12345678" * 5,
            "branch": "main",
            "mappedTo": {"uriBaseId": "%SRCROOT%"},
        }
    ]
    assert run["automationDetails"]["id"].startswith("leakseal/")
    assert run["tool"]["driver"]["semanticVersion"] == run["tool"]["driver"]["version"]


def test_a_root_without_an_absolute_path_has_no_uri(make):
    run = run_of(make.report(target="-", origin="", head=""))
    assert "uri" not in run["originalUriBaseIds"]["%SRCROOT%"]
    assert "versionControlProvenance" not in run


def test_a_directory_of_a_repository_is_not_taken_for_its_root(make):
    inside = make.skipped(code="path-filter", subject="sub/dir", incomplete=False)
    report = make.report(target="/srv/acme/sub/dir", coverage=make.coverage(inside))
    assert "uri" not in run_of(report)["originalUriBaseIds"]["%SRCROOT%"]
    globs = make.skipped(code="path-filter", subject="*.env", incomplete=False)
    report = make.report(target="/srv/acme", coverage=make.coverage(globs))
    assert run_of(report)["originalUriBaseIds"]["%SRCROOT%"]["uri"] == "file:///srv/acme/"
