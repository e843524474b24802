"""Ways to log in to a real OpenBao server. Of Kubernetes there is only what OpenBao asks of it."""

import json
import logging
import time
import traceback
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import openbao_server
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from subjects.certificates import self_signed

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import Entry, Outcome, Put, RefusedError, StoreError

POLICY = 'path "kv/*" { capabilities = ["create", "read", "update", "list"] }'
WRONG = "wr" + "ong-credential"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openbao_server.Server]:
    if lacking := openbao_server.missing():
        pytest.skip(lacking)
    with openbao_server.development(tmp_path_factory.mktemp("bao")) as server:
        server.mount("kv", 2)
        server.api("sys/policies/acl/kv", {"policy": POLICY})
        yield server


@pytest.fixture
def opened(server: openbao_server.Server) -> Iterator[Callable[..., Any]]:
    with ExitStack() as stack:

        def open_store(query: str = "", **environ: str) -> Any:
            given = {"VAULT_ADDR": server.address, **environ}
            return stack.enter_context(closing(choose.store(f"vault://kv/acme{query}", given, ".")))

        yield open_store


def put(store: Any) -> Put:
    done: Put = store.put_new(f"KEY_{uuid4().hex}", Secret(b"value"), str(uuid4()), {})
    return done


def web_token(key: Ed25519PrivateKey, audience: str = "leakseal") -> str:
    claims = {"aud": audience, "sub": "build", "exp": int(time.time()) + 60}
    header = {"alg": "EdDSA", "typ": "JWT"}
    unsigned = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    return f"{unsigned}.{encoded(key.sign(unsigned.encode()))}"


def encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).decode().rstrip("=")


@pytest.fixture(scope="module")
def signer(server: openbao_server.Server) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    server.api("sys/auth/jwt", {"type": "jwt"})
    server.api("auth/jwt/config", {"jwt_validation_pubkeys": [public.decode()]})
    role = {
        "role_type": "jwt",
        "user_claim": "sub",
        "bound_audiences": ["leakseal"],
        "policies": ["kv"],
    }
    said = server.api("auth/jwt/role/build", role)
    assert "errors" not in said, said
    return key


def test_a_token_from_the_home_folder(
    server: openbao_server.Server, opened: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / ".vault-token").write_text(f"{server.token}\n")
    assert put(opened(HOME=str(tmp_path))).outcome is Outcome.CREATED


def test_the_token_of_the_environment_wins(
    server: openbao_server.Server, opened: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / ".vault-token").write_text(WRONG)
    environ = {"HOME": str(tmp_path), "BAO_TOKEN": server.token, "VAULT_TOKEN": WRONG}
    assert put(opened(**environ)).outcome is Outcome.CREATED


def test_a_role_of_an_application(
    server: openbao_server.Server, opened: Callable[..., Any]
) -> None:
    server.api("sys/auth/apps", {"type": "approle"})
    server.api("auth/apps/role/shop", {"token_policies": ["kv"]})
    environ = {
        "VAULT_ROLE_ID": server.api("auth/apps/role/shop/role-id")["data"]["role_id"],
        "VAULT_SECRET_ID": server.api("auth/apps/role/shop/secret-id", {})["data"]["secret_id"],
    }
    query = "?auth=approle&auth_mount=apps"
    assert put(opened(query, **environ)).outcome is Outcome.CREATED
    refused(opened(query, **environ | {"VAULT_SECRET_ID": WRONG}), "invalid role or secret ID")
    refused(opened("?auth=approle", **environ), "auth/approle/login.*auth_mount")


def test_a_web_token(signer: Ed25519PrivateKey, opened: Callable[..., Any], tmp_path: Path) -> None:
    query = "?auth=jwt&role=build"
    assert put(opened(query, VAULT_JWT=web_token(signer))).outcome is Outcome.CREATED
    (tmp_path / "token").write_text(web_token(signer) + "\n")
    assert put(opened(query, VAULT_JWT_FILE=str(tmp_path / "token"))).outcome is Outcome.CREATED
    refused(opened(query, VAULT_JWT=web_token(signer, "another")), "audience")
    refused(opened(query, VAULT_JWT=web_token(Ed25519PrivateKey.generate())), "auth/jwt/login")
    refused(opened("?auth=jwt&role=absent", VAULT_JWT=web_token(signer)), "role")


@pytest.mark.parametrize(
    ("query", "environ", "said"),
    [
        ("", {}, "VAULT_TOKEN"),
        ("", {"VAULT_TOKEN": "two\nlines"}, "characters"),
        ("", {"VAULT_TOKEN": "é"}, "characters"),
        ("?auth=approle", {"VAULT_SECRET_ID": WRONG}, "VAULT_ROLE_ID"),
        ("?auth=jwt", {"VAULT_JWT": WRONG}, r"\?role="),
        ("?auth=jwt&role=a", {}, "VAULT_JWT"),
        ("?auth=jwt&role=a", {"VAULT_JWT_FILE": "/absent"}, "/absent cannot be read"),
        ("?auth=ldap", {"VAULT_TOKEN": WRONG}, "approle, kubernetes, jwt"),
    ],
)
def test_what_a_login_lacks_is_named(
    opened: Callable[..., Any], query: str, environ: dict[str, str], said: str
) -> None:
    refused(opened(query, **environ), said)


