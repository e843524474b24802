import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import State
from scanner.report import render
from scanner.report.csv import COLUMNS

FORMULA = re.compile(r"(?:^|;) *[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def rows_of(report):
    text = render(report, "csv")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_each_place_has_a_row(make):
    finding = make.finding(
        make.occurrence(b"a,b.env"), make.occurrence(b'say "hi"', state=State.HISTORY, line=0)
    )
    first, second = rows_of(make.report(finding))
    assert list(first) == list(COLUMNS)
    assert first["type"] == "leak"
    assert first["path"] == "a,b.env"
    assert (first["line"], second["line"]) == ("12", "")
    assert second["path"] == 'say "hi"'
    assert (second["exposure"], second["state"]) == ("head", "history")
    assert first["introduced_by"] == "Ann Lee <ann@acme.example>"
    assert first["secret"] == "acm…[14 characters]"


def test_what_does_not_count_says_why(make):
    (row,) = rows_of(make.report(suppressed=(make.suppressed(),)))
    assert row["type"] == "accepted"
    assert row["accepted_because"] == "a key of the test server"
    assert (row["owner"], row["added"], row["expires"]) == ("Ann Lee", "2024-01-02", "2999-12-31")


def test_what_was_not_read_has_rows(make):
    gaps = make.coverage(make.skipped(), make.skipped(incomplete=False))
    (row,) = rows_of(make.report(coverage=gaps))
    assert (row["type"], row["rule"], row["path"]) == ("not-read", "over-size", "dump.sql")


def test_rows_end_as_the_standard_asks(make):
    text = render(make.report(make.finding()), "csv")
    assert text.count("\r\n") == 2
    assert "\n" not in text.replace("\r\n", "")


@pytest.mark.parametrize(
    "begin", ["=", "+", "-", "@", "\t=", "\r=", " =", "x;=", "x; -", "\uff1d", "\uff0b", "\uff20"]
)
def test_no_cell_is_a_formula(make, begin):
    text = f"{begin}cmd|' /C calc'!A0"
    known = make.suppression(reason=text, owner=text)
    who = make.commit(author=text.encode(), email=text.encode())
    place = make.occurrence(text.encode(), introduced=who, via=(text,))
    changes = {"rule": make.rule(id=text, name=text, provider=text, remediation=text)}
    report = make.report(
        make.finding(place, reasons=(text,), **changes),
        suppressed=(make.suppressed(place, by=(known,), **changes),),
        coverage=make.coverage(make.skipped(subject=text, detail=text)),
    )
    for row in rows_of(report):
        assert not [cell for cell in row.values() if FORMULA.search(cell)]


@given(st.binary(max_size=30))
def test_every_name_is_one_cell(make, name):
    (row,) = rows_of(make.report(make.finding(make.occurrence(name))))
    assert row["line"] == "12"
    assert not FORMULA.search(row["path"])
