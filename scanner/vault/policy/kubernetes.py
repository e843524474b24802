"""Roles for Secrets: https://kubernetes.io/docs/reference/access-authn-authz/rbac/."""

from collections import defaultdict
from typing import Any
from urllib.parse import SplitResult

import yaml

from scanner.errors import UsageError
from scanner.report.escape import visible
from scanner.vault.kubernetes.address import parse
from scanner.vault.policy.document import Document, Role

_API = "rbac.authorization.k8s.io"
_VERBS = {Role.WRITER: ["get", "update"], Role.READER: ["get"]}
_NOTE = "put the {role}'s account in the place of REPLACE-ME, then: kubectl apply -f FILE"


def render(entries: list[SplitResult], role: Role, account: str) -> list[Document]:
    """Return a Role with its binding for each namespace; raise UsageError for a wrong URI."""
    names: dict[str, set[str]] = defaultdict(set)
    for parts in entries:
        place = parse(parts)
        if not place.prefix:
            raise UsageError(f"{visible(parts.geturl())} is no entry: k8s://NAMESPACE/NAME#value")
        names[place.namespace].add(place.prefix)
    return [_document(namespace, sorted(names[namespace]), role) for namespace in sorted(names)]


def _document(namespace: str, secrets: list[str], role: Role) -> Document:
    name = f"leakseal-{role.value}"
    rules = [_rule(_VERBS[role], resourceNames=secrets)]
    if role is Role.WRITER:
        rules.insert(0, _rule(["create"]))  # what is not there yet has no name to limit it by
    text = yaml.safe_dump_all(
        [
            _object("Role", name, namespace, rules=rules),
            _object(
                "RoleBinding",
                name,
                namespace,
                roleRef={"apiGroup": _API, "kind": "Role", "name": name},
                subjects=[{"kind": "ServiceAccount", "name": "REPLACE-ME", "namespace": namespace}],
            ),
        ],
        explicit_start=True,
        sort_keys=False,
    )
    title = f"Kubernetes Role for the {role.value} in {namespace}"
    note = _NOTE.format(role=role.value)
    if role is Role.WRITER:
        note += "; Kubernetes cannot limit create to names"
    return Document(title, text, note)


def _rule(verbs: list[str], **names: list[str]) -> dict[str, list[str]]:
    return {"apiGroups": [""], "resources": ["secrets"], **names, "verbs": list(verbs)}


def _object(kind: str, name: str, namespace: str, **members: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": f"{_API}/v1", "kind": kind, "metadata": metadata, **members}
