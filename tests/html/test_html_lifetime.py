import pytest
from leaky_reports import COMMIT, FINDING, GONE, PLACE

from scanner.model import State
from scanner.report.html.lifetime import DAY, duration, lifetime, moment
from scanner.report.html.rows import rows
from scanner.report.html.timeline import timeline

LATER = GONE._replace(id="3" * 40, when="2025-01-01T00:00:00Z")
OLD = PLACE._replace(state=State.HISTORY, removed=GONE)


def of(*places):
    return FINDING._replace(occurrences=places)


def drawn(*findings, now="2026-06-01T00:00:00Z"):
    at = moment(now)
    return timeline(
        [lifetime(f) for f in findings], rows(findings, "f", at, show_secrets=False), at
    )


def test_a_leak_lasts_from_the_first_commit_to_the_last_removal():
    first = OLD._replace(introduced=COMMIT._replace(id="0" * 40, when="2023-01-01T00:00:00Z"))
    life = lifetime(of(OLD, first, OLD._replace(removed=LATER)))
    assert life.came.id == "0" * 40
    assert life.gone.id == LATER.id
    assert (life.start, life.end) == (moment("2023-01-01"), moment("2025-01-01"))


@pytest.mark.parametrize("state", [State.HEAD, State.STAGED, State.WORKTREE])
def test_what_stands_in_a_file_has_no_end(state):
    assert lifetime(of(PLACE._replace(state=state), OLD)).gone is None


def test_what_another_branch_still_holds_has_no_end():
    assert lifetime(of(OLD, OLD._replace(removed=None))).gone is None
    assert lifetime(of(OLD, OLD._replace(introduced=None, removed=None))).gone == GONE


def test_times_are_compared_across_offsets():
    early = COMMIT._replace(id="e" * 40, when="2024-05-01T23:00:00+14:00")
    late = COMMIT._replace(id="d" * 40, when="2024-05-01T10:00:00Z")
    life = lifetime(of(PLACE._replace(introduced=late), PLACE._replace(introduced=early)))
    assert life.came.id == early.id


@pytest.mark.parametrize(
    "when", ["", "yesterday", "0001-01-01T00:00:00+14:00", "1970-01-01", "9999-12-31"]
)
def test_what_is_no_time_of_a_commit_is_none(when):
    assert moment(when) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1.4, "1 second"),
        (119, "119 seconds"),
        (7000, "117 minutes"),
        (DAY, "24 hours"),
        (12 * DAY, "12 days"),
        (100 * DAY, "3 months"),
        (366 * DAY, "1 year"),
        (3.2 * 365.25 * DAY, "3.2 years"),
    ],
)
def test_a_length_of_time_in_words(seconds, words):
    assert duration(seconds) == words


def test_the_time_line_tells_standing_from_removed():
    line = drawn(of(PLACE), of(OLD), of(OLD._replace(removed=LATER)))
    assert (line.dated, line.standing, line.removed, line.most) == (3, 1, 2, 3)
    assert (line.first, line.last) == ("2024-05-01", "2026-06-01")
    assert [tick.label for tick in line.ticks][::3] == ["2024-06", "2025-06"]
    assert line.lines[0].turn == "100.00%"
    assert 0 < float(line.lines[1].turn[:-1]) < float(line.lines[2].turn[:-1]) < 100
    periods = [(p.name, p.came, p.gone, p.standing, p.removed) for p in line.periods]
    assert periods == [("2024", 3, 1, 2, 1), ("2025", 0, 1, 1, 2)]


def test_a_short_time_line_counts_by_month():
    line = drawn(of(PLACE), of(OLD), now="2024-08-01T00:00:00Z")
    assert [(p.name, p.came, p.gone) for p in line.periods] == [
        ("2024-05", 2, 0),
        ("2024-06", 0, 1),
    ]


def test_a_date_after_the_scan_counts_as_its_end():
    late = COMMIT._replace(when="2099-01-01T00:00:00Z")
    odd = PLACE._replace(introduced=late, state=State.HISTORY, removed=late)
    line = drawn(of(PLACE), of(odd))
    assert line.last == "2026-06-01"
    assert line.lines[1].start == line.lines[1].turn == "100.00%"
    assert (
        rows((of(odd),), "f", moment("2026-06-01"), show_secrets=False)[0].age == "after the scan"
    )


def test_nothing_is_drawn_without_a_date():
    assert drawn(of(PLACE._replace(introduced=None))) is None
    assert drawn() is None


def test_one_commit_at_the_very_end_has_an_axis():
    assert drawn(of(PLACE), now=COMMIT.when).lines[0].span == "0.00%"
