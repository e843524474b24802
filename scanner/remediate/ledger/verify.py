"""Checks that the ledger is as it was written: each run, how runs follow each other, checkpoints.

A chain of hashes alone shows accidents: whoever can write the files can make a chain of their own.
Signed checkpoints, and a copy of them elsewhere, show the rest; docs/ledger.md says what and how.
"""

import os
from collections.abc import Iterator, Mapping
from itertools import pairwise

from scanner.detect.engine import Engine
from scanner.remediate.ledger import checkpoint, files
from scanner.remediate.ledger.canonical import MalformedError, decode
from scanner.remediate.ledger.history import in_order
from scanner.remediate.ledger.ledger import follows
from scanner.remediate.ledger.record import Record
from scanner.remediate.ledger.signature import Signatures
from scanner.remediate.ledger.transitions import Progress
from scanner.remediate.ledger.verdict import Fault, Problem, Verdict
from scanner.remediate.ledger.verify_checkpoints import Checkpoints
from scanner.rulepack.pack import builtin


def verify(folder: str, signers: str | None, environ: Mapping[str, str]) -> Verdict:
    """Check the ledger in `folder`; signatures only if there is a file of allowed `signers`.

    Raises LedgerError if it cannot be read at all, UsageError if there is no ssh-keygen.
    """
    problems: list[Problem] = []
    notes: list[str] = []
    runs: dict[str, list[Record]] = {}
    engine = Engine(builtin())
    for run, path in files.run_files(folder).items():
        content = files.read(path)
        where = os.path.relpath(path, folder)
        file = files.parted(content)
        runs[run] = []
        problems += _chain(run, file.lines, where, runs[run])
        if file.torn or not file.lines:
            problems.append(_torn(where, len(file.torn)))
        problems += _secrets(content, where, engine)
        notes += _clock(where, runs[run])
    problems += _parents(runs)
    if not problems:
        problems += _transitions(runs)
    signatures = Signatures(environ, os.path.dirname(os.path.dirname(folder))) if signers else None
    kept = checkpoint.kept(folder)
    checked = Checkpoints(runs, signers or "", signatures)
    problems += [problem for entry in kept for problem in checked.problems(entry)]
    notes += checked.notes()
    if signers and not kept:
        problems.append(Problem(Fault.UNSIGNED, "checkpoints", "nothing was ever signed"))
    count = sum(map(len, runs.values()))
    return Verdict(tuple(problems), tuple(notes), len(runs), count, len(kept))


def _chain(run: str, lines: list[bytes], where: str, into: list[Record]) -> Iterator[Problem]:
    """Yield what is wrong with the lines of a run, and gather the records that can be read."""
    before: Record | None = None
    sound = True  # whether the line before could be read
    hashes: set[str] = set()
    followed: set[str] = set()
    for number, line in enumerate(lines, 1):
        place = f"{where}:{number}"
        try:
            record = decode(line)
        except MalformedError as error:
            yield Problem(Fault.TAMPERED, place, f"the record was changed: {error}")
            sound = False
            continue
        if record.run != run:
            yield Problem(Fault.TAMPERED, place, "the record belongs to another run")
        elif record.hash in hashes:
            yield Problem(Fault.TAMPERED, place, "the record is there a second time")
        elif record.previous and record.previous in followed:
            yield Problem(
                Fault.TAMPERED, place, "two records follow the same one, as after a merge by lines"
            )
        elif sound and not follows(record, before):
            yield Problem(Fault.TAMPERED, place, "the record does not follow the one before it")
        hashes.add(record.hash)
        followed.add(record.previous)
        into.append(record)
        before, sound = record, True


def _torn(where: str, size: int) -> Problem:
    what = f"the last record is only half written ({size} bytes)" if size else "it has no record"
    return Problem(Fault.TORN, where, f"{what}; resuming the run repairs it")


def _secrets(content: bytes, where: str, engine: Engine) -> Iterator[Problem]:
    for match in engine.findings(content).matches:
        what = f"it holds what looks like a secret ({match.rule.id}); rotate it"
        yield Problem(Fault.SECRET, f"{where}:{match.line}", what)


def _clock(where: str, records: list[Record]) -> Iterator[str]:
    for before, record in pairwise(records):
        if record.time < before.time:
            yield f"{where}:{record.sequence}: the clock went back to {record.time}"


def _parents(runs: dict[str, list[Record]]) -> Iterator[Problem]:
    known = {record.hash for records in runs.values() for record in records}
    for run, records in runs.items():
        for record in records:
            for parent in record.parents:
                if parent not in known:
                    what = f"it follows record {parent[:12]}…, which no run holds"
                    yield Problem(Fault.MISSING, f"run {run}", what)


def _transitions(runs: dict[str, list[Record]]) -> Iterator[Problem]:
    """Yield each step that could not be taken, as far as its own run could know."""
    ordered = in_order([record for records in runs.values() for record in records])
    progress = Progress()
    for record in ordered:
        if progress.problem(record.step):
            known = _ancestors(record, ordered)
            why = Progress(r for r in ordered if r.hash in known).problem(record.step)
            if why:
                yield Problem(Fault.TAMPERED, f"run {record.run}:{record.sequence}", why)
        progress.take(record.step)


def _ancestors(record: Record, records: list[Record]) -> set[str]:
    """Return the hashes of all that `record` follows, directly or not."""
    by_hash = {r.hash: r for r in records}
    found: set[str] = set()
    waiting = [record]
    while waiting:
        last = waiting.pop()
        for name in (last.previous, *last.parents):
            if name in by_hash and name not in found:
                found.add(name)
                waiting.append(by_hash[name])
    return found
