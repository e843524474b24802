"""`verify`: whatever is done to the files of a ledger, it tells, and tells accidents apart."""

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ledger_writing import (
    BEGIN,
    FOUND,
    REWRITE,
    STORE,
    WHO,
    Clock,
    files,
    ledger,
    step,
    three_runs,
    through,
    write,
)

from scanner.remediate.ledger.canonical import decode, encode, sealed
from scanner.remediate.ledger.checkpoint import Checkpoint, Head, folder, merkle_root
from scanner.remediate.ledger.checkpoint import encode as encode_checkpoint
from scanner.remediate.ledger.files import put
from scanner.remediate.ledger.record import State
from scanner.remediate.ledger.verdict import Fault
from scanner.remediate.ledger.verify import verify
from scanner.rulepack.samples import expand


def faults(book):
    return {problem.fault for problem in verify(book.folder, None, {}).problems}


def state_heads(book):
    """Write a checkpoint of all runs; its signature is nothing, as nobody checks it here."""
    records = {run: book.records(run) for run in book.runs()}
    heads = {run: Head(len(found), found[-1].hash) for run, found in records.items()}
    root = merkle_root(head.hash for head in heads.values())
    stated = Checkpoint(1, "2026-03-01T12:00:00.000Z", root, heads, "")
    put(f"{folder(book.folder)}/0001.json", encode_checkpoint(stated))
    put(f"{folder(book.folder)}/0001.sig", b"none\n")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    book = three_runs(tmp_path_factory.mktemp("whole"))
    state_heads(book)
    return book


@pytest.fixture
def book(tmp_path):
    return three_runs(tmp_path)


def copied(book, tmp_path_factory):
    """Return a copy of a ledger without its checkpoints."""
    target = ledger(tmp_path_factory.mktemp("copy"))
    shutil.copytree(book.folder, target.folder, ignore=shutil.ignore_patterns("checkpoints"))
    return target


def test_a_ledger_is_as_it_was_written(whole):
    verdict = verify(whole.folder, None, {})
    assert (verdict.problems, verdict.exit_code) == ((), 0)
    assert (verdict.runs, verdict.records, verdict.checkpoints) == (3, 14, 1)


def test_no_ledger_is_no_problem(tmp_path):
    assert verify(ledger(tmp_path).folder, None, {})[:4] == ((), (), 0, 0)


@given(st.data())
def test_any_changed_byte_is_told(whole, tmp_path_factory, data):
    book = copied(whole, tmp_path_factory)
    path = data.draw(st.sampled_from(files(book)))
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255))
    assume(byte != content[place])
    content[place] = byte
    path.write_bytes(content)
    assert faults(book) & {Fault.TAMPERED, Fault.TORN}


@given(st.data())
def test_any_bytes_put_in_or_taken_out_are_told(whole, tmp_path_factory, data):
    book = copied(whole, tmp_path_factory)
    path = data.draw(st.sampled_from(files(book)))
    content = path.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    changed = content[:start] + data.draw(st.binary(max_size=3)) + content[end:]
    is_cut = content.startswith(changed) and changed.endswith(b"\n")
    assume(changed != content and not is_cut)
    path.write_bytes(changed)
    assert faults(book)


@given(st.data())
def test_lines_in_another_order_or_number_are_told(whole, tmp_path_factory, data):
    book = copied(whole, tmp_path_factory)
    path = data.draw(st.sampled_from(files(book)))
    others = [line for other in files(book) for line in other.read_bytes().splitlines(True)]
    lines = path.read_bytes().splitlines(keepends=True)
    changed = data.draw(st.lists(st.sampled_from(others), min_size=1, max_size=9))
    assume(changed != lines[: len(changed)])
    path.write_bytes(b"".join(changed))
    assert Fault.TAMPERED in faults(book)


