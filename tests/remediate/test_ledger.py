"""The ledger on disk: what is written, what is refused, and what an interruption leaves."""

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_writing import (
    BEGIN,
    FOUND,
    STORE,
    WHO,
    Clock,
    files,
    ledger,
    step,
    subject,
    three_runs,
    through,
    write,
)

from scanner.errors import UsageError
from scanner.remediate.ledger.canonical import MalformedError, decode, encode, sealed
from scanner.remediate.ledger.files import LedgerError
from scanner.remediate.ledger.record import (
    LONGEST,
    Actor,
    Approval,
    Record,
    State,
    Step,
    StoredAt,
)
from scanner.remediate.ledger.verify import verify
from scanner.vault.store import IntegrityError

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX links, modes and signals")
texts = st.text(max_size=20)


def _json(value):
    return json.dumps(value).encode()


def test_a_record_is_a_line_of_json_that_anyone_can_check(tmp_path):
    book = ledger(tmp_path)
    run = through(book, 7, FOUND)
    (path,) = files(book)
    assert path == tmp_path / ".leakseal" / "ledger" / "2026" / f"{run.id}.jsonl"
    line = path.read_bytes()
    members = json.loads(line)
    digest = members.pop("hash")
    assert members == {
        "v": 1,
        "run": run.id,
        "seq": 1,
        "ts": "2026-03-01T12:02:00.000Z",
        "actor": {"user": "ann", "host": "laptop", "tool": "leakseal 0"},
        "finding": {
            "fp": f"hmac-sha256:{7:040x}",
            "key_id": "k1",
            "rule": "aws-secret-key",
            "path": "app/7.py",
            "line": 3,
        },
        "state": "found",
    }
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    assert digest == hashlib.sha256(canonical).hexdigest()
    assert line.isascii()
    assert line.endswith(b"}\n")


def test_records_are_chained_and_a_run_names_the_heads_before_it(tmp_path):
    book = three_runs(tmp_path)
    first, second, third = (book.records(run) for run in book.runs())
    for records in (first, second, third):
        for before, after in pairwise(records):
            assert (after.previous, after.parents) == (before.hash, ())
            assert after.sequence == before.sequence + 1
    assert (first[0].previous, first[0].parents) == ("", ())
    assert second[0].parents == (first[-1].hash,)
    assert third[0].parents == (second[-1].hash,)


def test_two_runs_at_once_have_one_parent_and_the_next_has_both(tmp_path):
    book = ledger(tmp_path)
    begin = through(book, 1, FOUND)
    one, two = book.start(WHO, Clock()), book.start(WHO, Clock())
    heads = {one.append(step(2, State.FOUND)).hash, two.append(step(3, State.FOUND)).hash}
    after = through(book, 4, FOUND)
    assert {book.records(run.id)[0].parents for run in (one, two)} == {
        (book.records(begin.id)[-1].hash,)
    }
    assert set(book.records(after.id)[0].parents) == heads


records = st.builds(
    Record,
    run=texts,
    sequence=st.integers(0, 10**9),
    time=st.datetimes().map(lambda t: t.isoformat(timespec="milliseconds") + "Z"),
    actor=st.builds(Actor, texts, texts, texts),
    step=st.builds(
        Step,
        state=st.sampled_from(State),
        subject=st.builds(subject, st.integers(0, 1 << 160 - 1), path=texts, commit=texts),
        item=texts,
        store=st.none() | st.builds(StoredAt, texts.filter(bool), texts, texts),
        outcome=texts,
        evidence=st.dictionaries(texts, texts, max_size=3),
        reason=texts,
        lane=texts,
        approval=st.none() | st.builds(Approval, texts.filter(bool), texts),
    ),
    parents=st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), max_size=3).map(tuple),
)


@given(records)
def test_a_record_comes_back_from_its_line(record):
    record = sealed(record)
    line = encode(record)
    assert line.isascii()
    assert b"\n" not in line
    assert decode(line) == record


