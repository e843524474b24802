"""Checkpoints: signed statements of how far each run had come; `NNNN.json` and `NNNN.sig`.

Each names only the runs that changed since the one before, whose SHA-256 it holds. `root` is the
Merkle tree hash (RFC 6962, section 2.1) of the heads of all runs, sorted.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from scanner.remediate.ledger import files
from scanner.remediate.ledger.canonical import HASH, VERSION, MalformedError, canonical, parsed
from scanner.remediate.ledger.ledger import Ledger, moment
from scanner.remediate.ledger.signature import Signatures

_NAME = re.compile(r"(\d{4,9})\.json")


class Head(NamedTuple):
    """How far a run had come: how many records, and the hash of the last."""

    records: int
    hash: str


class Checkpoint(NamedTuple):
    """What a checkpoint states; `runs` are those that changed since the `previous` one."""

    number: int
    time: str
    root: str
    runs: Mapping[str, Head]
    previous: str


class Kept(NamedTuple):
    """A checkpoint's file: its number by the name, its path and its content."""

    number: int
    path: str
    content: bytes

    @property
    def signature(self) -> str:
        """Return the path of its signature."""
        return self.path.removesuffix("json") + "sig"


def folder(ledger: str) -> str:
    """Return where the checkpoints of the ledger in a folder are kept."""
    return os.path.join(ledger, "checkpoints")


def kept(ledger: str) -> list[Kept]:
    """Return the checkpoints of the ledger in a folder, by number; raise LedgerError."""
    place = folder(ledger)
    found = []
    for name in files.listed(place):
        match = _NAME.fullmatch(name)
        if match:
            path = os.path.join(place, name)
            found.append(Kept(int(match[1]), path, files.read(path)))
    return sorted(found)


def encode(checkpoint: Checkpoint) -> bytes:
    """Return the content of the file: canonical JSON as records are, and a line break."""
    members = {
        "v": VERSION,
        "number": checkpoint.number,
        "ts": checkpoint.time,
        "root": checkpoint.root,
        "runs": {run: head._asdict() for run, head in checkpoint.runs.items()},
        "previous": checkpoint.previous,
    }
    return canonical(members) + b"\n"


def decode(content: bytes) -> Checkpoint:
    """Return what `content` states; raise MalformedError unless `encode` gives the same bytes."""
    members = parsed(content)
    runs = members.inner("runs")
    heads = {run: runs.inner(run) for run in runs.names()}
    checkpoint = Checkpoint(
        number=members.number("number"),
        time=members.time("ts"),
        root=members.text("root", HASH),
        runs={
            run: Head(head.number("records"), head.text("hash", HASH))
            for run, head in heads.items()
        },
        previous=members.text("previous"),
    )
    if encode(checkpoint) != content:
        raise MalformedError("it is not as leakseal writes it")
    return checkpoint


def digest(content: bytes) -> str:
    """Return the SHA-256 by which the next checkpoint names this one."""
    return hashlib.sha256(content).hexdigest()


def merkle_root(heads: Iterable[str]) -> str:
    """Return the Merkle tree hash of `heads`, hashes in hexadecimal, in sorted order."""
    level = [hashlib.sha256(b"\0" + bytes.fromhex(head)).digest() for head in sorted(heads)]
    if not level:
        return hashlib.sha256().hexdigest()
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        odd = level[-1:] if len(level) % 2 else []
        level = [hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs] + odd
    return level[0].hex()


def sign(ledger: Ledger, key: str, now: datetime, signatures: Signatures) -> Checkpoint | None:
    """Write a signed checkpoint of all runs and return it; None if nothing is new since the last.

    The ledger must have been verified. Raises LedgerError or IntegrityError if it cannot be read,
    and UsageError if the key does not sign.
    """
    before = kept(ledger.folder)
    known: dict[str, Head] = {}
    for entry in before:
        known.update(decode(entry.content).runs)
    heads = _heads(ledger)
    changed = {run: head for run, head in heads.items() if known.get(run) != head}
    if not changed and (not before or os.path.exists(before[-1].signature)):
        return None
    number = before[-1].number + 1 if before else 1
    root = merkle_root(head.hash for head in heads.values())
    previous = digest(before[-1].content) if before else ""
    made = Checkpoint(number, moment(now), root, changed, previous)
    file = Kept(number, os.path.join(folder(ledger.folder), f"{number:04}.json"), encode(made))
    files.put(file.signature, signatures.sign(file.content, key))
    files.put(file.path, file.content)
    return made


def _heads(ledger: Ledger) -> dict[str, Head]:
    runs = {run: ledger.records(run) for run in ledger.runs()}
    return {run: Head(len(records), records[-1].hash) for run, records in runs.items() if records}