@given(st.data())
def test_lines_that_are_taken_away_are_told(whole, tmp_path_factory, data):
    """The end of a run is told by the run that follows it; the last end by a checkpoint only."""
    book = copied(whole, tmp_path_factory)
    path = data.draw(st.sampled_from(files(book)))
    lines = path.read_bytes().splitlines(keepends=True)
    gone = data.draw(st.integers(0, len(lines) - 1))
    path.write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))
    is_end = path == files(book)[-1] and gone == len(lines) - 1
    assert bool(faults(book)) is not is_end
    shutil.copytree(folder(whole.folder), folder(book.folder))
    assert Fault.TAMPERED in faults(book)


@given(st.data())
def test_a_changed_checkpoint_is_told(whole, tmp_path_factory, data):
    book = copied(whole, tmp_path_factory)
    shutil.copytree(folder(whole.folder), folder(book.folder))
    path = files(book)[0].parents[1] / "checkpoints" / "0001.json"
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255))
    text = bytes(content)
    assume(byte != content[place] and not text.find(b'"ts"') < place < text.find(b'"v"'))
    content[place] = byte  # when it was made only the signature vouches for
    path.write_bytes(content)
    assert faults(book) & {Fault.TAMPERED, Fault.MISSING}


@pytest.mark.parametrize("number", [0, 1])
def test_a_run_that_was_removed_is_missed_by_the_one_after_it(book, number):
    files(book)[number].unlink()
    assert faults(book) == {Fault.MISSING}
    assert verify(book.folder, None, {}).exit_code == 6


def test_the_last_run_is_missed_by_a_checkpoint(book):
    state_heads(book)
    files(book)[-1].unlink()
    assert faults(book) == {Fault.MISSING}


def test_a_torn_tail_is_no_tampering(book):
    path = files(book)[-1]
    path.write_bytes(path.read_bytes() + b'{"actor":{"ho')
    verdict = verify(book.folder, None, {})
    assert [problem.fault for problem in verdict.problems] == [Fault.TORN]
    assert verdict.exit_code == 8
    assert "13 bytes" in verdict.problems[0].message


def test_an_empty_run_is_torn(book):
    files(book)[-1].write_bytes(b"")
    assert faults(book) == {Fault.TORN}


def test_the_worst_fault_is_the_exit_code(book):
    first, second, third = files(book)
    third.write_bytes(third.read_bytes() + b"{")
    second.unlink()
    assert verify(book.folder, None, {}).exit_code == 6
    first.write_bytes(first.read_bytes().replace(b"app/1.py", b"app/2.py"))
    assert verify(book.folder, None, {}).exit_code == 5


def test_a_chain_made_anew_is_told_by_a_checkpoint(book):
    """Whoever can write a file can seal its records again; then nothing but a signature helps."""
    state_heads(book)
    path = files(book)[-1]
    before, lines = "", []
    for line in path.read_bytes().splitlines():
        record = decode(line)
        changed = sealed(record._replace(previous=before, actor=record.actor._replace(user="eve")))
        before = changed.hash
        lines.append(encode(changed))
    path.write_bytes(b"\n".join(lines) + b"\n")
    (problem,) = verify(book.folder, None, {}).problems
    assert problem.fault is Fault.TAMPERED
    assert "checkpoints/0001.json" in problem.message


def sealed_by_hand(book, *steps):
    """Put a run into the ledger without asking it."""
    run = through(book, 99, FOUND)
    path = Path(run.path)
    record = decode(path.read_bytes().rstrip())
    lines = []
    for number, taken in enumerate(steps, 1):
        parents = record.parents if number == 1 else ()
        before = lines[-1].hash if lines else ""
        new = record._replace(sequence=number, step=taken, parents=parents, previous=before)
        lines.append(sealed(new))
    path.write_bytes(b"".join(encode(line) + b"\n" for line in lines))


def test_a_step_that_could_not_be_taken_is_told(book):
    sealed_by_hand(book, step(5, State.FOUND), step(5, State.REVOKING))
    (problem,) = verify(book.folder, None, {}).problems
    assert problem.fault is Fault.TAMPERED
    assert "revoking before deployed or rotated" in problem.message


