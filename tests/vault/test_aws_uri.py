"""What URIs and the environment say about AWS."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from subjects import aws

from scanner.errors import UsageError
from scanner.model import Secret
from scanner.vault import choose
from scanner.vault.store import RefusedError

if lacking := aws.missing():
    pytest.skip(lacking, allow_module_level=True)

KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with aws.moto(tmp_path_factory.mktemp("moto")) as port:
        yield port


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the configuration of whoever runs the tests out of them."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", *KEYS):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("aws-sm://acme/shop", "acme is no AWS region"),
        ("aws-sm://eu-west-1:443/shop", "is no AWS region"),
        ("aws-sm://eu-west-1", "name where secrets go"),
        ("ssm:///", "name where secrets go"),
        ("ssm:///acme#KEY", "name where secrets go"),
        ("aws-sm://eu-west-1/acme?tier=advanced", "cannot use the option tier"),
        ("ssm://eu-west-1/acme?teir=advanced", "cannot use the option teir"),
        ("ssm://eu-west-1/acme?tier=", "cannot use the option tier"),
        ("ssm://eu-west-1/acme?tier=advanced&tier=standard", "cannot use the option tier"),
        ("ssm://eu-west-1/acme?tier=premium", "tier is one of"),
        ("ssm://eu-west-1/acme?kms=not%20a%20key", "is no key id"),
        ("ssm://eu-west-1/acme?tag.aws:x=1", "no tag that AWS can keep"),
        ("ssm://eu-west-1/acme?tag.leakseal:x=1", "no tag that AWS can keep"),
        ("ssm://eu-west-1/acme?tag.x=%0a", "no tag that AWS can keep"),
        ("ssm://eu-west-1/acme?tag.=x", "no tag that AWS can keep"),
        ("ssm://eu-west-1/aws/acme", "does not begin with aws or ssm"),
        ("ssm://eu-west-1/SSMacme", "does not begin with aws or ssm"),
        ("ssm://eu-west-1/a%20b", "a path has letters"),
        ("ssm://eu-west-1//acme", "a path has letters"),
        ("ssm://eu-west-1" + "/a" * 15, "too long or too deep"),
        ("ssm://eu-west-1/" + "a" * 930, "too long or too deep"),
        ("aws-sm://eu-west-1/a:b", "a name has letters"),
        ("aws-sm://eu-west-1/" + "a" * 500, "a name has letters"),
        ("aws-sm:///acme", "region"),
        ("aws-sm://eu-west-1/acme?profile=nobody", "nobody"),
    ],
)
def test_what_makes_no_sense_is_said(uri: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        choose.store(uri, KEYS, ".")


def test_an_endpoint_that_is_none_is_said() -> None:
    environ = KEYS | {"AWS_ENDPOINT_URL": "nowhere"}
    with pytest.raises(UsageError, match="nowhere"):
        choose.store("ssm://eu-west-1/acme", environ, ".")


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
@pytest.mark.parametrize(
    "uri",
    [
        "aws-sm:///acme?kms=alias/leaks&tag.team=shop",
        "ssm:///acme/deep?tier=advanced",
        "ssm://us-gov-east-1/acme",
    ],
)
def test_addresses_open_again(uri: str, variable: str) -> None:
    environ = KEYS | {variable: "eu-west-1"}
    with closing(choose.store(uri, environ, ".")) as store:
        assert store.uri == uri
        address = store.address("shop/KEY")
        plain, mark, query = uri.partition("?")
        assert address == f"{plain}/shop/KEY{mark}{query}"
        again, name = choose.entry(address, environ, ".")
        with closing(again):
            assert again.address(name) == address


def test_no_credentials_are_a_matter_of_login(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    environ = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_REGION": "eu-west-1"}
    with closing(choose.store("ssm:///acme", environ, ".")) as store:
        assert [p.code for p in store.preflight([]) if p.fatal] == ["login"]
        with pytest.raises(RefusedError, match="no usable AWS credentials"):
            store.read("KEY")


@pytest.mark.parametrize(
    ("uri", "variable"),
    [
        ("aws-sm:///acme", "AWS_ENDPOINT_URL_SECRETS_MANAGER"),
        ("ssm:///acme", "AWS_ENDPOINT_URL_SSM"),
    ],
)
def test_the_endpoint_of_a_service_wins(uri: str, variable: str, port: int) -> None:
    environ = aws.environ(port)
    environ |= {variable: environ["AWS_ENDPOINT_URL"], "AWS_ENDPOINT_URL": "https://127.0.0.1:1"}
    with closing(choose.store(uri, environ, ".")) as store:
        assert store.names() == []


def test_a_profile_says_region_keys_and_endpoint(tmp_path: Path, port: int) -> None:
    config, credentials = tmp_path / "config", tmp_path / "credentials"
    config.write_text(
        f"[profile audit]\nregion = ap-south-1\nendpoint_url = http://127.0.0.1:{port}\n"
    )
    credentials.write_text("[audit]\naws_access_key_id = a\naws_secret_access_key = b\n")
    files = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
    for uri, environ in (
        ("aws-sm:///acme?profile=audit", files | {"AWS_PROFILE": "nobody"}),
        ("aws-sm:///other", files | {"AWS_PROFILE": "audit"}),
    ):
        with closing(choose.store(uri, environ, ".")) as store:
            store.put_new("KEY", Secret(b"value"), str(uuid4()), {})
            (only,) = store.names()
            assert only == "KEY"
    elsewhere: Any = aws.client("secretsmanager", port)
    assert elsewhere.list_secrets()["SecretList"] == []  # that client is in another region
