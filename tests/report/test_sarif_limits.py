import gzip
import json
import random
import time

import jsonschema
import pytest

from scanner.model import Secret, Severity, State
from scanner.report import render, sarif_limits


@pytest.fixture(scope="session")
def validator(sarif_schema):
    return jsonschema.Draft4Validator(sarif_schema)


def many(make, number, places=1):
    """Findings of all severities with as much that does not compress as real ones have."""
    chance = random.Random(number)
    levels = list(Severity)

    def commit():
        return make.commit(id=f"{chance.getrandbits(160):040x}", author=f"A{number}".encode())

    return [
        make.finding(
            *(
                make.occurrence(
                    f"src/{chance.getrandbits(32):x}/{n}.py".encode(),
                    object_id=f"{chance.getrandbits(160):040x}",
                    line=chance.randrange(1, 5000),
                    state=State.HEAD,
                    introduced=commit(),
                )
                for n in range(places)
            ),
            fingerprint=f"{chance.getrandbits(160):040x}",
            secret=Secret(f"acme_{chance.getrandbits(160):040x}".encode()),
            rule=make.rule(id=f"r{i % 200}", severity=levels[i % 4]),
        )
        for i in range(number)
    ]


def told(log):
    notifications = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    return [n["message"]["text"] for n in notifications]


@pytest.mark.slow
def test_thirty_thousand_findings_stay_within_the_limits_of_github(
    make, validator, record_property
):
    report = make.report(*many(make, 30_000))
    begin = time.perf_counter()
    text = render(report, "sarif")
    record_property("seconds", time.perf_counter() - begin)
    size = len(gzip.compress(text.encode()))
    record_property("bytes_after_gzip", size)
    log = json.loads(text)
    results = log["runs"][0]["results"]
    assert len(results) == 25_000
    assert size < 10_000_000
    ranks = [{"error": 0, "warning": 1, "note": 2}[r["level"]] for r in results]
    assert ranks == sorted(ranks)
    assert sum(rank == 0 for rank in ranks) == 15_000
    assert any("25,000 most severe of 30,000" in words for words in told(log))
    assert any("shows the 5,000" in words for words in told(log))
    assert log["runs"][0]["properties"]["resultsLeftOut"] == 5_000
    assert log["runs"][0]["invocations"][0]["executionSuccessful"] is True
    # The whole frame and a sample of results: all 25,000 would take the validator minutes.
    log["runs"][0]["results"] = results[::500]
    assert next(validator.iter_errors(log), None) is None


def test_what_is_too_large_lists_fewer_places_and_only_then_fewer_results(make, monkeypatch):
    report = make.report(*many(make, 600, places=12))
    for room, whole in ((150_000, True), (50_000, False)):
        monkeypatch.setattr(sarif_limits, "LARGEST", sarif_limits._MARGIN + room)
        text = render(report, "sarif")
        log = json.loads(text)
        assert len(gzip.compress(text.encode())) < sarif_limits.LARGEST
        results = log["runs"][0]["results"]
        assert any("more than 4 places" in words for words in told(log))
        assert all(len(r["relatedLocations"]) == 3 for r in results)
        assert all("Listed are the first 4 places" in r["message"]["text"] for r in results)
        assert log["runs"][0]["properties"]["resultsLeftOut"] == 600 - len(results)
        assert (len(results) == 600) == whole
        assert any("most severe of 600" in words for words in told(log)) != whole


def test_the_cut_is_by_severity_and_is_told(make, validator, monkeypatch):
    monkeypatch.setattr(sarif_limits, "MOST_RESULTS", 6)
    log = json.loads(render(make.report(*many(make, 12)), "sarif"))
    run = log["runs"][0]
    levels = [run["tool"]["driver"]["rules"][r["ruleIndex"]] for r in run["results"]]
    assert [level["defaultConfiguration"]["level"] for level in levels] == ["error"] * 6
    assert any("6 most severe of 12 results" in words for words in told(log))
    assert next(validator.iter_errors(log), None) is None


def test_leaks_come_before_what_does_not_count(make, monkeypatch):
    monkeypatch.setattr(sarif_limits, "MOST_RESULTS", 2)
    accepted = make.suppressed(rule=make.rule(severity=Severity.CRITICAL))
    low = [f._replace(rule=make.rule(severity=Severity.LOW)) for f in many(make, 2)]
    log = json.loads(render(make.report(*low, suppressed=(accepted,)), "sarif"))
    results = log["runs"][0]["results"]
    assert [r["level"] for r in results] == ["note", "note"]


def test_size_after_gzip_decides_when_numbers_do_not(make, validator, monkeypatch):
    monkeypatch.setattr(sarif_limits, "LARGEST", sarif_limits._MARGIN + 20_000)
    text = render(make.report(*many(make, 900)), "sarif")
    log = json.loads(text)
    assert 0 < len(log["runs"][0]["results"]) < 900
    assert any("most severe of 900 results" in words for words in told(log))
    assert next(validator.iter_errors(log), None) is None


def test_a_small_report_says_nothing_of_limits(make):
    assert told(json.loads(render(make.report(*many(make, 3)), "sarif"))) == []
