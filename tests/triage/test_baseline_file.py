"""The baseline's file: what it says, whatever merges made of it, and what is wrong with some."""

import hashlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import UsageError
from scanner.triage import baseline
from scanner.triage.baseline import Baseline, Entry, Removed

TODAY = date(2026, 11, 26)
KEY = "root:" + "ab" * 20
PRINT = "0123456789abcdef0123456789abcdef01234567"
HEADER = f'{{"baseline": 1, "key": "{KEY}"}}'


def entry(name, **fields):
    print_ = hashlib.sha1(str(name).encode()).hexdigest()
    made = Entry(print_, "rule-id", "src/a.py", "why", "Ann", "2026-01-02", "2027-01-02")
    return made._replace(**fields)


def parsed(*lines):
    text = "".join(line + "\n" for line in (HEADER, *lines))
    return baseline.parsed("FILE", text.encode())


texts = st.text(max_size=20)
dates = st.one_of(st.just(""), st.dates().map(date.isoformat))
prints = st.integers(0, 5).map(lambda n: hashlib.sha1(bytes([n])).hexdigest())
entries = st.builds(Entry, prints, texts, texts, texts, texts, dates, dates, st.integers(0, 3))
removals = st.builds(Removed, prints, st.dates().map(date.isoformat), st.integers(0, 3))
lines = st.lists(st.one_of(entries, removals), max_size=12)


def written(found):
    return [baseline._written(each) for each in found]


@given(lines)
def test_what_is_written_reads_the_same(found):
    once = parsed(*written(found))
    assert baseline.parsed("FILE", baseline.text(once).encode()) == once


@given(lines, st.randoms())
def test_neither_order_nor_repetition_matters(found, random):
    again = found + random.sample(found, random.randint(0, len(found)))
    random.shuffle(again)
    assert parsed(*written(again)) == parsed(*written(found))


@given(lines)
def test_each_line_stays_one_line_that_any_editor_shows_as_one(found):
    text = baseline.text(parsed(*written(found)))
    assert text.splitlines() == text.split("\n")[:-1]


def test_the_text_is_sorted_and_has_a_fixed_order_of_fields():
    made = Baseline(KEY, (entry("b"), entry("a")))
    first, *rest = baseline.text(made).splitlines()
    assert first == HEADER
    assert rest == sorted(rest)
    assert rest[0] == (
        '{"fingerprint": "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8", "rule": "rule-id", '
        '"path": "src/a.py", "reason": "why", "owner": "Ann", "added": "2026-01-02", '
        '"expires": "2027-01-02"}'
    )


def test_of_two_that_accept_the_same_the_earlier_date_and_the_first_reason_stay():
    one, other = entry(1, reason="b", added="2026-01-01"), entry(1, reason="a", added="2026-02-01")
    assert parsed(*written([one, other])).entries == (entry(1, reason="a", added="2026-01-01"),)


def test_a_removal_wins_over_the_entry_it_removes_and_over_a_change_of_it():
    old = entry(1)
    gone = baseline.without(Baseline(KEY, (old,)), [old.fingerprint], TODAY)
    assert gone.entries == ()
    changed = old._replace(reason="changed", revision=1)
    for lines_ in ([old, *gone.removed], [changed, *gone.removed, old]):
        assert parsed(*written(lines_)).entries == ()


def test_what_was_removed_can_be_accepted_again():
    gone = baseline.without(Baseline(KEY, (entry(1),)), [entry(1).fingerprint], TODAY)
    again = baseline.with_entries(gone, [entry(1, reason="again")])
    assert parsed(*written([entry(1), *gone.removed, *again.entries])) == again
    assert again.entries == (entry(1, reason="again", revision=2),)


def test_the_highest_revision_there_is_can_be_removed_as_well():
    last = entry(1, revision=(1 << 31) - 1)
    gone = baseline.without(Baseline(KEY, (last,)), [last.fingerprint], TODAY)
    assert parsed(*written([last, *gone.removed])) == gone
    assert gone.entries == ()


def test_what_is_accepted_already_stays_as_it_is():
    made = Baseline(KEY, (entry(1),))
    assert baseline.with_entries(made, [entry(1, reason="new", added="2026-11-26")]) == made


