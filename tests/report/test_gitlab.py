import json
from pathlib import Path
from uuid import UUID

import jsonschema
import pytest

from scanner.model import Severity, State
from scanner.report import render
from scanner.report.gitlab import MOST_PLACES, VERSION

PLACES = ("file", "commit", "tag", "ref", "path", "object", "git", "stdin")


@pytest.fixture(scope="session")
def validator():
    name = f"gitlab-secret-detection-{VERSION}.schema.json"
    schema = json.loads((Path(__file__).parent / name).read_bytes())
    assert schema["self"]["version"] == VERSION
    return jsonschema.Draft7Validator(schema)


def gitlab(report, **options):
    return json.loads(render(report, "gitlab", **options))


def only(make, *places, **changes):
    (found,) = gitlab(make.report(make.finding(*places, **changes)))["vulnerabilities"]
    return found


def test_reports_fit_the_published_schema(make, validator):
    odd = [make.occurrence(b"\xff\n<b>", place=p, line=n % 3) for n, p in enumerate(PLACES)]
    findings = [make.finding(*odd, make.occurrence(state=state)) for state in State]
    findings += [make.finding(o, rule=make.rule(name="x" * 900, remediation="ask")) for o in odd]
    full = make.report(
        *findings, coverage=make.coverage(make.skipped()), suppressed=(make.suppressed(),)
    )
    bare = make.report(head="", branch="", origin="", target="-", started="", ended="")
    for report in (full, bare, make.report()):
        for show_secrets in (False, True):
            assert list(validator.iter_errors(gitlab(report, show_secrets=show_secrets))) == []


def test_a_broken_report_does_not_fit(make, validator):
    report = gitlab(make.report(make.finding()))
    report["vulnerabilities"][0]["severity"] = "HIGH"
    assert list(validator.iter_errors(report))


def test_a_leak_in_a_file_is_placed_where_gitlab_shows_it(make):
    found = only(make)
    assert found["location"] == {
        "file": "conf/app.env",
        "start_line": 12,
        "end_line": 12,
        "commit": {
            "sha": "1" + "0" * 39,
            "author": "Ann Lee <ann@acme.example>",
            "date": "2024-05-01T10:20:30+02:00",
            "message": "Add settings",
        },
    }
    assert found["raw_source_code_extract"] == "acm…[14 characters]"
    assert found["identifiers"][0] == {
        "type": "leakseal_rule_id",
        "name": "leakseal rule acme-api-key",
        "value": "acme-api-key",
    }
    assert found["links"] == [{"name": "What to do", "url": "https://acme.example/keys#revoke"}]


def test_the_id_hangs_on_the_fingerprint_alone(make):
    one = only(make)
    moved = only(make, make.occurrence(b"other.env", line=99), reasons=("because",))
    other = only(make, fingerprint="another")
    assert UUID(one["id"]).version == 5
    assert one["id"] == moved["id"] != other["id"]


@pytest.mark.parametrize("severity", Severity)
def test_severities_are_those_of_gitlab(make, severity):
    found = only(make, rule=make.rule(severity=severity))
    assert found["severity"] == severity.name.capitalize()


def test_a_place_without_commit_has_that_of_head_and_none_gets_zeros(make):
    staged = make.occurrence(state=State.STAGED, introduced=None)
    assert only(make, staged)["location"]["commit"] == {"sha": "12345678" * 5}
    report = make.report(make.finding(staged), head="")
    (found,) = gitlab(report)["vulnerabilities"]
    assert found["location"]["commit"] == {"sha": "0000000"}


def test_a_commit_message_is_placed_in_its_commit_and_in_no_file(make):
    found = only(make, make.occurrence(b"", place="commit", introduced=None))
    assert found["location"] == {"commit": {"sha": "ab" * 20}}


def test_other_places_are_details_and_are_capped_with_a_count(make):
    places = [make.occurrence(b"f%d" % n) for n in range(MOST_PLACES + 11)]
    items = only(make, *places)["details"]["places"]["items"]
    assert len(items) == MOST_PLACES + 1
    assert items[-1]["value"] == "and 10 places more"


def test_an_incomplete_scan_is_a_failure_with_the_reasons(make):
    scan = gitlab(make.report(coverage=make.coverage(make.skipped())))["scan"]
    assert scan["status"] == "failure"
    assert [m["level"] for m in scan["messages"]] == ["warn", "warn"]
    assert "120 MB" in scan["messages"][1]["value"]
    left_out = make.coverage(make.skipped(incomplete=False))
    scan = gitlab(make.report(coverage=left_out))["scan"]
    assert scan["status"] == "success"
    assert {m["level"] for m in scan["messages"]} == {"info"}
    assert scan["start_time"] == "2024-06-01T08:00:00"


def test_what_does_not_count_is_counted_and_not_listed(make):
    report = gitlab(make.report(suppressed=(make.suppressed(),)))
    assert report["vulnerabilities"] == []
    assert "1 secret, 1 in the baseline" in report["scan"]["messages"][-1]["value"]
