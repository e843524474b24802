"""From a report to a plan: what goes into the store under which name, and what replaces it."""

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from scanner.errors import UsageError
from scanner.remediate.chosen import Wish, chosen, left_alone, unless_named
from scanner.remediate.found import Held
from scanner.remediate.naming import Names, Naming, carries, distinct, names
from scanner.remediate.places import Value, places_of
from scanner.remediate.plan import Entry, Left, Place, Plan
from scanner.remediate.project import Project, ProjectKey
from scanner.remediate.reported import Reported
from scanner.remediate.rewrite.config.kubernetes import secret_name
from scanner.remediate.telling import Telling
from scanner.remediate.worktree import WorkTree
from scanner.report.escape import visible
from scanner.vault.store import Store

_IN_TELLING = "it is in a file whose name or folder holds a secret: rename that, then scan again"


def propose(
    project: Project,
    reported: Reported,
    found: Iterable[Held],
    store: Store,
    wish: Wish,
    known: Mapping[str, str],
    unfit: Mapping[bytes, str],
    tells: Telling,
    now: datetime,
) -> Plan:
    """Return the plan for what of the report was `found` in the files. Nothing is written.

    `known` are the variables that have a value already, each with the entry it comes from, and
    `unfit` the files that cannot be read, each with the reason. What `tells` a secret is not named.
    """
    found, put_aside = chosen(found, reported, project.key, wish)
    covered = {(name, held.path) for held in found for name, _, _ in held.secrets}
    telling = {path for path in {held.path for held in found} if tells(path)}
    unnamed = [held for held in found if held.path in telling]
    found = [unless_named(held, project) for held in found if held.path not in telling]
    repository = _unless_telling((project.name, os.path.basename(project.top)), tells)
    values = _named(repository, project.key, found, store, wish.names, known)
    places = places_of(project.key, values, _owners(values, store, known))
    entries = tuple(
        _entry(project.key, str(number), value, places[value.mac], store, reported)
        for number, value in enumerate(values, 1)
    )
    aside = {one.finding for one in put_aside}
    rest = [f for f in reported.findings.values() if f.fingerprint not in aside]
    head = project.repository.head()
    return Plan(
        id=f"{now:%Y%m%d}-{secrets.token_hex(4)}",
        created=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        repository=visible(repository),
        head=head.hex() if head else "",
        store=store.uri,
        key_id=project.key.id,
        lane=wish.lane,
        entries=entries,
        left=(
            *put_aside,
            *_left_in(unnamed, reported),
            *left_alone(rest, covered, unfit, WorkTree(project.top)),
        ),
    )


def _unless_telling(names: Iterable[str], tells: Telling) -> str:
    return next((name for name in names if name and not tells(os.fsencode(name))), "repository")


def _left_in(found: Iterable[Held], reported: Reported) -> Iterator[Left]:
    for held in found:
        for name, _, _ in held.secrets:
            finding = reported.findings[name]
            yield Left(name, finding.rule, finding.state, _IN_TELLING)


def _named(
    repository: str,
    key: ProjectKey,
    found: Iterable[Held],
    store: Store,
    wishes: tuple[Naming, ...],
    known: Mapping[str, str],
) -> list[Value]:
    by_value: dict[str, list[Held]] = {}
    for held in found:
        by_value.setdefault(key.value(held.literal.value.reveal()), []).append(held)
    variables: set[str] = set()
    taken: set[str] = set()
    values = []
    for mac, places in by_value.items():
        first = min(places, key=lambda held: (bool(held.refusal), not held.literal.name))
        path = first.path.decode("utf-8", "replace")
        chosen = names(first.literal.name, first.secrets[0][1], path, repository, wishes)
        if not carries(chosen.variable):
            raise UsageError(f"{visible(chosen.variable)} cannot carry a secret; wish another name")
        if known.get(chosen.variable) == store.address(_entry_name(store, chosen)):
            variable = distinct(chosen.variable, variables)
        else:
            variable = distinct(chosen.variable, variables | known.keys())
        entry = chosen.entry
        if variable != chosen.variable and entry.endswith(chosen.variable):
            entry = entry.removesuffix(chosen.variable) + variable
        name = _entry_name(store, Names(variable, distinct(entry, taken)))
        variables.add(variable)
        taken |= {entry, name}
        values.append(Value(mac, places, variable, name))
    return values


def _entry_name(store: Store, chosen: Names) -> str:
    """Return the name of an entry in its store."""
    if store.uri.startswith("k8s://"):  # as the manifests are made to refer to it
        return store.fit(secret_name(chosen.variable))
    return store.fit(chosen.entry)


def _owners(values: list[Value], store: Store, known: Mapping[str, str]) -> dict[str, str]:
    """Return which value, or else which entry, each variable stands for."""
    at = {store.address(value.name): value.mac for value in values}
    owners = {variable: at.get(uri, uri) for variable, uri in known.items()}
    return owners | {value.variable: value.mac for value in values}


def _entry(
    key: ProjectKey,
    number: str,
    value: Value,
    places: list[Place],
    store: Store,
    reported: Reported,
) -> Entry:
    uri = store.address(value.name)
    secrets_in = [secret for held in value.held for secret in held.secrets]
    found = {(reported.findings[name], secret) for name, _, secret in secrets_in}
    fingerprints = {(key.fingerprint(f.family, s.reveal()), f.rule) for f, s in found}
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
