"""Answers that get lost, come late or make no sense, between leakseal and moto."""

import logging
import socket
import traceback
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from proxy import FaultyProxy, answered, dropped, lost, slow
from subjects import aws

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import Entry, Outcome, Put, RefusedError, StoreError

if lacking := aws.missing():
    pytest.skip(lacking, allow_module_level=True)

_NUMBERS = count(1)
SCHEMES = ("aws-sm", "ssm")
CREATE = {"aws-sm": "CreateSecret", "ssm": "PutParameter"}
READ = {"aws-sm": "GetSecretValue", "ssm": "GetParameter"}
VALUE = b"s3cr" + b"et of the shop"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with aws.moto(tmp_path_factory.mktemp("moto")) as port:
        yield port


@pytest.fixture
def proxy(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyProxy]:
    monkeypatch.setattr("scanner.vault.aws.client.READ_SECONDS", 2)
    monkeypatch.setattr("scanner.vault.aws.client.ATTEMPTS", 2)
    monkeypatch.setattr("scanner.vault.aws.parameters_api.sleep", lambda seconds: None)
    with FaultyProxy(port) as proxy:
        yield proxy


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def base(scheme: str) -> str:
    return f"{scheme}://eu-west-1/base-{next(_NUMBERS)}"


@pytest.fixture
def store(base: str, proxy: FaultyProxy) -> Iterator[Any]:
    with closing(choose.store(base, aws.environ(proxy.port), ".")) as store:
        yield store


def put(store: Any, value: bytes = VALUE, operation: str = "") -> Put:
    return store.put_new("KEY", Secret(value), operation or str(uuid4()), {})


def versions(port: int, store: Any) -> int:
    """Return how many versions AWS has of the only entry."""
    name = store.address("KEY").partition("eu-west-1")[2]
    if store.uri.startswith("ssm"):
        return len(aws.client("ssm", port).get_parameter_history(Name=name)["Parameters"])
    listed = aws.client("secretsmanager", port).list_secret_version_ids(SecretId=name[1:])
    return len(listed["Versions"])


def test_a_lost_answer_to_create_makes_no_second_version(
    store: Any, scheme: str, proxy: FaultyProxy, port: int
) -> None:
    proxy.faults.append(dropped(CREATE[scheme]))
    assert put(store).outcome is not Outcome.CONFLICT
    assert proxy.count(CREATE[scheme]) == 2
    assert versions(port, store) == 1
    assert store.read("KEY").value.reveal() == VALUE


@pytest.mark.slow
def test_a_late_answer_to_create_makes_no_second_version(
    store: Any, scheme: str, proxy: FaultyProxy, port: int
) -> None:
    proxy.faults.append(slow(2.5, CREATE[scheme]))
    assert put(store).outcome is not Outcome.CONFLICT
    assert versions(port, store) == 1


@pytest.mark.parametrize(
    ("scheme", "method"),
    [
        ("aws-sm", "PutSecretValue"),
        ("aws-sm", "UpdateSecretVersionStage"),
        ("ssm", "PutParameter"),
    ],
    indirect=["scheme"],
)
def test_a_lost_answer_to_replace_makes_one_version(
    store: Any, method: str, proxy: FaultyProxy, port: int
) -> None:
    first = put(store).version
    proxy.faults.append(dropped(method))
    second = store.put_version("KEY", Secret(b"second"), str(uuid4()), {}, first)
    assert second.outcome is Outcome.CREATED
    assert store.read("KEY")[:2] == (Secret(b"second"), second.version)
    assert versions(port, store) == 2
    assert proxy.faults == []


@pytest.mark.parametrize(
    "fault",
    [
        lost("PutParameter"),
        answered(400, b'{"__type": "ThrottlingException"}', "PutParameter"),
        answered(500, match="PutParameter"),
    ],
)
def test_a_parameter_is_overwritten_again_only_after_a_look(
    port: int, proxy: FaultyProxy, fault: Any
) -> None:
    uri = f"ssm://eu-west-1/base-{next(_NUMBERS)}"
    with closing(choose.store(uri, aws.environ(proxy.port), ".")) as store:
        put(store)
        proxy.faults.append(fault)
        second = store.put_version("KEY", Secret(b"second"), str(uuid4()), {}, "1")
        assert second == Put(Outcome.CREATED, "2")
        assert versions(port, store) == 2


