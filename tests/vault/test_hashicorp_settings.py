"""What `vault://` takes from the environment, and what it refuses to do with that."""

from pathlib import Path

import pytest

from scanner.vault.hashicorp.settings import Settings, settings


def of(**environ: str) -> Settings:
    return settings({"VAULT_ADDR": "https://vault.example:8200", **environ}, {})


def codes(**environ: str) -> list[tuple[str, bool]]:
    return [(problem.code, problem.fatal) for problem in of(**environ).problems]


def test_the_name_that_openbao_gives_wins() -> None:
    found = of(BAO_ADDR="https://bao.example/", VAULT_NAMESPACE="a", BAO_NAMESPACE="b")
    assert (found.address, found.namespace) == ("https://bao.example", "b")


def test_the_namespace_of_the_uri_wins() -> None:
    environ = {"VAULT_ADDR": "https://vault.example", "BAO_NAMESPACE": "b"}
    assert settings(environ, {"namespace": "c/d"}).namespace == "c/d"


@pytest.mark.parametrize(
    "address",
    ["", "vault.example", "ftp://vault.example", "https://", "https://a:0", "https://a:x"],
)
def test_an_address_is_needed(address: str) -> None:
    assert codes(VAULT_ADDR=address) == [("address", True)]


def test_an_address_holds_no_password_and_none_is_shown() -> None:
    password = "pass" + "word1"
    (problem,) = of(VAULT_ADDR=f"https://user:{password}@vault.example").problems
    assert problem.code == "address"
    assert password not in problem.message


@pytest.mark.parametrize("host", ["127.0.0.1:8200", "[::1]:8200", "localhost", "127.9.9.9"])
def test_plain_http_is_for_this_machine(host: str) -> None:
    assert codes(VAULT_ADDR=f"http://{host}") == []


@pytest.mark.parametrize("host", ["vault.example", "10.0.0.1", "localhost.example", "[fe80::1]"])
def test_plain_http_over_a_network_is_refused(host: str) -> None:
    assert codes(VAULT_ADDR=f"http://{host}") == [("tls", True)]


def test_certificates_are_checked_all_the_same() -> None:
    assert codes(VAULT_SKIP_VERIFY="true") == [("tls", False)]
    assert codes(VAULT_SKIP_VERIFY="false") == []


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent.pem")
    (problem,) = of(VAULT_CACERT=absent).problems
    assert (problem.code, problem.fatal) == ("tls", True)
    assert absent in problem.message
    assert codes(VAULT_CLIENT_CERT=str(tmp_path)) == [("tls", True)]


def test_a_namespace_is_no_header_of_its_own() -> None:
    assert codes(VAULT_NAMESPACE="a\nX-Vault-Token: b") == [("address", True)]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", 60), ("90", 90), ("90s", 90), ("1.5m", 90), ("500ms", 0.5), ("0", 60), ("ever", 60)],
)
def test_times_are_read_as_go_writes_them(text: str, seconds: float) -> None:
    assert of(VAULT_CLIENT_TIMEOUT=text).timeout == seconds


def test_tries_are_counted() -> None:
    assert [of(VAULT_MAX_RETRIES=text).attempts for text in ("", "0", "5", "-1")] == [3, 1, 6, 3]
