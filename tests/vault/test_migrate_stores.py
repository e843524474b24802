"""The whole way, from a report to a program that runs, with every kind of store."""

import json
from pathlib import Path

import pytest
from proxy import FaultyProxy, answered, dropped
from shop import DATABASE, PASSWORD, TOKEN, Shop, shop
from subjects.subject import Running

pytest.importorskip("pyrage", reason="needs leakseal[seal]")
pytest.importorskip("tree_sitter", reason="needs leakseal[seal]")
pytestmark = pytest.mark.slow

_VALUES = {"GITHUB_TOKEN": TOKEN, "DATABASE_URL": DATABASE, "SETTINGS_PASSWORD": PASSWORD}
_WRITES = ("CreateSecret", "PutSecretValue", "PutParameter", "UpdateSecret", "TagResource")


def _ledger(made: Shop) -> bytes:
    return b"".join(file.read_bytes() for file in sorted((made.top / ".leakseal").rglob("*.jsonl")))


def test_the_whole_way(running: Running, tmp_path: Path) -> None:
    made = shop(tmp_path)
    plan = made.plan("--store", running.fresh(), environ=running.environ)
    done = made.apply(environ=running.environ)
    assert done.returncode == 0, done.stdout + done.stderr
    for entry in plan["entries"]:
        value = _VALUES[entry["variable"]].encode()
        assert running.independent(entry["uri"]) == value, entry["uri"]
    run = made.leakseal(
        *("run", "--", "sh", "-c", "./deploy.sh && python3 app/settings.py"),
        environ=running.environ,
    )
    assert run.stdout == f"{TOKEN}\n{DATABASE} {PASSWORD}\n", run.stderr
    before = made.contents()
    assert made.apply(environ=running.environ).returncode == 0
    assert made.contents() == before
    assert "no problem" in made.leakseal("log", "verify").stdout
    undone = made.leakseal("migrate", "rollback", plan["id"], "--yes", environ=running.environ)
    assert undone.returncode == 0, undone.stderr
    assert made.git("diff", "--stat") == ""


def test_another_value_is_never_overwritten(running: Running, tmp_path: Path) -> None:
    made = shop(tmp_path)
    plan = made.plan("--store", running.fresh(), environ=running.environ)
    assert made.apply(environ=running.environ).returncode == 0
    uri = next(e["uri"] for e in plan["entries"] if e["variable"] == "GITHUB_TOKEN")
    running.put_behind(uri, b"rotated by somebody else")
    made.leakseal("migrate", "rollback", plan["id"], "--yes", environ=running.environ)
    made.git("checkout", "--quiet", ".")
    made.plan("--store", plan["store"], environ=running.environ)
    again = made.apply(environ=running.environ)
    assert again.returncode == 4, again.stdout
    assert running.independent(uri) == b"rotated by somebody else"
    assert TOKEN in (made.top / "deploy.sh").read_text()


def _behind_proxy(running: Running) -> tuple[FaultyProxy, dict[str, str]]:
    """Return a proxy before the store's server, and the environment that leads through it."""
    environ = dict(running.environ)
    for name in ("AWS_ENDPOINT_URL", "VAULT_ADDR", "BAO_ADDR"):
        if environ.get(name, "").startswith("http://"):
            proxy = FaultyProxy(int(environ[name].rpartition(":")[2].strip("/")))
            environ[name] = f"http://127.0.0.1:{proxy.port}"
            return proxy, environ
    pytest.skip("this store is not reached over plain HTTP")


def test_applying_again_writes_nothing_to_the_server(running: Running, tmp_path: Path) -> None:
    proxy, environ = _behind_proxy(running)
    made = shop(tmp_path)
    with proxy:
        made.plan("--store", running.fresh(), environ=environ)
        assert made.apply(environ=environ).returncode == 0
        proxy.seen.clear()
        assert made.apply(environ=environ).returncode == 0
    assert proxy.seen
    for seen in proxy.seen:
        assert not any(write in seen for write in _WRITES), seen
        assert not seen.startswith(("PUT", "POST /v1/")), seen


@pytest.mark.parametrize("fault", ["dropped", "sealed", "throttled"])
def test_a_server_that_fails_in_the_middle(running: Running, tmp_path: Path, fault: str) -> None:
    proxy, environ = _behind_proxy(running)
    made = shop(tmp_path)
    with proxy:
        plan = made.plan("--store", running.fresh(), environ=environ)
        match = "/data/" if "VAULT_ADDR" in environ or "BAO_ADDR" in environ else ""
        broken = {
            "dropped": dropped(match),
            "sealed": answered(503, json.dumps({"errors": ["Vault is sealed"]}).encode(), match),
            "throttled": answered(429, b"{}", match),
        }[fault]
        proxy.faults += [broken] * 40
        first = made.apply(environ=environ)
        assert first.returncode in (0, 3), first.stdout + first.stderr
        assert "Traceback" not in first.stderr
        if first.returncode:
            assert TOKEN in (made.top / "deploy.sh").read_text()
        proxy.faults.clear()
        again = made.leakseal("migrate", "resume", environ=environ)
        if "nothing to go on with" in again.stdout:
            again = made.apply(environ=environ)
        assert again.returncode == 0, again.stdout + again.stderr
    for entry in plan["entries"]:
        assert running.independent(entry["uri"]) == _VALUES[entry["variable"]].encode()
