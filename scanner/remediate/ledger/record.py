"""What a record of the ledger says: a step in the life of a finding, and who took it when."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from scanner.errors import UsageError

LONGEST = 1000  # characters of one text
MOST_EVIDENCE = 32
ATTESTED = "attested"  # the outcome of what a person says was done outside
FINGERPRINT = re.compile(r"(hmac-sha256|scrypt):[0-9a-f]{40}")


class State(StrEnum):
    """What happened to a finding. Of a pair, the first is the intent and the second its outcome."""

    FOUND = "found"
    ACCEPTED = "accepted_risk"
    PLANNED = "planned"
    STORING = "storing"
    STORED = "stored"
    VERIFIED = "verified"
    REWRITING = "rewriting"
    REWRITTEN = "rewritten"
    DEPLOYING = "deploying"
    DEPLOYED = "deployed"
    ROTATING = "rotating"
    ROTATED = "rotated"
    REVOKING = "revoking"
    REVOKED = "revoked"
    PURGING = "purging"
    PURGED = "purged"
    RESTORING = "restoring"  # the literal is put back where it was
    RESTORED = "restored"
    RESCANNED = "rescanned"
    CLOSED = "closed"
    CONFLICT = "conflict"
    MISMATCH = "mismatch"
    NEEDS_HUMAN = "needs_human"
    ABORTED = "aborted"


class Subject(NamedTuple):
    """Which secret, and where it stood. `fingerprint` is `hmac-sha256:` or `scrypt:` and 40 digits.

    `key_id` names the key that fingerprints are made with, and says nothing about it.
    """

    fingerprint: str
    key_id: str = ""
    rule: str = ""
    path: str = ""
    line: int = 0
    commit: str = ""


class StoredAt(NamedTuple):
    """The entry of a store: its address, the store's name for the version, the write's UUID."""

    uri: str
    version: str = ""
    operation: str = ""


class Approval(NamedTuple):
    """Who allowed the step, and how: `prompt`, `--yes`, a ticket."""

    by: str
    method: str


class Actor(NamedTuple):
    """Who writes the record, on which machine, with which version of the tool."""

    user: str
    host: str
    tool: str


class Step(NamedTuple):
    """One step in the life of a finding.

    `item` names the entry of a plan that the step belongs to; empty means the finding as a whole.
    `outcome` is empty for an intent, else `done`, `same`, `conflict`, `failed`, `attested` or the
    like. `review_after` is a date, `2026-12-31`.
    """

    state: State
    subject: Subject
    item: str = ""
    store: StoredAt | None = None
    outcome: str = ""
    evidence: Mapping[str, str] = MappingProxyType({})
    reason: str = ""
    lane: str = ""
    review_after: str = ""
    approval: Approval | None = None


class Record(NamedTuple):
    """A step as it stands in the ledger.

    `sequence` counts from 1 within the run. `time` is UTC in ISO 8601 with milliseconds. `previous`
    is empty in the first record of a run, and only that one has `parents`.
    """

    run: str
    sequence: int
    time: str
    actor: Actor
    step: Step
    parents: tuple[str, ...] = ()
    previous: str = ""
    hash: str = ""


def cleaned(step: Step, clean: Callable[[str], str]) -> Step:
    """Return `step` with every text masked by `clean` and cut to LONGEST characters.

    Raises UsageError for a fingerprint or a date that is none, or over MOST_EVIDENCE facts.
    """
    if not FINGERPRINT.fullmatch(step.subject.fingerprint):
        raise UsageError("a fingerprint is hmac-sha256: or scrypt: and 40 hexadecimal digits")
    if step.review_after and not _is_date(step.review_after):
        raise UsageError("a date to review after looks like 2026-12-31")
    if len(step.evidence) > MOST_EVIDENCE:
        raise UsageError(f"a step has at most {MOST_EVIDENCE} pieces of evidence")

    def text(value: str) -> str:
        value = clean(value)
        return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"

    subject = step.subject
    return step._replace(
        subject=subject._replace(
            key_id=text(subject.key_id),
            rule=text(subject.rule),
            path=text(subject.path),
            commit=text(subject.commit),
        ),
        item=text(step.item),
        store=step.store and StoredAt(*map(text, step.store)),
        outcome=text(step.outcome),
        evidence={text(name): text(value) for name, value in step.evidence.items()},
        reason=text(step.reason),
        lane=text(step.lane),
        approval=step.approval and Approval(*map(text, step.approval)),
    )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
