"""The remediation ledger: what was done about each finding, and the journal a migration resumes by.

Each run writes one file of records, chained by hash, so that branches merge without conflict. Its
first record names the heads of the runs before it: the whole is a graph, as git's commits are.
"""

import os
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from scanner.remediate.ledger import files
from scanner.remediate.ledger.canonical import MalformedError, decode, encode, sealed
from scanner.remediate.ledger.files import LedgerError
from scanner.remediate.ledger.history import heads, in_order
from scanner.remediate.ledger.record import Actor, Record, Step, cleaned
from scanner.remediate.ledger.transitions import Progress
from scanner.report.escape import visible
from scanner.vault.store import IntegrityError

FOLDER = os.path.join(".leakseal", "ledger")  # in the work tree
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _utc() -> datetime:
    return datetime.now(UTC)


def _unchanged(text: str) -> str:
    return text


class Ledger:
    """The ledger in one folder, which need not be there yet."""

    def __init__(self, folder: str) -> None:
        """Use `folder`, which is `FOLDER` in a work tree; links to the work tree are followed."""
        outer, inner = os.path.split(os.path.abspath(folder))
        top, middle = os.path.split(outer)
        self.folder = os.path.join(os.path.realpath(top), middle, inner)

    def runs(self) -> list[str]:
        """Return the ids of all runs, oldest first; raise LedgerError."""
        return list(files.run_files(self.folder))

    def records(self, run: str) -> list[Record]:
        """Return the records of a run, without a last one that is only half written.

        Raises LedgerError if there is no such run or it cannot be read, and IntegrityError if it is
        not as it was written.
        """
        return self._read(run)[0]

    def history(self) -> list[Record]:
        """Return the records of all runs, each after those it follows; raise as `records`."""
        return in_order([record for run in self.runs() for record in self.records(run)])

    def start(
        self,
        actor: Actor,
        now: Callable[[], datetime] = _utc,
        clean: Callable[[str], str] = _unchanged,
    ) -> "Run":
        """Return a run, whose file is made by its first step; raise as `records`.

        `clean` masks what is secret in a text; every text that is recorded goes through it.
        """
        begun = now().astimezone(UTC)
        name = _ulid(begun)
        path = os.path.join(self.folder, f"{begun.year:04}", f"{name}.jsonl")
        return Run(name, path, self.history(), [], actor, now, clean)

    def resume(
        self,
        run: str,
        actor: Actor,
        now: Callable[[], datetime] = _utc,
        clean: Callable[[str], str] = _unchanged,
    ) -> "Run":
        """Return a run that goes on where it was broken off; raise as `records`.

        A record that was only half written is cut off; `Run.repaired` says so.
        """
        records, torn, path = self._read(run)
        resumed = Run(run, path, self.history(), records, actor, now, clean)
        if torn:
            files.cut(path, resumed.size)
            resumed.repaired = f"cut {torn} bytes of a half-written record off {visible(path)}"
        return resumed

    def _read(self, run: str) -> tuple[list[Record], int, str]:
        """Return the records of a run, how many bytes are torn, and the path of its file."""
        path = files.run_files(self.folder).get(run)
        if path is None:
            raise LedgerError(f"there is no run {visible(run)} in {visible(self.folder)}")
        lines, torn = files.parted(files.read(path))
        records: list[Record] = []
        for number, line in enumerate(lines, 1):
            try:
                record = decode(line)
                if record.run != run or not follows(record, records[-1] if records else None):
                    raise MalformedError("it does not follow the record before it")
            except MalformedError as error:
                raise IntegrityError(
                    f"{visible(path)}:{number} cannot be trusted: {error}; run: leakseal log verify"
                ) from None
            records.append(record)
        return records, len(torn), path


def follows(record: Record, before: Record | None) -> bool:
    """Tell whether `record` comes right after `before`, or begins a run if that is None."""
    if before is None:
        return record.sequence == 1 and not record.previous
    expected = (before.run, before.sequence + 1, before.hash, ())
    return (record.run, record.sequence, record.previous, record.parents) == expected


class Run:
    """A run that is being recorded."""

    def __init__(
        self,
        name: str,
        path: str,
        history: list[Record],
        records: list[Record],
        actor: Actor,
        now: Callable[[], datetime],
        clean: Callable[[str], str],
    ) -> None:
        """Go on after `records`, which `history` holds among those of the other runs."""
        self.id = name
        self.path = path
        self.size = sum(len(encode(record)) + 1 for record in records)
        self.repaired = ""
        self._parents = () if records else tuple(heads(history))
        self._last = records[-1] if records else None
        self._actor = Actor(*map(clean, actor))
        self._progress = Progress(history)
        self._now = now
        self._clean = clean

    def append(self, step: Step) -> Record:
        """Record a step; it is on disk when this returns. Raises as `extend`."""
        return self.extend([step])[0]

    def extend(self, steps: Iterable[Step]) -> list[Record]:
        """Record steps in their order with one write; they are on disk when this returns.

        Raises LedgerError, and then none is recorded, if one may not be taken now or the file
        cannot be written. Raises UsageError for a step that is not well-formed.
        """
        clean = [cleaned(step, self._clean) for step in steps]
        progress = self._progress.of({step.subject.fingerprint for step in clean})
        records: list[Record] = []
        last = self._last
        for step in clean:
            problem = progress.problem(step)
            if problem:
                finding = step.subject.fingerprint
                raise LedgerError(f"the ledger refuses {problem} ({finding})")
            progress.take(step)
            last = self._next(step, last)
            records.append(last)
        lines = b"".join(encode(record) + b"\n" for record in records)
        if records:
            files.append(self.path, self.size, lines)
        self.size += len(lines)
        self._last = last
        self._progress.update(progress)
        return records

    def _next(self, step: Step, last: Record | None) -> Record:
        return sealed(
            Record(
                run=self.id,
                sequence=last.sequence + 1 if last else 1,
                time=moment(self._now()),
                actor=self._actor,
                step=step,
                parents=() if last else self._parents,
                previous=last.hash if last else "",
            )
        )


def moment(when: datetime) -> str:
    """Return a time as records have it."""
    text = when.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _ulid(when: datetime) -> str:
    """Return a ULID: 48 bits of milliseconds and 80 random ones, in Crockford's base 32."""
    milliseconds = max(0, int(when.timestamp() * 1000)) & (1 << 48) - 1
    number = milliseconds << 80 | secrets.randbits(80)
    return "".join(_BASE32[number >> shift & 31] for shift in range(125, -1, -5))
