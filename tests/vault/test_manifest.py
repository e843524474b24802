"""Manifests in place of secrets: opened with the controller's key, and checked by real programs."""

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from subjects import kubernetes
from subjects.certificates import self_signed

from scanner.errors import UsageError
from scanner.model import Secret
from scanner.vault.manifests.external import StoreRef, external_secret, reference
from scanner.vault.manifests.sealed import SCOPES, sealed_secret

CERTIFICATE, KEY = self_signed("127.0.0.1")
VALUES = {"text": b"the value itself", "binary": bytes(range(256)), "empty": b"", "NUL": b"a\0b\n"}
LABELS = {"strict": b"shop/db", "namespace-wide": b"shop", "cluster-wide": b""}
STORE = StoreRef("vault", "ClusterSecretStore")


def seal(value: bytes = b"value", kind: str = "", **options: Any) -> bytes:
    options = {"certificate": CERTIFICATE} | options
    return sealed_secret("db", "shop", kind, Secret(value), **options)


def unsealed(text: str, label: bytes) -> bytes:
    """Return what the controller would make of one member of `encryptedData`."""
    raw = base64.b64decode(text)
    private = load_pem_private_key(KEY, None)
    assert isinstance(private, RSAPrivateKey)
    length = int.from_bytes(raw[:2], "big")
    assert length == private.key_size // 8
    session = private.decrypt(raw[2 : 2 + length], OAEP(MGF1(SHA256()), SHA256(), label))
    assert len(session) == 32
    return AESGCM(session).decrypt(bytes(12), raw[2 + length :], None)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("value", VALUES)
def test_the_controller_can_open_it(scope: str, value: str) -> None:
    sealed = yaml.safe_load(seal(VALUES[value], scope=scope))
    assert (sealed["apiVersion"], sealed["kind"]) == ("bitnami.com/v1alpha1", "SealedSecret")
    (text,) = sealed["spec"]["encryptedData"].values()
    assert unsealed(text, LABELS[scope]) == VALUES[value]
    annotations = {} if scope == "strict" else {f"sealedsecrets.bitnami.com/{scope}": "true"}
    for metadata in (sealed["metadata"], sealed["spec"]["template"]["metadata"]):
        assert metadata.get("annotations", {}) == annotations


def test_strict_is_for_one_name_only() -> None:
    (text,) = yaml.safe_load(seal())["spec"]["encryptedData"].values()
    with pytest.raises(ValueError, match=r"[Dd]ecrypt"):
        unsealed(text, b"shop/other")


def test_nothing_shows_and_nothing_repeats() -> None:
    first, second = seal(b"the value itself"), seal(b"the value itself")
    assert first != second
    assert b"the value itself" not in first
    assert base64.b64encode(b"the value itself") not in first


def test_a_damaged_value_is_not_opened() -> None:
    (text,) = yaml.safe_load(seal())["spec"]["encryptedData"].values()
    raw = bytearray(base64.b64decode(text))
    raw[-1] ^= 1
    with pytest.raises(InvalidTag):
        unsealed(base64.b64encode(raw).decode(), LABELS["strict"])


