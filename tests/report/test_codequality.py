import json
from pathlib import Path

import jsonschema
import pytest

from scanner.model import Severity, State
from scanner.report import render
from scanner.report.codequality import MOST_FILES


@pytest.fixture(scope="session")
def fits():
    schema = json.loads((Path(__file__).parent / "codeclimate.schema.json").read_bytes())
    validator = jsonschema.Draft7Validator(schema)

    def check(problems):
        assert [e.message for p in problems for e in validator.iter_errors(p)] == []
        # What GitLab's documentation asks for beyond its schema.
        assert {p["severity"] for p in problems} <= {"minor", "major", "critical", "blocker"}
        assert all(p["location"]["lines"]["begin"] >= 1 for p in problems)
        assert not any(p["location"]["path"].startswith("./") for p in problems)
        assert len({p["fingerprint"] for p in problems}) == len(problems)

    return check


def problems_of(make, *findings, **changes):
    return json.loads(render(make.report(*findings, **changes), "codequality"))


def test_no_leaks_are_an_empty_list(make):
    assert problems_of(make) == []


def test_a_secret_is_a_problem_of_each_present_file_it_stands_in(make, fits):
    places = [
        make.occurrence(b"a.env"),
        make.occurrence(b"a.env", line=70),
        make.occurrence(b"b.env", state=State.WORKTREE),
        make.occurrence(b"old.env", state=State.HISTORY),
    ]
    problems = problems_of(make, make.finding(*places))
    fits(problems)
    assert [p["location"]["path"] for p in problems] == ["a.env", "b.env"]
    assert problems[0] == {
        "description": "Acme API key acm…[14 characters] in HEAD, high confidence",
        "check_name": "leakseal/acme-api-key",
        "fingerprint": problems[0]["fingerprint"],
        "severity": "critical",
        "location": {"path": "a.env", "lines": {"begin": 12}},
    }


def test_what_stands_in_no_present_file_comes_once(make, fits):
    old = make.finding(make.occurrence(b"old.env", state=State.HISTORY), fingerprint="old")
    said = make.finding(make.occurrence(b"", place="commit", line=0), fingerprint="said")
    problems = problems_of(make, old, said)
    fits(problems)
    assert sorted(p["location"]["path"] for p in problems) == [".git", "old.env"]


def test_the_fingerprint_stays_when_lines_move(make):
    one, moved = (
        problems_of(make, make.finding(make.occurrence(line=n)))[0]["fingerprint"] for n in (1, 9)
    )
    assert one == moved


@pytest.mark.parametrize(
    ("severity", "word"),
    [
        (Severity.CRITICAL, "blocker"),
        (Severity.HIGH, "critical"),
        (Severity.MEDIUM, "major"),
        (Severity.LOW, "minor"),
    ],
)
def test_severities_are_those_of_code_quality(make, severity, word):
    (problem,) = problems_of(make, make.finding(rule=make.rule(severity=severity)))
    assert problem["severity"] == word


def test_an_incomplete_scan_is_a_problem_itself(make, fits):
    problems = problems_of(make, coverage=make.coverage(make.skipped()))
    fits(problems)
    assert problems[0]["check_name"] == "leakseal/incomplete"
    assert "dump.sql" in problems[0]["description"]
    assert problems_of(make, coverage=make.coverage(make.skipped(incomplete=False))) == []


def test_what_does_not_count_is_left_out(make):
    assert problems_of(make, suppressed=(make.suppressed(),)) == []


def test_many_files_are_capped_and_the_description_says_so(make, fits):
    places = [make.occurrence(b"f%d" % n) for n in range(MOST_FILES + 5)]
    problems = problems_of(make, make.finding(*places))
    fits(problems)
    assert len(problems) == MOST_FILES
    assert problems[0]["description"].endswith(f"it stands in {MOST_FILES + 5} files")


def test_secrets_are_redacted_even_if_they_were_asked_for(make):
    report = make.report(make.finding())
    assert render(report, "codequality", show_secrets=True) == render(report, "codequality")
