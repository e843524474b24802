"""Manifests that give a cluster the Secrets its workloads refer to after a migration."""

from collections.abc import Iterable
from typing import NamedTuple

from scanner.errors import UsageError
from scanner.remediate.plan import Entry, Plan
from scanner.remediate.rewrite.config.kubernetes import KEY, secret_name
from scanner.vault.manifests.external import StoreRef, external_secret, reference
from scanner.vault.manifests.sealed import sealed_secret
from scanner.vault.store import Held, Store

_CLUSTER = frozenset(("kubernetes", "helm"))


class Sealing(NamedTuple):
    """The certificate of the cluster's controller in PEM, and what a sealed value is bound to."""

    certificate: bytes
    scope: str


def wanted(plan: Plan, variables: Iterable[str]) -> list[Entry]:
    """Return the entries named by `variables` or, without any, those a cluster reads.

    Raises UsageError if there is none.
    """
    named = set(variables)
    if unknown := named - {entry.variable for entry in plan.entries}:
        raise UsageError(f"the plan has no {', '.join(sorted(unknown))}")
    found = [
        entry
        for entry in plan.entries
        if entry.variable in named
        or (not named and any(place.language in _CLUSTER for place in entry.places))
    ]
    if not found:
        raise UsageError("the plan has nothing that a cluster reads; name it with --only VARIABLE")
    return found


def external(entries: Iterable[Entry], store: Store, namespace: str, source: StoreRef) -> bytes:
    """Return an ExternalSecret for each entry, by which the cluster fetches it from `source`."""
    manifests = []
    for entry in entries:
        held = store.read(entry.name)
        one = reference(entry.uri, held.value, KEY)
        name = secret_name(entry.variable)
        manifests.append(external_secret(name, namespace, [one], source))
    return b"".join(manifests)


def sealed(entries: Iterable[Entry], store: Store, namespace: str, sealing: Sealing) -> bytes:
    """Return a SealedSecret for each entry, which only the cluster's controller can open."""
    return b"".join(_sealed(entry, store.read(entry.name), namespace, sealing) for entry in entries)


def _sealed(entry: Entry, held: Held, namespace: str, sealing: Sealing) -> bytes:
    # Workloads refer to the key "value", which a Secret of a special type would not have.
    return sealed_secret(
        secret_name(entry.variable),
        namespace,
        "",
        held.value,
        sealing.certificate,
        scope=sealing.scope,
    )
