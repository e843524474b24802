"""Real OpenBao servers on loopback, and their command line client."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from subjects.certificates import self_signed


def binary() -> str:
    """Return the path of `bao`, empty if there is none."""
    built = os.environ.get("LEAKSEAL_SERVERS", str(Path.home() / ".cache" / "leakseal-servers"))
    for place in (os.environ.get("LEAKSEAL_TEST_BAO", ""), f"{built}/bin/bao", "bao"):
        if place and (found := shutil.which(place)):
            return found
    return ""


def missing() -> str:
    """Return what this machine lacks to run these tests; empty if it lacks nothing."""
    if find_spec("hvac") is None:
        return "hvac is not installed: pip install --group servers"
    return "" if binary() else "no OpenBao server: run .ci/servers/openbao"


class Server(NamedTuple):
    """A running server. `token` may do everything; `key` unseals it, `authority` signs for it."""

    address: str
    folder: Path
    token: str = ""
    key: str = ""
    authority: str = ""

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def environ(self, **more: str) -> dict[str, str]:
        """Return what leakseal and `bao` need to reach the server."""
        given = {"ADDR": self.address, "TOKEN": self.token, "CACERT": self.authority}
        return {f"VAULT_{name}": value for name, value in given.items() if value} | more

    def api(
        self, path: str, body: Any = None, *, method: str = "", namespace: str = ""
    ) -> dict[str, Any]:
        """Send a request as root; return the answer, also where it is a refusal."""
        request = urllib.request.Request(
            f"{self.address}/v1/{path}",
            None if body is None else json.dumps(body).encode(),
            {"X-Vault-Token": self.token, "X-Vault-Namespace": namespace},
            method=method or ("GET" if body is None else "POST"),
        )
        trust = ssl.create_default_context(cafile=self.authority or None)
        try:
            with urllib.request.urlopen(request, timeout=30, context=trust) as response:
                return dict(json.loads(response.read() or b"{}"))
        except urllib.error.HTTPError as error:
            with error:
                return dict(json.loads(error.read() or b"{}"))

    def bao(self, *arguments: str, environ: Mapping[str, str] | None = None) -> bytes:
        """Run the client; return what it prints."""
        done = subprocess.run(
            [binary(), *arguments],
            env={"HOME": str(self.folder), **self.environ(), **(environ or {})},
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def mount(self, path: str, version: int, **configuration: Any) -> None:
        """Enable a KV engine at `path`."""
        said = self.api(f"sys/mounts/{path}", {"type": "kv", "options": {"version": str(version)}})
        assert "errors" not in said, said
        if configuration:
            self.api(f"{path}/config", configuration)

    def token_for(self, policy: str, **more: Any) -> str:
        """Return a token with the policy `policy`, in HCL, and the default one."""
        name = sha256(policy.encode()).hexdigest()
        self.api(f"sys/policies/acl/{name}", {"policy": policy})
        answer = self.api("auth/token/create", {"policies": [name], **more})
        return str(answer["auth"]["client_token"])


@contextmanager
def development(folder: Path) -> Iterator[Server]:
    """A server in memory, ready."""
    address = f"http://127.0.0.1:{_free_port()}"
    arguments = ["-dev", "-dev-no-store-token", "-dev-root-token-id=root"]
    with _running(folder, [*arguments, f"-dev-listen-address={address[7:]}"]):
        server = Server(address, folder, "root")
        _wait(server)
        yield server


@contextmanager
def on_disk(folder: Path) -> Iterator[Server]:
    """A server with Raft storage, TLS and an audit file `audit.log`; nobody has initialised it.

    At 127.0.0.2 it shows a certificate for 192.0.2.1 and asks for the one for 127.0.0.1.
    """
    port = _free_port()
    for address in ("127.0.0.1", "192.0.2.1"):
        certificate, key = self_signed(address)
        (folder / f"{address}.pem").write_bytes(certificate)
        (folder / f"{address}.key").write_bytes(key)
    (folder / "raft").mkdir()
    (folder / "bao.hcl").write_text(f"""
        storage "raft" {{ path = "{folder}/raft" node_id = "one" performance_multiplier = 1 }}
        listener "tcp" {{
            address = "127.0.0.1:{port}"
            tls_cert_file = "{folder}/127.0.0.1.pem" tls_key_file = "{folder}/127.0.0.1.key"
        }}
        listener "tcp" {{
            address = "127.0.0.2:{port}"
            tls_cert_file = "{folder}/192.0.2.1.pem" tls_key_file = "{folder}/192.0.2.1.key"
            tls_client_ca_file = "{folder}/127.0.0.1.pem"
            tls_require_and_verify_client_cert = true
        }}
        api_addr = "https://127.0.0.1:{port}"
        cluster_addr = "https://127.0.0.1:{_free_port()}"
        audit "file" "file" {{ options {{ file_path = "{folder}/audit.log" }} }}
    """)
    with _running(folder, [f"-config={folder}/bao.hcl"]):
        server = Server(
            f"https://127.0.0.1:{port}", folder, authority=str(folder / "127.0.0.1.pem")
        )
        _wait(server)
        yield server


def initialised(server: Server) -> Server:
    """Initialise and unseal a server on disk; return it with its root token."""
    made = server.api("sys/init", {"secret_shares": 1, "secret_threshold": 1}, method="PUT")
    server = server._replace(token=made["root_token"], key=made["keys"][0])
    unseal(server)
    return server


def unseal(server: Server) -> None:
    """Unseal the server and wait until it answers."""
    server.api("sys/unseal", {"key": server.key})
    for _ in range(200):
        if "data" in server.api("auth/token/lookup-self"):
            return
        time.sleep(0.05)
    raise AssertionError("OpenBao stays sealed: see server.log")


@contextmanager
def _running(folder: Path, arguments: list[str]) -> Iterator[None]:
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [binary(), "server", *arguments],
            env={"HOME": str(folder), "PATH": os.environ["PATH"]},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
        finally:
            server.kill()
            server.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(server: Server) -> None:
    for _ in range(200):
        try:
            server.api("sys/seal-status")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("OpenBao did not start: see server.log")
