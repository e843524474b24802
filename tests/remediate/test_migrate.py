"""From a report to code that refers to a store, as a user does it."""

import json
import os
import stat
from pathlib import Path

import pytest
from shop import DATABASE, FILES, PASSWORD, SECRETS, TOKEN, Shop, shop

from scanner.rulepack.samples import expand

pytest.importorskip("pyrage", reason="needs leakseal[seal]")
pytest.importorskip("tree_sitter", reason="needs leakseal[seal]")


@pytest.fixture
def made(tmp_path: Path) -> Shop:
    return shop(tmp_path)


def test_a_plan_holds_no_secret_and_changes_nothing(made: Shop) -> None:
    before = made.contents()
    plan = made.plan()
    text = made.plan_file.read_text()
    assert [entry["variable"] for entry in plan["entries"]] == [
        "GITHUB_TOKEN",
        "DATABASE_URL",
        "SETTINGS_PASSWORD",
    ]
    assert not any(secret in text for secret in SECRETS)
    assert made.contents() == before
    assert stat.S_IMODE(made.plan_file.stat().st_mode) == 0o600


def test_a_name_that_holds_a_secret_is_in_no_plan(tmp_path: Path) -> None:
    made = shop(tmp_path, {**FILES, f"keys/{TOKEN}.env": f"GITHUB_TOKEN={TOKEN}\n"})
    made.git("remote", "add", "origin", f"https://git.acme.example/{TOKEN}.git")
    plan = made.plan("--sarif", str(made.home / "fixes.sarif"))
    for file in (made.plan_file, made.home / "fixes.sarif"):
        assert TOKEN not in file.read_text()
    assert plan["repository"] == "shop"
    places = {place["path"] for entry in plan["entries"] for place in entry["places"]}
    assert places == set(FILES)
    (left,) = (left for left in plan["left"] if "rename" in left["reason"])
    assert left["rule"] == "github-personal-token"


def test_what_is_applied_runs_as_before_and_is_clean(made: Shop) -> None:
    made.plan()
    done = made.apply()
    assert done.returncode == 0, done.stderr + done.stdout
    assert (made.top / "app/settings.py").read_bytes() == (
        b'import os\r\n\r\nDATABASE_URL = os.environ["DATABASE_URL"]\r\n'
        b'SMTP = {"password": os.environ["SETTINGS_PASSWORD"]}\r\n'
        b'print(DATABASE_URL, SMTP["password"])\r\n'
    )
    assert (made.top / ".env").read_text() == "DEBUG=1\n"
    deploy = made.top / "deploy.sh"
    assert deploy.read_text().endswith('echo "$github_token"')  # still without a line break
    assert stat.S_IMODE(deploy.stat().st_mode) == 0o755
    assert made.leakseal("run", "--", "./deploy.sh").stdout == f"{TOKEN}\n"
    printed = made.leakseal("run", "--", "python3", "app/settings.py").stdout
    assert printed == f"{DATABASE} {PASSWORD}\n"
    made.git("add", "--all")
    made.git("commit", "--quiet", "-m", "Seal")
    scanned = made.leakseal("scan", "--no-history")
    assert scanned.returncode == 0, scanned.stdout
    verified = made.leakseal("log", "verify")
    assert "no problem" in verified.stdout
    assert made.leakseal("migrate", "status").returncode == 0


def test_applying_again_writes_nothing(made: Shop) -> None:
    made.plan()
    made.apply()
    before = made.contents()
    store = (made.top / "secrets.enc.yaml").stat()
    again = made.apply()
    assert again.returncode == 0
    assert made.contents() == before
    assert (made.top / "secrets.enc.yaml").stat() == store


def test_another_value_in_the_store_is_a_conflict(made: Shop) -> None:
    plan = made.plan()
    assert made.apply().returncode == 0
    stored = (made.top / "secrets.enc.yaml").read_bytes()
    late = FILES["deploy.sh"].replace(TOKEN, expand("<<>><<checksum ghp_ 30>>"))
    (made.top / "late.sh").write_text(late)
    names = made.home / "names.yaml"
    entry = plan["entries"][0]["name"]
    names.write_text(f"names:\n- path: late.sh\n  entry: {json.dumps(entry)}\n")
    made.plan("--names", str(names))
    done = made.apply()
    assert done.returncode == 4
    assert "another value stands there" in done.stdout
    assert (made.top / "late.sh").read_text() == late
    assert (made.top / "secrets.enc.yaml").read_bytes() == stored
    assert made.leakseal("run", "--", "./deploy.sh").stdout == f"{TOKEN}\n"


