"""Policies of a real OpenBao server with something missing, and what preflight says of them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any
from uuid import uuid4

import openbao_server
import pytest

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import Entry, Outcome, Problem, RefusedError

ALL = ("create", "read", "update")
ENTRIES = [Entry("shop/ONE", 5), Entry("shop/TWO", 5)]
AREAS = {"kv": ("kv/data/acme/", "kv/metadata/acme/"), "plain": ("plain/acme/",)}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openbao_server.Server]:
    if lacking := openbao_server.missing():
        pytest.skip(lacking)
    with openbao_server.development(tmp_path_factory.mktemp("bao")) as server:
        server.mount("kv", 2)
        server.mount("plain", 1)
        yield server


@pytest.fixture
def allowed(server: openbao_server.Server) -> Iterator[Callable[..., Any]]:
    """Opens a store for somebody who has the given capabilities on the given paths."""
    with ExitStack() as stack:

        def open_store(mount: str, rules: dict[str, tuple[str, ...]]) -> Any:
            policy = "\n".join(
                f'path "{path}" {{ capabilities = [{", ".join(map(quoted, capabilities))}] }}'
                for path, capabilities in rules.items()
            )
            environ = server.environ(VAULT_TOKEN=server.token_for(policy))
            return stack.enter_context(closing(choose.store(f"vault://{mount}/acme", environ, ".")))

        yield open_store


def quoted(text: str) -> str:
    return f'"{text}"'


def fatal(store: Any) -> list[Problem]:
    return [problem for problem in store.preflight(ENTRIES) if problem.fatal]


@pytest.mark.parametrize("mount", AREAS)
def test_the_policy_in_the_documentation_is_enough(allowed: Callable[..., Any], mount: str) -> None:
    store = allowed(mount, {f"{area}*": ALL for area in AREAS[mount]})
    assert fatal(store) == []
    name = f"shop/{uuid4()}"
    first = store.put_new(name, Secret(b"one"), str(uuid4()), {"rule": "x"})
    assert first.outcome is Outcome.CREATED
    second = store.put_version(name, Secret(b"two"), str(uuid4()), {}, first.version)
    assert second.outcome is Outcome.CREATED
    assert store.read(name).value.reveal() == b"two"


@pytest.mark.parametrize("missing", ALL)
@pytest.mark.parametrize(
    ("mount", "area"), [(mount, area) for mount, areas in AREAS.items() for area in areas]
)
def test_the_capability_that_is_missing_is_named(
    allowed: Callable[..., Any], mount: str, area: str, missing: str
) -> None:
    rules = {f"{one}*": ALL for one in AREAS[mount]}
    rules[f"{area}*"] = tuple(one for one in ALL if one != missing)
    (problem,) = fatal(allowed(mount, rules))
    assert problem.code == "permission"
    assert f"lacks {missing} on {area}shop/ONE and 1 more;" in problem.message
    assert f'path "{area}*"' in problem.message


def test_only_the_entry_that_is_not_allowed_is_named(allowed: Callable[..., Any]) -> None:
    rules = {f"{area}*": ALL for area in AREAS["kv"]}
    (problem,) = fatal(allowed("kv", rules | {"kv/data/acme/shop/TWO": ("deny",)}))
    assert f"lacks {', '.join(('create', 'update', 'read'))} on kv/data/acme/shop/TWO;" in (
        problem.message
    )


def test_who_may_only_create_writes_nothing(
    server: openbao_server.Server, allowed: Callable[..., Any]
) -> None:
    store = allowed("kv", {f"{area}*": ("create",) for area in AREAS["kv"]})
    problems = fatal(store)
    assert [problem.code for problem in problems] == ["permission"] * 2
    assert all("lacks update, read on" in problem.message for problem in problems)
    with pytest.raises(RefusedError, match="policies of the token do not allow it"):
        store.put_new("shop/ONE", Secret(b"value"), str(uuid4()), {})
    assert "data" not in server.api("kv/metadata/acme/shop/ONE")


def test_who_may_not_ask_is_told(
    server: openbao_server.Server, allowed: Callable[..., Any]
) -> None:
    rules = {"kv/*": ALL, "sys/capabilities-self": ("deny",)}
    (problem,) = fatal(allowed("kv", rules))
    assert problem.code == "permission"
    assert "sys/capabilities-self" in problem.message


def test_many_entries_are_few_requests_and_few_lines(allowed: Callable[..., Any]) -> None:
    store = allowed("kv", {"kv/metadata/*": ALL})
    problems = store.preflight(Entry(f"KEY_{number}", 5) for number in range(1000))
    (problem,) = (problem for problem in problems if problem.fatal)
    assert "kv/data/acme/KEY_0 and 999 more;" in problem.message


def test_names_and_sizes_are_told_without_a_server() -> None:
    if lacking := openbao_server.missing():
        pytest.skip(lacking)
    with closing(choose.store("vault://kv", {}, ".")) as store:
        problems = store.preflight([Entry("a b", 1 << 20)])
    assert sorted(problem.code for problem in problems) == ["address", "name", "size"]
