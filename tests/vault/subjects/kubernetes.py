"""A kube-apiserver with etcd on loopback, and what reads it by plain HTTPS."""

import base64
import json
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ADMIN = "token-of-admin"
_KEYS = {
    "kubernetes.io/ssh-auth": "ssh-privatekey",
    "kubernetes.io/tls": "bundle.pem",
    "kubernetes.io/basic-auth": "password",
}
_ENCRYPTION = """\
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - aescbc: {{keys: [{{name: key1, secret: {key}}}]}}
"""


def binary(name: str) -> str:
    """Return the path of a server program; empty if this machine has none."""
    named = os.environ.get(f"LEAKSEAL_TEST_{name.upper().replace('-', '_')}")
    cache = os.environ.get("LEAKSEAL_SERVERS") or Path.home() / ".cache" / "leakseal-servers"
    built = Path(cache) / "bin" / name
    return named or (str(built) if built.exists() else shutil.which(name) or "")


def missing() -> str:
    """Return what is lacking for a cluster to talk to; empty if nothing is."""
    for library in ("kubernetes", "cryptography"):
        if find_spec(library) is None:
            return f"{library} is not installed: pip install --group servers"
    for name in ("etcd", "kube-apiserver"):
        if not binary(name):
            return f"{name} is not built: run .ci/servers/kube-apiserver"
    return ""


