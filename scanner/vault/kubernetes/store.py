"""Keeps each value in a Kubernetes Secret of its own: `k8s://NAMESPACE/PREFIX`.

See docs/stores/kubernetes.md; the API is https://kubernetes.io/docs/reference/kubernetes-api/.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import SplitResult

from scanner.errors import UsageError
from scanner.model import Secret
from scanner.vault.kubernetes.address import Place, parse
from scanner.vault.kubernetes.api import Answer, Api
from scanner.vault.kubernetes.errors import failure, namespace_absent
from scanner.vault.kubernetes.login import login
from scanner.vault.kubernetes.preflight import check
from scanner.vault.kubernetes.secret import (
    KEYS,
    LARGEST,
    SELECTOR,
    create,
    held,
    replace,
    shape,
    written_by,
)
from scanner.vault.store import (
    AbsentError,
    Capabilities,
    Entry,
    Held,
    IntegrityError,
    Outcome,
    Problem,
    Put,
    StoreError,
)

_PAGE = "500"


def open_store(parts: SplitResult, environ: Mapping[str, str], folder: str) -> "KubernetesStore":
    """Return the store on a base such as `k8s://default/acme`. Nothing is sent yet."""
    if parts.fragment:
        raise UsageError("a base has no #key: k8s://NAMESPACE/PREFIX")
    place = parse(parts)
    return KubernetesStore(place, Api(login(place, environ, folder)))


def open_entry(
    parts: SplitResult, environ: Mapping[str, str], folder: str
) -> tuple["KubernetesStore", str]:
    """Return a store on the whole namespace, and the name of the Secret in it."""
    secret = parse(parts)
    if not secret.prefix or parts.fragment not in ("", "value", *KEYS.values()):
        raise UsageError("an entry looks like k8s://NAMESPACE/NAME#value")
    place = secret._replace(prefix="")
    return KubernetesStore(place, Api(login(place, environ, folder))), secret.prefix


class KubernetesStore:
    """Implements `scanner.vault.store.Store`; a version is the resourceVersion of the Secret."""

    capabilities = Capabilities(
        largest=LARGEST, binary=True, versions=False, check_and_set=True, facts=True
    )

    def __init__(self, place: Place, api: Api) -> None:
        """Keep entries at `place`, on the cluster behind `api`."""
        self.uri = place.uri
        self._place = place
        self._api = api
        self._path = ("api", "v1", "namespaces", place.namespace, "secrets")

    def fit(self, name: str) -> str:
        """Return `name` as part of the name of a Secret."""
        return self._place.fit(name)

    def address(self, name: str) -> str:
        """Return the URI of an entry; `#value` stands for the value, whichever its key is."""
        return self._place.address(name)

    def preflight(self, entries: Iterable[Entry]) -> list[Problem]:
        """Return what stands in the way; ask the server, which creates nothing (`dryRun`)."""
        return check(self._api, self._place, list(entries))

    def put_new(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], kind: str = ""
    ) -> Put:
        """Create the Secret; if one is there, compare and leave it."""
        shaped = shape(value.reveal(), kind, facts.get("user", ""))
        body = create(self._place, name, shaped, operation, facts)
        answer = self._api.request("POST", self._path, body)
        if answer.status == 409 and answer.reason == "AlreadyExists":
            current = self._get(name)
            if current is None:
                raise StoreError(f"{name} was deleted while it was being written; run it again")
            return _compared(name, current, value, operation)
        return Put(Outcome.CREATED, _version(self._secret(answer, "create", name)))

    def put_version(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], expected: str
    ) -> Put:
        """Replace the value if the Secret is still at the resourceVersion `expected`."""
        current = self._get(name)
        if current is None:
            return Put(Outcome.CONFLICT, "")
        found = _compared(name, current, value, operation)
        if found.outcome is not Outcome.CONFLICT or found.version != expected:
            return found
        if current.get("immutable"):
            raise StoreError(f"{name} is immutable; a new value needs a new name")
        body = replace(name, current, value.reveal(), operation, facts)
        answer = self._api.request("PUT", (*self._path, self._place.secret(name)), body)
        if answer.status in (404, 409) and not namespace_absent(answer):
            current = self._get(name)
            if current is None:
                return Put(Outcome.CONFLICT, "")
            return _compared(name, current, value, operation)
        return Put(Outcome.CREATED, _version(self._secret(answer, "update", name)))

    def read(self, name: str, version: str = "") -> Held:
        """Return what the Secret holds; only its present version can be read."""
        current = self._get(name)
        if current is None:
            raise AbsentError(f"there is no Secret {self._shown(name)}")
        if version and version != _version(current):
            raise AbsentError(
                f"Secret {self._shown(name)} was changed since version {version}, which is gone"
            )
        return held(name, current)

    def names(self) -> list[str]:
        """Return the entries below the base that carry our label; no value is fetched."""
        found: list[str] = []
        query = {"labelSelector": SELECTOR, "limit": _PAGE}
        while True:
            answer = self._api.request("GET", self._path, query=query, metadata_only=True)
            if answer.status != 200:
                raise failure(answer, "list", self._place, "")
            try:
                secrets = [str(one["metadata"]["name"]) for one in answer.body["items"]]
                query["continue"] = answer.body["metadata"].get("continue", "")
            except (AttributeError, KeyError, TypeError):
                raise self._alien() from None
            found += (name for secret in secrets if (name := self._place.entry(secret)))
            if not query["continue"]:
                return sorted(found)

    def close(self) -> None:
        """Close the connections to the server."""
        self._api.close()

    def _get(self, name: str) -> dict[str, Any] | None:
        answer = self._api.request("GET", (*self._path, self._place.secret(name)))
        if answer.status == 404 and answer.reason == "NotFound":
            return None
        return self._secret(answer, "get", name)

    def _secret(self, answer: Answer, verb: str, name: str) -> dict[str, Any]:
        if answer.status not in (200, 201):
            raise failure(answer, verb, self._place, self._place.secret(name))
        metadata = answer.body.get("metadata")
        named = isinstance(metadata, dict) and {"name", "resourceVersion"} <= set(metadata)
        if not named or "type" not in answer.body:
            raise self._alien()
        return answer.body

    def _alien(self) -> StoreError:
        return StoreError(f"{self._api.server} does not answer as the Kubernetes API does")

    def _shown(self, name: str) -> str:
        return f"{self._place.namespace}/{self._place.secret(name)}"


def _version(secret: dict[str, Any]) -> str:
    return str(secret["metadata"]["resourceVersion"])


def _compared(name: str, current: dict[str, Any], value: Secret, operation: str) -> Put:
    """Return what the Secret that stands there means for the write of `value`."""
    try:
        same = held(name, current).value == value
    except (AbsentError, IntegrityError):
        same = False
    if not same:
        return Put(Outcome.CONFLICT, _version(current))
    ours = written_by(current, operation)
    return Put(Outcome.CREATED if ours else Outcome.SAME, _version(current))
