"""The plan of a migration: which secret goes where, and what takes its place. It holds no secret.

A plan is read by people before it is applied, and by `migrate apply` after that, from a file that
may have been changed by hand: everything in it is checked again.
"""

import json
from typing import Any, NamedTuple, TypeVar, get_origin

from scanner.errors import UsageError
from scanner.remediate.naming import carries

SCHEMA = "leakseal.plan/1"
LARGEST = 64 << 20
PUBLIC, PRIVATE = "A", "B"  # lanes: revoke first, or store first
_Tuple = TypeVar("_Tuple", bound=tuple[Any, ...])


class Place(NamedTuple):
    """One place where a secret stands in a file of the working tree.

    `action` is "replace", "remove" (the file is the secret) or "refuse"; `note` says what a person
    has to know or, when refused, why. `environment` is the variable that the place then reads or,
    when refused, that is there for it; empty where there is none. `before` names what the file held
    when the plan was made.
    """

    path: str
    line: int
    start: int
    end: int
    language: str
    action: str
    environment: str
    note: str
    before: str


class Entry(NamedTuple):
    """One value to be stored. `value` names it by the project's key; `uri` is where it goes.

    `findings` are the fingerprints that the report gave the secrets in it, `fingerprints` those by
    the project's key, with the rule of each.
    """

    id: str
    value: str
    kind: str
    findings: tuple[str, ...]
    fingerprints: tuple[tuple[str, str], ...]
    variable: str
    name: str
    uri: str
    operation: str
    places: tuple[Place, ...]


class Left(NamedTuple):
    """A finding that the plan does nothing about, and why."""

    finding: str
    rule: str
    state: str
    reason: str


class Plan(NamedTuple):
    """A whole plan; `lane` is PUBLIC where the old values must be revoked first."""

    id: str
    created: str
    repository: str
    head: str
    store: str
    key_id: str
    lane: str
    entries: tuple[Entry, ...]
    left: tuple[Left, ...]


def dumps(plan: Plan) -> str:
    """Return the plan as JSON, the same for the same plan."""
    members = {"schema": SCHEMA, **plan._asdict()}
    members["entries"] = [
        entry._asdict() | {"places": [place._asdict() for place in entry.places]}
        for entry in plan.entries
    ]
    members["left"] = [left._asdict() for left in plan.left]
    return json.dumps(members, indent=1) + "\n"


def loads(text: bytes) -> Plan:
    """Return the plan in `text`; raise UsageError, which says where it is wrong."""
    if len(text) > LARGEST:
        raise UsageError(f"the plan is larger than {LARGEST >> 20} MiB")
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("the plan is no JSON; make it again with: leakseal migrate plan") from None
    if not isinstance(members, dict) or members.pop("schema", None) != SCHEMA:
        raise UsageError(f"this is no plan of the kind {SCHEMA}; make it again")
    entries = tuple(_entry(entry) for entry in _list(members, "entries"))
    left = tuple(_made(Left, value, "left") for value in _list(members, "left"))
    plan = _made(Plan, {**members, "entries": entries, "left": left}, "plan")
    if not all(entry.places and entry.fingerprints for entry in entries):
        raise UsageError("an entry of the plan has no places or no fingerprints; take it out whole")
    for kind in ("id", "name", "uri", "variable"):
        found = [getattr(entry, kind) for entry in entries]
        if len(set(found)) < len(found):
            raise UsageError(f"two entries of the plan have the same {kind}")
    variables = {entry.variable for entry in entries}
    variables |= {p.environment for entry in entries for p in entry.places if p.environment}
    if not all(map(carries, variables)):
        raise UsageError("the plan has a variable that programs take orders from, or that is none")
    return plan


def _entry(members: object) -> Entry:
    if not isinstance(members, dict):
        raise UsageError("an entry of the plan is no object")
    return _made(
        Entry,
        {
            **members,
            "places": tuple(_made(Place, value, "place") for value in _list(members, "places")),
            "findings": tuple(str(f) for f in _list(members, "findings")),
            "fingerprints": tuple(_pair(p) for p in _list(members, "fingerprints")),
        },
        "entry",
    )


def _pair(value: object) -> tuple[str, str]:
    match value:
        case [str(fingerprint), str(rule)]:
            return fingerprint, rule
    raise UsageError("a fingerprint of the plan has no rule")


def _list(members: dict[str, Any], name: str) -> list[Any]:
    value = members.get(name)
    if not isinstance(value, list):
        raise UsageError(f"the plan has no list of {name}")
    return value


def _made(kind: type[_Tuple], members: object, what: str) -> _Tuple:
    """Return the named tuple `kind` from an object that has just its members, of its types."""
    types: dict[str, Any] = kind.__annotations__
    if not isinstance(members, dict) or set(members) != set(types):
        raise UsageError(f"a {what} of the plan does not have the members: {', '.join(types)}")
    for name, type_ in types.items():
        if not isinstance(members[name], get_origin(type_) or type_):
            raise UsageError(f"{name} in a {what} of the plan is not what it should be")
    return kind(**members)
