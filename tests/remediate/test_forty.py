"""Forty leaks of all six kinds in over twenty kinds of files: planned, applied, run, scanned."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from forty import FILES, LEAKS, PROGRAMS, Program, plant
from sarif_fixes import fixed, fixes
from shop import Shop, shop

from scanner.report.mask import forms
from scanner.rulepack.load import KINDS

pytest.importorskip("pyrage", reason="needs leakseal[seal]")
pytest.importorskip("tree_sitter", reason="needs leakseal[seal]")
pytestmark = pytest.mark.slow

_FAULTS = Path(__file__).parent / "faults"
Moved = tuple[Shop, dict[str, str], list[str]]


def _printed(made: Shop, program: Program, *before: str) -> str:
    (made.top / "build").mkdir(exist_ok=True)
    if program.prepare:
        made.start(*program.prepare)
    return made.start(*before, *program.start)


@pytest.fixture(scope="module")
def moved(
    tmp_path_factory: pytest.TempPathFactory,
) -> Moved:
    """Return the shop after a migration, what its programs printed before, and the secrets."""
    folder = tmp_path_factory.mktemp("forty")
    made = shop(folder, {".gitignore": "/build/\n"})
    plant(made.top)
    made.git("add", "--all")
    made.git("commit", "--quiet", "-m", "Leak")
    installed = [p for p in PROGRAMS if shutil.which(p.tool)]
    printed = {p.tool: _printed(made, p) for p in installed}
    shutil.rmtree(made.top / "build")
    secrets = _secrets(made)
    made.logs.mkdir()
    watched = {"PYTHONPATH": str(_FAULTS), "LEAKSEAL_ARGUMENTS": str(made.logs / "arguments")}
    watched |= {"TMPDIR": str(made.logs / "temporary")}
    (made.logs / "temporary").mkdir()
    plan = made.plan("--sarif", str(made.home / "fixes.sarif"), environ=watched)
    assert sum(len(entry["findings"]) for entry in plan["entries"]) == LEAKS
    done = made.apply("--diff", environ=watched)
    assert done.returncode == 0, done.stdout + done.stderr
    (made.logs / "apply").write_text(done.stdout + done.stderr)
    return made, printed, secrets


def _secrets(made: Shop) -> list[str]:
    report = made.leakseal("scan", "--no-history", "--format", "json", "--show-secrets")
    found = json.loads(report.stdout)["findings"]
    assert len(found) == LEAKS
    kinds = {finding["rule"]["kind"] for finding in found}
    assert kinds >= {"api-key", "ssh-key", "encryption-key", "connection-string", "password"}
    return [finding["secret"] for finding in found]


def test_every_place_is_replaced(moved: Moved) -> None:
    made, _, _ = moved
    plan = json.loads(made.plan_file.read_bytes())
    places = [place for entry in plan["entries"] for place in entry["places"]]
    assert {place["path"] for place in places} == set(FILES)
    assert [place for place in places if place["action"] == "refuse"] == []
    assert {entry["kind"] for entry in plan["entries"]} == set(KINDS)


def test_fixes_do_what_apply_did(moved: Moved) -> None:
    made, _, _ = moved
    before = dict.fromkeys(FILES, b"")
    for path in FILES:
        shown = ("git", "-C", str(made.top), "show", f"HEAD:{path}")
        before[path] = subprocess.run(shown, check=True, capture_output=True).stdout
    offered = fixes(made.home / "fixes.sarif")
    plan = json.loads(made.plan_file.read_bytes())
    removed = [e for e in plan["entries"] if any(p["action"] == "remove" for p in e["places"])]
    assert len(offered) == LEAKS - sum(len(entry["findings"]) for entry in removed)
    changed = fixed(offered.values(), before)
    assert len(changed) > 20
    assert changed == {path: (made.top / path).read_bytes() for path in changed}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.tool)
def test_programs_print_the_same(moved: Moved, program: Program) -> None:
    made, printed, _ = moved
    if program.tool not in printed:
        pytest.skip(f"{program.tool} is not installed")
    assert _printed(made, program, *made.command("run", "--")) == printed[program.tool]


def test_the_tree_is_clean(moved: Moved) -> None:
    made, _, secrets = moved
    made.git("checkout", "--quiet", "-b", "sealed")
    made.git("add", "--all")
    made.git("commit", "--quiet", "-m", "Seal")
    scanned = made.leakseal("scan", "--no-history")
    assert scanned.returncode == 0, scanned.stdout
    for name, content in made.contents().items():
        assert not [s for s in secrets if s.encode() in content], name


def test_the_ledger_verifies_and_a_changed_byte_does_not(
    moved: Moved,
) -> None:
    made, _, _ = moved
    verified = made.leakseal("log", "verify")
    assert "no problem" in verified.stdout
    (file,) = (made.top / ".leakseal/ledger").glob("*/*.jsonl")
    good = file.read_bytes()
    for place in range(0, len(good), len(good) // 7):
        file.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert made.leakseal("log", "verify").returncode == 5, place
    file.write_bytes(good)


def test_no_secret_is_in_anything_that_was_said_or_left(
    moved: Moved,
) -> None:
    made, _, secrets = moved
    left = [path for folder in (made.logs, made.home) for path in folder.rglob("*")]
    left += (made.top / ".git/leakseal").rglob("*")
    left += (made.top / ".leakseal").rglob("*")
    texts = {path: path.read_bytes() for path in left if path.is_file()}
    assert (made.logs / "arguments") in texts
    assert made.plan_file in texts
    for path, text in texts.items():
        for secret in secrets:
            shown = [form for form in forms(secret.encode()) if len(form) > 8 and form in text]
            assert not shown, path
