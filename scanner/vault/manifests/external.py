"""ExternalSecret: the cluster fetches values from the store where they stand.

For the External Secrets Operator, https://external-secrets.io/latest/api/externalsecret/.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from scanner.errors import UsageError
from scanner.model import Secret
from scanner.report.escape import visible
from scanner.vault.aws.parameter_text import MARK, as_text
from scanner.vault.hashicorp.data import ENCODING, encode
from scanner.vault.hashicorp.place import KEY
from scanner.vault.manifests.manifest import check_key, check_name, document


class StoreRef(NamedTuple):
    """The SecretStore of the cluster, which says how the operator reaches the store."""

    name: str
    kind: str = "SecretStore"  # or ClusterSecretStore


class Reference(NamedTuple):
    """A key of the Secret that is to be, and where its value stands.

    `remote` and `property` are what the operator calls `remoteRef`. `encoded` tells that base64
    stands there instead of the value.
    """

    key: str
    remote: str
    property: str = ""
    encoded: bool = False


def reference(address: str, value: Secret, key: str) -> Reference:
    """Return the reference to `value`, which stands at `address` as `Store.address` gave it.

    Raises UsageError if the operator does not read such a store, or would not get these bytes.
    """
    parts = urlsplit(address)
    path = unquote(parts.path)
    if parts.scheme == "vault":  # the mount is said in the SecretStore
        field = unquote(parts.fragment) or KEY
        encoded = ENCODING in encode(value, field)
        return Reference(key, path.removeprefix("/"), field, encoded)
    if parts.scheme == "aws-sm":
        return Reference(key, path.removeprefix("/"))
    if parts.scheme == "ssm":
        if as_text(value.reveal()).startswith(MARK):
            raise UsageError(f"{visible(address)} holds bytes, which the operator would not decode")
        return Reference(key, path)
    raise UsageError(f"the External Secrets Operator reads no {visible(parts.scheme)}:// entries")


def external_secret(
    name: str,
    namespace: str,
    references: Sequence[Reference],
    store: StoreRef,
    *,
    target_type: str = "Opaque",
    refresh: str = "1h",
) -> bytes:
    """Return an ExternalSecret in YAML that makes the Secret `name` with one key per reference.

    Raises UsageError if a name or key is not allowed, or a key is given twice.
    """
    for what, one in (("Secret", name), ("namespace", namespace), (store.kind, store.name)):
        check_name(what, one)
    keys = [one.key for one in references]
    for key in keys:
        check_key(key)
    if not keys or len(set(keys)) < len(keys):
        raise UsageError(f"the keys of ExternalSecret {name} must be one or more, each once")
    return document(
        {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {
                "refreshInterval": refresh,
                "secretStoreRef": {"name": store.name, "kind": store.kind},
                "target": {"name": name, "template": {"type": target_type}},
                "data": [_data(one) for one in references],
            },
        }
    )


def _data(one: Reference) -> dict[str, Any]:
    remote = {"key": one.remote}
    if one.property:
        remote["property"] = one.property
    if one.encoded:
        remote["decodingStrategy"] = "Base64"
    return {"secretKey": one.key, "remoteRef": remote}