@given(st.text(st.characters(categories=["Cs", "Ll"]), min_size=1))
def test_half_a_surrogate_pair_is_kept(text):
    """A path that is not UTF-8 may bring one."""
    where = subject(1, path=text)
    line = encode(sealed(Record("R", 1, "2026-01-01T00:00:00.000Z", WHO, Step(State.FOUND, where))))
    assert encode(decode(line)) == line


@given(st.binary(max_size=200) | st.recursive(texts | st.integers(), st.lists).map(_json))
def test_what_is_no_record_is_malformed_and_nothing_else(line):
    with pytest.raises(MalformedError):
        decode(line)


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": 1},
        {"reason": ""},
        {"seq": 1.0},
        {"seq": True},
        {"seq": -1},
        {"v": 2},
        {"ts": "2026-02-31T00:00:00.000Z"},
        {"state": "gone"},
        {"evidence": {"a": 1}},
        {"parents": ["x"]},
        {"finding": []},
        {"finding": {"fp": "sha256:" + "0" * 40}},
    ],
)
def test_a_line_with_odd_members_is_malformed_even_with_the_right_hash(tmp_path, changes):
    book = ledger(tmp_path)
    through(book, 7, FOUND)
    members = json.loads(files(book)[0].read_bytes()) | changes
    del members["hash"]
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    members["hash"] = hashlib.sha256(canonical).hexdigest()
    with pytest.raises(MalformedError):
        decode(json.dumps(members, sort_keys=True, separators=(",", ":")).encode())


SECRET = "tr0ub4" + "dor-and-3"


@given(
    st.sampled_from(("path", "rule", "commit", "reason", "item", "uri", "evidence", "name", "by")),
    texts,
)
def test_every_text_goes_through_the_mask(tmp_path_factory, field, around):
    text = f"{around}{SECRET}{around}"
    given = {
        "reason": {"reason": text},
        "item": {"item": text},
        "uri": {"store": StoredAt(text, text, text)},
        "evidence": {"evidence": {"a": text}},
        "name": {"evidence": {text: "a"}},
        "by": {"approval": Approval(text, text)},
    }.get(field) or {"subject": subject(1, **{field: text})}
    book = ledger(tmp_path_factory.mktemp("mask"))
    run = book.start(Actor(SECRET, SECRET, SECRET), Clock(), lambda t: t.replace(SECRET, "***"))
    run.append(step(1, State.FOUND)._replace(**given))
    content = files(book)[0].read_text()
    assert SECRET not in content
    assert "***" in json.dumps(json.loads(content))


def test_a_long_text_is_cut(tmp_path):
    book = ledger(tmp_path)
    record = book.start(WHO).append(step(1, State.FOUND, reason="é" * (LONGEST + 1)))
    assert record.step.reason == "é" * (LONGEST - 1) + "…"


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": subject(1, fingerprint="0" * 40)},
        {"subject": subject(1, fingerprint="sha256:" + "0" * 40)},
        {"subject": subject(1, fingerprint="hmac-sha256:" + "0" * 64)},
        {"review_after": "tomorrow"},
        {"review_after": "2026-02-30"},
        {"evidence": {str(n): "x" for n in range(33)}},
    ],
)
def test_a_step_that_is_not_well_formed_is_not_recorded(tmp_path, changes):
    book = ledger(tmp_path)
    with pytest.raises(UsageError):
        book.start(WHO).append(step(1, State.FOUND, **changes))
    assert book.runs() == []


def test_a_run_without_a_step_leaves_nothing(tmp_path):
    ledger(tmp_path).start(WHO)
    assert list(tmp_path.iterdir()) == []