class Cluster:
    """A running API server; `users` have the token `token-of-NAME` and no rights but RBAC's."""

    users = ("admin", "creator", "reader", "updater", "writer", "named", "nobody")

    def __init__(self, folder: Path, port: int, etcd_port: int) -> None:
        self.folder, self.port, self.etcd_port = folder, port, etcd_port
        self.authority = folder / "server.crt"
        self.url = f"https://127.0.0.1:{port}"
        self.environ: Mapping[str, str] = self.environ_of("admin")
        self._tls = ssl.create_default_context(cafile=str(self.authority))
        self._numbers = count(1)

    def environ_of(self, user: str, **cluster: object) -> Mapping[str, str]:
        """Return an environment whose kubeconfig logs in as `user`; `cluster` adds to the file."""
        path = self.folder / f"kubeconfig-{user}-{secrets.token_hex(4)}"
        server = {"server": self.url, "certificate-authority": str(self.authority)}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{"name": "test", "cluster": server | cluster}],
            "users": [{"name": user, "user": {"token": f"token-of-{user}"}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": user}}],
        }
        path.write_text(json.dumps(document))  # JSON is YAML
        return {"KUBECONFIG": str(path), "HOME": str(self.folder)}

    def fresh(self) -> str:
        return f"k8s://default/base{next(self._numbers)}"

    def independent(self, address: str) -> bytes:
        secret = self.request("GET", path_of(address))
        return base64.b64decode(secret["data"][_KEYS.get(secret["type"], "value")])

    def put_behind(self, address: str, value: bytes) -> None:
        secret = self.request("GET", path_of(address))
        key = _KEYS.get(secret["type"], "value")
        secret["data"][key] = base64.b64encode(value).decode()
        self.request("PUT", path_of(address), secret)

    def request(self, method: str, path: str, body: object = None) -> Any:
        """Return what the API answers the administrator; raise HTTPError if it refuses."""
        return json.loads(self.send(method, path, body))

    def send(self, method: str, path: str, body: object = None) -> bytes:
        """Return the same in bytes."""
        request = urllib.request.Request(
            self.url + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, context=self._tls, timeout=30) as response:
            answer: bytes = response.read()
            return answer

    def create(self, path: str, kind: str, name: str, **members: object) -> Any:
        """Create an object of any kind."""
        root, *group = path.split("/")[1:4]
        version = "v1" if root == "api" else "/".join(group)
        body = {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **members}
        return self.request("POST", path, body)

    def namespace(self, name: str) -> str:
        """Create a namespace."""
        self.create("/api/v1/namespaces", "Namespace", name)
        return name

    def allow(self, user: str, namespace: str, *rules: dict[str, list[str]]) -> None:
        """Give `user` a role in `namespace`, and wait until it is in force."""
        base = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
        group = {"apiGroups": [""], "resources": ["secrets"]}
        self.create(f"{base}/roles", "Role", user, rules=[group | rule for rule in rules])
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": user}
        subjects = [{"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}]
        self.create(f"{base}/rolebindings", "RoleBinding", user, roleRef=role, subjects=subjects)
        attributes = {"namespace": namespace, "resource": "secrets", "verb": rules[0]["verbs"][0]}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {"user": user, "resourceAttributes": attributes},
        }
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        _until(lambda: self.request("POST", path, review)["status"]["allowed"])

    def define(self, definition: dict[str, Any]) -> None:
        """Make a CustomResourceDefinition known, and wait until objects of it can be created."""
        base = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        self.request("POST", base, definition)
        own = f"{base}/{definition['metadata']['name']}"

        def established() -> bool:
            conditions = self.request("GET", own)["status"]["conditions"] or []
            return any(c["type"] == "Established" and c["status"] == "True" for c in conditions)

        _until(established)

    def check(self, version: str, plural: str, manifest: dict[str, Any]) -> None:
        """Raise HTTPError unless `manifest` could be created as it is; nothing is created."""
        namespace = manifest["metadata"]["namespace"]
        path = f"/apis/{version}/namespaces/{namespace}/{plural}"
        self.request("POST", f"{path}?dryRun=All&fieldValidation=Strict", manifest)

    def kept(self, namespace: str, name: str) -> bytes:
        """Return what etcd holds of a Secret."""
        key = base64.b64encode(f"/registry/secrets/{namespace}/{name}".encode()).decode()
        url = f"http://127.0.0.1:{self.etcd_port}/v3/kv/range"
        with urllib.request.urlopen(url, json.dumps({"key": key}).encode(), timeout=30) as answer:
            return base64.b64decode(json.load(answer)["kvs"][0]["value"])


class KubernetesSubject:
    name = "kubernetes"

    def missing(self) -> str:
        return missing()

    @contextmanager
    def running(self, folder: Path, *, encrypted: bool = True) -> Iterator[Cluster]:
        """Start etcd and the API server; stop both afterwards."""
        port, etcd_port, peer_port = _free_ports()
        _certificate(folder)
        (folder / "tokens.csv").write_text(
            "".join(
                f"token-of-{user},{user},{user},{'system:masters' if user == 'admin' else ''}\n"
                for user in Cluster.users
            )
        )
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        (folder / "encryption.yaml").write_text(_ENCRYPTION.format(key=key))
        flags = [f"--encryption-provider-config={folder}/encryption.yaml"] if encrypted else []
        etcd = [
            binary("etcd"),
            f"--data-dir={folder}/etcd",
            f"--listen-client-urls=http://127.0.0.1:{etcd_port}",
            f"--advertise-client-urls=http://127.0.0.1:{etcd_port}",
            f"--listen-peer-urls=http://127.0.0.1:{peer_port}",
            "--unsafe-no-fsync",
        ]
        server = [
            binary("kube-apiserver"),
            f"--etcd-servers=http://127.0.0.1:{etcd_port}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            f"--tls-cert-file={folder}/server.crt",
            f"--tls-private-key-file={folder}/server.key",
            f"--token-auth-file={folder}/tokens.csv",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={folder}/server.key",
            f"--service-account-signing-key-file={folder}/server.key",
            "--service-cluster-ip-range=10.0.0.0/24",
            *flags,
        ]
        with _process(etcd, folder), _process(server, folder) as process:
            cluster = Cluster(folder, port, etcd_port)
            _await(cluster, process, folder)
            yield cluster


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(100):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("the API server did not get that far in time")


def path_of(address: str) -> str:
    """Return the path that the API has for the entry at `address`."""
    parts = urlsplit(address)
    return f"/api/v1/namespaces/{parts.netloc}/secrets{parts.path}"


def _free_ports() -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _certificate(folder: Path) -> None:
    from subjects.certificates import self_signed

    certificate, key = self_signed("127.0.0.1")
    (folder / "server.crt").write_bytes(certificate)
    (folder / "server.key").write_bytes(key)


@contextmanager
def _process(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with open(folder / f"{Path(command[0]).name}.log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _await(cluster: Cluster, process: subprocess.Popen[bytes], folder: Path) -> None:
    for _ in range(600):
        try:
            cluster.request("GET", "/api/v1/namespaces/default")
            cluster.send("GET", "/readyz")
        except OSError:  # not there yet; urllib's errors are of this kind
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    tail = (folder / "kube-apiserver.log").read_text(errors="replace")[-2000:]
    raise AssertionError(f"kube-apiserver did not start:\n{tail}")


SUBJECTS = (KubernetesSubject(),)
