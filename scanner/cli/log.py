"""`leakseal log`: the remediation ledger shown, verified, signed, added to by hand, exported."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import click

from scanner.cli.say import say
from scanner.errors import UsageError
from scanner.gitdb.repository import Repository
from scanner.remediate import reported
from scanner.remediate.ledger import attest, checkpoint
from scanner.remediate.ledger.actor import actor
from scanner.remediate.ledger.canonical import encode
from scanner.remediate.ledger.export import FORMATS, render
from scanner.remediate.ledger.ledger import FOLDER, Ledger
from scanner.remediate.ledger.record import Record, State
from scanner.remediate.ledger.signature import Signatures
from scanner.remediate.ledger.verdict import Fault, Verdict, worst
from scanner.remediate.ledger.verify import verify
from scanner.report.escape import visible
from scanner.report.words import amount
from scanner.report.write import write

_HEADINGS = ("time", "state", "finding", "rule", "path", "store", "who")
_Command = TypeVar("_Command", bound=Callable[..., int])


@click.group(name="log")
def command() -> None:
    """Show, verify, sign and export the record of what was done."""


def _in_repository(function: _Command) -> _Command:
    option = click.option("-C", "path", default=".", metavar="PATH", help="The repository.")
    return option(function)


def _work_tree(path: str) -> str:
    repository = Repository.discover(path)
    if repository is None or repository.work_tree is None:
        raise UsageError(f"{visible(path)} is in no git repository with files; name one with -C")
    return repository.work_tree


def _ledger(path: str) -> Ledger:
    return Ledger(os.path.join(_work_tree(path), FOLDER))


@command.command(name="show")
@_in_repository
@click.option("--fingerprint", default="", metavar="DIGITS", help="Only findings that begin so.")
@click.option("--run", default="", metavar="ID", help="Only this run.")
@click.option("--state", type=click.Choice([s.value for s in State]), help="Only these steps.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(path: str, fingerprint: str, run: str, state: str | None, as_json: bool) -> int:
    """Show every step, the oldest first."""
    records = [
        record
        for record in _ledger(path).history()
        if _digits(record).startswith(fingerprint.rpartition(":")[2])
        and run in ("", record.run)
        and state in (None, record.step.state.value)
    ]
    if as_json:
        lines = ",\n".join(encode(record).decode() for record in records)
        click.echo(f"[\n{lines}\n]" if lines else "[]")
        return 0
    for line in _table(records):
        say(line)
    return 0


def _digits(record: Record) -> str:
    return record.step.subject.fingerprint.rpartition(":")[2]


def _table(records: Sequence[Record]) -> list[str]:
    rows = [_HEADINGS, *map(_row, records)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _row(record: Record) -> tuple[str, ...]:
    step, subject = record.step, record.step.subject
    place = f"{subject.path}:{subject.line}" if subject.line else subject.path
    state = f"{step.state} ({step.outcome})" if step.outcome else step.state.value
    cells = (state, _digits(record)[:12], subject.rule, place, step.store.uri if step.store else "")
    return record.time[:19] + "Z", *(visible(c) for c in (*cells, record.actor.user))


@command.command(name="verify")
@_in_repository
@click.option("--signers", metavar="FILE", help="Who may sign, as ssh-keygen's allowed signers.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def verify_command(path: str, signers: str | None, as_json: bool) -> int:
    """Check that nothing was changed, removed or added.

    Exit codes: 0 all is well, 5 tampered, 6 a run is missing, 1 a secret stands in the ledger,
    7 not signed, 8 a last record is only half written. The worst wins.
    """
    if signers is not None and not os.path.isfile(signers):
        raise UsageError(f"there is no file {visible(signers)}")
    verdict = verify(_ledger(path).folder, signers, os.environ)
    if as_json:
        click.echo(_json(verdict))
    else:
        _tell(verdict)
    return verdict.exit_code


def _json(verdict: Verdict) -> str:
    problems = [
        {"fault": fault.name.lower(), "where": where, "message": message}
        for fault, where, message in verdict.problems
    ]
    members = {"exit_code": verdict.exit_code, **verdict._asdict(), "problems": problems}
    return json.dumps(members, indent=2)


def _tell(verdict: Verdict) -> None:
    for fault, where, message in verdict.problems:
        say(f"{fault.name.lower()}: {visible(where)}: {visible(message)}")
    for note in verdict.notes:
        click.echo(f"note: {visible(note)}")
    read = ", ".join(
        amount(number, things)
        for number, things in (
            (verdict.records, "records"),
            (verdict.runs, "runs"),
            (verdict.checkpoints, "checkpoints"),
        )
    )
    found = amount(len(verdict.problems), "problems") if verdict.problems else "no problem"
    click.echo(f"Read {read}: {found}.")


@command.command(name="sign")
@_in_repository
@click.option(
    "--key", required=True, metavar="FILE", help="An SSH key; of one in the agent, the public part."
)
def sign(path: str, key: str) -> int:
    """Sign a checkpoint: how far every run has come. The ledger is verified before."""
    tree = _work_tree(path)
    ledger = Ledger(os.path.join(tree, FOLDER))
    verdict = verify(ledger.folder, None, os.environ)
    grave = [p for p in verdict.problems if p.fault in (Fault.TAMPERED, Fault.MISSING)]
    if grave:
        _tell(verdict._replace(problems=tuple(grave), notes=()))
        return worst(grave)
    made = checkpoint.sign(ledger, key, datetime.now(UTC), Signatures(os.environ, tree))
    if made is None:
        click.echo("Nothing was added since the last checkpoint")
    else:
        click.echo(f"Signed checkpoint {made.number}, root {made.root}; commit it")
    return 0


@command.command(name="record")
@_in_repository
@click.argument("fingerprints", metavar="FINGERPRINT...", nargs=-1, required=True)
@click.argument("state", type=click.Choice([s.name.lower() for s in attest.STATES]))
@click.option("--reason", default="", metavar="TEXT", help="Why; accepted and closed need it.")
@click.option(
    "--evidence", "evidence", multiple=True, metavar="NAME=TEXT", help="Such as ticket=OPS-17."
)
@click.option("--review-after", default="", metavar="DATE", help="When to look at it again.")
@click.option("--path", "file", default="", metavar="FILE", help="The file it is about.")
@click.option("--report", metavar="FILE", help="A report of `scan -f json` that has the finding.")
def record(
    path: str,
    fingerprints: tuple[str, ...],
    state: str,
    reason: str,
    evidence: tuple[str, ...],
    review_after: str,
    file: str,
    report: str | None,
) -> int:
    """Attest what was done outside: that the secrets were revoked, for instance."""
    ledger = _ledger(path)
    history, known = ledger.history(), reported.load(report) if report else None
    facts = {name: value for name, _, value in (fact.partition("=") for fact in evidence)}
    steps = []
    for fingerprint in fingerprints:
        about = attest.subject(fingerprint, history, known)
        if file:
            about = about._replace(path=visible(file), line=0)
        steps.append(attest.attested(about, State[state.upper()], reason, facts, review_after))
    for made in ledger.start(actor()).extend(steps):
        rule = visible(made.step.subject.rule)
        click.echo(f"Recorded {made.step.state} for {_digits(made)[:12]} {rule}".rstrip())
    return 0


@command.command(name="export")
@_in_repository
@click.option("-f", "--format", "fmt", type=click.Choice(FORMATS), required=True)
@click.option("-o", "--output", metavar="FILE", help="Write to FILE (mode 0600).")
def export(path: str, fmt: str, output: str | None) -> int:
    """Give the ledger to a SIEM (ocsf), a spreadsheet (csv) or an auditor (md)."""
    text = render(_ledger(path).history(), fmt, datetime.now(UTC))
    if output and output != "-":
        write(output, text)
    else:
        click.echo(text.encode("utf-8", "replace"), nl=False)
    return 0