def test_a_parameter_that_somebody_replaced_meanwhile_is_left(
    port: int, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = f"ssm://eu-west-1/base-{next(_NUMBERS)}"
    with closing(choose.store(uri, aws.environ(proxy.port), ".")) as store:
        put(store)
        theirs = aws.client("ssm", port)
        name = store.address("KEY").partition("eu-west-1")[2]

        def write_theirs(_: object) -> None:
            theirs.put_parameter(Name=name, Value="theirs", Overwrite=True)

        monkeypatch.setattr("scanner.vault.aws.parameters_api.sleep", write_theirs)
        proxy.faults.append(lost("PutParameter"))
        conflict = store.put_version("KEY", Secret(b"second"), str(uuid4()), {}, "1")
        assert conflict == Put(Outcome.CONFLICT, "2")
        assert store.read("KEY").value.reveal() == b"theirs"


@pytest.mark.parametrize(
    "fault",
    [
        answered(429),
        answered(400, b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'),
        answered(500),
        answered(503),
        lost(),
    ],
)
def test_passing_trouble_is_sat_out(store: Any, proxy: FaultyProxy, fault: Any) -> None:
    proxy.faults.append(fault)
    assert put(store).outcome is Outcome.CREATED
    assert proxy.faults == []


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (400, b'{"__type": "ThrottlingException"}', "too busy"),
        (429, b"{}", "too busy"),
        (503, b"<html>out of order</html>", "HTTP 503"),
    ],
)
def test_lasting_trouble_ends_after_a_few_attempts(
    store: Any, proxy: FaultyProxy, status: int, body: bytes, told: str
) -> None:
    proxy.faults += [answered(status, body)] * 20
    with pytest.raises(StoreError, match=told):
        store.read("KEY")
    assert len(proxy.seen) == 2


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException"])
def test_an_expired_token_is_a_matter_of_login(store: Any, proxy: FaultyProxy, code: str) -> None:
    proxy.faults += [answered(400, b'{"__type": "%s"}' % code.encode())] * 2
    with pytest.raises(RefusedError, match=f"{code}.*log in again"):
        put(store)
    (problem,) = (p for p in store.preflight([Entry("KEY", 5)]) if p.fatal)
    assert problem.code == "login"


@pytest.mark.parametrize("body", [b"{}", b"<html>Welcome</html>", b"[1]", b'"text"', b"null"])
def test_what_is_not_aws_is_not_believed(
    store: Any, scheme: str, proxy: FaultyProxy, body: bytes
) -> None:
    proxy.faults += [answered(200, body, READ[scheme])] * 2
    with pytest.raises(StoreError):
        store.read("KEY")
    proxy.faults[:] = [answered(200, body, CREATE[scheme])] * 2
    with pytest.raises(StoreError):
        put(store)


def test_nobody_there_is_said_with_the_address(base: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("scanner.vault.aws.client.ATTEMPTS", 1)
            store = choose.store(base, aws.environ(free.getsockname()[1]), ".")
        with closing(store), pytest.raises(StoreError, match=f"{base}/KEY.*no answer"):
            store.read("KEY")


def test_nothing_is_sent_in_the_clear(base: str, proxy: FaultyProxy) -> None:
    environ = aws.environ(proxy.port) | {"AWS_ENDPOINT_URL": "http://192.0.2.1:1"}
    with closing(choose.store(base, environ, ".")) as store:
        (problem,) = (p for p in store.preflight([Entry("KEY", 5)]) if p.fatal)
        assert problem.code == "tls"
        with pytest.raises(RefusedError, match="not encrypted"):
            put(store)


def test_a_server_without_tls_is_said_to_be_one(base: str, proxy: FaultyProxy) -> None:
    endpoint = f"https://127.0.0.1:{proxy.port}"
    with closing(
        choose.store(base, aws.environ(proxy.port) | {"AWS_ENDPOINT_URL": endpoint}, ".")
    ) as store:
        (problem,) = (p for p in store.preflight([Entry("KEY", 5)]) if p.fatal)
        assert problem.code == "tls"
    assert proxy.seen == []


def test_no_log_and_no_error_has_the_value(
    store: Any,
    scheme: str,
    proxy: FaultyProxy,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("botocore", "botocore.endpoint", "botocore.parsers", "urllib3"):
        caplog.set_level(logging.DEBUG, name)
    mark = uuid4().hex.encode()
    put(store, mark)
    echo = b'{"__type": "ValidationException", "message": "Value \'%s\' at \'value\'"}' % mark
    binary = b'{"VersionId": "x", "SecretBinary": "%sA", "Parameter": "%s"}' % (mark, mark)
    texts = []
    for fault in (answered(400, echo, READ[scheme]), answered(200, binary, READ[scheme])):
        proxy.faults.append(fault)
        with pytest.raises(StoreError) as refused:
            put(store, mark + b"2")
        texts += traceback.format_exception(refused.value)
    unwanted = store.put_version("KEY", Secret(mark + b"3"), str(uuid4()), {}, "0" * 36)
    texts += [repr(unwanted), repr(store.read("KEY"))]
    logging.getLogger("botocore.endpoint").warning("logging works")
    texts += [record.getMessage() for record in caplog.records]
    texts += capfd.readouterr()
    shown = "\n".join(texts)
    assert "logging works" in shown
    for form in (mark, mark.hex().encode(), b64encode(mark)[:-4]):
        assert form.decode() not in shown
