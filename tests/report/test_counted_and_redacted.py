"""Numbers of what was not read, and forms of secrets in URLs."""

import re
from urllib.parse import quote, quote_plus

import pytest

from scanner.gitdb.damage import SkipLog
from scanner.model import Coverage, Secret, Skipped
from scanner.report.coverage import statement
from scanner.report.html.reading import reading
from scanner.report.mask import Mask


def log_of(number):
    log = SkipLog(100)
    for each in range(number):
        log.add("over-size", f"file {each}", "too large")
    return log


@pytest.mark.parametrize("number", [1, 100, 101, 250])
def test_what_was_not_read_is_counted_even_where_it_is_not_listed(number):
    coverage = Coverage({}, 0, tuple(log_of(number).listing()))
    told = statement(coverage)
    assert int(re.search("[0-9]+", told.verdict)[0]) == number
    assert told.skipped[0] == f"Not read: over-size ({number})"
    assert number <= 5 or f"… and {number - 5} more" in told.skipped[-1]
    (gap,) = reading(coverage).gaps
    assert (gap.size, gap.left) == (number, max(0, number - 20))


def test_a_log_that_takes_up_another_counts_what_that_did_not_list():
    log = log_of(3)
    for each in log_of(250).listing():
        log.add(*each)
    assert sum(each.things for each in log.listing()) == 253
    log.rewind(log.listing())
    assert sum(each.things for each in log.listing()) == 253


def test_a_file_of_an_odd_name_is_one_thing():
    assert Skipped("over-size", "12 more", "too large").things == 1
    assert Skipped("over-size", "9" * 5000 + " more", "of the same kind").things == 1


@pytest.mark.parametrize(
    "written",
    [
        lambda v: quote(v, safe="!'()*~"),  # encodeURIComponent
        lambda v: quote(v, safe="!#$&'()*+,/:;=?@~"),  # encodeURI
        lambda v: quote(v, safe="!$&'()*+,;=:@~"),  # what RFC 3986 lets stand in a path
        lambda v: quote(v, safe="!$&'()*+,;=~"),  # in a user's name
        quote_plus,  # a form
    ],
)
def test_a_secret_is_redacted_however_a_url_writes_it(written):
    value = "Tr0ub" + "!4d (o)r*X:q/9$z@k&7+%é"
    done = Mask([Secret(value.encode())]).text(f"see x={written(value)};")
    assert done == f"see x={Secret(value.encode()).redacted()};"
