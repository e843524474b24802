"""Policies as rendered, given to real servers: they suffice, and nothing less does."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import openbao_server
import pytest
import yaml
from subjects import aws, kubernetes

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.policy.document import Role
from scanner.vault.policy.least_privilege import documents
from scanner.vault.store import AbsentError, Entry, Outcome, RefusedError, Store

pytestmark = pytest.mark.slow
VERBS = ("create", "read", "update")


def policy(store: Store, role: Role, *names: str) -> str:
    """Return what `policy render` prints for entries of a store."""
    (document,) = documents([store.address(name) for name in names], (role,), "*")
    return document.text


def write_and_read(store: Store, name: str) -> None:
    """Do to an entry all that a move does."""
    assert [p for p in store.preflight([Entry(name, 5)]) if p.fatal] == []
    first = store.put_new(name, Secret(b"first"), str(uuid4()), {"rule": "x"})
    second = store.put_version(name, Secret(b"2"), str(uuid4()), {"rule": "x"}, first.version)
    assert second.outcome is Outcome.CREATED
    assert store.read(name).value == Secret(b"2")


def only_read(store: Store, name: str) -> None:
    """See that an entry can be read and not be written."""
    version = store.read(name).version
    with pytest.raises(RefusedError):
        store.put_version(name, Secret(b"3"), str(uuid4()), {}, version)
    with pytest.raises(RefusedError):
        store.put_new(f"{name}x", Secret(b"3"), str(uuid4()), {})


@pytest.fixture(scope="module")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openbao_server.Server]:
    if lacking := openbao_server.missing():
        pytest.skip(lacking)
    with openbao_server.development(tmp_path_factory.mktemp("bao")) as server:
        server.mount("kv", 2)
        server.mount("old", 1)
        yield server


def opened(server: openbao_server.Server, uri: str, policy: str) -> Store:
    return choose.store(uri, server.environ(VAULT_TOKEN=server.token_for(policy)), "/nowhere")


@pytest.mark.parametrize("base", ["vault://kv/acme", "vault://old/acme?kv=1"])
def test_openbao_lets_the_writer_write_and_the_reader_read(
    bao: openbao_server.Server, base: str
) -> None:
    with closing(choose.store(base, bao.environ(), "/nowhere")) as store:
        writer, reader = (policy(store, role, "shop/KEY") for role in Role)
    with closing(opened(bao, base, writer)) as store:
        write_and_read(store, "shop/KEY")
        with pytest.raises(RefusedError):
            store.read("shop/OTHER")
    with closing(opened(bao, base, reader)) as store:
        only_read(store, "shop/KEY")


@pytest.mark.parametrize("missing", VERBS)
@pytest.mark.parametrize("area", ["data", "metadata"])
def test_openbao_needs_every_capability_that_is_rendered(
    bao: openbao_server.Server, area: str, missing: str
) -> None:
    with closing(choose.store("vault://kv/less", bao.environ(), "/nowhere")) as store:
        rendered = policy(store, Role.WRITER, "KEY")
    rest = json.dumps([verb for verb in VERBS if verb != missing])
    start, path, rules = rendered.partition(f'"kv/{area}/less/KEY"')
    less = start + path + rules.replace(json.dumps(VERBS), rest, 1)
    assert less != rendered
    with closing(opened(bao, "vault://kv/less", less)) as store:
        (problem,) = (p for p in store.preflight([Entry("KEY", 5)]) if p.fatal)
    assert problem.code == "permission"
    assert f"lacks {missing} on kv/{area}/less/KEY;" in problem.message


def test_a_hostile_path_is_that_path_to_openbao(bao: openbao_server.Server) -> None:
    uri = "vault://kv/a%22b%24%7Bx%7D%25%7By#value"
    (document,) = documents([uri], (Role.READER,), "*")
    token = bao.token_for(document.text)
    path = 'kv/data/a"b${x}%{y'
    for asked, expected in ((path, ["read"]), (f"{path}z", ["deny"])):
        body = {"token": token, "paths": [asked]}
        assert bao.api("sys/capabilities", body)["data"][asked] == expected


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kubernetes.Cluster]:
    if lacking := kubernetes.missing():
        pytest.skip(lacking)
    with kubernetes.KubernetesSubject().running(tmp_path_factory.mktemp("cluster")) as running:
        running.namespace("rendered")
        yield running


def grant(cluster: kubernetes.Cluster, user: str, text: str, without: str = "") -> None:
    """Create what was rendered, for a user instead of a service account."""
    role, binding = yaml.safe_load_all(text)
    group = f"/apis/{role['apiVersion']}/namespaces/{role['metadata']['namespace']}"
    name = f"{role['metadata']['name']}-{user}"
    for rule in role["rules"]:
        rule["verbs"] = [verb for verb in rule["verbs"] if verb != without]
    rules = [rule for rule in role["rules"] if rule["verbs"]]
    cluster.create(f"{group}/roles", "Role", name, rules=rules)
    subjects = [{"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}]
    reference = binding["roleRef"] | {"name": name}
    cluster.create(
        f"{group}/rolebindings", "RoleBinding", name, roleRef=reference, subjects=subjects
    )


def test_kubernetes_lets_the_writer_write_and_the_reader_read(cluster: kubernetes.Cluster) -> None:
    base = "k8s://rendered/acme"
    with closing(choose.store(base, cluster.environ, "/nowhere")) as store:
        for user, role in (("writer", Role.WRITER), ("reader", Role.READER)):
            grant(cluster, user, policy(store, role, "key"))
    with closing(choose.store(base, cluster.environ_of("writer"), "/nowhere")) as store:
        write_and_read(store, "key")
        with pytest.raises(RefusedError):
            store.read("other")
    with closing(choose.store(base, cluster.environ_of("reader"), "/nowhere")) as store:
        only_read(store, "key")


@pytest.mark.parametrize(
    ("user", "missing"), [("creator", "create"), ("named", "get"), ("updater", "update")]
)
def test_kubernetes_needs_every_verb_that_is_rendered(
    cluster: kubernetes.Cluster, user: str, missing: str
) -> None:
    base = f"k8s://rendered/{user}"
    with closing(choose.store(base, cluster.environ, "/nowhere")) as store:
        grant(cluster, user, policy(store, Role.WRITER, "key"), missing)
    with closing(choose.store(base, cluster.environ_of(user), "/nowhere")) as store:
        (problem,) = (p for p in store.preflight([Entry("key", 5)]) if p.code == "permission")
    assert f"no permission to {missing} Secrets" in problem.message


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if lacking := aws.missing():
        pytest.skip(lacking)
    with aws.moto(tmp_path_factory.mktemp("moto")) as port:
        yield port


def with_policy(port: int, user: str, text: str) -> dict[str, str]:
    """Return the environment of a user with a policy; moto knows actions but no ARNs."""
    document: dict[str, Any] = json.loads(text)
    for statement in document["Statement"]:
        statement["Resource"] = "*"
    iam = aws.client("iam", port)
    iam.create_user(UserName=user)
    iam.put_user_policy(UserName=user, PolicyName="all", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return aws.environ(port, key["AccessKeyId"], key["SecretAccessKey"])


def test_the_actions_suffice_for_aws(port: int, tmp_path: Path) -> None:
    users = {}
    for scheme in ("aws-sm", "ssm"):
        base = f"{scheme}://{aws.REGION}/acme"
        with closing(choose.store(base, aws.environ(port), str(tmp_path))) as store:
            users[base] = [
                with_policy(port, f"{scheme}-{role.value}", policy(store, role, "KEY"))
                for role in Role
            ]
    url = f"http://127.0.0.1:{port}/moto-api/reset-auth"
    urlopen(Request(url, b"0", {"Content-Type": "application/octet-stream"})).close()
    for base, (writer, reader) in users.items():
        with closing(choose.store(base, writer, str(tmp_path))) as store:
            write_and_read(store, "KEY")
        with closing(choose.store(base, reader, str(tmp_path))) as store:
            only_read(store, "KEY")
            with pytest.raises(AbsentError):
                store.read("OTHER")
