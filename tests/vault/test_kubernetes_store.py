"""The store on a real API server, seen from outside by plain HTTPS and in etcd."""

import base64
import time
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from subjects import kubernetes
from subjects.certificates import self_signed

from scanner.errors import UsageError
from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import (
    AbsentError,
    IntegrityError,
    Outcome,
    Put,
    RefusedError,
    Store,
    StoreError,
    UnfitError,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kubernetes.Cluster]:
    if lacking := kubernetes.missing():
        pytest.skip(lacking)
    with kubernetes.KubernetesSubject().running(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
def store(cluster: kubernetes.Cluster) -> Iterator[Store]:
    with closing(choose.store(cluster.fresh(), cluster.environ, "/nowhere")) as opened:
        yield opened


def put(store: Store, value: bytes, kind: str = "", **facts: str) -> Put:
    return store.put_new("key", Secret(value), str(uuid4()), facts, kind)


def replaced(store: Store, value: bytes, expected: str, **facts: str) -> Put:
    return store.put_version("key", Secret(value), str(uuid4()), facts, expected)


def raw(cluster: kubernetes.Cluster, store: Store) -> Any:
    return cluster.request("GET", kubernetes.path_of(store.address("key")))


def put_raw(cluster: kubernetes.Cluster, store: Store, secret: Any) -> None:
    cluster.request("PUT", kubernetes.path_of(store.address("key")), secret)


def test_what_stands_in_the_cluster(cluster: kubernetes.Cluster, store: Store) -> None:
    put(store, b"value", rule="generic-password")
    secret = raw(cluster, store)
    assert secret["type"] == "Opaque"
    assert secret["data"] == {"value": base64.b64encode(b"value").decode()}
    metadata = secret["metadata"]
    assert metadata["labels"] == {"app.kubernetes.io/managed-by": "leakseal"}
    assert set(metadata["annotations"]) == {"leakseal/rule", "leakseal/write-id"}
    assert metadata["managedFields"][0]["manager"] == "leakseal"


def test_an_ssh_key_has_its_type(cluster: kubernetes.Cluster, store: Store) -> None:
    put(store, b"key bytes\n", "ssh-key")
    secret = raw(cluster, store)
    assert secret["type"] == "kubernetes.io/ssh-auth"
    assert list(secret["data"]) == ["ssh-privatekey"]
    version = store.read("key").version
    assert replaced(store, b"other\n", version).outcome is Outcome.CREATED
    assert store.read("key").value == Secret(b"other\n")


def test_a_password_is_basic_auth_only_with_a_user(
    cluster: kubernetes.Cluster, store: Store
) -> None:
    first = put(store, b"word", "password", user="shop")
    secret = raw(cluster, store)
    assert secret["type"] == "kubernetes.io/basic-auth"
    assert base64.b64decode(secret["data"]["username"]) == b"shop"
    replaced(store, b"other", first.version, user="till")
    secret = raw(cluster, store)
    assert base64.b64decode(secret["data"]["username"]) == b"till"
    assert store.read("key")[::2] == (Secret(b"other"), {"user": "till"})


def test_a_certificate_with_its_key_is_split(cluster: kubernetes.Cluster, store: Store) -> None:
    certificate, key = self_signed("127.0.0.1")
    bundle = b"# ours\r\n" + key + certificate
    first = put(store, bundle, "certificate")
    secret = raw(cluster, store)
    assert secret["type"] == "kubernetes.io/tls"
    assert base64.b64decode(secret["data"]["tls.crt"]) == certificate
    assert b"PRIVATE KEY" in base64.b64decode(secret["data"]["tls.key"])
    assert store.read("key").value == Secret(bundle)
    with pytest.raises(UnfitError, match="new name"):
        replaced(store, certificate, first.version)
    other = b"".join(self_signed("127.0.0.1"))
    assert replaced(store, other, first.version).outcome is Outcome.CREATED
    secret = raw(cluster, store)
    assert base64.b64decode(secret["data"]["tls.crt"]) in other


def test_a_certificate_renewed_beside_the_bundle_is_seen(
    cluster: kubernetes.Cluster, store: Store
) -> None:
    bundle = b"".join(self_signed("127.0.0.1"))
    put(store, bundle, "certificate")
    secret = raw(cluster, store)
    secret["data"]["tls.crt"] = base64.b64encode(self_signed("127.0.0.1")[0]).decode()
    put_raw(cluster, store, secret)
    with pytest.raises(IntegrityError, match=r"tls\.crt"):
        store.read("key")
    assert put(store, bundle, "certificate").outcome is Outcome.CONFLICT


def test_any_change_by_another_makes_a_new_version(
    cluster: kubernetes.Cluster, store: Store
) -> None:
    first = put(store, b"value")
    secret = raw(cluster, store)
    secret["metadata"]["labels"]["team"] = "shop"
    secret["data"]["extra"] = base64.b64encode(b"theirs").decode()
    put_raw(cluster, store, secret)
    conflict = replaced(store, b"other", first.version)
    assert conflict.outcome is Outcome.CONFLICT
    assert replaced(store, b"other", conflict.version).outcome is Outcome.CREATED
    secret = raw(cluster, store)
    assert secret["metadata"]["labels"]["team"] == "shop"
    assert base64.b64decode(secret["data"]["extra"]) == b"theirs"


def test_what_others_hold_counts_towards_the_size(
    cluster: kubernetes.Cluster, store: Store
) -> None:
    put(store, b"value")
    secret = raw(cluster, store)
    secret["data"]["extra"] = base64.b64encode(b"x" * 600_000).decode()
    put_raw(cluster, store, secret)
    version = store.read("key").version
    with pytest.raises(UnfitError, match="1100000 bytes"):
        replaced(store, b"x" * 500_000, version)


def test_an_immutable_secret_needs_a_new_name(cluster: kubernetes.Cluster) -> None:
    uri = f"{cluster.fresh()}?immutable=true"
    with closing(choose.store(uri, cluster.environ, "/nowhere")) as store:
        first = put(store, b"value")
        assert raw(cluster, store)["immutable"] is True
        assert replaced(store, b"value", first.version).outcome is Outcome.SAME
        with pytest.raises(StoreError, match="needs a new name"):
            replaced(store, b"other", first.version)
        assert store.read("key").value == Secret(b"value")


def test_a_secret_of_others_is_neither_listed_nor_read_nor_touched(
    cluster: kubernetes.Cluster, store: Store
) -> None:
    name = kubernetes.path_of(store.address("key")).rpartition("/")[2]
    data = {"theirs": base64.b64encode(b"value").decode()}
    cluster.create("/api/v1/namespaces/default/secrets", "Secret", name, data=data)
    assert store.names() == []
    with pytest.raises(AbsentError, match="no key value"):
        store.read("key")
    assert put(store, b"value").outcome is Outcome.CONFLICT
    assert raw(cluster, store)["data"] == data


def test_more_names_than_a_page_has(store: Store) -> None:
    names = [f"key-{number:04}" for number in range(501)]
    for name in names:
        store.put_new(name, Secret(b"value"), str(uuid4()), {})
    assert store.names() == names


def test_a_longer_base_is_not_below(cluster: kubernetes.Cluster, store: Store) -> None:
    put(store, b"value")
    with closing(choose.store(store.uri + "1", cluster.environ, "/nowhere")) as other:
        put(other, b"value")
        assert other.names() == store.names() == ["key"]


def test_an_address_keeps_the_options(cluster: kubernetes.Cluster, store: Store) -> None:
    with closing(choose.store(f"{store.uri}?context=test", cluster.environ, "/x")) as with_options:
        address = with_options.address("key")
        assert address == f"{store.uri}-key?context=test#value"
        put(with_options, b"value")
    found, name = choose.entry(address, cluster.environ, "/x")
    with closing(found):
        assert found.read(name).value == Secret(b"value")


@pytest.mark.parametrize("address", ["k8s://default", "k8s://default/a#tls.key"])
def test_what_is_no_entry(cluster: kubernetes.Cluster, address: str) -> None:
    with pytest.raises(UsageError, match="an entry looks like"):
        choose.entry(address, cluster.environ, "/x")


@pytest.mark.parametrize("encrypted", [True, False])
def test_what_etcd_holds(cluster: kubernetes.Cluster, tmp_path: Path, encrypted: bool) -> None:
    with kubernetes.KubernetesSubject().running(tmp_path, encrypted=encrypted) as running:
        with closing(choose.store("k8s://default", running.environ, "/x")) as store:
            put(store, b"the value itself")
        kept = running.kept("default", "key")
        assert (b"the value itself" in kept) is not encrypted
        assert kept.startswith(b"k8s:enc:aescbc:v1:" if encrypted else b"k8s\0")


def test_a_refusal_that_quotes_the_value_is_not_quoted(
    cluster: kubernetes.Cluster, store: Store
) -> None:
    base = "/apis/admissionregistration.k8s.io/v1"
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["secrets"]}
    spec = {
        "matchConstraints": {"resourceRules": [rule | {"operations": ["CREATE"]}]},
        "validations": [
            {
                "expression": "!object.metadata.name.endsWith('-denied')",
                "messageExpression": "'no: ' + object.data.value",
            }
        ],
    }
    cluster.create(
        f"{base}/validatingadmissionpolicies", "ValidatingAdmissionPolicy", "p", spec=spec
    )
    cluster.create(
        f"{base}/validatingadmissionpolicybindings",
        "ValidatingAdmissionPolicyBinding",
        "p",
        spec={"policyName": "p", "validationActions": ["Deny"]},
    )
    value = b"never to be shown"
    error = refusal(store, value)
    assert "ValidatingAdmissionPolicy 'p' does not let us create" in str(error)
    assert base64.b64encode(value).decode() not in "".join(traceback.format_exception(error))


def refusal(store: Store, value: bytes) -> RefusedError:
    for attempt in range(100):  # the policy takes a moment to be in force
        try:
            store.put_new(f"n{attempt}-denied", Secret(value), str(uuid4()), {})
        except RefusedError as error:
            return error
        time.sleep(0.1)
    raise AssertionError("the policy let everything pass")
