"""Which kubeconfig is believed, and what it may do."""

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("kubernetes", reason="pip install --group servers")

from kubernetes.config import incluster_config

from scanner.errors import UsageError
from scanner.vault.kubernetes.address import parse
from scanner.vault.kubernetes.login import login

TOKEN = "top" + "-secret-token"


def write(path: Path, server: str = "https://example.invalid", **user: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "current-context": "one",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": user or {"token": TOKEN}}],
        "contexts": [
            {"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("one", "two")
        ],
    }
    path.write_text(json.dumps(document))
    return path


def program(folder: Path) -> dict[str, Any]:
    """Return a user whose token comes from a program, which leaves `ran` behind."""
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": TOKEN},
    }
    code = f"open({str(folder / 'ran')!r}, 'w'); print({json.dumps(credential)!r})"
    return {"apiVersion": credential["apiVersion"], "command": sys.executable, "args": ["-c", code]}


def reached(environ: dict[str, str], folder: Path, query: str = "") -> tuple[str, str]:
    configuration = login(parse(urlsplit(f"k8s://default/a{query}")), environ, str(folder))
    (token,) = (one["value"] for one in configuration.auth_settings().values())
    return configuration.host, token.removeprefix("Bearer ")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "repository").mkdir()
    return tmp_path / "repository"


def test_the_usual_place_and_the_variable(home: Path, folder: Path) -> None:
    write(home / ".kube" / "config", "https://usual.invalid")
    assert reached({"HOME": str(home)}, folder) == ("https://usual.invalid", TOKEN)
    other = write(home / "other", "https://other.invalid")
    environ = {"HOME": str(home), "KUBECONFIG": str(other)}
    assert reached(environ, folder)[0] == "https://other.invalid"
    assert reached(environ, folder, "?kubeconfig=~/.kube/config")[0] == "https://usual.invalid"


def test_the_first_file_decides_as_for_kubectl(home: Path, folder: Path) -> None:
    first, second = write(home / "1", "https://1.invalid"), write(home / "2", "https://2.invalid")
    content = json.loads(second.read_text())
    content["current-context"] = "two"
    content["contexts"].append({"name": "three", "context": {"cluster": "c", "user": "u"}})
    second.write_text(json.dumps(content))
    environ = {"HOME": str(home), "KUBECONFIG": f"{home / 'absent'}:{first}:{second}"}
    assert reached(environ, folder)[0] == "https://1.invalid"
    assert reached(environ, folder, "?context=three")[0] == "https://1.invalid"


def test_a_program_of_the_users_own_kubeconfig_runs(home: Path, folder: Path) -> None:
    write(home / ".kube" / "config", exec=program(home))
    assert reached({"HOME": str(home)}, folder)[1] == TOKEN
    assert (home / "ran").exists()


def test_the_users_own_is_that_also_when_home_is_scanned(home: Path) -> None:
    write(home / ".kube" / "config", exec=program(home))
    assert reached({"HOME": str(home)}, home)[1] == TOKEN


def test_a_program_that_fails_is_said(home: Path, folder: Path) -> None:
    failing = {**program(home), "args": ["-c", "raise SystemExit(1)"]}
    write(home / ".kube" / "config", exec=failing)
    with pytest.raises(UsageError, match="context one runs gave no token"):
        reached({"HOME": str(home)}, folder)


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("query", ["", "?kubeconfig=deploy/kubeconfig"])
def test_a_kubeconfig_in_the_folder_is_not_believed(
    home: Path, folder: Path, linked: bool, query: str
) -> None:
    path = write(folder / "deploy" / "kubeconfig", exec=program(folder))
    environ = {"HOME": str(home), "KUBECONFIG": str(path)}
    if linked:
        home.mkdir()
        (home / "link").symlink_to(path)
        environ["KUBECONFIG"] = str(home / "link")
    with pytest.raises(UsageError, match="copy it out of there"):
        reached(environ, folder, query)
    assert not (folder / "ran").exists()


def test_an_auth_provider_is_not_used(home: Path, folder: Path) -> None:
    write(home / ".kube" / "config", **{"auth-provider": {"name": "oidc"}})
    with pytest.raises(UsageError, match="auth-provider"):
        reached({"HOME": str(home)}, folder)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not a kubeconfig"),
        ("- a", "is not a kubeconfig"),
        (f"token: [{TOKEN}", "cannot be read"),
        (f"users: {TOKEN}", "has no context"),
        ("[" * 1100, "cannot be read"),
        (
            "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
            f"users: [{{name: u, user: {TOKEN}}}]\nclusters: [{{name: c}}]",
            "cannot be used",
        ),
    ],
)
def test_a_kubeconfig_that_is_broken_is_not_quoted(
    home: Path, folder: Path, content: str, said: str
) -> None:
    write(home / ".kube" / "config").write_text(content)
    with pytest.raises(UsageError, match=said) as refused:
        reached({"HOME": str(home)}, folder)
    assert TOKEN not in str(refused.value)


def test_a_server_that_is_no_url(home: Path, folder: Path) -> None:
    write(home / ".kube" / "config", "https://[")
    with pytest.raises(UsageError, match="cannot be used"):
        reached({"HOME": str(home)}, folder)


@pytest.mark.parametrize(
    ("query", "said"),
    [("?context=three", "has no context three"), ("?kubeconfig=absent", "there is no kubeconfig")],
)
def test_what_is_named_must_be_there(home: Path, folder: Path, query: str, said: str) -> None:
    write(home / ".kube" / "config")
    with pytest.raises(UsageError, match=said):
        reached({"HOME": str(home)}, folder, query)


def test_the_token_of_a_pod(
    home: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"HOME": str(home), "KUBERNETES_SERVICE_HOST": "10.0.0.1"}
    environ["KUBERNETES_SERVICE_PORT"] = "443"
    with pytest.raises(UsageError, match="token of this pod"):
        reached(environ, folder)
    for name in ("TOKEN", "CERT"):
        (tmp_path / name).write_text(TOKEN)
        monkeypatch.setattr(incluster_config, f"SERVICE_{name}_FILENAME", str(tmp_path / name))
    host, token = reached(environ, folder)
    assert host == "https://10.0.0.1:443"
    assert token.split()[-1] == TOKEN


def test_no_configuration_at_all(home: Path, folder: Path) -> None:
    with pytest.raises(UsageError, match="found no kubeconfig"):
        reached({"HOME": str(home)}, folder)
