"""From a report to a plan: what goes into the store under which name, and what replaces it."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from scanner.remediate.found import Held
from scanner.remediate.naming import Naming, carries, distinct, names
from scanner.remediate.plan import PRIVATE, Entry, Left, Place, Plan
from scanner.remediate.project import Project, ProjectKey
from scanner.remediate.reported import Reported, ReportedFinding
from scanner.remediate.rewrite.content import Wanted, change
from scanner.remediate.rewrite.edit import Refusal
from scanner.report.escape import visible
from scanner.vault.store import Store

LARGEST_VARIABLE = 100_000  # bytes; Linux takes 128 KiB for one string of the environment
_GONE = {
    "history": "it stands in history only: rotate or revoke it, then purge it",
    "stash": "it stands in a stash only: rotate or revoke it, then drop the stash",
    "metadata": "it stands in the git directory, which is not committed: take it out there",
}
_UNFOUND = "it is not in these files any more, or they cannot be read: scan again"


class Wish(NamedTuple):
    """What the user decides: the lane, and the names."""

    lane: str = PRIVATE
    names: tuple[Naming, ...] = ()


class _Value(NamedTuple):
    """All places of one value, with the names chosen for it."""

    mac: str
    held: list[Held]
    variable: str
    name: str


def propose(
    project: Project,
    reported: Reported,
    found: Iterable[Held],
    store: Store,
    wish: Wish,
    known: Mapping[str, str],
    now: datetime,
) -> Plan:
    """Return the plan for what of the report was `found` in the files. Nothing is written.

    `known` are the variables that have a value already, each with the entry it comes from.
    """
    values = _named(project, found, store, wish.names, known)
    places = _places(project.key, values, _owners(values, store, known))
    entries = tuple(
        _entry(project.key, str(number), value, places[value.mac], store)
        for number, value in enumerate(values, 1)
    )
    covered = {finding for entry in entries for finding in entry.findings}
    head = project.repository.head()
    return Plan(
        id=f"{now:%Y%m%d}-{secrets.token_hex(4)}",
        created=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        repository=visible(project.name),
        head=head.hex() if head else "",
        store=store.uri,
        key_id=project.key.id,
        lane=wish.lane,
        entries=entries,
        left=tuple(_left(f) for f in reported.findings.values() if f.fingerprint not in covered),
    )


def _named(
    project: Project,
    found: Iterable[Held],
    store: Store,
    wishes: tuple[Naming, ...],
    known: Mapping[str, str],
) -> list[_Value]:
    by_value: dict[str, list[Held]] = {}
    for held in found:
        by_value.setdefault(project.key.value(held.literal.value.reveal()), []).append(held)
    variables: set[str] = set()
    taken: set[str] = set()
    values = []
    for mac, places in by_value.items():
        first = min(places, key=lambda held: (bool(held.refusal), not held.literal.name))
        path = first.path.decode("utf-8", "replace")
        chosen = names(first.literal.name, first.secrets[0][1], path, project.name, wishes)
        name = store.fit(chosen.entry)
        if known.get(chosen.variable) == store.address(name):
            variable = distinct(chosen.variable, variables)
        else:
            variable = distinct(chosen.variable, variables | known.keys())
        entry = chosen.entry
        if variable != chosen.variable and entry.endswith(chosen.variable):
            entry = entry.removesuffix(chosen.variable) + variable
        name = store.fit(distinct(entry, taken))
        variables.add(variable)
        taken |= {entry, name}
        values.append(_Value(mac, places, variable, name))
    return values


def _owners(values: list[_Value], store: Store, known: Mapping[str, str]) -> dict[str, str]:
    """Return which value, or else which entry, each variable stands for."""
    at = {store.address(value.name): value.mac for value in values}
    owners = {variable: at.get(uri, uri) for variable, uri in known.items()}
    return owners | {value.variable: value.mac for value in values}


def _places(
    key: ProjectKey, values: list[_Value], owners: dict[str, str]
) -> dict[str, list[Place]]:
    """Return the places of every value, in order, by trying what apply will do."""
    by_file: dict[bytes, list[tuple[_Value, Held]]] = {}
    for value in values:
        for held in value.held:
            by_file.setdefault(held.path, []).append((value, held))
    places: dict[str, list[Place]] = {value.mac: [] for value in values}
    for path in sorted(by_file):
        for value, place in _file(key, by_file[path], owners):
            places[value.mac].append(place)
    return places


def _file(
    key: ProjectKey, pairs: list[tuple[_Value, Held]], owners: dict[str, str]
) -> list[tuple[_Value, Place]]:
    before = key.content(pairs[0][1].content)
    said: dict[int, tuple[str, str, str]] = {}  # action, environment and note by index
    for index, (value, held) in enumerate(pairs):
        problem = held.refusal or _unfit(held)
        if held.language is None and not held.refusal:
            environment = "" if _unfit(held) else value.variable
            said[index] = ("remove", environment, _removal(environment))
        elif problem:  # whoever replaces it by hand can refer to the variable all the same
            said[index] = ("refuse", "" if _unfit(held) else value.variable, problem)
    wanted = [index for index in range(len(pairs)) if index not in said]
    while wanted:
        clashing = False
        language = pairs[wanted[0]][1].language
        assert language is not None
        wishes = [Wanted(pairs[i][1].literal, pairs[i][0].variable) for i in wanted]
        rewrites = change(pairs[0][1].content, language, wishes).rewrites
        for index, rewrite in zip(wanted, rewrites, strict=True):
            mac = pairs[index][0].mac
            if isinstance(rewrite, Refusal):
                said[index] = ("refuse", pairs[index][0].variable, rewrite.reason)
            elif rewrite.environment and not _owned(owners, rewrite.environment, mac):
                said[index] = ("refuse", "", _taken(rewrite.environment))
                clashing = True
            else:
                said[index] = ("replace", rewrite.environment, rewrite.note)
        wanted = [i for i in wanted if said[i][0] == "replace"] if clashing else []
    return [
        (value, _place(held, before, *said[index])) for index, (value, held) in enumerate(pairs)
    ]


def _owned(owners: dict[str, str], environment: str, mac: str) -> bool:
    return carries(environment) and owners.setdefault(environment, mac) == mac


def _taken(environment: str) -> str:
    if not carries(environment):
        return f"programs take orders from the variable {environment}; give it another name"
    return f"the variable {environment} already stands for another value; rename one of them"


def _unfit(held: Held) -> str:
    value = held.literal.value.reveal()
    if b"\0" in value:
        return "it holds a NUL byte, which no environment variable can"
    if len(value) > LARGEST_VARIABLE:
        return f"it is larger than {LARGEST_VARIABLE} bytes, too large for an environment variable"
    return ""


def _removal(environment: str) -> str:
    given = f"leakseal run gives its content as ${environment}" if environment else "read the store"
    return f"the file is the secret and goes away; {given}"


def _place(held: Held, before: str, action: str, environment: str, note: str) -> Place:
    return Place(
        path=held.path.decode("utf-8", "surrogateescape"),
        line=held.line,
        start=held.literal.start,
        end=held.literal.end,
        language=held.language.name if held.language else "",
        action=action,
        environment=environment,
        note=note,
        before=before,
    )


def _entry(key: ProjectKey, number: str, value: _Value, places: list[Place], store: Store) -> Entry:
    uri = store.address(value.name)
    secrets_in = [secret for held in value.held for secret in held.secrets]
    fingerprints = {(key.fingerprint(r.family, s.reveal()), r.id) for _, r, s in secrets_in}
    return Entry(
        id=number,
        value=value.mac,
        kind=value.held[0].kind,
        findings=tuple(sorted({finding for finding, _, _ in secrets_in})),
        fingerprints=tuple(sorted(fingerprints)),
        variable=value.variable,
        name=value.name,
        uri=uri,
        operation=key.operation(value.mac, uri),
        places=tuple(places),
    )


def _left(finding: ReportedFinding) -> Left:
    reason = _UNFOUND if finding.paths else _GONE.get(finding.state, _GONE["history"])
    return Left(finding.fingerprint, finding.rule, finding.state, reason)
