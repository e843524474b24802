"""What is particular to AWS Secrets Manager, against moto and its plain boto3 client."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from subjects import aws

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import Entry, Outcome, Put, StoreError, UnfitError

if lacking := aws.missing():
    pytest.skip(lacking, allow_module_level=True)

_NUMBERS = count(1)
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with aws.moto(tmp_path_factory.mktemp("moto")) as port:
        yield port


@pytest.fixture
def base() -> str:
    return f"base-{next(_NUMBERS)}"


@pytest.fixture
def store(port: int, base: str) -> Iterator[Any]:
    with closing(choose.store(f"aws-sm://eu-west-1/{base}", aws.environ(port), ".")) as store:
        yield store


@pytest.fixture
def theirs(port: int) -> Any:
    """A client that owes nothing to leakseal."""
    return aws.client("secretsmanager", port)


def put(store: Any, value: bytes, **facts: str) -> Put:
    return store.put_new("app/KEY", Secret(value), str(uuid4()), facts)


def versions(theirs: Any, secret: str) -> list[str]:
    listed = theirs.list_secret_version_ids(SecretId=secret)
    return [version["VersionId"] for version in listed["Versions"]]


def test_text_is_kept_as_text_and_the_rest_as_binary(store: Any, base: str, theirs: Any) -> None:
    store.put_new("text", Secret("pässwörd\r\n".encode()), str(uuid4()), {})
    for name, value in (("binary", b"caf\xe9"), ("control", b"a\0b")):
        store.put_new(name, Secret(value), str(uuid4()), {})
        assert theirs.get_secret_value(SecretId=f"{base}/{name}")["SecretBinary"] == value
    assert theirs.get_secret_value(SecretId=f"{base}/text")["SecretString"] == "pässwörd\r\n"


def test_the_operation_is_the_version(store: Any, base: str, theirs: Any) -> None:
    operation = str(uuid4())
    assert store.put_new("app/KEY", Secret(b"value"), operation, {}).version == operation
    assert versions(theirs, f"{base}/app/KEY") == [operation]


def test_a_conflict_adds_no_version(store: Any, base: str, theirs: Any) -> None:
    first = put(store, b"first").version
    assert put(store, b"second").outcome is Outcome.CONFLICT
    other = str(uuid4())
    conflict = store.put_version("app/KEY", Secret(b"third"), str(uuid4()), {}, other)
    assert conflict == Put(Outcome.CONFLICT, first)
    assert versions(theirs, f"{base}/app/KEY") == [first]


def test_an_operation_never_gets_a_second_value(store: Any, base: str, theirs: Any) -> None:
    first = put(store, b"first").version
    again = store.put_version("app/KEY", Secret(b"second"), first, {}, first)
    assert again.outcome is Outcome.CONFLICT
    assert versions(theirs, f"{base}/app/KEY") == [first]


def test_a_secret_that_waits_for_deletion_is_left_alone(store: Any, base: str, theirs: Any) -> None:
    first = put(store, b"value").version
    theirs.delete_secret(SecretId=f"{base}/app/KEY", RecoveryWindowInDays=7)
    command = f"restore-secret --region eu-west-1 --secret-id {base}/app/KEY"
    (problem,) = (p for p in store.preflight([Entry("app/KEY", 5)]) if p.fatal)
    assert problem.code == "taken"
    assert command in problem.message
    for call in (
        lambda: put(store, b"value"),
        lambda: store.put_version("app/KEY", Secret(b"next"), str(uuid4()), {}, first),
        lambda: store.read("app/KEY"),
    ):
        with pytest.raises(StoreError, match=command):
            call()
    assert theirs.describe_secret(SecretId=f"{base}/app/KEY")["DeletedDate"]
    assert store.names() == []


def test_a_secret_without_a_value_is_somebody_elses(store: Any, base: str, theirs: Any) -> None:
    theirs.create_secret(Name=f"{base}/app/KEY")
    (problem,) = (p for p in store.preflight([Entry("app/KEY", 5)]) if p.fatal)
    assert problem.code == "taken"
    assert put(store, b"value") == Put(Outcome.CONFLICT, "")


def test_a_staged_version_is_not_read_until_it_is_promoted(
    store: Any, base: str, theirs: Any
) -> None:
    first = put(store, b"first").version
    second = store.stage("app/KEY", Secret(b"second"), str(uuid4()))
    assert store.read("app/KEY").version == first
    assert store.read("app/KEY", second).value.reveal() == b"second"
    assert not store.promote("app/KEY", second, expected=str(uuid4()))
    assert store.read("app/KEY").version == first
    assert store.promote("app/KEY", second, expected=first)
    assert store.read("app/KEY").version == second
    assert store.read("app/KEY", "AWSPREVIOUS").version == first
    labels = theirs.describe_secret(SecretId=f"{base}/app/KEY")["VersionIdsToStages"]
    assert labels == {first: ["AWSPREVIOUS"], second: ["AWSCURRENT"]}


def test_of_two_who_replace_a_version_one_wins(port: int, base: str) -> None:
    uri = f"aws-sm://eu-west-1/{base}"
    with (
        closing(choose.store(uri, aws.environ(port), ".")) as one,
        closing(choose.store(uri, aws.environ(port), ".")) as other,
        ThreadPoolExecutor(2) as pool,
    ):
        current = put(one, b"first").version
        for attempt in range(5):
            barrier = Barrier(2)

            def race(
                store: Any,
                attempt: int = attempt,
                current: str = current,
                barrier: Barrier = barrier,
            ) -> Put:
                value = Secret(f"{attempt} {id(store)}".encode())
                barrier.wait(timeout=30)
                return store.put_version("app/KEY", value, str(uuid4()), {}, current)

            puts = list(pool.map(race, (one, other)))
            assert sorted(p.outcome.value for p in puts) == ["conflict", "created"]
            (current,) = (p.version for p in puts if p.outcome is Outcome.CREATED)
            assert one.read("app/KEY").version == current


def test_facts_are_tags_and_follow_the_newest_version(port: int, base: str, theirs: Any) -> None:
    uri = f"aws-sm://eu-west-1/{base}?tag.team=shop&tag.cost%20center=a=b"
    with closing(choose.store(uri, aws.environ(port), ".")) as store:
        first = put(store, b"first", origin="a (b).py:1", note="x" * 200 + "\n" * 56).version
        store.put_version("app/KEY", Secret(b"second"), str(uuid4()), {"origin": "c"}, first)
        assert store.read("app/KEY").facts == {"origin": "c"}
    tags = theirs.describe_secret(SecretId=f"{base}/app/KEY")["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {
        "team": "shop",
        "cost center": "a=b",
        "leakseal:origin": "c",
    }


def test_the_kms_key_of_the_uri_encrypts(port: int, base: str, theirs: Any) -> None:
    kms = aws.client("kms", port)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    uri = f"aws-sm://eu-west-1/{base}?kms={key}"
    with closing(choose.store(uri, aws.environ(port), ".")) as store:
        assert not any(problem.fatal for problem in store.preflight([Entry("app/KEY", 5)]))
        put(store, b"value")
        assert theirs.describe_secret(SecretId=f"{base}/app/KEY")["KmsKeyId"] == key
        kms.disable_key(KeyId=key)
        (problem,) = (p for p in store.preflight([]) if p.fatal)
        assert (problem.code, "Disabled" in problem.message) == ("encryption", True)


def test_an_unknown_kms_key_is_a_problem(port: int, base: str) -> None:
    uri = f"aws-sm://eu-west-1/{base}?kms=alias/nobody"
    with closing(choose.store(uri, aws.environ(port), ".")) as store:
        (problem,) = (p for p in store.preflight([]) if p.fatal)
    assert problem.code == "encryption"


def test_only_what_is_below_the_base_is_listed(store: Any, base: str, theirs: Any) -> None:
    for name in (f"{base}/in", f"{base}x/out", f"{base}", f"{base}/deep/er"):
        theirs.create_secret(Name=name, SecretString="x")
    assert store.names() == ["deep/er", "in"]


def test_more_than_a_page_is_listed(store: Any, base: str, theirs: Any) -> None:
    for number in range(105):
        theirs.create_secret(Name=f"{base}/{number:03}", SecretString="x")
    assert store.names() == [f"{number:03}" for number in range(105)]


def test_names_may_begin_with_a_slash(port: int, base: str, theirs: Any) -> None:
    with closing(choose.store(f"aws-sm:////{base}", aws.environ(port), ".")) as store:
        put(store, b"value")
        assert store.names() == ["app/KEY"]
        address = store.address("app/KEY")
    assert theirs.get_secret_value(SecretId=f"/{base}/app/KEY")["SecretString"] == "value"
    found, name = choose.entry(address, aws.environ(port), ".")
    with closing(found):
        assert found.read(name).value.reveal() == b"value"


def test_what_cannot_be_kept_is_not_sent(store: Any) -> None:
    for name, value in (("a b", b"x"), ("app-a1B2c3", b"x"), ("x" * 600, b"x"), ("empty", b"")):
        with pytest.raises(UnfitError):
            store.put_new(name, Secret(value), str(uuid4()), {})
    assert store.names() == []
    problems = store.preflight([Entry("a b", 1), Entry("empty", 0)])
    assert [problem.code for problem in problems if problem.fatal] == ["name", "size"]


def test_a_fitted_name_is_one_that_aws_takes(store: Any, base: str) -> None:
    @given(st.text() | st.text("ab-/", min_size=5, max_size=9) | st.text("a/", min_size=480))
    def check(name: str) -> None:
        full = f"{base}/{store.fit(name)}"
        assert re.fullmatch("[A-Za-z0-9/_+=.@-]{1,512}", full)
        assert not re.search("-[^/]{6}$", full)
        assert "//" not in full

    check()
