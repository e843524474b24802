"""Answers that get lost, come late, are refusals or make no sense, before a real OpenBao server."""

import json
import logging
import socket
import time
import traceback
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from threading import Thread
from typing import Any
from uuid import uuid4

import openbao_server
import pytest
from proxy import Fault, FaultyProxy, answered, dropped, lost, slow

from scanner.errors import LeaksealError
from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import (
    AbsentError,
    Entry,
    Outcome,
    Put,
    RefusedError,
    StoreError,
    UnfitError,
)

pytestmark = pytest.mark.slow
_NUMBERS = count(1)
DATA, METADATA = "POST /v1/kv/data", "POST /v1/kv/metadata"
READ = "GET /v1/kv/data"
FACTS = {"rule": "generic-password"}
VALUE = b"s3cr" + b"et  of\nthe shop"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openbao_server.Server]:
    if lacking := openbao_server.missing():
        pytest.skip(lacking)
    with openbao_server.development(tmp_path_factory.mktemp("bao")) as server:
        server.mount("kv", 2)
        server.mount("plain", 1)
        yield server


@pytest.fixture
def proxy(server: openbao_server.Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    monkeypatch.setattr("scanner.vault.hashicorp.session.PAUSE", 0.01)
    with FaultyProxy(server.port) as proxy:
        yield proxy


def through(proxy: FaultyProxy, uri: str = "vault://kv/acme", **environ: str) -> Any:
    given = {"VAULT_ADDR": f"http://127.0.0.1:{proxy.port}", "VAULT_TOKEN": "root"} | environ
    return closing(choose.store(uri, given, "."))


@pytest.fixture
def store(proxy: FaultyProxy) -> Iterator[Any]:
    with through(proxy) as store:
        yield store


@pytest.fixture
def name() -> str:
    return f"KEY_{next(_NUMBERS)}"


def put(store: Any, name: str, value: bytes = VALUE) -> Put:
    done: Put = store.put_new(name, Secret(value), str(uuid4()), FACTS)
    return done


def versions(server: openbao_server.Server, name: str) -> int:
    answer = server.api(f"kv/metadata/acme/{name}")
    return len(answer["data"]["versions"]) if "data" in answer else 0


@pytest.mark.parametrize("fault", [lost, dropped, slow])
@pytest.mark.parametrize("request_line", [DATA, METADATA, READ, "GET /v1/kv/metadata"])
def test_one_lost_answer_is_no_second_write(
    server: openbao_server.Server,
    proxy: FaultyProxy,
    name: str,
    fault: Any,
    request_line: str,
) -> None:
    if fault is slow:
        proxy.faults.append(slow(0.6, request_line))
    else:
        proxy.faults.append(fault(request_line))
    with through(proxy, VAULT_CLIENT_TIMEOUT="0.3") as store:
        first = put(store, name)
        assert first.outcome in (Outcome.CREATED, Outcome.SAME)
        held = store.read(name)
        assert (held.value.reveal(), held.version, held.facts) == (VALUE, "1", FACTS)
    assert versions(server, name) == 1
    assert proxy.faults == []


def test_an_answer_lost_for_good_is_found_again(
    server: openbao_server.Server, proxy: FaultyProxy, name: str
) -> None:
    proxy.faults.append(dropped(DATA))
    with through(proxy, VAULT_MAX_RETRIES="0") as store:
        with pytest.raises(StoreError, match="cannot be reached"):
            put(store, name)
        assert put(store, name) == Put(Outcome.SAME, "1")
    assert versions(server, name) == 1


def test_an_answer_lost_over_another_version(
    server: openbao_server.Server, proxy: FaultyProxy, store: Any, name: str
) -> None:
    first = put(store, name).version
    proxy.faults.append(dropped(DATA))
    second = store.put_version(name, Secret(b"second"), str(uuid4()), FACTS, first)
    assert second == Put(Outcome.SAME, "2")
    assert versions(server, name) == 2


def test_somebody_is_faster(
    server: openbao_server.Server, proxy: FaultyProxy, store: Any, name: str
) -> None:
    def overtake(request: str) -> Fault:
        if request.startswith(DATA):
            server.api(f"kv/data/acme/{name}", {"data": {"value": "theirs"}})
        return Fault()

    proxy.fault_for = overtake  # type: ignore[method-assign]
    assert put(store, name) == Put(Outcome.CONFLICT, "1")
    kept = server.api(f"kv/metadata/acme/{name}")["data"]
    assert kept["current_version"] == 1
    assert not kept["custom_metadata"]


def test_labels_that_somebody_puts_there_first_are_kept(
    server: openbao_server.Server, proxy: FaultyProxy, store: Any, name: str
) -> None:
    def overtake(request: str) -> Fault:
        if request.startswith(METADATA):
            proxy.fault_for = pass_on  # type: ignore[method-assign]
            server.api(f"kv/metadata/acme/{name}", {"custom_metadata": {"owner": "team"}})
        return Fault()

    pass_on, proxy.fault_for = proxy.fault_for, overtake  # type: ignore[method-assign]
    assert put(store, name) == Put(Outcome.CREATED, "1")
    kept = server.api(f"kv/metadata/acme/{name}")["data"]["custom_metadata"]
    assert kept["owner"] == "team"
    assert store.read(name).facts == FACTS


def test_a_token_is_sent_to_nobody_else(proxy: FaultyProxy) -> None:
    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(307)
            self.send_header("Location", f"http://127.0.0.1:{proxy.port}{self.path}")
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        Thread(target=server.handle_request, daemon=True).start()
        environ = {"VAULT_ADDR": f"http://127.0.0.1:{server.server_port}", "VAULT_TOKEN": "any"}
        with (
            closing(choose.store("vault://kv", environ, ".")) as store,
            pytest.raises(StoreError, match=f"sent on to http://127.0.0.1:{proxy.port}/"),
        ):
            store.read("KEY")
    assert proxy.seen == []


@pytest.mark.parametrize("status", [412, 429, 500, 502, 503, 504])
def test_what_passes_is_tried_again_and_not_for_ever(
    server: openbao_server.Server, proxy: FaultyProxy, store: Any, name: str, status: int
) -> None:
    fault = answered(status, b'{"errors":["not now"]}', DATA)
    proxy.faults += [fault] * 2
    assert put(store, name).outcome is Outcome.CREATED
    before = proxy.count(DATA)
    proxy.faults += [fault] * 3
    with pytest.raises(StoreError, match=f"{status}.*try again later"):
        put(store, f"{name}_again")
    assert proxy.count(DATA) - before == 3
    assert proxy.faults == []
    assert versions(server, f"{name}_again") == 0


ODD = [
    (200, b"", StoreError, "not Vault's"),
    (200, b"<html>", StoreError, "not Vault's"),
    (200, b"[]", StoreError, "not Vault's"),
    (200, b"{}", StoreError, "not that of a KV engine"),
    (200, b"[" * 100000, StoreError, "not Vault's"),
    (200, b'{"data": {"data": [], "metadata": {"version": "1"}}}', StoreError, "KV engine"),
    (200, b'{"data": {"data": {}, "metadata": {"version": 1}}}', AbsentError, "no such key"),
    (200, b"\xff", StoreError, "not Vault's"),
    (302, b"", StoreError, "sent on to"),
    (307, b"", StoreError, "sent on to"),
    (400, b'{"errors":["odd"]}', StoreError, "odd"),
    (400, b'{"errors":"odd"}', StoreError, "refused"),
    (401, b"{}", RefusedError, "refused"),
    (404, b"<html>", StoreError, "not Vault's"),
    (404, b'{"errors":["no handler for route"]}', StoreError, "no handler"),
    (404, b'{"errors":[]}', AbsentError, "nothing"),
    (405, b'{"errors":["unsupported operation"]}', StoreError, "unsupported"),
    (413, b"<html>", UnfitError, "larger"),
    (418, b"\xff\x00", StoreError, "418"),
    (472, b"{}", StoreError, "472"),
    (473, b"{}", StoreError, "473"),
    (501, b"{}", RefusedError, "initialise"),
    (503, b'{"errors":["Vault is sealed"]}', RefusedError, "unseal"),
]


@pytest.mark.parametrize(("status", "body", "error", "said"), ODD)
def test_odd_answers_are_errors_of_ours(
    proxy: FaultyProxy, name: str, status: int, body: bytes, error: type[Exception], said: str
) -> None:
    with through(proxy, VAULT_MAX_RETRIES="0") as store:
        put(store, name)
        proxy.faults.append(answered(status, body, READ))
        with pytest.raises(error, match=said):
            store.read(name)


@pytest.mark.parametrize("request_line", ["GET /v1/kv/metadata", "GET /v1/sys/internal"])
def test_odd_answers_do_not_end_in_a_second_write(
    server: openbao_server.Server, proxy: FaultyProxy, name: str, request_line: str
) -> None:
    with through(proxy) as store:
        put(store, name)
    for status, body, _, _ in ODD:
        proxy.faults.append(answered(status, body, request_line))
        with through(proxy, VAULT_MAX_RETRIES="0") as store, suppress(LeaksealError):
            assert put(store, name).outcome is Outcome.SAME
        proxy.faults.clear()
    assert versions(server, name) == 1


@pytest.mark.parametrize(
    "body", [b"{}", b"<html>", b'{"auth": null}', b'{"auth": {"client_token": 5}}']
)
def test_a_login_that_gives_no_token(proxy: FaultyProxy, body: bytes) -> None:
    proxy.faults.append(answered(200, body, "auth/approle/login"))
    with (
        through(proxy, "vault://kv?auth=approle", VAULT_ROLE_ID="shop") as store,
        pytest.raises(StoreError),
    ):
        store.read("KEY")


def test_a_login_is_not_tried_twice(proxy: FaultyProxy) -> None:
    proxy.faults.append(dropped("auth/approle/login"))
    with (
        through(proxy, "vault://kv?auth=approle", VAULT_ROLE_ID="shop") as store,
        pytest.raises(StoreError, match="cannot be reached"),
    ):
        store.read("KEY")
    assert proxy.count("auth/approle/login") == 1


def test_a_version_that_was_not_asked_for(proxy: FaultyProxy, store: Any, name: str) -> None:
    put(store, name)
    body = {"data": {"data": {"value": "x"}, "metadata": {"version": 2}}}
    proxy.faults.append(answered(200, json.dumps(body).encode(), READ))
    with pytest.raises(StoreError, match="not that of a KV engine"):
        store.read(name, "1")


def test_too_much_is_not_taken(
    proxy: FaultyProxy, store: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.vault.hashicorp.session.LARGEST", 1 << 20)
    put(store, name)
    proxy.faults += [answered(200, b" " * (2 << 20), READ)] * 3
    with pytest.raises(StoreError, match="larger than 1 MiB"):
        store.read(name)


def test_an_answer_may_not_take_for_ever() -> None:
    if lacking := openbao_server.missing():
        pytest.skip(lacking)

    dripped = []

    class Drips(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(200)
            self.end_headers()
            with suppress(OSError):
                for drop in range(1000):
                    self.wfile.write(b" " * (1 << 16))
                    dripped.append(drop)
                    time.sleep(0.05)

    with HTTPServer(("127.0.0.1", 0), Drips) as server:
        Thread(target=server.handle_request, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        environ = {"VAULT_ADDR": address, "VAULT_TOKEN": "any", "VAULT_CLIENT_TIMEOUT": "200ms"}
        with (
            closing(choose.store("vault://kv", environ, ".")) as store,
            pytest.raises(StoreError, match="too slowly"),
        ):
            store.read("KEY")
        assert dripped
        assert len(dripped) < 1000


def test_what_is_not_there_is_said() -> None:
    if lacking := openbao_server.missing():
        pytest.skip(lacking)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        environ = {"VAULT_ADDR": address, "VAULT_TOKEN": "root", "VAULT_MAX_RETRIES": "0"}
        with closing(choose.store("vault://kv", environ, ".")) as store:
            (problem,) = store.preflight([Entry("KEY", 5)])
    assert (problem.code, problem.fatal) == ("address", True)
    assert "refused" in problem.message


def test_proxies_and_passwords_of_the_machine_are_not_used(
    proxy: FaultyProxy,
    server: openbao_server.Server,
    name: str,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    for variable in ("VAULT_TOKEN", "VAULT_ADDR", "VAULT_NAMESPACE"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    with through(proxy) as store:
        put(store, name)
    assert proxy.count("Authorization") == 0
    environ = server.environ(VAULT_PROXY_ADDR=f"http://127.0.0.1:{proxy.port}")
    with closing(choose.store("vault://kv/acme", environ, ".")) as store:
        assert store.read(name).value.reveal() == VALUE
    assert proxy.count(f"GET {server.address}/v1/kv/data/acme/{name}") == 1


def test_values_do_not_show_when_things_go_wrong(
    proxy: FaultyProxy,
    name: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    echo = json.dumps({"errors": [f"cannot take {VALUE.decode()}"]}).encode()
    for fault in (lost(DATA), answered(400, echo, DATA), answered(500, VALUE, DATA), dropped(DATA)):
        proxy.faults.append(fault)
        with through(proxy, VAULT_MAX_RETRIES="0") as store:
            with pytest.raises(LeaksealError) as failed:
                put(store, name)
            shown += traceback.format_exception(failed.value)
    with through(proxy) as store:
        shown.append(repr(store.read(name)))
    shown += (record.getMessage() for record in caplog.records)
    shown += capfd.readouterr()
    assert "HTTP 400" in "".join(shown)
    forms = (VALUE.split()[0].decode(), VALUE.hex(), b64encode(VALUE[:15]).decode())
    assert not any(form in text for form in forms for text in shown)