def test_history_has_causes_first_whatever_the_clock_said(tmp_path):
    book = ledger(tmp_path)
    through(book, 1, FOUND, Clock(BEGIN.replace(year=2030)))
    through(book, 2, FOUND, Clock(BEGIN.replace(year=2020)))
    through(book, 3, FOUND, Clock(BEGIN.replace(year=2025)))
    order = [record.step.subject.path for record in book.history()]
    assert order == ["app/1.py", "app/2.py", "app/3.py"]


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Return the id and the content of a run."""
    book = ledger(tmp_path_factory.mktemp("stored"))
    run = through(book, 1, (*FOUND, *STORE))
    return run.id, files(book)[0].read_bytes()


@given(st.data())
def test_a_file_cut_anywhere_is_torn_at_most_and_the_run_goes_on(stored, tmp_path_factory, data):
    run, content = stored
    size = data.draw(st.integers(0, len(content)))
    left = content[:size] + data.draw(st.sampled_from((b"", b"\0" * 9)))
    end = content[:size].rfind(b"\n") + 1
    book = ledger(tmp_path_factory.mktemp("torn"))
    path = Path(book.folder, "2026", f"{run}.jsonl")
    path.parent.mkdir(parents=True)
    path.write_bytes(left)
    assert verify(book.folder, None, {}).exit_code == (8 if len(left) > end or not end else 0)
    resumed = book.resume(run, WHO, Clock())
    assert bool(resumed.repaired) == (len(left) > end)
    assert path.read_bytes() == content[:end]
    resumed.append(step(1, State.RESCANNED))
    assert verify(book.folder, None, {}).exit_code == 0


WRITER = """
import sys
sys.path[:0] = [{folder!r}]
from ledger_writing import *
book = Ledger({ledger!r})
run = book.start(WHO)
print(run.id, flush=True)
for number in range({first}, {first} + {count}):
    run.append(step(number, State.FOUND))
