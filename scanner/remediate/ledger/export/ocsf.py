"""The ledger as events of the Open Cybersecurity Schema Framework, one JSON object a line.

Class 7001, Remediation Activity, of https://schema.ocsf.io/1.3.0, with the profile `host` for who
did it where. What the schema has no word for is under `unmapped`.
"""

import json
from collections.abc import Iterable
from datetime import datetime

from scanner.remediate.ledger.canonical import encode
from scanner.remediate.ledger.record import Record, State

_CATEGORY, _CLASS = 7, 7001
_OTHER = 99
_TACTICS = {2: "Evict", 3: "Restore", 4: "Harden"}
# As D3FEND has it, to which the activities belong: credentials are hardened by storing and rotating
# them, and evicted by revoking them; so are files.
_ACTIVITIES = {
    2: (State.REVOKING, State.REVOKED, State.PURGING, State.PURGED),
    3: (State.RESTORING, State.RESTORED),
    4: (
        *(State.STORING, State.STORED, State.VERIFIED, State.REWRITING, State.REWRITTEN),
        *(State.DEPLOYING, State.DEPLOYED, State.ROTATING, State.ROTATED),
    ),
}
_ACTIVITY = {state: number for number, states in _ACTIVITIES.items() for state in states}
_FAILED = frozenset((State.CONFLICT, State.MISMATCH, State.ABORTED))
_UNKNOWN, _SUCCESS, _FAILURE = 0, 1, 2


def render(history: Iterable[Record]) -> str:
    """Return one event for each record, in ASCII."""
    return "".join(json.dumps(_event(record), sort_keys=True) + "\n" for record in history)


def _event(record: Record) -> dict[str, object]:
    step = record.step
    activity = _ACTIVITY.get(step.state, _OTHER)
    return {
        "activity_id": activity,
        "activity_name": _TACTICS.get(activity, step.state.value),
        "category_uid": _CATEGORY,
        "class_uid": _CLASS,
        "type_uid": _CLASS * 100 + activity,
        "time": int(datetime.fromisoformat(record.time).timestamp() * 1000),
        "severity_id": 1,
        "status_id": _status(record),
        "status_detail": step.reason or step.outcome,
        "message": f"{step.subject.rule or 'secret'} in {step.subject.path or '?'}: {step.state}",
        "command_uid": record.run,
        "actor": {"user": {"name": record.actor.user}, "app_name": record.actor.tool},
        "device": {"hostname": record.actor.host, "type_id": 0},
        "metadata": {
            "version": "1.3.0",
            "profiles": ["host"],
            "product": {"name": "leakseal", "vendor_name": "leakseal"},
            "uid": record.hash,
            "sequence": record.sequence,
            "original_time": record.time,
        },
        "unmapped": json.loads(encode(record)),
    }


def _status(record: Record) -> int:
    if record.step.state in _FAILED or record.step.outcome == "failed":
        return _FAILURE
    return _SUCCESS if record.step.outcome else _UNKNOWN