def test_typed_secrets_keep_their_type() -> None:
    sealed = yaml.safe_load(seal(CERTIFICATE + KEY, "certificate"))
    assert sealed["spec"]["template"]["type"] == "kubernetes.io/tls"
    data = {
        key: unsealed(text, b"shop/db") for key, text in sealed["spec"]["encryptedData"].items()
    }
    assert data["tls.crt"] == CERTIFICATE
    assert data["bundle.pem"] == CERTIFICATE + KEY
    sealed = yaml.safe_load(seal(b"word", "password", user="shop"))
    assert sorted(sealed["spec"]["encryptedData"]) == ["password", "username"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"certificate": b"no PEM"}, "not a certificate"),
        ({"certificate": KEY}, "not a certificate"),
        ({"certificate": self_signed("127.0.0.1", days=-1)[0]}, "ran out on"),
        ({"value": b"x" * ((1 << 20) + 1)}, "too large"),
        ({"scope": "global"}, "strict, namespace-wide, cluster-wide"),
    ],
)
def test_what_cannot_be_sealed(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        seal(**options)


def external(*addresses: str, **options: Any) -> Any:
    references = [reference(one, Secret(b"value"), f"KEY_{n}") for n, one in enumerate(addresses)]
    return yaml.safe_load(external_secret("db", "shop", references, STORE, **options))


def test_where_the_operator_looks() -> None:
    manifest = external(
        "vault://kv/acme/shop/DB?namespace=eu#value",
        "vault://kv/acme/shop/DB#pass%2Fword",
        "aws-sm://eu-west-1/acme/shop/DB?profile=x",
        "aws-sm:////acme",
        "ssm://eu-west-1/acme/shop/DB",
    )
    assert manifest["apiVersion"] == "external-secrets.io/v1"
    assert manifest["spec"]["secretStoreRef"] == {"name": "vault", "kind": "ClusterSecretStore"}
    assert [one["secretKey"] for one in manifest["spec"]["data"]] == [f"KEY_{n}" for n in range(5)]
    assert [one["remoteRef"] for one in manifest["spec"]["data"]] == [
        {"key": "acme/shop/DB", "property": "value"},
        {"key": "acme/shop/DB", "property": "pass/word"},
        {"key": "acme/shop/DB"},
        {"key": "/acme"},
        {"key": "/acme/shop/DB"},
    ]


def test_base_64_is_undone_by_the_operator() -> None:
    encoded = reference("vault://kv/db#value", Secret(b"\xff"), "KEY")
    manifest = yaml.safe_load(external_secret("db", "shop", [encoded], STORE))
    assert manifest["spec"]["data"][0]["remoteRef"]["decodingStrategy"] == "Base64"


def test_what_no_operator_reads() -> None:
    with pytest.raises(UsageError, match="reads no sops://"):
        reference("sops://secrets.enc.yaml#db", Secret(b"value"), "KEY")
    with pytest.raises(UsageError, match="would not decode"):
        reference("ssm://eu-west-1/acme/db", Secret(b"\xff"), "KEY")


@pytest.mark.parametrize(
    ("name", "namespace", "keys"),
    [
        ("DB", "shop", ["K"]),
        ("db", "Shop", ["K"]),
        ("db", "shop", ["K", "K"]),
        ("db", "shop", []),
        ("db", "shop", ["a b"]),
        ("db", "shop", ["a\nb: c"]),
    ],
)
def test_names_that_kubernetes_would_refuse(name: str, namespace: str, keys: list[str]) -> None:
    references = [reference("ssm:///acme", Secret(b"value"), key) for key in keys]
    with pytest.raises(UsageError):
        external_secret(name, namespace, references, STORE)


@pytest.mark.parametrize("scope", SCOPES)
def test_kubeseal_opens_it(tmp_path: Path, scope: str) -> None:
    kubeseal = kubernetes.binary("kubeseal")
    if not kubeseal:
        pytest.skip("kubeseal is not built: run .ci/servers/kubeseal")
    key = tmp_path / "key.pem"
    key.write_bytes(KEY)
    command = [kubeseal, "--recovery-unseal", f"--recovery-private-key={key}", "--kubeconfig=/"]
    manifest = seal(bytes(range(256)), "ssh-key", scope=scope)
    done = subprocess.run(command, input=manifest, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    secret = json.loads(done.stdout)
    assert secret["type"] == "kubernetes.io/ssh-auth"
    assert base64.b64decode(secret["data"]["ssh-privatekey"]) == bytes(range(256))


@pytest.fixture(scope="module")
def definitions() -> Path:
    folder = Path(kubernetes.binary("kubeseal")).parent.parent / "definitions"
    if not folder.is_dir():
        pytest.skip("there are no definitions to check with: run .ci/servers/kubeseal")
    return folder


@pytest.fixture(scope="module")
def cluster(
    definitions: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[kubernetes.Cluster]:
    """An API server that knows both kinds of object."""
    if lacking := kubernetes.missing():
        pytest.skip(lacking)
    with kubernetes.KubernetesSubject().running(tmp_path_factory.mktemp("cluster")) as running:
        running.namespace("shop")
        for path in definitions.iterdir():
            running.define(yaml.safe_load(path.read_bytes()))
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("scope", SCOPES)
def test_an_api_server_takes_sealed_secrets(cluster: kubernetes.Cluster, scope: str) -> None:
    cluster.check("bitnami.com/v1alpha1", "sealedsecrets", yaml.safe_load(seal(scope=scope)))


@pytest.mark.slow
def test_an_api_server_takes_external_secrets(cluster: kubernetes.Cluster) -> None:
    manifest = external("vault://kv/acme/DB#value", "ssm:///acme/DB", refresh="15m")
    cluster.check("external-secrets.io/v1", "externalsecrets", manifest)
    manifest["spec"]["refresh"] = "1h"
    with pytest.raises(OSError, match="400"):  # the check does see a field that is unknown
        cluster.check("external-secrets.io/v1", "externalsecrets", manifest)
