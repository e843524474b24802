"""SealedSecret: a Secret encrypted for the controller of one cluster.

The format is that of https://github.com/bitnami-labs/sealed-secrets/blob/main/docs/developer/crypto.md.
"""

import os
from base64 import b64encode
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

from scanner.errors import UsageError
from scanner.model import Secret
from scanner.vault.kubernetes.secret import LARGEST, shape
from scanner.vault.manifests.manifest import check_name, document
from scanner.vault.store import UnfitError

SCOPES = ("strict", "namespace-wide", "cluster-wide")
_ANNOTATION = "sealedsecrets.bitnami.com/"


def sealed_secret(
    name: str,
    namespace: str,
    kind: str,
    value: Secret,
    certificate: bytes,
    *,
    scope: str = "strict",
    user: str = "",
) -> bytes:
    """Return a SealedSecret in YAML whose Secret is what the k8s:// store makes of `value`.

    `certificate` is the controller's, in PEM, as `kubeseal --fetch-cert` prints it. With scope
    "strict" only a SealedSecret of this name and namespace can be opened, with "namespace-wide" any
    of this namespace, with "cluster-wide" any. Raises UsageError if something does not fit.
    """
    check_name("Secret", name)
    check_name("namespace", namespace)
    public = _public_key(certificate)
    label = _label(name, namespace, scope)
    if len(value.reveal()) > LARGEST:
        raise UnfitError(f"{name} is too large; a Secret holds at most {LARGEST} bytes")
    shaped = shape(value.reveal(), kind, user)
    return document(
        {
            "apiVersion": "bitnami.com/v1alpha1",
            "kind": "SealedSecret",
            "metadata": _metadata(name, namespace, scope),
            "spec": {
                "encryptedData": {
                    key: b64encode(_sealed(content, public, label)).decode()
                    for key, content in shaped.data.items()
                },
                "template": {
                    "metadata": _metadata(name, namespace, scope),
                    "type": shaped.type,
                },
            },
        }
    )


def _metadata(name: str, namespace: str, scope: str) -> dict[str, object]:
    metadata: dict[str, object] = {"name": name, "namespace": namespace}
    if scope != "strict":
        metadata["annotations"] = {_ANNOTATION + scope: "true"}
    return metadata


def _public_key(certificate: bytes) -> RSAPublicKey:
    try:
        parsed = load_pem_x509_certificate(certificate)
        public = parsed.public_key()
    except ValueError:
        raise UsageError("the controller's certificate is not a certificate in PEM") from None
    if not isinstance(public, RSAPublicKey):
        raise UsageError("the controller's certificate has no RSA key")
    if parsed.not_valid_after_utc < datetime.now(UTC):
        raise UsageError(
            f"the controller's certificate ran out on {parsed.not_valid_after_utc:%Y-%m-%d};"
            " get the present one with kubeseal --fetch-cert"
        )
    return public


def _label(name: str, namespace: str, scope: str) -> bytes:
    if scope not in SCOPES:
        raise UsageError(f"the scope of a SealedSecret is one of {', '.join(SCOPES)}")
    labels = {"strict": f"{namespace}/{name}", "namespace-wide": namespace, "cluster-wide": ""}
    return labels[scope].encode()


def _sealed(content: bytes, public: RSAPublicKey, label: bytes) -> bytes:
    key = os.urandom(32)
    locked = public.encrypt(key, OAEP(MGF1(SHA256()), SHA256(), label))
    # The nonce may be zero because the key is used once.
    return len(locked).to_bytes(2, "big") + locked + AESGCM(key).encrypt(bytes(12), content, None)