"""


def writer(book, first=0, count=100_000, prelude=""):
    code = prelude + WRITER.format(
        folder=os.path.dirname(__file__), ledger=book.folder, first=first, count=count
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)


@posix
def test_a_run_that_is_killed_leaves_a_torn_tail_at_most(tmp_path):
    book = ledger(tmp_path)
    for number in range(3):
        with writer(book) as process:
            run = process.stdout.readline().decode().strip()
            time.sleep(0.02 * (1 + number))
            process.send_signal(signal.SIGKILL)
        assert verify(book.folder, None, {}).exit_code in (0, 8)
        if run in book.runs():
            book.resume(run, WHO).append(step(1, State.RESCANNED))
    assert verify(book.folder, None, {}).exit_code == 0


def test_two_processes_write_a_run_each(tmp_path):
    book = ledger(tmp_path)
    through(book, 1, FOUND)
    with writer(book, 100, 40) as one, writer(book, 200, 40) as two:
        one.communicate()
        two.communicate()
    assert (one.returncode, two.returncode) == (0, 0)
    assert len(book.runs()) == 3
    assert len(book.history()) == 81
    assert verify(book.folder, None, {}).problems == ()


@posix
def test_a_disk_that_takes_half_a_record_loses_none_before_it(tmp_path):
    """A limit on the size of files stands in for a full disk: a write is cut short, then fails."""
    book = ledger(tmp_path)
    limit = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
    )
    caught = "\ntry:\n    go()\nexcept LedgerError as error:\n    print(error)\n"
    code = (
        limit
        + WRITER.format(
            folder=os.path.dirname(__file__), ledger=book.folder, first=0, count=9
        ).replace("for number", "def go():\n  for number")
        + caught
    )
    code = "from scanner.remediate.ledger.files import LedgerError\n" + code
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    run, said = done.stdout.splitlines()
    assert said == (f"nothing more was done, as {files(book)[0]} cannot be written: File too large")
    whole = len(book.records(run))
    assert 0 < whole < 9
    assert verify(book.folder, None, {}).problems == ()
    book.resume(run, WHO).append(step(9, State.FOUND))
    assert len(book.records(run)) == whole + 1


@pytest.mark.parametrize("blocked", [".leakseal", ".leakseal/ledger", ".leakseal/ledger/2026"])
def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path, blocked):
    (tmp_path / blocked).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / blocked).write_text("a file")
    with pytest.raises(LedgerError) as caught:
        through(ledger(tmp_path), 1, FOUND)
    assert str(tmp_path) in str(caught.value)
    assert (tmp_path / blocked).read_text() == "a file"


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_one_clear_line(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(LedgerError, match="cannot be written: Permission denied"):
        through(ledger(tmp_path), 1, FOUND)


@posix
@pytest.mark.parametrize("link", [".leakseal", ".leakseal/ledger", ".leakseal/ledger/2026"])
def test_no_link_is_followed_out_of_the_work_tree(tmp_path, link):
    tree, outside = tmp_path / "tree", tmp_path / "outside"
    outside.mkdir()
    (tree / link).parent.mkdir(parents=True)
    (tree / link).symlink_to(outside)
    with pytest.raises(LedgerError, match="symbolic link"):
        through(ledger(tree), 1, FOUND)
    assert list(outside.iterdir()) == []


@posix
def test_a_link_to_the_work_tree_itself_is_fine(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "link").symlink_to("tree")
    through(ledger(tmp_path / "link"), 1, FOUND)
    assert len(ledger(tmp_path / "tree").history()) == 1


@posix
def test_a_run_that_is_a_link_or_a_pipe_is_not_read(tmp_path):
    book = three_runs(tmp_path)
    path = files(book)[0]
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LedgerError):
        book.history()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(LedgerError, match="not a plain file"):
        book.history()


def test_another_writer_of_the_same_run_is_noticed(tmp_path):
    book = ledger(tmp_path)
    run = through(book, 1, FOUND)
    book.resume(run.id, WHO, Clock()).append(step(1, State.PLANNED))
    with pytest.raises(LedgerError, match="somebody else has changed it"):
        run.append(step(1, State.PLANNED))
    assert len(book.records(run.id)) == 2


def test_a_changed_ledger_is_not_gone_on_with(tmp_path):
    book = three_runs(tmp_path)
    path = files(book)[0]
    path.write_bytes(path.read_bytes().replace(b"app/1.py", b"app/2.py", 1))
    for act in (book.history, lambda: book.start(WHO), lambda: book.resume(book.runs()[0], WHO)):
        with pytest.raises(
            IntegrityError, match=r"jsonl:1 cannot be trusted: .* leakseal log verify"
        ):
            act()


@posix
def test_files_have_plain_modes(tmp_path):
    old = os.umask(0o022)
    try:
        book = three_runs(tmp_path)
    finally:
        os.umask(old)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(book)} == {0o644}


def test_an_unknown_run_cannot_be_resumed(tmp_path):
    with pytest.raises(LedgerError, match="there is no run"):
        ledger(tmp_path).resume("../../etc/passwd", WHO)


def test_resuming_names_the_actor_and_time_of_each_record(tmp_path):
    book = ledger(tmp_path)
    run = write(book, step(1, State.FOUND))
    book.resume(run.id, WHO._replace(user="bob"), Clock(BEGIN.replace(year=2027))).append(
        step(1, State.PLANNED)
    )
    one, two = book.records(run.id)
    assert (one.actor.user, two.actor.user) == ("ann", "bob")
    assert two.time.startswith("2027")


def test_a_line_that_is_there_twice_is_not_gone_on_with(tmp_path):
    book = three_runs(tmp_path)
    path = files(book)[0]
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[-1])
    with pytest.raises(IntegrityError, match="jsonl:6 cannot be trusted: it does not follow"):
        book.history()


def test_a_run_that_is_there_twice_is_one_clear_line(tmp_path):
    book = three_runs(tmp_path)
    path = files(book)[0]
    (path.parents[1] / "2027").mkdir()
    (path.parents[1] / "2027" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(LedgerError, match=rf"2027/{path.name} is there a second time; remove one"):
        verify(book.folder, None, {})
