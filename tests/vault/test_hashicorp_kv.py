"""What `vault://` does to entries, mounts and namespaces of a real OpenBao server."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from typing import Any
from uuid import uuid4

import openbao_server
import pytest

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import (
    AbsentError,
    ConflictError,
    Entry,
    IntegrityError,
    Outcome,
    Put,
    StoreError,
)

_NUMBERS = count(1)
FACTS = {"rule": "generic-password", "origin": "app/settings.py:12"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openbao_server.Server]:
    if lacking := openbao_server.missing():
        pytest.skip(lacking)
    with openbao_server.development(tmp_path_factory.mktemp("bao")) as server:
        server.mount("kv", 2)
        server.mount("plain", 1)
        yield server


@pytest.fixture
def opened(server: openbao_server.Server) -> Iterator[Callable[..., Any]]:
    with ExitStack() as stack:

        def open_store(uri: str, **environ: str) -> Any:
            found = choose.store(uri, server.environ(**environ), ".")
            return stack.enter_context(closing(found))

        yield open_store


@pytest.fixture
def store(opened: Callable[..., Any]) -> Any:
    return opened("vault://kv/acme")


@pytest.fixture
def name() -> str:
    return f"shop/KEY_{next(_NUMBERS)}"


def put(store: Any, name: str, value: bytes = b"value", operation: str = "") -> Put:
    done: Put = store.put_new(name, Secret(value), operation or str(uuid4()), FACTS)
    return done


def replace(store: Any, name: str, value: bytes, expected: str) -> Put:
    done: Put = store.put_version(name, Secret(value), str(uuid4()), FACTS, expected)
    return done


def test_what_is_stored_is_what_consumers_expect(
    server: openbao_server.Server, store: Any, name: str
) -> None:
    put(store, name, b"text")
    assert server.api(f"kv/data/acme/{name}")["data"]["data"] == {"value": "text"}
    replace(store, name, b"\xff", "1")
    binary = {"value": b64encode(b"\xff").decode(), "encoding": "base64"}
    assert server.api(f"kv/data/acme/{name}")["data"]["data"] == binary
    replace(store, name, b"text again", "2")
    assert server.api(f"kv/data/acme/{name}")["data"]["data"] == {"value": "text again"}


def test_the_operation_is_known_before_the_value(
    server: openbao_server.Server, store: Any, name: str
) -> None:
    operation = str(uuid4())
    labels = {"leakseal-operation": operation, "leakseal-version": "1", "owner": "team"}
    server.api(f"kv/metadata/acme/{name}", {"custom_metadata": labels})  # interrupted here
    with pytest.raises(AbsentError):
        store.read(name)
    assert put(store, name, operation=operation).outcome is Outcome.CREATED
    kept = server.api(f"kv/metadata/acme/{name}")["data"]["custom_metadata"]
    assert kept["leakseal-operation"] == operation
    assert kept["owner"] == "team"
    assert store.read(name).facts == FACTS


def test_settings_of_a_secret_are_left_alone(
    server: openbao_server.Server, store: Any, name: str
) -> None:
    settings = {"max_versions": 7, "delete_version_after": "3h0m0s", "cas_required": True}
    server.api(f"kv/metadata/acme/{name}", settings)
    first = put(store, name)
    assert replace(store, name, b"second", first.version).outcome is Outcome.CREATED
    kept = server.api(f"kv/metadata/acme/{name}")["data"]
    assert {setting: kept[setting] for setting in settings} == settings


def test_facts_are_those_of_the_version(
    server: openbao_server.Server, store: Any, name: str
) -> None:
    first = put(store, name).version
    server.bao("kv", "put", "-mount=kv", f"acme/{name}", "value=theirs")
    assert store.read(name).facts == {}
    assert store.read(name, first).facts == FACTS


def test_a_write_that_came_too_late_takes_its_facts_back(
    server: openbao_server.Server, store: Any, name: str
) -> None:
    operation = str(uuid4())
    labels = {"leakseal-operation": operation, "leakseal-version": "1", "leakseal_rule": "x"}
    server.api(f"kv/metadata/acme/{name}", {"custom_metadata": labels | {"owner": "team"}})
    server.bao("kv", "put", "-mount=kv", f"acme/{name}", "value=theirs")
    assert put(store, name, operation=operation).outcome is Outcome.CONFLICT
    kept = server.api(f"kv/metadata/acme/{name}")["data"]["custom_metadata"]
    assert kept == {"owner": "team"}


def test_what_others_wrote_keeps_its_labels(
    server: openbao_server.Server, store: Any, name: str
) -> None:
    server.bao("kv", "put", "-mount=kv", f"acme/{name}", "value=theirs")
    server.api(f"kv/metadata/acme/{name}", {"custom_metadata": {"owner": "team"}})
    before = server.api(f"kv/metadata/acme/{name}")["data"]
    assert put(store, name, b"theirs").outcome is Outcome.SAME
    assert put(store, name, b"ours").outcome is Outcome.CONFLICT
    assert server.api(f"kv/metadata/acme/{name}")["data"] == before


@pytest.mark.parametrize("command", ["delete", "destroy"])
def test_a_deleted_entry_is_not_written_over(
    server: openbao_server.Server, store: Any, name: str, command: str
) -> None:
    first = put(store, name).version
    arguments = [f"-versions={first}"] if command == "destroy" else []
    server.bao("kv", command, "-mount=kv", *arguments, f"acme/{name}")
    undo = "undelete -mount=kv -versions=1" if command == "delete" else "metadata delete"
    for attempt in (
        lambda: put(store, name, b"other"),
        lambda: replace(store, name, b"other", first),
        lambda: store.read(name),
    ):
        with pytest.raises(StoreError, match=undo):
            attempt()
    assert server.api(f"kv/metadata/acme/{name}")["data"]["current_version"] == 1


def test_a_removed_entry_can_be_made_again(
    server: openbao_server.Server, store: Any, name: str
) -> None:
    put(store, name)
    server.bao("kv", "metadata", "delete", "-mount=kv", f"acme/{name}")
    assert put(store, name, b"other") == Put(Outcome.CREATED, "1")
    assert store.read(name).facts == FACTS


def test_a_mount_that_wants_check_and_set_gets_it(
    server: openbao_server.Server, opened: Callable[..., Any], name: str
) -> None:
    server.mount("strict", 2, cas_required=True)
    store = opened("vault://strict")
    assert put(store, name) == Put(Outcome.CREATED, "1")
    assert replace(store, name, b"second", "1") == Put(Outcome.CREATED, "2")


def test_what_others_made_is_read_and_changed_by_its_key(
    server: openbao_server.Server, name: str
) -> None:
    server.bao("kv", "put", "-mount=kv", f"acme/{name}", "user=shop", "password=old", "encoding=x")
    address = f"vault://kv/acme/{name}#password"
    found, path = choose.entry(address, server.environ(), ".")
    with closing(found) as store:
        assert store.address(path) == address
        held = store.read(path)
        assert held.value.reveal() == b"old"
        assert replace(store, path, b"new", held.version).outcome is Outcome.CREATED
    kept = server.api(f"kv/data/acme/{name}")["data"]["data"]
    assert kept == {"user": "shop", "password": "new", "encoding": "x"}


def test_a_key_that_is_not_there_or_not_text_is_told(
    server: openbao_server.Server, name: str
) -> None:
    data = {"port": 5432, "value": "=", "encoding": "base64"}
    server.api(f"kv/data/acme/{name}", {"data": data})
    for key, error in (("none", AbsentError), ("port", IntegrityError), ("value", IntegrityError)):
        found, path = choose.entry(f"vault://kv/acme/{name}#{key}", server.environ(), ".")
        with closing(found) as store, pytest.raises(error):
            store.read(path)
    with closing(choose.store("vault://kv/acme", server.environ(), ".")) as store:
        assert put(store, name).outcome is Outcome.CONFLICT


@pytest.mark.parametrize("version", ["0", "2", "-1", "x", "1" * 40, "²"])
def test_a_version_that_is_not_there_is_absent(store: Any, name: str, version: str) -> None:
    put(store, name)
    with pytest.raises(AbsentError):
        store.read(name, version)


def test_a_mount_may_have_slashes_and_a_namespace(
    server: openbao_server.Server, opened: Callable[..., Any], name: str
) -> None:
    server.api("sys/namespaces/team", {})
    server.api("sys/mounts/apps/kv", {"type": "kv", "options": {"version": "2"}}, namespace="team")
    store = opened("vault://apps%2Fkv/acme?namespace=team")
    assert put(store, name).outcome is Outcome.CREATED
    assert server.api(f"apps/kv/data/acme/{name}", namespace="team")["data"]["data"]["value"]
    found, path = choose.entry(store.address(name), server.environ(), ".")
    with closing(found) as again:
        assert again.read(path).value.reveal() == b"value"
    assert opened("vault://apps%2Fkv/acme", BAO_NAMESPACE="team").names() == [name]
    with pytest.raises(StoreError, match="namespace not found"):
        opened("vault://apps%2Fkv/acme?namespace=absent").read(name)


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("vault://absent/acme", "no such mount"),
        ("vault://sys/acme", "of type system"),
        ("vault://cubbyhole/acme", "of type cubbyhole"),
        ("vault://kv%2Facme/acme", "says kv/ of type kv"),
        ("vault://kv/acme?kv=1", "version 2 of the KV engine, not 1"),
        ("vault://plain/acme?kv=2", "version 1 of the KV engine, not 2"),
    ],
)
def test_a_mount_of_another_kind_is_told(
    opened: Callable[..., Any], name: str, uri: str, said: str
) -> None:
    store = opened(uri)
    (problem,) = store.preflight([Entry(name, 5)])
    assert (problem.code, problem.fatal) == ("engine", True)
    assert said in problem.message
    with pytest.raises(StoreError, match=said):
        put(store, name)


def test_the_version_is_not_guessed(
    server: openbao_server.Server, opened: Callable[..., Any], name: str
) -> None:
    token = server.token_for('path "sys/internal/ui/mounts/*" { capabilities = ["deny"] }')
    (problem,) = opened("vault://kv/acme", VAULT_TOKEN=token).preflight([Entry(name, 5)])
    assert problem.code == "engine"
    assert "?kv=" in problem.message
    policy = """
        path "sys/internal/ui/mounts/*" { capabilities = ["deny"] }
        path "kv/*" { capabilities = ["create", "read", "update"] }
    """
    told = opened("vault://kv/acme?kv=2", VAULT_TOKEN=server.token_for(policy))
    assert put(told, name).outcome is Outcome.CREATED
    assert told.capabilities.versions


def test_version_one_says_what_it_cannot_do(
    server: openbao_server.Server, opened: Callable[..., Any], name: str
) -> None:
    store = opened("vault://plain/acme")
    (problem,) = store.preflight([Entry(name, 5)])
    assert (problem.code, problem.fatal) == ("engine", False)
    first = put(store, name).version
    kept = server.api(f"plain/acme/{name}")["data"]
    assert kept["value"] == "value"
    server.api(f"plain/acme/{name}", kept | {"value": "theirs"})  # with our salt left as it was
    assert store.read(name).version != first
    assert replace(store, name, b"ours", first).outcome is Outcome.CONFLICT
    with pytest.raises(AbsentError):
        store.read(name, first)


def test_version_one_replaces_what_others_wrote_only_where_it_was_read(
    server: openbao_server.Server, opened: Callable[..., Any], name: str
) -> None:
    server.api(f"plain/acme/{name}", {"value": "theirs"})
    store, later = opened("vault://plain/acme"), opened("vault://plain/acme")
    read = store.read(name).version
    assert replace(later, name, b"ours", read).outcome is Outcome.CONFLICT
    assert replace(store, name, b"ours", read).outcome is Outcome.CREATED
    ours = store.read(name).version
    assert replace(later, name, b"again", ours).outcome is Outcome.CREATED


def test_an_engine_that_drops_versions_is_told(
    server: openbao_server.Server, opened: Callable[..., Any], name: str
) -> None:
    server.mount("short", 2, max_versions=1, delete_version_after="1h")
    problems = opened("vault://short").preflight([Entry(name, 5)])
    assert [(problem.code, problem.fatal) for problem in problems] == [("engine", False)] * 2
    assert "1 version" in problems[0].message
    assert "1h0m0s" in problems[1].message


def test_names_go_all_the_way_down(opened: Callable[..., Any]) -> None:
    store = opened("vault://kv/deep")
    names = ["a", "a/b", "a/b/c", "b/a"]
    for name in names:
        put(store, name)
    assert store.names() == names
    assert opened("vault://kv/deep/a").names() == ["b", "b/c"]
    assert "deep/a/b/c" in opened("vault://kv").names()


def test_no_version_is_no_licence_to_write(store: Any, name: str) -> None:
    with pytest.raises((StoreError, ConflictError)):
        replace(store, name, b"value", "")
    assert name not in store.names()
