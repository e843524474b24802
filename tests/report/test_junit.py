from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import State
from scanner.report import render
from scanner.report.junit import MOST_PLACES


@pytest.fixture(scope="session")
def schema():
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(file=str(Path(__file__).parent / "junit-10.xsd"))

    def check(text):
        schema.assertValid(etree.fromstring(text.encode()))

    return check


def suite_of(report):
    return ElementTree.fromstring(render(report, "junit")).find("testsuite")


def test_reports_fit_the_schema_of_jenkins(make, schema):
    full = make.report(
        make.finding(
            make.occurrence(b"]]>\x1b\xff<&", state=State.HISTORY),
            make.occurrence(b"", place="commit"),
            rule=make.rule(name='A "b" <c> & d'),
        ),
        suppressed=(make.suppressed(),),
        coverage=make.coverage(make.skipped()),
    )
    for report in (full, make.report(), make.report(started="")):
        schema(render(report, "junit"))


@given(st.binary(max_size=40), st.text(max_size=20))
def test_every_name_comes_through_as_well_formed_xml(make, path, reason):
    report = make.report(make.finding(make.occurrence(path), reasons=(reason,)))
    assert suite_of(report).get("failures") == "1"


def test_a_leak_is_a_failure_and_what_does_not_count_is_skipped(make):
    suite = suite_of(make.report(make.finding(), suppressed=(make.suppressed(),)))
    totals = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert totals == {"tests": "3", "failures": "1", "errors": "0", "skipped": "1"}
    read, leak, accepted = suite.findall("testcase")
    assert read.get("classname") == "leakseal.coverage"
    assert [child.tag for child in read] == ["system-out"]
    assert leak.get("classname") == "leakseal.acme-api-key"
    assert leak.get("name") == "Acme API key ls1:01234567"
    failure = leak.find("failure")
    assert failure.get("message") == "acm…[14 characters] in HEAD: conf/app.env:12:9"
    assert "introduced by 10000000 on 2024-05-01 by Ann Lee" in failure.text
    assert "a key of the test server" in accepted.find("skipped").get("message")
    assert leak.get("name") != accepted.get("name")


def test_an_incomplete_scan_is_an_error_and_never_green(make):
    suite = suite_of(make.report(coverage=make.coverage(make.skipped())))
    assert suite.get("errors") == "1"
    error = suite.find("testcase/error")
    assert error.get("message").startswith("INCOMPLETE")
    assert "dump.sql" in error.text


def test_nothing_found_is_one_test_that_passes(make):
    suite = suite_of(make.report())
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "0", "0")


def test_the_name_of_a_test_stays_when_the_secret_moves(make):
    def name(place):
        return suite_of(make.report(make.finding(place))).findall("testcase")[1].get("name")

    assert name(make.occurrence()) == name(make.occurrence(b"other", line=3))


def test_many_places_are_capped_with_a_count(make):
    places = [make.occurrence(b"f%d" % n) for n in range(MOST_PLACES + 3)]
    text = suite_of(make.report(make.finding(*places))).find("testcase/failure").text
    assert "and 3 places more" in text
