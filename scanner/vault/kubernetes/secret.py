"""Secret objects as the API has them, and the values and facts inside.

Types and their keys: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

from scanner.model import Secret
from scanner.vault.kubernetes.address import Place
from scanner.vault.kubernetes.certificate import pair
from scanner.vault.store import AbsentError, Held, IntegrityError, UnfitError

LARGEST = 1 << 20  # of all values of a Secret together
_MANAGED_BY = "app.kubernetes.io/managed-by"
_OWNER = "leakseal"
SELECTOR = f"{_MANAGED_BY}={_OWNER}"
_FACT = "leakseal/"
_OPERATION = "leakseal/write-id"  # no fact has a dash in its name
_OPAQUE = "Opaque"
_SSH = "kubernetes.io/ssh-auth"
_TLS = "kubernetes.io/tls"
_BASIC = "kubernetes.io/basic-auth"
KEYS = {_SSH: "ssh-privatekey", _TLS: "bundle.pem", _BASIC: "password"}


class Shape(NamedTuple):
    """The type of a Secret and what lies under its keys."""

    type: str
    data: dict[str, bytes]


def shape(value: bytes, kind: str, user: str = "") -> Shape:
    """Return how a value of this kind is laid out; what does not suit its type becomes Opaque."""
    shaped = None
    if kind == "ssh-key":
        shaped = Shape(_SSH, {"ssh-privatekey": value})
    elif kind == "password" and user:
        shaped = Shape(_BASIC, {"username": user.encode(), "password": value})
    elif kind == "certificate" and (found := pair(value)):
        data = {"tls.crt": found.chain, "tls.key": found.key, "bundle.pem": value}
        shaped = Shape(_TLS, data)
    if shaped and _size(shaped.data) <= LARGEST:
        return shaped
    return Shape(_OPAQUE, {"value": value})


def create(
    place: Place, name: str, shaped: Shape, operation: str, facts: Mapping[str, str]
) -> dict[str, Any]:
    """Return the object to create. Raises UnfitError if it is too large."""
    secret: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": place.secret(name),
            "namespace": place.namespace,
            "labels": {_MANAGED_BY: _OWNER},
            "annotations": _annotations(operation, facts),
        },
        "type": shaped.type,
        "data": _encoded(name, shaped.data),
    }
    if place.immutable:
        secret["immutable"] = True
    return secret


def replace(
    name: str, current: dict[str, Any], value: bytes, operation: str, facts: Mapping[str, str]
) -> dict[str, Any]:
    """Return `current` with another value and other facts; what others added to it stays.

    Raises UnfitError if the value does not suit the type, which cannot be changed, or is too large.
    """
    data = {KEYS.get(current["type"], "value"): value}
    if current["type"] == _TLS:
        shaped = shape(value, "certificate")
        if shaped.type != _TLS:
            raise UnfitError(f"{name} needs a certificate with its key; give the value a new name")
        data = shaped.data
    elif current["type"] == _BASIC and "user" in facts:
        data["username"] = facts["user"].encode()
    metadata = current["metadata"]
    others = {
        key: text
        for key, text in (metadata.get("annotations") or {}).items()
        if not key.startswith(_FACT)
    }
    return {
        **current,
        "metadata": {**metadata, "annotations": {**others, **_annotations(operation, facts)}},
        "data": _encoded(name, {**_data(current), **data}),
    }


def held(name: str, secret: dict[str, Any]) -> Held:
    """Return the value, version and facts of `secret`.

    Raises AbsentError if it holds no value of ours, IntegrityError if its keys contradict.
    """
    data = _data(secret)
    key = KEYS.get(secret["type"], "value")
    if key not in data:
        raise AbsentError(f"the Secret of {name} stands there, but has no key {key}")
    if secret["type"] == _TLS and not _consistent(data):
        raise IntegrityError(f"{name}: tls.crt and tls.key are not those in bundle.pem any more")
    metadata = secret["metadata"]
    facts = {
        key.removeprefix(_FACT): text
        for key, text in (metadata.get("annotations") or {}).items()
        if key.startswith(_FACT) and key != _OPERATION
    }
    return Held(Secret(data[key]), metadata["resourceVersion"], facts)


def written_by(secret: dict[str, Any], operation: str) -> bool:
    """Tell whether the write `operation` made this version of `secret`."""
    annotations = secret["metadata"].get("annotations") or {}
    return bool(annotations.get(_OPERATION) == operation)


def _annotations(operation: str, facts: Mapping[str, str]) -> dict[str, str]:
    return {_OPERATION: operation} | {_FACT + name: text for name, text in facts.items()}


def _consistent(data: dict[str, bytes]) -> bool:
    served = pair(data.get("tls.crt", b"") + b"\n" + data.get("tls.key", b""))
    return served == pair(data["bundle.pem"])


def _size(data: dict[str, bytes]) -> int:
    return sum(map(len, data.values()))


def _encoded(name: str, data: dict[str, bytes]) -> dict[str, str]:
    if _size(data) > LARGEST:
        raise UnfitError(f"{name} has {_size(data)} bytes; a Secret holds at most {LARGEST}")
    return {key: b64encode(value).decode() for key, value in data.items()}


def _data(secret: dict[str, Any]) -> dict[str, bytes]:
    try:
        return {
            key: b64decode(text, validate=True) for key, text in (secret.get("data") or {}).items()
        }
    except (ValueError, TypeError):
        name = secret["metadata"]["name"]
        raise IntegrityError(f"the data of Secret {name} is not base64") from None