def test_a_wrong_token(opened: Callable[..., Any]) -> None:
    refused(opened(VAULT_TOKEN=WRONG), "wrong or has expired")


def test_a_token_that_ends_in_between(
    server: openbao_server.Server, opened: Callable[..., Any]
) -> None:
    token = server.token_for(POLICY, ttl="1h")
    store = opened(VAULT_TOKEN=token)
    assert put(store).outcome is Outcome.CREATED
    server.api("auth/token/revoke", {"token": token})
    with pytest.raises(RefusedError, match="expired or was revoked; log in again"):
        put(store)


def test_a_token_that_may_not_look_at_itself(
    server: openbao_server.Server, opened: Callable[..., Any]
) -> None:
    token = server.token_for(POLICY, no_default_policy=True)
    store = opened(VAULT_TOKEN=token)
    assert put(store).outcome is Outcome.CREATED
    (problem,) = store.preflight([Entry("KEY", 5)])
    assert problem.code == "permission"
    assert "sys/capabilities-self: not allowed, or the token has expired" in problem.message
    server.api("auth/token/revoke", {"token": token})
    with pytest.raises(RefusedError, match="expired"):
        put(store)


def test_a_token_that_ends_soon(server: openbao_server.Server, opened: Callable[..., Any]) -> None:
    token = server.token_for(POLICY, ttl="100s", num_uses=50)
    problems = opened(VAULT_TOKEN=token).preflight([Entry("KEY", 5)])
    assert [(problem.code, problem.fatal) for problem in problems] == [("login", False)] * 2
    short = server.token_for(POLICY, ttl="1s")
    time.sleep(1.1)
    refused(opened(VAULT_TOKEN=short), "wrong or has expired")


class Cluster(BaseHTTPRequestHandler):
    """The one thing that OpenBao asks a Kubernetes cluster: whose token is this?"""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        user = {"username": "system:serviceaccount:shop:app", "uid": "1"}
        known = asked["spec"]["token"].endswith(".signed")
        answer = json.dumps(
            {"kind": "TokenReview", "status": {"authenticated": known, "user": user}}
        )
        self.send_response_only(201)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())


@pytest.fixture
def cluster() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Cluster) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_token_of_a_pod(
    server: openbao_server.Server, opened: Callable[..., Any], cluster: str, tmp_path: Path
) -> None:
    configuration = {
        "kubernetes_host": cluster,
        "kubernetes_ca_cert": self_signed("127.0.0.1")[0].decode(),
        "disable_local_ca_jwt": True,
    }
    role = {
        "bound_service_account_names": "app",
        "bound_service_account_namespaces": "shop",
        "policies": "kv",
    }
    server.api("sys/auth/pods", {"type": "kubernetes"})
    server.api("auth/pods/config", configuration)
    server.api("auth/pods/role/shop", role)
    prefix = "kubernetes.io/serviceaccount"
    claims = {
        "sub": "system:serviceaccount:shop:app",
        f"{prefix}/namespace": "shop",
        f"{prefix}/service-account.name": "app",
        f"{prefix}/service-account.uid": "1",
    }
    header = {"alg": "RS256", "typ": "JWT"}
    unsigned = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    file = tmp_path / "token"
    store = {"query": "?auth=kubernetes&role=shop&auth_mount=pods", "VAULT_JWT_FILE": str(file)}
    file.write_text(f"{unsigned}.signed")
    assert put(opened(**store)).outcome is Outcome.CREATED
    file.write_text(f"{unsigned}.forged")
    refused(opened(**store), "permission denied")


def test_credentials_do_not_show(
    signer: Ed25519PrivateKey,
    opened: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = []
    jwt = web_token(Ed25519PrivateKey.generate())
    for query, environ in (
        ("", {"VAULT_TOKEN": WRONG}),
        ("", {"VAULT_TOKEN": WRONG + "\n"}),
        ("?auth=approle", {"VAULT_ROLE_ID": "shop", "VAULT_SECRET_ID": WRONG}),
        ("?auth=jwt&role=build", {"VAULT_JWT": jwt}),
    ):
        store = opened(query, **environ)
        with pytest.raises(StoreError) as refused:
            put(store)
        shown += traceback.format_exception(refused.value)
        shown += [problem.message for problem in store.preflight([Entry("KEY", 5)])]
    shown += (record.getMessage() for record in caplog.records)
    shown += capfd.readouterr()
    assert "auth/jwt/login" in "".join(shown)
    assert not any(secret in text for text in shown for secret in (WRONG, jwt, jwt[-40:]))


def refused(store: Any, said: str) -> None:
    (problem,) = store.preflight([Entry("KEY", 5)])
    assert (problem.code, problem.fatal) == ("login", True)
    with pytest.raises(RefusedError, match=said):
        put(store)
