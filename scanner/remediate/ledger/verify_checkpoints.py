"""Checks checkpoints against the runs that are there, in order, and their signatures."""

import os
from collections.abc import Iterator, Mapping, Sequence

from scanner.remediate.ledger import checkpoint
from scanner.remediate.ledger.canonical import MalformedError
from scanner.remediate.ledger.checkpoint import Checkpoint, Head, Kept
from scanner.remediate.ledger.files import LedgerError, read
from scanner.remediate.ledger.record import Record
from scanner.remediate.ledger.signature import BadSignatureError, Signatures, UnknownSignerError
from scanner.remediate.ledger.verdict import Fault, Problem


class Checkpoints:
    """What all checkpoints up to one state together."""

    def __init__(
        self,
        runs: Mapping[str, Sequence[Record]],
        signers: str,
        signatures: Signatures | None,
    ) -> None:
        """Check against `runs`; signatures by the file `signers`, unless `signatures` is None."""
        self._runs = runs
        self._signers = signers
        self._signatures = signatures
        self._heads: dict[str, Head] = {}
        self._last = 0
        self._digest = ""
        self._notes: list[str] = []

    def problems(self, kept: Kept) -> Iterator[Problem]:
        """Yield what is wrong with the next checkpoint, and with the runs if it is right."""
        where = f"checkpoints/{os.path.basename(kept.path)}"
        if kept.number != self._last + 1:
            yield Problem(
                Fault.MISSING, where, f"there is no checkpoint {self._last + 1} before it"
            )
            self._digest = ""
        try:
            stated = checkpoint.decode(kept.content)
        except MalformedError as error:
            yield Problem(Fault.TAMPERED, where, f"the checkpoint was changed: {error}")
            self._last, self._digest = kept.number, ""
            return
        yield from self._link(kept, stated, where)
        yield from self._statement(stated, where)
        yield from self._signature(kept, stated, where)

    def _link(self, kept: Kept, stated: Checkpoint, where: str) -> Iterator[Problem]:
        if stated.number != kept.number:
            yield Problem(Fault.TAMPERED, where, f"it is checkpoint {stated.number}")
        elif stated.previous != self._digest and (self._digest or kept.number == 1):
            yield Problem(Fault.TAMPERED, where, "it follows another checkpoint than is there")
        self._last, self._digest = kept.number, checkpoint.digest(kept.content)

    def _statement(self, stated: Checkpoint, where: str) -> Iterator[Problem]:
        self._heads.update(stated.runs)
        if checkpoint.merkle_root(head.hash for head in self._heads.values()) != stated.root:
            yield Problem(Fault.TAMPERED, where, "its root is not that of the runs it names")
        for run, head in stated.runs.items():
            records = self._runs.get(run)
            if records is None:
                yield Problem(Fault.MISSING, f"run {run}", f"it is gone; {where} names it")
            elif not 0 < head.records <= len(records):
                what = f"it has {len(records)} records; {where} names {head.records}"
                yield Problem(Fault.TAMPERED, f"run {run}", what)
            elif records[head.records - 1].hash != head.hash:
                yield Problem(Fault.TAMPERED, f"run {run}", f"it is not the run that {where} names")

    def _signature(self, kept: Kept, stated: Checkpoint, where: str) -> Iterator[Problem]:
        if not os.path.lexists(kept.signature):
            yield Problem(Fault.UNSIGNED, where, "it is not signed")
        elif self._signatures is not None:
            try:
                read(kept.signature)
                name = self._signatures.signer(
                    kept.content, kept.signature, self._signers, stated.time
                )
                self._notes.append(f"{where} was signed by {name} at {stated.time}")
            except (LedgerError, UnknownSignerError) as error:
                yield Problem(Fault.UNSIGNED, where, str(error))
            except BadSignatureError as error:
                yield Problem(Fault.TAMPERED, where, str(error))

    def notes(self) -> list[str]:
        """Return who signed, and how much no checkpoint covers yet."""
        covered = {run: head.records for run, head in self._heads.items()}
        later = sum(max(0, len(r) - covered.get(run, 0)) for run, r in self._runs.items())
        notes = list(self._notes)
        if later:
            notes.append(f"{later} records are in no checkpoint yet; run: leakseal log sign")
        if self._signatures is None and self._last:
            notes.append("signatures were not checked; name who may sign with --signers")
        return notes
