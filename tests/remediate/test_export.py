"""Exports: the numbers an auditor reads, and files that do no harm to who opens them."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_writing import BEGIN, FOUND, REWRITE, STORE, WHO, Clock, ledger, step, subject, through

from scanner.errors import UsageError
from scanner.remediate.ledger.canonical import sealed
from scanner.remediate.ledger.export import FORMATS, render
from scanner.remediate.ledger.export.life import lives
from scanner.remediate.ledger.record import ATTESTED, Record, State

DAY = timedelta(days=1)
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def days_before(days):
    """A clock that stands still, `days` before NOW."""
    return Clock(NOW - days * DAY, timedelta(0))


@pytest.fixture
def book(tmp_path):
    """A ledger of six findings.

    1 closed after 10 days, 2 revoked after 30, 3 accepted and overdue, 4 stored and 40 days old,
    5 found 100 days ago, 6 found today.
    """
    made = ledger(tmp_path)
    through(made, 1, (*FOUND, *STORE, *REWRITE), days_before(50))
    through(made, 1, (State.ROTATED,), days_before(41), outcome=ATTESTED)
    through(made, 1, (State.CLOSED,), days_before(40), outcome=ATTESTED, reason="rotated")
    through(made, 2, (*FOUND, *STORE), days_before(60))
    through(made, 2, (State.REVOKED,), days_before(30), outcome=ATTESTED)
    through(made, 3, FOUND, days_before(20))
    review = {"review_after": "2026-06-30", "reason": "a test key"}
    through(made, 3, (State.ACCEPTED,), days_before(19), outcome=ATTESTED, **review)
    through(made, 4, (*FOUND, *STORE), days_before(40), review_after="2026-07-01")
    through(made, 5, FOUND, days_before(100))
    through(made, 6, FOUND, days_before(0))
    return made


def section(text, title):
    """Return the cells of the rows below a heading."""
    part = text.partition(f"## {title}\n\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| ")]
    return [tuple(cell.strip() for cell in row) for row in rows[1:]]


def test_an_auditor_reads_the_numbers(book):
    text = render(book.history(), "md", NOW)
    assert text.startswith("# Leaked secrets and what was done, as of 2026-07-01 12:00 UTC\n")
    assert text.split("\n\n##")[0].splitlines()[2:] == [
        "- 6 findings, 3 open",
        "- From found to closed or revoked: 20 days in the median, 30 days at worst",
        "- Accepted risks: 1",
        "- Reviews overdue: 1",
        "- Stored, but neither rotated nor revoked: 1",
    ]
    assert section(text, "Open, by age") == [
        ("0 to 7 days", "1"),
        ("8 to 30 days", "0"),
        ("31 to 90 days", "1"),
        ("over 90 days", "1"),
    ]
    name = "000000000000"
    assert section(text, "Reviews overdue") == [
        (name, "aws-secret-key", "app/3.py:3", "2026-06-30")
    ]
    assert section(text, "Accepted risks") == [
        (name, "aws-secret-key", "app/3.py:3", "2026-06-12", "ann", "a test key")
    ]
    assert section(text, "Stored, but neither rotated nor revoked") == [
        (name, "aws-secret-key", "app/4.py:3", "vault://kv/acme/4")
    ]
    assert ("ann", "found", "6") in section(text, "Who did what")
    assert len(section(text, "Findings")) == 6
    assert len(section(text, "Every step")) == len(book.history())


def test_an_empty_ledger_is_a_document_too(tmp_path):
    text = render(ledger(tmp_path).history(), "md", NOW)
    assert "- 0 findings, 0 open\n- From found to closed or revoked: -\n" in text
    assert text.count("None.") == 6


@pytest.mark.parametrize(("days", "row"), [(7, 0), (8, 1), (30, 1), (31, 2), (90, 2), (91, 3)])
def test_ages_fall_on_one_side_of_a_border(tmp_path, days, row):
    book = ledger(tmp_path)
    through(book, 1, FOUND, days_before(days))
    rows = section(render(book.history(), "md", NOW), "Open, by age")
    assert [int(count) for _, count in rows] == [number == row for number in range(4)]


def test_a_finding_that_is_found_again_begins_anew(tmp_path):
    book = ledger(tmp_path)
    through(book, 1, FOUND, days_before(90))
    through(book, 1, (State.CLOSED,), days_before(80), outcome=ATTESTED)
    through(book, 1, FOUND, days_before(5))
    (life,) = lives(book.history())
    assert (life.open, life.age(NOW)) == (True, 5 * DAY)


def test_a_revoked_secret_is_dealt_with_from_then_on_whatever_is_done_after(tmp_path):
    book = ledger(tmp_path)
    through(book, 1, FOUND, days_before(9))
    through(book, 1, (State.REVOKED,), days_before(7), outcome=ATTESTED)
    through(book, 1, (State.PURGED, State.CLOSED), days_before(1), outcome=ATTESTED)
    (life,) = lives(book.history())
    assert (life.open, life.age(NOW), life.state) == (False, 2 * DAY, State.CLOSED)


def test_a_risk_is_accepted_until_something_is_planned(tmp_path):
    book = ledger(tmp_path)
    through(book, 1, (*FOUND, State.ACCEPTED), outcome=ATTESTED)
    assert not lives(book.history())[0].open
    through(book, 1, (State.PLANNED,))
    assert lives(book.history())[0].open


def test_a_review_is_overdue_the_day_after(tmp_path):
    book = ledger(tmp_path)
    through(book, 1, FOUND, review_after="2026-07-01")
    (life,) = lives(book.history())
    assert [life.overdue(NOW), life.overdue(NOW + DAY)] == [False, True]


def test_a_clock_that_went_back_gives_no_negative_age(tmp_path):
    book = ledger(tmp_path)
    through(book, 1, FOUND, Clock(BEGIN))
    through(book, 1, (State.CLOSED,), Clock(BEGIN - 9 * DAY), outcome=ATTESTED)
    assert lives(book.history())[0].age(NOW) == timedelta(0)


def test_a_spreadsheet_has_a_row_for_each_finding(book):
    rows = list(csv.DictReader(io.StringIO(render(book.history(), "csv", NOW))))
    assert len(rows) == 6
    third = next(row for row in rows if row["path"] == "app/3.py")
    assert third == {
        "fingerprint": f"hmac-sha256:{3:040x}",
        "rule": "aws-secret-key",
        "path": "app/3.py",
        "line": "3",
        "state": "accepted_risk",
        "found": "2026-06-11T12:00:00.000Z",
        "ended": "",
        "days_open": "20",
        "accepted": "2026-06-12T12:00:00.000Z",
        "review_after": "2026-06-30",
        "overdue": "yes",
        "stored_at": "",
        "residual": "",
        "records": "2",
        "actors": "ann",
    }


hostile = st.text(
    st.sampled_from("=+-@\t\r\n|`<>&\\[]()*_#~!'\",;a \u202e\x1b\x00\ufeff"), max_size=12
)


def record_of(text):
    where = subject(1, path=text, rule=text)
    taken = step(1, State.ACCEPTED, subject=where, reason=text, evidence={"a": text})
    return sealed(Record("R", 1, "2026-01-01T00:00:00.000Z", WHO._replace(user=text), taken))


@given(hostile)
def test_no_cell_is_a_formula(text):
    rows = list(csv.reader(io.StringIO(render([record_of(text)], "csv", NOW))))
    assert [len(row) for row in rows] == [15, 15]
    for cell in rows[1]:
        assert cell.isprintable()
        assert not cell.lstrip(" \u3000").startswith(("=", "+", "-", "@"))


@given(hostile)
def test_hostile_text_stays_in_its_cell_of_markdown(text):
    out = render([record_of(text)], "md", NOW)
    for line in out.splitlines():
        assert line.isprintable()
        if line.startswith("| "):
            assert not re.search(r"(?<!\\)(?:\\\\)*[<>`*\[\]]", line)
    rows = [line for line in out.splitlines() if line.startswith("| 2026-01-01")]
    assert [len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows] == [8]


# What the class 7001 requires, and what its values may be: https://schema.ocsf.io/1.3.0.
REQUIRED = {
    *("activity_id", "category_uid", "class_uid", "type_uid", "time", "severity_id", "metadata"),
    "command_uid",
}


def test_a_siem_gets_an_event_for_each_step(book):
    history = book.history()
    events = [json.loads(line) for line in render(history, "ocsf", NOW).splitlines()]
    assert len(events) == len(history)
    for event, record in zip(events, history, strict=True):
        assert event.keys() >= REQUIRED
        assert (event["category_uid"], event["class_uid"]) == (7, 7001)
        assert event["activity_id"] in (1, 2, 3, 4, 99)
        assert event["type_uid"] == 700100 + event["activity_id"]
        assert (
            datetime.fromtimestamp(event["time"] / 1000, UTC).isoformat()[:19] == record.time[:19]
        )
        assert event["metadata"]["version"] == "1.3.0"
        assert event["metadata"]["product"].keys() >= {"name", "vendor_name"}
        assert event["unmapped"]["state"] == record.step.state
    by_state = {event["unmapped"]["state"]: event for event in events}
    assert by_state["revoked"]["activity_name"] == "Evict"
    assert by_state["stored"]["activity_name"] == "Harden"
    assert by_state["found"]["activity_name"] == "found"
    assert (by_state["storing"]["status_id"], by_state["stored"]["status_id"]) == (0, 1)


def test_every_state_can_be_exported(tmp_path):
    history = [record_of("x")._replace(step=step(1, state)) for state in State]
    for fmt in FORMATS:
        assert render(history, fmt, NOW)


def test_a_format_that_is_not_there():
    with pytest.raises(UsageError, match="no format 'xml'; choose one of ocsf, csv, md"):
        render([], "xml", NOW)
