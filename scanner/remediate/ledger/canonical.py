"""The one line of canonical JSON that a record of the ledger is kept as.

Canonical is JSON (RFC 8259) in ASCII with sorted keys, no spaces and no floats, without members
that are empty. `hash` is the SHA-256 of the line without itself; `prev` is the hash of the line
before.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime

from scanner.remediate.ledger.record import (
    FINGERPRINT,
    Actor,
    Approval,
    Record,
    State,
    Step,
    StoredAt,
    Subject,
)

VERSION = 1
HASH = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class MalformedError(ValueError):
    """A line is no record, or not as it was written; the message says why and quotes nothing."""


def sealed(record: Record) -> Record:
    """Return `record` with its hash."""
    return record._replace(hash=_digest(_members(record)))


def encode(record: Record) -> bytes:
    """Return the line, without its line break."""
    return canonical(_members(record) | {"hash": record.hash})


def decode(line: bytes) -> Record:
    """Return the record in `line`. Raises MalformedError unless `encode` gives the same bytes."""
    record = _record(parsed(line))
    if encode(record) != line:
        raise MalformedError("it is not as leakseal writes it")
    if sealed(record).hash != record.hash:
        raise MalformedError("its content does not match its hash")
    return record


def _members(record: Record) -> dict[str, object]:
    """Return the members of the JSON object but `hash`; empty ones are left out."""
    step = record.step
    subject = {
        "fp": step.subject.fingerprint,
        "key_id": step.subject.key_id,
        "rule": step.subject.rule,
        "path": step.subject.path,
        "line": step.subject.line,
        "commit": step.subject.commit,
    }
    stored, approval = step.store, step.approval
    members: dict[str, object] = {
        "v": VERSION,
        "run": record.run,
        "seq": record.sequence,
        "ts": record.time,
        "actor": _filled(record.actor._asdict()),
        "finding": _filled(subject),
        "item": step.item,
        "lane": step.lane,
        "state": step.state.value,
        "store": stored
        and _filled({"uri": stored.uri, "version": stored.version, "op": stored.operation}),
        "outcome": step.outcome,
        "evidence": dict(step.evidence),
        "reason": step.reason,
        "review_after": step.review_after,
        "approval": approval and _filled(approval._asdict()),
        "parents": list(record.parents),
        "prev": record.previous,
    }
    return _filled(members)


def _filled(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value}


def canonical(members: Mapping[str, object]) -> bytes:
    """Return `members` as canonical JSON."""
    text = json.dumps(members, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def _digest(members: Mapping[str, object]) -> str:
    return hashlib.sha256(canonical(members)).hexdigest()


class Members:
    """Reads the members of a JSON object; raises MalformedError for one of a wrong type.

    A member that is not there reads as empty.
    """

    def __init__(self, members: dict[str, object]) -> None:
        """Read `members`."""
        self._members = members

    def text(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        """Return a text, which must match `pattern` if that is given."""
        value = self._members.get(name, "")
        if not isinstance(value, str) or (pattern and not pattern.fullmatch(value)):
            raise MalformedError(f"its {name} is not what it should be")
        return value

    def time(self, name: str) -> str:
        """Return a time as records have it."""
        value = self.text(name, _TIME)
        try:
            datetime.fromisoformat(value)
        except ValueError:
            raise MalformedError(f"its {name} is no time") from None
        return value

    def number(self, name: str) -> int:
        """Return a number that is not negative."""
        value = self._members.get(name, 0)
        if type(value) is not int or value < 0:
            raise MalformedError(f"its {name} is not a number")
        return value

    def texts(self, name: str) -> dict[str, str]:
        """Return an object of texts."""
        value = self._members.get(name, {})
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise MalformedError(f"its {name} is not what it should be")
        return value

    def inner(self, name: str) -> "Members":
        """Return an object."""
        value = self._members.get(name, {})
        if not isinstance(value, dict):
            raise MalformedError(f"its {name} is not what it should be")
        return Members(value)

    def hashes(self, name: str) -> tuple[str, ...]:
        """Return a list of hashes."""
        value = self._members.get(name, [])
        if not isinstance(value, list) or not all(_is_hash(v) for v in value):
            raise MalformedError(f"its {name} are not what they should be")
        return tuple(value)

    def names(self) -> list[str]:
        """Return the names of all members."""
        return list(self._members)

    def __contains__(self, name: str) -> bool:
        """Tell whether there is such a member."""
        return name in self._members


def parsed(content: bytes) -> Members:
    """Return the members of the JSON object in `content`; raise MalformedError if it is none."""
    try:
        members = json.loads(content)
    except (ValueError, RecursionError):
        raise MalformedError("it is not JSON") from None
    if not isinstance(members, dict):
        raise MalformedError("it is not a JSON object")
    if members.get("v") != VERSION:
        raise MalformedError("it is of another version; a newer leakseal may read it")
    return Members(members)


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and HASH.fullmatch(value) is not None


def _record(members: Members) -> Record:
    actor = members.inner("actor")
    return Record(
        run=members.text("run"),
        sequence=members.number("seq"),
        time=members.time("ts"),
        actor=Actor(actor.text("user"), actor.text("host"), actor.text("tool")),
        step=_step(members),
        parents=members.hashes("parents"),
        previous=members.text("prev"),
        hash=members.text("hash", HASH),
    )


def _step(members: Members) -> Step:
    finding, stored, approval = map(members.inner, ("finding", "store", "approval"))
    try:
        state = State(members.text("state"))
    except ValueError:
        raise MalformedError("its state is unknown") from None
    return Step(
        state=state,
        subject=Subject(
            fingerprint=finding.text("fp", FINGERPRINT),
            key_id=finding.text("key_id"),
            rule=finding.text("rule"),
            path=finding.text("path"),
            line=finding.number("line"),
            commit=finding.text("commit"),
        ),
        item=members.text("item"),
        store=StoredAt(stored.text("uri"), stored.text("version"), stored.text("op"))
        if "store" in members
        else None,
        outcome=members.text("outcome"),
        evidence=members.texts("evidence"),
        reason=members.text("reason"),
        lane=members.text("lane"),
        review_after=members.text("review_after"),
        approval=Approval(approval.text("by"), approval.text("method"))
        if "approval" in members
        else None,
    )