def test_removals_are_forgotten_after_a_year():
    made = baseline.without(Baseline(KEY, (entry(1),)), [entry(1).fingerprint], TODAY)
    assert baseline.without(made, [], TODAY + timedelta(days=365)) == made
    assert baseline.without(made, [], TODAY + timedelta(days=366)).removed == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("<<<<<<< HEAD", "FILE:2: a merge left this conflict marker"),
        ("=======", "FILE:2: a merge left this conflict marker"),
        (">>>>>>> other", "FILE:2: a merge left this conflict marker"),
        ("nonsense", "FILE:2: this is no line of a baseline"),
        ("[1]", "FILE:2: this is no line of a baseline"),
        ("[" * 100_000, "FILE:2: this is no line of a baseline"),
        ('{"fingerprint": "123"}', "FILE:2: fingerprint must be 40 hexadecimal digits"),
        (f'{{"fingerprint": "{PRINT}", "fingerprint": "{PRINT}"}}', "FILE:2: this is no line"),
        (f'{{"fingerprint": "{PRINT}", "sum": 1}}', "FILE:2: unknown field sum"),
        (f'{{"fingerprint": "{PRINT}", "reason": 1}}', "FILE:2: reason must be a text"),
        (f'{{"fingerprint": "{PRINT}", "expires": "soon"}}', "expires must be a date"),
        (f'{{"fingerprint": "{PRINT}", "expires": "2026-02-30"}}', "expires must be a date"),
        (f'{{"fingerprint": "{PRINT}", "revision": -1}}', "FILE:2: revision must be a number"),
        (f'{{"fingerprint": "{PRINT}", "revision": true}}', "FILE:2: revision must be a number"),
        ('{"baseline": 1, "key": "root:"}', "FILE:2: two baselines of different keys"),
        ('{"baseline": 2, "key": "root:"}', "FILE:2: version 2 is not known here"),
    ],
)
def test_a_bad_line_is_named(line, said):
    with pytest.raises(UsageError) as error:
        parsed(line)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "FILE:1: this is no line of a baseline"),
        ("{}", 'FILE:1: a baseline begins with {"baseline": 1'),
        ('{"baseline": 2, "key": "root:"}', "FILE:1: version 2 is not known here"),
        ('{"baseline": true, "key": "root:"}', "FILE:1: a baseline begins with"),
        ('{"baseline": 1}', "FILE:1: the header does not tell which key"),
        ('{"baseline": 1, "key": "root:../.."}', "FILE:1: the header does not tell which key"),
        ('{"baseline": 1, "key": "root:", "x": 1}', "FILE:1: unknown field x"),
    ],
)
def test_a_bad_header_is_named(header, said):
    with pytest.raises(UsageError) as error:
        baseline.parsed("FILE", header.encode())
    assert said in str(error.value)


def test_what_merges_and_editors_leave_is_read():
    line = baseline._written(entry(1))
    text = f"{HEADER}\r\n{line}\r\n\r\n{HEADER}\r\n{line}"
    assert baseline.parsed("FILE", text.encode()) == Baseline(KEY, (entry(1),))


def test_a_file_has_a_bounded_size_and_must_be_there(tmp_path, monkeypatch):
    monkeypatch.setattr(baseline, "LARGEST", 1 << 20)
    path = tmp_path / "file"
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        baseline.read(str(path))
    path.write_bytes(HEADER.encode() + b"\n" * (1 << 20))
    with pytest.raises(UsageError, match="is larger than 1 MiB"):
        baseline.read(str(path))


def test_a_link_a_pipe_and_a_folder_are_not_ones_own(tmp_path):
    import os

    (tmp_path / "file").write_text(HEADER)
    assert baseline.read_own(str(tmp_path / "file")) == Baseline(KEY, ())
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "."):
        assert baseline.read_own(str(tmp_path / name)) is None


def test_of_two_entries_made_apart_the_one_that_ends_counts_and_then_one_with_a_reason():
    bare = entry("one", reason="", owner="", expires="")
    told, ending = bare._replace(reason="why"), bare._replace(expires="2026-12-31")
    for found, last in (((bare, told), told), ((told, ending), ending), ((bare, ending), ending)):
        for order in (found, found[::-1]):
            assert baseline.settled(KEY, order).entries == (last,)
