"""URIs, names, values and facts of `vault://`, which need no server."""

import json
from urllib.parse import urlsplit

import awkward
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import UsageError
from scanner.model import Secret
from scanner.vault.hashicorp.data import LARGEST, decode, encode
from scanner.vault.hashicorp.labels import facts, foreign, labels
from scanner.vault.hashicorp.place import LONGEST, Place, fit
from scanner.vault.store import UnfitError

NAMES = st.text(st.sampled_from("aB/.- #?%é\n"), min_size=1) | st.text(min_size=1)


@pytest.mark.parametrize(
    ("base", "mount", "path"),
    [
        ("vault://kv/acme", "kv", "acme/shop/KEY"),
        ("vault://kv", "kv", "shop/KEY"),
        ("vault://KV/", "KV", "shop/KEY"),
        ("vault://team%2Fkv/acme/eu/", "team/kv", "acme/eu/shop/KEY"),
        ("vault://kv/a%20b%23c?namespace=team&kv=2", "kv", "a b#c/shop/KEY"),
    ],
)
def test_an_entry_is_found_by_its_address(base: str, mount: str, path: str) -> None:
    place = Place.of_base(urlsplit(base))
    assert (place.mount, place.path("shop/KEY")) == (mount, path)
    address = place.address("shop/KEY")
    entry, name = Place.of_entry(urlsplit(address))
    assert (entry.mount, entry.path(name), entry.key) == (mount, path, "value")
    assert entry.options == place.options
    assert entry.address(name) == address


def test_another_key_can_be_named() -> None:
    place, name = Place.of_entry(urlsplit("vault://kv/shop/db#pass%20word"))
    assert (place.key, name) == ("pass word", "shop/db")
    assert place.address(name) == "vault://kv/shop/db#pass%20word"
    other, _ = Place.of_entry(urlsplit("vault://kv/shop/db#user"))
    assert place.uri != other.uri
    assert Place.of_entry(urlsplit("vault://kv/shop/db#value"))[0].uri == "vault://kv"


@pytest.mark.parametrize(
    "uri",
    [
        "vault:///acme",
        "vault://kv//acme",
        "vault://kv/acme/../other",
        "vault://kv/%2e%2e/other",
        "vault://kv/a%2Fb",
        "vault://kv/a%0Ab",
        "vault://kv/acme#value",
        "vault://kv/acme?kv=3",
        "vault://kv/acme?token=x",
        "vault://kv/acme?role=a&role=b",
    ],
)
def test_what_makes_no_sense_is_refused(uri: str) -> None:
    with pytest.raises(UsageError):
        Place.of_base(urlsplit(uri))


@given(NAMES)
def test_a_fitted_name_is_a_plain_path(name: str) -> None:
    fitted = fit(name)
    parts = fitted.split("/")
    assert len(fitted) <= LONGEST
    assert all(parts)
    assert ".." not in fitted
    assert "." not in parts
    assert fitted.replace("/", "").isascii()
    assert fit(fitted) == fitted
    assert Place.of_base(urlsplit("vault://kv/acme")).address(fitted).endswith(f"/{fitted}#value")


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")))
def test_any_value_comes_back(value: bytes) -> None:
    kept = json.loads(json.dumps(encode(Secret(value), "value")))
    assert decode(kept, "value") == value


@pytest.mark.parametrize("character", ["a", "<", "\x01", '"', "€", "\u2028"])
def test_the_largest_value_fits_whatever_it_is_made_of(character: str) -> None:
    value = (character.encode() * LARGEST)[:LARGEST]
    kept = encode(Secret(value), "value")
    assert decode(kept, "value") == value
    stored = json.dumps(kept, ensure_ascii=False).encode()
    grown = sum(5 * stored.count(one) for one in b"<>&") + 3 * stored.count("\u2028".encode())
    assert len(stored) + grown < (1 << 20) - 1024
    with pytest.raises(UnfitError):
        encode(Secret(value + b"a"), "value")


def test_only_the_key_value_takes_binary() -> None:
    assert encode(Secret(b"text"), "other") == {"other": "text"}
    with pytest.raises(UnfitError):
        encode(Secret(b"\xff"), "other")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"value": None},
        {"value": 5},
        {"value": "a", "encoding": "base64"},
        {"value": "é", "encoding": "base64"},
        {"value": "\ud800"},
    ],
)
def test_what_is_no_value_is_told(data: dict[str, object]) -> None:
    assert decode(data, "value") is None


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=256)


@given(st.dictionaries(st.text("abc_", min_size=1, max_size=20), TEXTS, max_size=5))
def test_facts_come_back_for_their_version_alone(given_facts: dict[str, str]) -> None:
    standing = labels("operation", given_facts, "3", {"owner": "team", "leakseal_gone": "x"})
    assert all(1 <= len(value.encode()) <= 512 for value in standing.values())
    assert all(len(name) <= 128 for name in standing)
    assert facts(standing, "3") == {name: value for name, value in given_facts.items() if value}
    assert facts(standing, "2") == {}
    assert foreign(standing) == {"owner": "team"}


def test_awkward_names_stay_apart() -> None:
    fitted = [fit(name) for name in awkward.NAMES]
    assert len(set(fitted)) == len(fitted)
