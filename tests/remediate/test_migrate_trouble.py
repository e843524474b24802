"""What a migration does when the world is not as the plan has it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from shop import DATABASE, FILES, SECRETS, TOKEN, Shop, shop

from scanner.model import Secret
from scanner.remediate import plan as plans
from scanner.remediate.apply import apply
from scanner.remediate.migration import Stage
from scanner.remediate.project import project
from scanner.vault import choose
from scanner.vault.sops.store import SopsStore
from scanner.vault.store import AbsentError, Held, StoreError

pytest.importorskip("pyrage", reason="needs leakseal[seal]")
pytest.importorskip("tree_sitter", reason="needs leakseal[seal]")


@pytest.fixture
def made(tmp_path: Path) -> Shop:
    return shop(tmp_path)


def _edited(made: Shop, change: Callable[[dict[str, Any]], object]) -> None:
    plan = json.loads(made.plan_file.read_bytes())
    change(plan)
    made.plan_file.write_text(json.dumps(plan))


def _untouched(made: Shop) -> bool:
    return all((made.top / path).read_bytes() == text.encode() for path, text in FILES.items())


@pytest.mark.parametrize(
    "path", ["../outside.txt", "/etc/hostname", ".git/config", "a//b", "link/settings.py", "linked"]
)
def test_a_plan_cannot_lead_out_of_the_tree(made: Shop, path: str) -> None:
    outside = made.home / "settings.py"
    outside.write_text(FILES["deploy.sh"])
    (made.top / "link").symlink_to(made.home)
    (made.top / "linked").symlink_to(outside)
    made.plan()

    def lead_out(plan: dict[str, Any]) -> None:
        for entry in plan["entries"]:
            for place in entry["places"]:
                place["path"] = path

    _edited(made, lead_out)
    done = made.apply()
    assert done.returncode == 4, done.stderr
    assert outside.read_text() == FILES["deploy.sh"]
    assert _untouched(made)


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan.update(schema="leakseal.plan/9"),
        lambda plan: plan.pop("entries"),
        lambda plan: plan["entries"][0].pop("uri"),
        lambda plan: plan["entries"][0].update(places="all"),
        lambda plan: plan["entries"][1].update(uri=plan["entries"][0]["uri"]),
        lambda plan: plan.update(id="../../x"),
        lambda plan: plan.update(store="file:///etc/passwd"),
        lambda plan: plan["entries"][0]["places"][0].update(start="0"),
    ],
)
def test_a_malformed_plan_is_refused(
    made: Shop, change: Callable[[dict[str, Any]], object]
) -> None:
    made.plan()
    before = made.contents()
    _edited(made, change)
    done = made.apply()
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert made.contents() == before


def test_hard_links_and_links_are_not_rewritten(made: Shop) -> None:
    os.link(made.top / "deploy.sh", made.home / "other-name")
    plan = made.plan()
    assert "hard links" in plan["left"][0]["reason"]
    assert made.apply().returncode == 1
    assert (made.top / "deploy.sh").read_text() == FILES["deploy.sh"]
    assert (made.home / "other-name").read_text() == FILES["deploy.sh"]


def test_a_read_only_file_keeps_its_mode(made: Shop) -> None:
    (made.top / "deploy.sh").chmod(0o555)
    made.plan()
    assert made.apply().returncode == 0
    assert (made.top / "deploy.sh").stat().st_mode & 0o777 == 0o555


def test_another_key_stops_before_anything_is_written(made: Shop) -> None:
    made.plan()
    key = made.top / ".git/leakseal/key"
    key.write_text("0" * 64 + "\n")
    before = made.contents()
    done = made.apply()
    assert done.returncode == 5
    assert "another key" in done.stderr
    assert made.contents() == before


def test_a_switched_branch_is_a_conflict(made: Shop) -> None:
    made.git("checkout", "--quiet", "-b", "old")
    (made.top / "deploy.sh").write_text(FILES["deploy.sh"].replace("echo", "# echo\necho"))
    made.git("commit", "--quiet", "--all", "-m", "Comment")
    made.git("checkout", "--quiet", "main")
    made.plan()
    made.git("checkout", "--quiet", "old")
    done = made.apply()
    assert done.returncode == 4
    assert TOKEN in (made.top / "deploy.sh").read_text()
    made.git("stash", "--quiet", "--include-untracked")
    made.git("checkout", "--quiet", "main")
    assert _untouched(made)


def test_two_runs_at_once_are_one_after_the_other(made: Shop) -> None:
    made.plan()
    command = [sys.executable, "-m", "scanner", "migrate", "apply", str(made.plan_file)]
    environ = made.environ()
    runs = [
        subprocess.Popen(command, cwd=made.top, env=environ, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [run.communicate(timeout=60)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    text = (made.top / "secrets.enc.yaml").read_text()
    assert text.count("ENC[AES256_GCM") == len(SECRETS) + 1  # each once, and the MAC
    assert made.leakseal("run", "--", "./deploy.sh").stdout == f"{TOKEN}\n"
    assert "no problem" in made.leakseal("log", "verify").stdout


class _Odd(SopsStore):
    """A store whose reading goes wrong once something was written."""

    def __init__(self, real: SopsStore, odd: Callable[[Held], Held]) -> None:
        self.__dict__.update(real.__dict__)
        self._odd = odd

    def read(self, name: str, version: str = "") -> Held:
        return self._odd(super().read(name, version))


def _altered(held: Held) -> Held:
    return held._replace(value=Secret(held.value.reveal() + b"\n"))


def _vanished(held: Held) -> Held:
    raise AbsentError("it is gone")


def _down(held: Held) -> Held:
    raise StoreError("the server is sealed")


def _applied(
    made: Shop, odd: Callable[[Held], Held], monkeypatch: pytest.MonkeyPatch
) -> set[Stage]:
    real = choose.store

    def opened(uri: str, environ: Mapping[str, str], folder: str) -> SopsStore:
        store = real(uri, environ, folder)
        assert isinstance(store, SopsStore)
        return _Odd(store, odd)

    monkeypatch.setattr(choose, "store", opened)
    plan = plans.loads(made.plan_file.read_bytes())
    environ = made.environ()
    done = apply(plan, project(str(made.top), environ), environ, lambda _line: None)
    return {one.stage for one in done}


@pytest.mark.parametrize("odd", [_altered, _vanished])
def test_nothing_is_replaced_unless_the_store_gives_it_back(
    made: Shop, odd: Callable[[Held], Held], monkeypatch: pytest.MonkeyPatch
) -> None:
    made.plan()
    assert _applied(made, odd, monkeypatch) == {Stage.MISMATCH}
    assert _untouched(made)
    shown = made.leakseal("log", "show", "--state", "mismatch").stdout
    assert "mismatch" in shown
    monkeypatch.undo()
    assert made.leakseal("migrate", "resume").returncode == 0
    assert made.leakseal("run", "--", "./deploy.sh").stdout == f"{TOKEN}\n"


def test_a_store_that_gives_out_is_gone_on_with(
    made: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.plan()
    with pytest.raises(StoreError, match="sealed"):
        _applied(made, _down, monkeypatch)
    assert _untouched(made)
    assert made.leakseal("migrate", "status").returncode == 1
    monkeypatch.undo()
    assert made.leakseal("migrate", "resume").returncode == 0


def test_values_that_no_variable_can_hold_are_refused(tmp_path: Path) -> None:
    made = shop(tmp_path, {"big.py": f'DATABASE_URL = "{DATABASE}?x={"y" * 120_000}"\n'})
    plan = made.plan()
    (place,) = plan["entries"][0]["places"]
    assert place["action"] == "refuse"
    assert "too large" in place["note"]


def test_run_takes_no_orders_from_the_repository(made: Shop) -> None:
    made.plan()
    made.apply()
    file = made.top / ".leakseal/references.json"
    references = json.loads(file.read_bytes())
    uri = references["variables"]["GITHUB_TOKEN"]
    for name in ("PATH", "LD_PRELOAD", "PYTHONPATH", "GIT_SSH_COMMAND", "BASH_ENV", "a b"):
        file.write_text(json.dumps({**references, "variables": {name: uri}}))
        done = made.leakseal("run", "--", "env")
        assert done.returncode == 2, name
        assert done.stdout == ""


def test_run_passes_arguments_and_the_exit_code(made: Shop) -> None:
    made.plan()
    made.apply()
    done = made.leakseal("run", "--", "sh", "-c", 'echo "$1"; exit 7', "sh", "--help")
    assert (done.returncode, done.stdout) == (7, "--help\n")
    assert made.leakseal("run", "--", "no-such-program").returncode == 127
    kept = made.leakseal("run", "--keep", "--", "./deploy.sh", environ={"GITHUB_TOKEN": "mine"})
    assert kept.stdout == "mine\n"
    only = made.leakseal("run", "--only", "GITHUB_TOKEN", "--", "env").stdout
    assert "GITHUB_TOKEN=" in only
    assert "DATABASE_URL=" not in only
