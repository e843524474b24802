"""A server as it is in production: Raft storage, TLS, an audit file, sealed and unsealed."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import awkward
import openbao_server
import pytest
from openbao_server import Server

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import Entry, Outcome, Put, RefusedError

pytestmark = pytest.mark.slow
_NUMBERS = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if lacking := openbao_server.missing():
        pytest.skip(lacking)
    with openbao_server.on_disk(tmp_path_factory.mktemp("bao")) as started:
        server = openbao_server.initialised(started)
        server.mount("kv", 2)
        server.mount("plain", 1)
        yield server


def store_for(server: Server, mount: str = "kv", **environ: str) -> Any:
    given = {name: value for name, value in server.environ(**environ).items() if value}
    return closing(choose.store(f"vault://{mount}/acme", given, "."))


def put(store: Any, name: str, value: bytes, operation: str = "") -> Put:
    done: Put = store.put_new(name, Secret(value), operation or str(uuid4()), {"rule": "x"})
    return done


def audited(server: Server) -> list[dict[str, Any]]:
    """Return the requests that changed something."""
    lines = (server.folder / "audit.log").read_text().splitlines()
    requests = [entry["request"] for entry in map(json.loads, lines) if entry["type"] == "request"]
    return [one for one in requests if one["operation"] in ("create", "update", "delete")]


def fatal(server: Server, **environ: str) -> tuple[str, str]:
    with store_for(server, **environ) as store:
        (problem,) = (one for one in store.preflight([Entry("KEY", 5)]) if one.fatal)
    return problem.code, problem.message


def test_one_value_is_one_write_and_the_audit_file_does_not_tell_it(server: Server) -> None:
    value, operation = b"val" + b"ue-of-the-audit", str(uuid4())
    with store_for(server) as store:
        assert store.preflight([Entry("AUDITED", len(value))]) == []
        before = len(audited(server))
        first = put(store, "AUDITED", value, operation)
        written = [one["path"] for one in audited(server)[before:]]
        assert written == ["kv/metadata/acme/AUDITED", "kv/data/acme/AUDITED"]
        assert put(store, "AUDITED", value, operation) == Put(Outcome.SAME, first.version)
        assert put(store, "AUDITED", value) == Put(Outcome.SAME, first.version)
        assert put(store, "AUDITED", b"another").outcome is Outcome.CONFLICT
        assert len(audited(server)) == before + 2
        assert store.read("AUDITED").value.reveal() == value
    for file in server.folder.rglob("*"):
        if file.is_file():
            assert value not in file.read_bytes(), file


def test_preflight_changes_nothing(server: Server) -> None:
    before = len(audited(server))
    with store_for(server) as store:
        store.preflight([Entry("a/b", 5), Entry("c", 5)])
    asked = [one["path"] for one in audited(server)[before:]]
    assert asked == ["sys/capabilities-self"] * 2


@pytest.mark.parametrize("mount", ["kv", "plain"])
@pytest.mark.parametrize("character", ["a", "<", "\x01", "\\", "€", "\u2028", "\U0001f600"])
def test_the_largest_value_is_kept(server: Server, mount: str, character: str) -> None:
    name = "deep/" * 30 + f"KEY_{next(_NUMBERS)}"
    with store_for(server, mount) as store:
        largest = store.capabilities.largest
        value = (character.encode() * largest)[:largest]
        assert put(store, store.fit(name), value).outcome is Outcome.CREATED
        assert store.read(store.fit(name)).value.reveal() == value


@pytest.mark.parametrize("label", ["PEM", "PKCS12", "every byte", "one line end"])
def test_the_client_reads_the_same(server: Server, label: str) -> None:
    value = awkward.VALUES[label]
    with store_for(server) as store:
        name = f"KEY_{next(_NUMBERS)}"
        put(store, name, value)
    printed = server.bao("kv", "get", "-mount=kv", "-format=json", f"acme/{name}")
    data = json.loads(printed)["data"]["data"]
    assert set(data) == ({"value"} if label in awkward.LINES else {"value", "encoding"})
    if label in awkward.LINES:
        assert server.bao("kv", "get", "-mount=kv", "-field=value", f"acme/{name}") == value


def test_a_certificate_that_nobody_vouches_for(server: Server, tmp_path: Path) -> None:
    code, message = fatal(server, VAULT_CACERT="")
    assert code == "tls"
    assert "VAULT_CACERT" in message
    assert fatal(server, VAULT_CACERT="", VAULT_SKIP_VERIFY="1")[0] == "tls"
    (tmp_path / "not.pem").write_text("not a certificate")
    assert fatal(server, VAULT_CACERT=str(tmp_path / "not.pem"))[0] == "tls"
    with store_for(server, VAULT_CACERT="") as store, pytest.raises(RefusedError):
        store.read("KEY")


def test_a_folder_of_authorities(server: Server, tmp_path: Path) -> None:
    certificate = Path(server.authority).read_bytes()
    (tmp_path / f"{hashed(server.authority)}.0").write_bytes(certificate)
    environ = {"VAULT_CACERT": "", "VAULT_CAPATH": str(tmp_path)}
    with store_for(server, **environ) as store:
        assert store.names()


def test_a_server_that_wants_a_certificate_and_has_another_name(server: Server) -> None:
    folder = server.folder
    environ = {
        "VAULT_ADDR": f"https://127.0.0.2:{server.port}",
        "VAULT_CACERT": str(folder / "192.0.2.1.pem"),
    }
    code, message = fatal(server, **environ)
    assert code == "tls"
    assert "127.0.0.2" in message
    environ["VAULT_TLS_SERVER_NAME"] = "192.0.2.1"
    assert fatal(server, **environ)[0] in ("tls", "address")  # as the server hangs up
    environ["VAULT_CLIENT_CERT"] = str(folder / "127.0.0.1.pem")
    environ["VAULT_CLIENT_KEY"] = str(folder / "127.0.0.1.key")
    with store_for(server, **environ) as store:
        assert store.preflight([Entry("KEY", 5)]) == []


def test_a_sealed_server(server: Server) -> None:
    with store_for(server, VAULT_MAX_RETRIES="0") as store:
        put(store, "SEALED", b"value")
        server.api("sys/seal", {})
        with pytest.raises(RefusedError, match="sealed"):
            store.read("SEALED")
        with pytest.raises(RefusedError, match="sealed"):
            put(store, "SEALED_TOO", b"value")
        assert fatal(server, VAULT_MAX_RETRIES="0")[0] == "sealed"
        openbao_server.unseal(server)
        assert store.read("SEALED").value.reveal() == b"value"
        assert store.names().count("SEALED_TOO") == 0


def test_a_server_that_was_never_initialised(tmp_path: Path) -> None:
    if lacking := openbao_server.missing():
        pytest.skip(lacking)
    with openbao_server.on_disk(tmp_path) as server:
        code, message = fatal(server, VAULT_TOKEN="any", VAULT_MAX_RETRIES="0")
    assert code == "sealed"
    assert "initialise" in message


def hashed(file: str) -> str:
    """Return the name that OpenSSL looks a certificate up by in a folder."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl is not installed")
    asked = [openssl, "x509", "-hash", "-noout", "-in", file]
    return subprocess.run(asked, capture_output=True, check=True, text=True).stdout.strip()
