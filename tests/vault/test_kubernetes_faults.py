"""What the store makes of a network and a server that fail at the worst moment."""

import base64
import json
import logging
import traceback
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from proxy import FaultyProxy, answered, dropped, lost, slow
from subjects import kubernetes
from subjects.tunnel import Tunnel

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import AbsentError, IntegrityError, Outcome, Store, StoreError

pytestmark = pytest.mark.slow
POST, PUT, GET = "POST /api", "PUT /api", "GET /api"
VALUE = Secret(b"the value itself")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kubernetes.Cluster]:
    if lacking := kubernetes.missing():
        pytest.skip(lacking)
    with kubernetes.KubernetesSubject().running(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
def proxy(cluster: kubernetes.Cluster) -> Iterator[FaultyProxy]:
    with Tunnel(cluster.port, cluster.authority) as tunnel, FaultyProxy(tunnel.port) as running:
        yield running


@pytest.fixture
def store(
    cluster: kubernetes.Cluster, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    from scanner.vault.kubernetes import api

    monkeypatch.setattr(api, "PAUSES", (0.01, 0.01))
    monkeypatch.setattr(api, "READ_SECONDS", 2.0)
    environ = cluster.environ_of("admin", server=f"http://127.0.0.1:{proxy.port}")
    with closing(choose.store(cluster.fresh(), environ, "/nowhere")) as opened:
        yield opened


FAULTS = {
    "never arrived": lost,
    "answer lost": dropped,
    "slow": lambda match: slow(3.0, match),
    "too many": lambda match: answered(429, b"{}", match),
    "broken": lambda match: answered(500, b"<html>", match),
    "unavailable": lambda match: answered(503, b"", match),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_is_no_matter(store: Store, proxy: FaultyProxy, fault: str) -> None:
    proxy.faults.append(FAULTS[fault](POST))
    created = store.put_new("key", VALUE, "op1", {})
    assert created.outcome is Outcome.CREATED  # ours, though the second POST met it
    proxy.faults.append(FAULTS[fault](PUT))
    replaced = store.put_version("key", Secret(b"other"), "op2", {}, created.version)
    assert replaced.outcome is Outcome.CREATED
    proxy.faults.append(FAULTS[fault](GET))
    held = store.read("key")
    assert (held.value, held.version) == (Secret(b"other"), replaced.version)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lost, "connection broke"),
        (dropped, "connection broke"),
        (lambda match: answered(429, b"{}", match), r"\(429\)"),
        (lambda match: answered(500, b"", match), r"\(500\)"),
        (lambda match: answered(401, b"", match), r"\(401\)"),
        (lambda match: answered(307, b"", match), "307"),
        (lambda match: answered(201, b"[]", match), "does not answer as"),
        (lambda match: answered(201, b"x" * (9 << 20), match), "more than"),
    ],
)
def test_a_fault_that_stays_is_said(
    store: Store, proxy: FaultyProxy, fault: type, said: str
) -> None:
    proxy.faults += [fault(POST)] * 3
    with pytest.raises(StoreError, match=said) as failed:
        store.put_new("key", VALUE, "op1", {})
    shown = "".join(traceback.format_exception(failed.value))
    assert "the value itself" not in shown
    assert base64.b64encode(VALUE.reveal()).decode() not in shown
    proxy.faults.clear()
    assert store.put_new("key", VALUE, "op1", {}).outcome is Outcome.CREATED


def test_a_write_that_got_through_is_found_by_the_next_run(
    store: Store, proxy: FaultyProxy
) -> None:
    proxy.faults += [dropped(POST)] * 3
    with pytest.raises(StoreError):
        store.put_new("key", VALUE, "op1", {})
    assert store.put_new("key", VALUE, "another", {}).outcome is Outcome.SAME


def test_another_writer_between_two_attempts_wins(
    store: Store, proxy: FaultyProxy, cluster: kubernetes.Cluster
) -> None:
    created = store.put_new("key", VALUE, "op1", {})
    cluster.put_behind(store.address("key"), b"theirs")
    stale = {**cluster.request("GET", kubernetes.path_of(store.address("key")))}
    stale["metadata"]["resourceVersion"] = created.version
    stale["data"]["value"] = base64.b64encode(VALUE.reveal()).decode()

    proxy.faults.append(answered(200, json.dumps(stale).encode(), GET))  # as a cache would
    conflict = store.put_version("key", Secret(b"other"), "op2", {}, created.version)
    assert conflict.outcome is Outcome.CONFLICT
    assert store.read("key").value == Secret(b"theirs")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{}", StoreError),
        (b'{"metadata": {"name": "x", "resourceVersion": "1"}}', StoreError),
        (b'{"metadata": {"name": "x", "resourceVersion": "1"}, "type": "Opaque"}', AbsentError),
        (
            b'{"metadata": {"name": "x", "resourceVersion": "1"}, "type": "Opaque",'
            b' "data": {"value": "!"}}',
            IntegrityError,
        ),
    ],
)
def test_an_answer_that_is_no_secret(
    store: Store, proxy: FaultyProxy, body: bytes, error: type[Exception]
) -> None:
    proxy.faults.append(answered(200, body, GET))
    with pytest.raises(error):
        store.read("key")


def test_a_list_that_is_none(store: Store, proxy: FaultyProxy) -> None:
    proxy.faults.append(answered(200, b'{"items": [1]}', GET))
    with pytest.raises(StoreError, match="does not answer as"):
        store.names()


def test_a_long_wait_is_left_to_the_user(cluster: kubernetes.Cluster) -> None:
    class Busy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(429)
            self.send_header("Retry-After", "3600")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Busy) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with (
            closing(
                choose.store("k8s://default", cluster.environ_of("admin", server=url), "/x")
            ) as store,
            pytest.raises(StoreError, match="try again in 3600 seconds"),
        ):
            store.read("key")
        server.shutdown()


def test_the_library_and_its_transport_log_no_value(
    store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("urllib3"):  # the AWS stores silence it for the whole process
            monkeypatch.setattr(logging.getLogger(name), "filters", [])
    for logger in ("", "client", "kubernetes.client.rest", "urllib3"):
        caplog.set_level(logging.DEBUG, logger)
    store.put_new("key", VALUE, "op1", {})
    store.read("key")
    assert caplog.records  # urllib3 does log
    assert "the value itself" not in caplog.text
    assert base64.b64encode(VALUE.reveal()).decode() not in caplog.text
    assert kubernetes.ADMIN not in caplog.text
