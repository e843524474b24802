"""What is particular to Parameter Store, against moto and its plain boto3 client."""

import re
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from subjects import aws

from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.aws.parameter_text import MARK
from scanner.vault.store import Entry, Outcome, Put, UnfitError

if lacking := aws.missing():
    pytest.skip(lacking, allow_module_level=True)

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with aws.moto(tmp_path_factory.mktemp("moto")) as port:
        yield port


@pytest.fixture
def base() -> str:
    return f"/base-{next(_NUMBERS)}"


@pytest.fixture
def store(port: int, base: str) -> Iterator[Any]:
    with closing(choose.store(f"ssm://{base}", aws.environ(port), ".")) as store:
        yield store


@pytest.fixture
def theirs(port: int) -> Any:
    """A client that owes nothing to leakseal."""
    return aws.client("ssm", port)


def put(store: Any, value: bytes, **facts: str) -> Put:
    return store.put_new("app/KEY", Secret(value), str(uuid4()), facts)


def kept(theirs: Any, name: str) -> Any:
    return theirs.get_parameter(Name=name, WithDecryption=True)["Parameter"]


def test_values_are_encrypted_parameters(store: Any, base: str, theirs: Any) -> None:
    assert put(store, b"value") == Put(Outcome.CREATED, "1")
    parameter = kept(theirs, f"{base}/app/KEY")
    assert (parameter["Type"], parameter["Value"]) == ("SecureString", "value")


@pytest.mark.parametrize(
    "value", [b"caf\xe9", b"NUL \0", b"{{ssm:other}}", MARK.encode() + b"eA=="], ids=repr
)
def test_what_aws_would_not_keep_is_kept_in_base64(
    store: Any, base: str, theirs: Any, value: bytes
) -> None:
    put(store, value)
    assert kept(theirs, f"{base}/app/KEY")["Value"].startswith(MARK)
    assert store.read("app/KEY").value.reveal() == value
    assert put(store, value).outcome is Outcome.SAME


def test_somebody_elses_text_over_base64_is_read_as_it_is(
    store: Any, base: str, theirs: Any
) -> None:
    first = put(store, b"\xff").version
    theirs.put_parameter(Name=f"{base}/app/KEY", Value="/w==", Overwrite=True)
    assert store.read("app/KEY").value.reveal() == b"/w=="
    assert store.read("app/KEY", first).value.reveal() == b"\xff"


def test_sizes_are_those_of_what_is_kept(port: int, base: str) -> None:
    advanced = f"ssm://{base}?tier=advanced"
    with closing(choose.store(advanced, aws.environ(port), ".")) as store:
        assert store.capabilities.largest == 8192
        largest = (8192 - len(MARK)) // 4 * 3
        assert put(store, b"\xff" * largest).outcome is Outcome.CREATED
        with pytest.raises(UnfitError, match="takes 8193 bytes, more than the 8192"):
            store.put_new("app/OTHER", Secret(b"\xff" * (largest + 1)), str(uuid4()), {})
        with pytest.raises(UnfitError, match="empty"):
            store.put_new("app/OTHER", Secret(b""), str(uuid4()), {})
        assert store.names() == ["app/KEY"]


def test_the_tier_and_the_key_are_those_of_the_uri(port: int, base: str, theirs: Any) -> None:
    key = aws.client("kms", port).create_key()["KeyMetadata"]["KeyId"]
    uri = f"ssm://{base}?tier=intelligent&kms={key}"
    with closing(choose.store(uri, aws.environ(port), ".")) as store:
        assert not any(problem.fatal for problem in store.preflight([Entry("app/KEY", 5)]))
        put(store, b"value")
    only = [{"Key": "Name", "Values": [f"{base}/app/KEY"]}]
    (described,) = theirs.describe_parameters(ParameterFilters=only)["Parameters"]
    assert (described["Tier"], described["KeyId"]) == ("Intelligent-Tiering", key)


def test_the_same_value_in_the_clear_is_a_conflict(store: Any, base: str, theirs: Any) -> None:
    theirs.put_parameter(Name=f"{base}/app/KEY", Value="value", Type="String")
    (problem,) = (p for p in store.preflight([Entry("app/KEY", 5)]) if p.fatal)
    assert (problem.code, "not encrypted" in problem.message) == ("taken", True)
    assert put(store, b"value") == Put(Outcome.CONFLICT, "1")


def test_facts_are_tags_and_follow_the_newest_version(port: int, base: str, theirs: Any) -> None:
    with closing(choose.store(f"ssm://{base}?tag.team=shop", aws.environ(port), ".")) as store:
        put(store, b"first", origin="a (b).py:1", rule="generic")
        second = store.put_version("app/KEY", Secret(b"2"), str(uuid4()), {"origin": "c"}, "1")
        assert second == Put(Outcome.CREATED, "2")
        assert store.read("app/KEY").facts == {"origin": "c"}
    tags = theirs.list_tags_for_resource(ResourceType="Parameter", ResourceId=f"{base}/app/KEY")
    pairs = {tag["Key"]: tag["Value"] for tag in tags["TagList"]}
    assert pairs == {"team": "shop", "leakseal:origin": "c"}


def test_versions_have_numbers_and_labels(store: Any, base: str, theirs: Any) -> None:
    put(store, b"first")
    store.put_version("app/KEY", Secret(b"second"), str(uuid4()), {}, "1")
    theirs.label_parameter_version(Name=f"{base}/app/KEY", ParameterVersion=1, Labels=["before"])
    assert store.read("app/KEY", "before")[:2] == (Secret(b"first"), "1")
    assert store.read("app/KEY", "2").value.reveal() == b"second"


def test_only_what_is_below_the_base_is_listed(store: Any, base: str, theirs: Any) -> None:
    inside = [f"{number:02}" for number in range(52)]  # a page has 50
    for name in (f"{base}x/out", base, *(f"{base}/deep/{name}" for name in inside)):
        theirs.put_parameter(Name=name, Value="x", Type="SecureString")
    assert store.names() == [f"deep/{name}" for name in inside]


def test_a_fitted_name_is_one_that_aws_takes(store: Any, base: str) -> None:
    @given(st.text() | st.text("a/", min_size=20) | st.text("a", min_size=900))
    def check(name: str) -> None:
        full = f"{base}/{store.fit(name)}"
        assert re.fullmatch("(/[A-Za-z0-9_.-]+){1,15}", full)
        assert len(full) <= 940

    check()


def test_an_entry_at_the_top_may_not_be_called_as_aws_is(port: int) -> None:
    found, name = choose.entry("ssm:///plain", aws.environ(port), ".")
    with closing(found):
        assert name == found.fit(name) == "plain"
        assert found.fit("Aws_KEY").startswith("_Aws_KEY-")
        with pytest.raises(UnfitError):
            found.put_new("ssmKEY", Secret(b"x"), str(uuid4()), {})