def test_the_same_value_in_the_store_is_adopted(made: Shop) -> None:
    made.plan()
    made.apply()
    stored = (made.top / "secrets.enc.yaml").read_bytes()
    (made.top / "late.sh").write_text(FILES["deploy.sh"])
    made.git("add", "--all")
    made.plan()
    done = made.apply()
    assert done.returncode == 0, done.stdout
    assert (made.top / "secrets.enc.yaml").read_bytes() == stored
    assert made.leakseal("run", "--", "sh", "late.sh").stdout == f"{TOKEN}\n"


def test_a_file_that_changed_since_the_plan_is_left_alone(made: Shop) -> None:
    made.plan()
    changed = FILES["deploy.sh"] + "\necho more\n"
    (made.top / "deploy.sh").write_text(changed)
    done = made.apply()
    assert done.returncode == 4
    assert "deploy.sh: it changed since the plan was made" in done.stdout
    assert (made.top / "deploy.sh").read_text() == changed
    assert (made.top / ".env").read_text() == "DEBUG=1\n"


def test_a_dry_run_shows_the_change_without_secrets(made: Shop) -> None:
    made.plan()
    before = made.contents()
    shown = made.apply("--dry-run", "--diff")
    assert '+DATABASE_URL = os.environ["DATABASE_URL"]' in shown.stdout
    assert not any(secret in shown.stdout for secret in SECRETS)
    assert made.contents() == before


def test_rolling_back_restores_every_byte(made: Shop) -> None:
    before = made.contents()
    plan = made.plan()
    made.apply()
    done = made.leakseal("migrate", "rollback", plan["id"], "--yes")
    assert done.returncode == 0, done.stderr
    after = made.contents()
    assert {path: after[path] for path in before} == before
    assert stat.S_IMODE((made.top / "deploy.sh").stat().st_mode) == 0o755
    assert json.loads(after[".leakseal/references.json"])["variables"] == {}
    assert "no problem" in made.leakseal("log", "verify").stdout


def test_a_branch_gets_the_changes_and_nothing_else(made: Shop) -> None:
    (made.top / "staged.txt").write_text("staged by hand\n")
    made.git("add", "staged.txt")
    (made.top / ".git/hooks/pre-commit").write_text("#!/bin/sh\nexit 1\n")
    os.chmod(made.top / ".git/hooks/pre-commit", 0o755)
    made.plan()
    done = made.apply("--branch", "fix/secrets")
    assert done.returncode == 0, done.stderr + done.stdout
    assert made.git("symbolic-ref", "--short", "HEAD") == "fix/secrets\n"
    changed = made.git("diff", "--name-only", "main", "fix/secrets").split()
    assert "staged.txt" not in changed
    assert {".env", ".env.example", "app/settings.py", "deploy.sh", "secrets.enc.yaml"} < set(
        changed
    )
    assert made.git("status", "--porcelain") == "A  staged.txt\n"
    assert made.git("show", "-s", "--format=%an <%ae>").strip() == "Ann <ann@acme.io>"
    assert made.git("fsck", "--strict") == ""


def test_a_taken_branch_is_refused_before_anything_is_done(made: Shop) -> None:
    made.plan()
    before = made.contents()
    assert made.apply("--branch", "main").returncode == 2
    assert made.apply("--branch", "a..b").returncode == 2
    assert made.contents() == before


def test_a_key_file_goes_as_a_whole(tmp_path: Path) -> None:
    from forty import certificate, ssh_key

    key, bundle = ssh_key(), certificate()
    made = shop(tmp_path, {"id_deploy": key, "tls/shop.pem": bundle})
    before = made.contents()
    plan = made.plan()
    assert {entry["kind"] for entry in plan["entries"]} == {"ssh-key", "certificate"}
    assert made.apply().returncode == 0
    assert not (made.top / "id_deploy").exists()
    assert made.leakseal("run", "--", "sh", "-c", 'printf %s "$ID_DEPLOY."').stdout == f"{key}."
    assert made.leakseal("run", "--", "sh", "-c", 'printf %s "$SHOP_PEM."').stdout == f"{bundle}."
    assert made.leakseal("migrate", "rollback", plan["id"], "--yes").returncode == 0
    assert {path: made.contents()[path] for path in before} == before