def test_branches_that_knew_nothing_of_each_other_are_fine(tmp_path):
    """One closes a finding while the other stores it; each was right as far as it could know."""
    ours = ledger(tmp_path / "ours")
    through(ours, 1, FOUND)
    theirs = ledger(tmp_path / "theirs")
    shutil.copytree(ours.folder, theirs.folder)
    through(ours, 1, (State.CLOSED,), Clock(BEGIN.replace(month=4)))
    through(theirs, 1, STORE, Clock(BEGIN.replace(month=5)))
    shutil.copytree(theirs.folder, ours.folder, dirs_exist_ok=True)
    assert len(ours.runs()) == 3
    assert verify(ours.folder, None, {}).problems == ()


def git(folder, *arguments):
    identity = ("-c", "user.name=ann", "-c", "user.email=ann@example.com")
    return subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, text=True)


def test_branches_of_git_merge_without_conflict(tmp_path):
    book = three_runs(tmp_path)
    git(tmp_path, "init", "-q", "-b", "main")

    def commit(*command):
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", "x")

    commit()
    git(tmp_path, "switch", "-q", "-c", "other")
    through(book, 3, (*FOUND, *STORE))
    commit()
    git(tmp_path, "switch", "-q", "main")
    through(book, 4, (*FOUND, *STORE, *REWRITE))
    commit()
    git(tmp_path, "merge", "-q", "-m", "merge", "other")
    after = through(book, 3, REWRITE)
    assert verify(book.folder, None, {})[:3] == ((), (note_of(book),), 6)
    assert len(book.records(after.id)[0].parents) == 2


def note_of(book):
    return f"{len(book.history())} records are in no checkpoint yet; run: leakseal log sign"


def test_one_run_that_went_on_in_two_branches_is_told_after_a_merge_by_lines(tmp_path):
    book = ledger(tmp_path)
    run = through(book, 1, FOUND)
    (path,) = files(book)
    begin = path.read_bytes()
    book.resume(run.id, WHO, Clock()).append(step(2, State.FOUND))
    ours = path.read_bytes()
    path.write_bytes(begin)
    book.resume(run.id, WHO, Clock()).append(step(3, State.FOUND))
    path.write_bytes(ours + path.read_bytes().removeprefix(begin))
    (problem,) = verify(book.folder, None, {}).problems
    assert problem.fault is Fault.TAMPERED
    assert "merge by lines" in problem.message


def test_a_clock_that_went_back_is_worth_a_note(tmp_path):
    book = ledger(tmp_path)
    run = write(book, step(1, State.FOUND))
    book.resume(run.id, WHO, Clock(BEGIN.replace(year=2020))).append(step(2, State.FOUND))
    verdict = verify(book.folder, None, {})
    assert verdict.problems == ()
    assert verdict.notes[0].endswith(":2: the clock went back to 2020-03-01T12:01:00.000Z")


TOKEN = expand("<<checksum ghp_ 30>>").encode()


@pytest.mark.parametrize("form", [bytes, base64.b64encode, lambda v: v.hex().encode()])
@pytest.mark.parametrize("where", ["reason", "item", "evidence", "path"])
def test_a_secret_in_the_ledger_is_told_and_not_shown(tmp_path, form, where):
    text = "gave " + form(TOKEN).decode() + " away"
    taken = step(1, State.FOUND)
    if where == "path":
        taken = taken._replace(subject=taken.subject._replace(path=text))
    else:
        taken = taken._replace(**{where: {"note": text} if where == "evidence" else text})
    book = ledger(tmp_path)
    write(book, taken)
    verdict = verify(book.folder, None, {})
    assert [problem.fault for problem in verdict.problems] == [Fault.SECRET]
    assert verdict.exit_code == 1
    assert verdict.problems[0].where.endswith(".jsonl:1")
    assert TOKEN.decode()[4:] not in str(verdict)


def test_records_of_a_run_stand_in_their_own_file(book):
    first, second, _ = files(book)
    first.write_bytes(first.read_bytes() + second.read_bytes())
    problems = verify(book.folder, None, {}).problems
    assert {problem.fault for problem in problems} == {Fault.TAMPERED}
    assert "belongs to another run" in problems[0].message
