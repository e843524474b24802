"""Addresses, names and layouts of Secrets; no cluster is needed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("cryptography", reason="pip install 'leakseal[k8s]'")

from subjects.certificates import self_signed

from scanner.errors import UsageError
from scanner.vault.kubernetes.address import Place
from scanner.vault.kubernetes.certificate import pair
from scanner.vault.kubernetes.secret import LARGEST, shape

DNS_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
PREFIXES = st.sampled_from(["", "a", "acme.shop", "p" * 200])


def place(uri: str = "k8s://default/acme") -> Place:
    from urllib.parse import urlsplit

    from scanner.vault.kubernetes.address import parse

    return parse(urlsplit(uri))


@given(PREFIXES, st.text() | st.from_regex(DNS_1123, fullmatch=True))
def test_every_name_becomes_one_that_kubernetes_takes(prefix: str, name: str) -> None:
    at = place(f"k8s://default/{prefix}")
    fitted = at.fit(name)
    secret = at.secret(fitted)
    assert DNS_1123.fullmatch(secret)
    assert len(secret) <= 253
    assert at.fit(fitted) == fitted
    assert at.entry(secret) == fitted


@pytest.mark.parametrize(
    "names",
    [
        ("DB_PASSWORD", "db_password", "db-password", "db/password", "Db_Password"),
        ("a" * 300, "a" * 301, "A" * 300),
        ("ä", "ö", "日本", ""),
    ],
)
def test_names_that_look_alike_stay_apart(names: tuple[str, ...]) -> None:
    assert len({place().fit(name) for name in names}) == len(names)


def test_a_good_name_is_left_alone() -> None:
    assert place().fit("shop-db-password") == "shop-db-password"
    assert place().address("shop-db-password") == "k8s://default/acme-shop-db-password#value"
    assert place("k8s://default").address("x") == place("k8s://default/").address("x")


@pytest.mark.parametrize(
    "uri",
    [
        "k8s:///acme",
        "k8s://Default/acme",
        f"k8s://{'n' * 64}/acme",
        "k8s://default/Acme",
        "k8s://default/acme/shop",
        "k8s://default/acme-",
        "k8s://default/acme?verify=false",
        "k8s://default/acme?immutable=yes",
        "k8s://default/acme?=x",
        f"k8s://default/{'a' * 254}",
    ],
)
def test_what_is_no_place(uri: str) -> None:
    with pytest.raises(UsageError):
        place(uri)


CERTIFICATE, KEY = self_signed("127.0.0.1")
OTHER, OTHER_KEY = self_signed("127.0.0.2")


@pytest.mark.parametrize("pem", [CERTIFICATE + OTHER + KEY, KEY + OTHER + CERTIFICATE])
def test_the_chain_begins_with_the_certificate_of_the_key(pem: bytes) -> None:
    found = pair(pem)
    assert found is not None
    assert found.chain == CERTIFICATE + OTHER
    assert pair(found.chain + found.key) == found


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        CERTIFICATE,
        KEY,
        OTHER + KEY,
        CERTIFICATE + KEY + OTHER_KEY,
        CERTIFICATE + KEY[:-100],
        CERTIFICATE + KEY.replace(b"\n", b"\\n"),
        CERTIFICATE + b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN CERTIFICATE-----\n" * 1000 + KEY,
    ],
)
def test_what_is_no_pair(pem: bytes) -> None:
    assert pair(pem) is None
    assert shape(pem, "certificate").type == "Opaque"


def test_what_is_too_large_as_its_type_is_kept_without() -> None:
    padded = b"#" * (LARGEST - 4000) + b"\n" + CERTIFICATE + KEY
    assert shape(padded, "certificate").data == {"value": padded}
    word = b"x" * LARGEST
    assert shape(word, "password", "shop").data == {"value": word}
    assert shape(word, "ssh-key").type == "kubernetes.io/ssh-auth"
