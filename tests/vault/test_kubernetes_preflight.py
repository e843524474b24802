"""What preflight says of real roles, namespaces and API servers, and that it leaves nothing."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from proxy import FaultyProxy, answered
from subjects import kubernetes
from subjects.certificates import self_signed
from subjects.tunnel import Tunnel

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import Entry, Problem, RefusedError

pytestmark = pytest.mark.slow
ENTRIES = [Entry("one", 20), Entry("two", 30, "ssh-key")]
VERBS = ["create", "get", "update"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kubernetes.Cluster]:
    if lacking := kubernetes.missing():
        pytest.skip(lacking)
    with kubernetes.KubernetesSubject().running(tmp_path_factory.mktemp("cluster")) as running:
        running.namespace("roles")
        running.allow("creator", "roles", {"verbs": ["get", "update"]})
        running.allow("reader", "roles", {"verbs": ["create", "update"]})
        running.allow("updater", "roles", {"verbs": ["create", "get"]})
        running.allow("writer", "roles", {"verbs": VERBS})
        running.allow(
            "named",
            "roles",
            {"verbs": ["create"]},
            {"verbs": ["get", "update"], "resourceNames": ["a-one", "a-two"]},
        )
        yield running


def said(
    cluster: kubernetes.Cluster, uri: str, user: str = "admin", **server: object
) -> list[Problem]:
    with closing(choose.store(uri, cluster.environ_of(user, **server), "/x")) as store:
        return [one for one in store.preflight(ENTRIES) if one.code != "encryption"]


@pytest.mark.parametrize(
    ("user", "verb"), [("creator", "create"), ("reader", "get"), ("updater", "update")]
)
def test_the_verb_that_is_missing_is_named(
    cluster: kubernetes.Cluster, user: str, verb: str
) -> None:
    (problem,) = said(cluster, "k8s://roles/a", user)
    assert problem.code == "permission"
    assert f"no permission to {verb} Secrets in roles" in problem.message
    assert not any(f"verb {other} " in problem.message for other in VERBS if other != verb)
    assert problem.fatal is (verb != "update")


def test_a_role_with_all_three_is_enough(cluster: kubernetes.Cluster) -> None:
    assert said(cluster, "k8s://roles/a", "writer") == []


def test_a_role_for_named_secrets_is_enough_for_these(cluster: kubernetes.Cluster) -> None:
    assert said(cluster, "k8s://roles/a", "named") == []
    get, update = said(cluster, "k8s://roles/b", "named")
    assert (get.fatal, update.fatal) == (True, False)
    assert "(b-one, b-two)" in get.message


def test_what_never_changes_needs_no_update(cluster: kubernetes.Cluster) -> None:
    assert said(cluster, "k8s://roles/a?immutable=true", "updater") == []


def test_who_has_no_role_is_told_every_verb(cluster: kubernetes.Cluster) -> None:
    problems = said(cluster, "k8s://roles/a", "nobody")
    assert [one.message.split()[3] for one in problems] == VERBS


def test_who_may_only_create_cannot_verify(cluster: kubernetes.Cluster) -> None:
    with closing(choose.store("k8s://roles/made", cluster.environ_of("reader"), "/x")) as store:
        store.put_new("one", Secret(b"value"), "op", {})
        with pytest.raises(RefusedError, match="the verb get on secrets"):
            store.read("one")
        with pytest.raises(RefusedError, match="the verb get on secrets"):
            store.put_new("one", Secret(b"value"), "op", {})


def test_an_unknown_token(cluster: kubernetes.Cluster) -> None:
    (problem,) = said(cluster, "k8s://roles/a", "stranger")
    assert problem.code == "login"
    assert problem.fatal


def test_a_namespace_that_is_absent(cluster: kubernetes.Cluster) -> None:
    (problem,) = said(cluster, "k8s://absent/a")
    assert problem == Problem(
        "address", "there is no namespace absent: kubectl create namespace absent"
    )


def test_a_namespace_that_is_being_deleted(cluster: kubernetes.Cluster) -> None:
    cluster.namespace("leaving")
    with closing(choose.store("k8s://leaving/a", cluster.environ, "/x")) as store:
        cluster.request("DELETE", "/api/v1/namespaces/leaving")  # nobody here finishes that
        problems = [one for one in store.preflight(ENTRIES) if one.fatal]
    assert [one.code for one in problems] == ["address"]
    assert "is being deleted" in problems[0].message


def test_what_exists_is_mentioned_and_nothing_is_written(cluster: kubernetes.Cluster) -> None:
    uri = cluster.fresh()
    with closing(choose.store(uri, cluster.environ, "/x")) as store:
        store.put_new("one", Secret(b"value"), "op", {})
        (taken,) = said(cluster, uri)
        assert (taken.code, taken.fatal) == ("taken", False)
        assert store.names() == ["one"]
        assert store.read("one").value == Secret(b"value")


def test_a_name_that_is_none(cluster: kubernetes.Cluster) -> None:
    with closing(choose.store(cluster.fresh(), cluster.environ, "/x")) as store:
        (problem,) = (one for one in store.preflight([Entry("DB_PASSWORD", 3)]) if one.fatal)
    assert problem.code == "name"


def test_a_server_that_another_authority_vouches_for(
    cluster: kubernetes.Cluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other") / "ca.crt"
    other.write_bytes(self_signed("127.0.0.1")[0])
    (problem,) = said(cluster, "k8s://roles/a", **{"certificate-authority": str(other)})
    assert (problem.code, problem.fatal) == ("tls", True)
    assert "certificate verify failed" in problem.message


def test_a_kubeconfig_that_turns_the_check_off(cluster: kubernetes.Cluster) -> None:
    (problem,) = said(cluster, cluster.fresh(), **{"insecure-skip-tls-verify": True})
    assert (problem.code, problem.fatal) == ("tls", False)


def test_clear_text_to_another_host_sends_nothing(cluster: kubernetes.Cluster) -> None:
    environ = cluster.environ_of("admin", server="http://192.0.2.1:80")
    with closing(choose.store("k8s://roles/a", environ, "/x")) as store:
        (problem,) = store.preflight(ENTRIES)
        assert (problem.code, problem.fatal) == ("tls", True)
        with pytest.raises(RefusedError, match="nothing was sent"):
            store.read("one")


def encryption(cluster: kubernetes.Cluster, *command: str) -> list[str]:
    containers = [{"name": "server", "image": "x", "command": list(command)}]
    path = "/api/v1/namespaces/kube-system/pods"
    pod = {"name": "apiserver", "labels": {"component": "kube-apiserver"}}
    body = {"metadata": pod, "spec": {"containers": containers}}
    cluster.request("POST", path, {"apiVersion": "v1", "kind": "Pod", **body})
    try:
        with closing(choose.store("k8s://roles/a", cluster.environ, "/x")) as store:
            return [one.message for one in store.preflight(ENTRIES) if one.code == "encryption"]
    finally:
        cluster.request("DELETE", f"{path}/apiserver?gracePeriodSeconds=0")


def test_what_can_be_told_of_encryption(cluster: kubernetes.Cluster) -> None:
    server = "kube-apiserver", "--etcd-servers=https://127.0.0.1:2379"
    (note,) = encryption(cluster, *server)
    assert "etcd holds Secrets unencrypted" in note
    (note,) = encryption(cluster, *server, "--encryption-provider-config=/etc/e.yaml")
    assert "was not seen" in note
    (note,) = encryption(cluster, "/start.sh")
    assert "could not be told" in note


@pytest.mark.parametrize(("version", "notes"), [("28", 0), ("27", 1)])
def test_a_provider_that_is_known_to_encrypt(
    cluster: kubernetes.Cluster, version: str, notes: int
) -> None:
    with Tunnel(cluster.port, cluster.authority) as tunnel, FaultyProxy(tunnel.port) as proxy:
        reply = b'{"gitVersion": "v1.%s.3-eks-0a1b2c3"}' % version.encode()
        proxy.faults.append(answered(200, reply, "GET /version"))
        environ = cluster.environ_of("writer", server=f"http://127.0.0.1:{proxy.port}")
        with closing(choose.store("k8s://roles/a", environ, "/x")) as store:
            assert len(store.preflight(ENTRIES)) == notes
