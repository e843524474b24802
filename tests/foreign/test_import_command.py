"""`leakseal import`: what it takes over, what it says, what it writes, and what it leaves alone."""

import hashlib
import json
import re
import subprocess
import sys

import elsewhere
import pytest
from elsewhere import git, token
from quiet_git import ENVIRONMENT

from scanner.rulepack.samples import expand

FORMATS = {
    "gitleaks report": ("gl.json", elsewhere.gitleaks_report, "same value"),
    "blacked out": ("gl.json", lambda s: elsewhere.gitleaks_report(s, True), "of that commit"),
    "gitleaks ignores": (".gitleaksignore", elsewhere.gitleaks_ignore, "of that commit"),
    "detect-secrets": (".secrets.baseline", elsewhere.detect_secrets_baseline, "same hash"),
    "trufflehog": ("trufflehog.jsonl", elsewhere.trufflehog_report, "same value"),
    "kingfisher": ("kf.json", elsewhere.kingfisher_report, "same value"),
    "its lines": ("kf.jsonl", lambda s: elsewhere.kingfisher_report(s, lines=True), "same value"),
    "its baseline": ("kf.yaml", elsewhere.kingfisher_baseline, "same line"),
}


def scanned(leakseal):
    code, out, _ = leakseal("scan", "-q", "-f", "json")
    report = json.loads(out)
    places = {f["occurrences"][0]["path"] for f in report["findings"]}
    return code, places, {f["occurrences"][0]["path"] for f in report["suppressed"]}


@pytest.mark.parametrize("name", FORMATS)
def test_only_what_the_other_tool_did_not_know_is_reported_afterwards(
    shop, leakseal, tmp_path, name
):
    file, made, evidence = FORMATS[name]
    (tmp_path / file).write_text(made(shop))
    code, out, _ = leakseal("import", "-q", "--yes", tmp_path / file)
    assert code == 0
    assert out.count("  taken ") == 3
    assert out.count(evidence) == 3
    assert "Taken over: 3 entries for 3 secrets, 0 paths and commits. Not taken: 0." in out
    known = {path for path, *_ in shop.known}
    assert scanned(leakseal) == (1, {"fresh.txt"}, known)
    before = (shop.path / ".leakseal.baseline").read_bytes()
    code, out, _ = leakseal("import", "-q", tmp_path / file)
    assert code == 0
    assert "Nothing to write" in out
    assert (shop.path / ".leakseal.baseline").read_bytes() == before


def test_entries_say_where_they_come_from_and_when_they_were_made(shop, leakseal, tmp_path):
    (tmp_path / "kf.yaml").write_text(elsewhere.kingfisher_baseline(shop))
    leakseal("import", "-q", "--yes", tmp_path / "kf.yaml")
    _, *lines = (shop.path / ".leakseal.baseline").read_text().splitlines()
    entries = {entry["path"]: entry for entry in map(json.loads, lines)}
    assert set(entries) == {"deploy.sh", "conf/app.env", "src/old.py"}
    entry = entries["deploy.sh"]
    assert entry["reason"] == "taken over from kingfisher: kf.yaml"
    assert (entry["added"], entry["owner"], entry["expires"]) == ("2026-01-31", "", "")
    assert entry["rule"] == "github-personal-token"
    assert ".leakseal.baseline merge=union" in (shop.path / ".gitattributes").read_text()


def test_reason_owner_and_expiry_are_the_users(shop, leakseal, tmp_path):
    (tmp_path / ".gitleaksignore").write_text(elsewhere.gitleaks_ignore(shop))
    terms = ("--reason", "rotated in May", "--owner", "ann", "--expires", "2999-12-31")
    assert leakseal("import", "-q", "--yes", *terms, tmp_path / ".gitleaksignore")[0] == 0
    entry = json.loads((shop.path / ".leakseal.baseline").read_text().splitlines()[1])
    assert (entry["reason"], entry["owner"]) == ("rotated in May", "ann")
    assert entry["expires"] == "2999-12-31"


@pytest.mark.parametrize("date", ["soon", "2026-02-30", "2001-01-01"])
def test_a_date_that_cannot_be_is_refused(shop, leakseal, tmp_path, date):
    (tmp_path / ".gitleaksignore").write_text("")
    code, _, error = leakseal("import", "--expires", date, tmp_path / ".gitleaksignore")
    assert code == 2
    assert "--expires" in error


def test_what_another_tool_marked_is_remembered(shop, leakseal, tmp_path):
    document = json.loads(elsewhere.detect_secrets_baseline(shop))
    document["results"]["deploy.sh"][0]["is_secret"] = True
    document["results"]["conf/app.env"][0]["is_secret"] = False
    (tmp_path / ".secrets.baseline").write_text(json.dumps(document))
    _, out, _ = leakseal("import", "-q", "--yes", tmp_path / ".secrets.baseline")
    assert "1 of its entries was marked as a real secret: rotate it" in out
    text = (shop.path / ".leakseal.baseline").read_text()
    assert text.count("marked there as a real secret") == 1
    assert text.count("marked there as no secret") == 1


def test_of_ggshield_signatures_and_literal_values_count(shop, leakseal, tmp_path):
    (tmp_path / ".gitguardian.yaml").write_text(elsewhere.ggshield_settings(shop))
    code, out, _ = leakseal("import", "-q", "--yes", tmp_path / ".gitguardian.yaml")
    assert code == 0
    assert "ignored match 1 (deploy): github-personal-token" in out
    assert "ignored match 2 (in clear text): github-personal-token" in out
    assert scanned(leakseal)[1] == {"fresh.txt", "src/old.py"}


def test_several_files_go_into_one_baseline(shop, leakseal, tmp_path):
    (tmp_path / ".gitguardian.yaml").write_text(elsewhere.ggshield_settings(shop))
    (tmp_path / ".gitleaksignore").write_text(f"{shop.first}:src/old.py:github-pat:1\n")
    files = (tmp_path / ".gitguardian.yaml", tmp_path / ".gitleaksignore")
    assert leakseal("import", "-q", "--yes", *files)[0] == 0
    assert scanned(leakseal)[1] == {"fresh.txt"}


def test_nothing_is_written_without_consent(shop, leakseal, tmp_path):
    (tmp_path / ".gitleaksignore").write_text(elsewhere.gitleaks_ignore(shop))
    code, out, error = leakseal("import", "-q", tmp_path / ".gitleaksignore")
    assert code == 2
    assert "+++ b/.leakseal.baseline" in out
    assert "--yes" in error
    code, out, error = leakseal("import", "-q", "--dry-run", tmp_path / ".gitleaksignore")
    assert (code, error) == (0, "")
    assert "Not written, as this is a dry run" in out
    assert git(shop.path, "status", "--porcelain") == ""


def test_entries_that_are_there_stay_as_they_are(shop, leakseal, tmp_path):
    (tmp_path / ".gitleaksignore").write_text(f"{shop.first}:deploy.sh:github-pat:3\n")
    first = ("--reason", "mine", "--owner", "ann")
    leakseal("import", "-q", "--yes", *first, tmp_path / ".gitleaksignore")
    line = (shop.path / ".leakseal.baseline").read_text().splitlines()[1]
    (tmp_path / ".gitleaksignore").write_text(elsewhere.gitleaks_ignore(shop))
    leakseal("import", "-q", "--yes", tmp_path / ".gitleaksignore")
    lines = (shop.path / ".leakseal.baseline").read_text().splitlines()
    assert line in lines
    assert len(lines) == 4


def test_a_baseline_of_another_key_is_not_added_to(shop, leakseal, tmp_path, monkeypatch):
    (tmp_path / ".gitleaksignore").write_text(f"{shop.first}:deploy.sh:github-pat:3\n")
    leakseal("import", "-q", "--yes", tmp_path / ".gitleaksignore")
    before = (shop.path / ".leakseal.baseline").read_text()
    monkeypatch.setenv("LEAKSEAL_KEY", "k" * 32)
    (tmp_path / ".gitleaksignore").write_text(elsewhere.gitleaks_ignore(shop))
    code, _, error = leakseal("import", "-q", "--yes", tmp_path / ".gitleaksignore")
    assert code == 2
    assert "key" in error
    assert (shop.path / ".leakseal.baseline").read_text() == before


@pytest.mark.parametrize("depth", [1, None])
def test_a_baseline_without_a_key_is_added_to_by_clones_that_know_another_root(
    shop, leakseal, tmp_path, monkeypatch, depth
):
    leakseal("baseline", "create", "-q")
    shop.write("later.env", f"TOKEN={token('later')}\n")
    shop.commit("three")
    limit = ["--depth", str(depth)] if depth else []
    git(tmp_path, "clone", "-q", *limit, shop.path.as_uri(), "clone")
    monkeypatch.chdir(tmp_path / "clone")
    if not depth:
        for number in range(8):  # one of them comes before the root there was
            git(".", "checkout", "-q", "--orphan", f"more{number}")
            git(".", "commit", "-q", "--allow-empty", "-m", f"root {number}")
            git(".", "checkout", "-q", "-f", "main")
            git(".", "merge", "-q", "--allow-unrelated-histories", "-m", "m", f"more{number}")
    (tmp_path / ".gitleaksignore").write_text("later.env:github-pat:1\n")
    code, out, error = leakseal("import", "-q", "--yes", tmp_path / ".gitleaksignore")
    assert (code, error) == (0, "")
    assert "Taken over: 1 entry for 1 secret" in out
    assert '"path": "later.env"' in (tmp_path / "clone" / ".leakseal.baseline").read_text()


def test_what_is_not_taken_is_named_with_the_reason(shop, leakseal, tmp_path):
    (tmp_path / ".gitleaksignore").write_text(
        f"gone.env:github-pat:3\ndeploy.sh:github-pat:1\ndeploy.sh:slack-bot-token:3\n"
        f"{'0' * 40}:gone.env:github-pat:3\nwhat is this\n"
    )
    code, out, _ = leakseal("import", "-q", "--yes", tmp_path / ".gitleaksignore")
    assert code == 0
    assert "gone.env:3 github-pat: the file no longer exists" in out
    assert "deploy.sh:1 github-pat: no finding of ours stands there" in out
    assert "deploy.sh:3 slack-bot-token: what stands there is of another kind" in out
    assert "gone.env:3 in 00000000 github-pat: that commit does not have the file" in out
    assert "line 5: it is no fingerprint" in out
    assert "Not taken: 5." in out
    assert not (shop.path / ".leakseal.baseline").exists()
    assert leakseal("import", "-q", "--strict", tmp_path / ".gitleaksignore")[0] == 1


def test_a_secret_that_moved_is_told_by_its_value_and_by_its_commit(shop, leakseal, tmp_path):
    shop.write("deploy.sh", "# a\n# b\n" + (shop.path / "deploy.sh").read_text())
    shop.commit("move")
    (tmp_path / "a.json").write_text(elsewhere.gitleaks_report(shop))
    (tmp_path / ".gitleaksignore").write_text(elsewhere.gitleaks_ignore(shop))
    for name in ("a.json", ".gitleaksignore"):
        _, out, _ = leakseal("import", "-q", "--dry-run", tmp_path / name)
        assert "Taken over: 3 entries for 3 secrets" in out


def test_a_line_that_holds_another_secret_now_is_not_taken_for_what_it_was(
    shop, leakseal, tmp_path
):
    value = token("replaced")
    shop.write("deploy.sh", f"#!/bin/sh\n\nexport TOKEN={value}\n")
    shop.commit("replace")
    (tmp_path / ".gitleaksignore").write_text(elsewhere.gitleaks_ignore(shop))
    leakseal("import", "-q", "--yes", tmp_path / ".gitleaksignore")
    assert scanned(leakseal)[1] == {"fresh.txt", "deploy.sh"}


def test_a_hash_of_a_part_of_the_value_falls_back_on_the_line(shop, leakseal, tmp_path):
    document = json.loads(elsewhere.detect_secrets_baseline(shop))
    for entries in document["results"].values():
        entries[0]["hashed_secret"] = hashlib.sha1(b"ghp").hexdigest()
    (tmp_path / ".secrets.baseline").write_text(json.dumps(document))
    _, out, _ = leakseal("import", "-q", "--dry-run", tmp_path / ".secrets.baseline")
    assert out.count("same line") == 3
    assert "3 of them were told by their place" in out


def test_a_report_in_the_work_tree_proves_nothing_by_itself(shop, leakseal):
    gone = token("gone")
    report = json.loads(elsewhere.gitleaks_report(shop))
    report[0]["Secret"] = report[0]["Match"] = gone
    report[0]["File"] = "gone.txt"
    shop.write("gl.json", json.dumps(report))
    _, out, _ = leakseal("import", "-q", "--dry-run", "gl.json")
    assert "not taken  gone.txt:3" in out
    assert "Taken over: 2 entries" in out


def test_no_output_and_no_file_holds_a_secret(shop, leakseal, tmp_path):
    shop.write(f"logs/{shop.app}.txt", f"{shop.app}\n")
    shop.commit("a secret as a name")
    report = json.loads(elsewhere.gitleaks_report(shop))
    report += [dict(report[0], File=f"logs/{shop.app}.txt", StartLine=1, EndLine=1)]
    report += [dict(report[0], File=f"no/{shop.new}", Secret="REDACTED", RuleID=shop.old)]
    (tmp_path / "gl.json").write_text(json.dumps(report))
    settings = elsewhere.ggshield_settings(shop) + f"instance: {token('other')}\n"
    (tmp_path / ".gitguardian.yaml").write_text(settings)
    document = json.loads(elsewhere.detect_secrets_baseline(shop))
    for kind in ("line", "secret"):
        path = f"detect_secrets.filters.regex.should_exclude_{kind}"
        document["filters_used"].append({"path": path, "pattern": [token("other")]})
    (tmp_path / ".secrets.baseline").write_text(json.dumps(document))
    lines = elsewhere.gitleaks_ignore(shop) + token("other") + "\n"
    (tmp_path / ".gitleaksignore").write_text(lines)
    names = ("gl.json", ".gitguardian.yaml", ".secrets.baseline", ".gitleaksignore")
    files = [tmp_path / name for name in names]
    shown = ""
    for option in ("--dry-run", "--yes"):
        _, out, error = leakseal("import", "-q", option, *files, "--reason", f"see {shop.new}")
        shown += out + error
    shown += (shop.path / ".leakseal.baseline").read_text()
    for value in (shop.deploy, shop.app, shop.old, shop.new, token("other")):
        assert value not in shown


def test_fingerprints_are_shown_whatever_stands_before_them(shop, leakseal, tmp_path):
    lines = [f'password = "{value}"\n' for value in expand("<<alnum 20>> " * 8).split()]
    shop.write("conf.py", "".join(lines))
    shop.commit("passwords")
    (tmp_path / ".gitleaksignore").write_text(
        "".join(f"conf.py:generic-api-key:{n}\n" for n in range(1, 9))
    )
    _, out, _ = leakseal("import", "-q", tmp_path / ".gitleaksignore")
    names = re.findall(r"generic-password ([0-9a-f]{12}), same line", out)
    assert len(set(names)) == 8, out


def test_a_link_in_place_of_the_baseline_is_not_written_through(shop, leakseal, tmp_path):
    (tmp_path / "elsewhere").write_text("keep\n")
    (shop.path / ".leakseal.baseline").symlink_to(tmp_path / "elsewhere")
    (tmp_path / ".gitleaksignore").write_text(elsewhere.gitleaks_ignore(shop))
    code, _, error = leakseal("import", "-q", "--yes", tmp_path / ".gitleaksignore")
    assert code == 2
    assert "symbolic link" in error
    assert (tmp_path / "elsewhere").read_text() == "keep\n"


def test_outside_of_a_work_tree_there_is_nothing_to_import_into(
    shop, leakseal, tmp_path, monkeypatch
):
    (tmp_path / ".gitleaksignore").write_text("")
    monkeypatch.chdir(tmp_path)
    code, _, error = leakseal("import", tmp_path / ".gitleaksignore")
    assert code == 2
    assert "work tree" in error


def test_from_a_subdirectory_the_whole_repository_is_meant(shop, tmp_path):
    (tmp_path / ".gitleaksignore").write_text(elsewhere.gitleaks_ignore(shop))
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "import", "--yes", str(tmp_path / ".gitleaksignore")],
        cwd=shop.path / "conf",
        env=ENVIRONMENT | {"HOME": str(tmp_path)},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Taken over: 3 entries" in done.stdout
    assert (shop.path / ".leakseal.baseline").exists()


def test_the_tool_can_be_named_and_must_be_right(shop, leakseal, tmp_path):
    (tmp_path / "report.json").write_text(elsewhere.gitleaks_report(shop))
    code, out, _ = leakseal(
        "import", "-q", "--dry-run", "--from", "betterleaks", tmp_path / "report.json"
    )
    assert code == 0
    assert "report.json (betterleaks): 3 entries" in out
    code, _, error = leakseal("import", "--from", "trufflehog", tmp_path / "report.json")
    assert code == 2
    assert "is a file of gitleaks, not of trufflehog" in error


def test_what_files_say_reaches_no_terminal_as_it_is(shop, leakseal, tmp_path):
    report = json.loads(elsewhere.gitleaks_report(shop))
    report[0].update(
        RuleID="jwt\x1b]0;owned\a", File="a\r\n  taken      b\u202e.txt", Secret="REDACTED"
    )
    (tmp_path / "gl\x1b[2J.json").write_text(json.dumps(report))
    _, out, error = leakseal("import", "-q", "--yes", tmp_path / "gl\x1b[2J.json")
    shown = out + error + (shop.path / ".leakseal.baseline").read_text()
    assert not [c for c in shown if not c.isprintable() and c != "\n"]
    assert "\n  taken      b" not in out


def test_many_entries_take_little_time(shop, leakseal, tmp_path):
    lines = [f"{shop.first}:deploy.sh:github-pat:{n}" for n in range(1, 5000)]
    lines += [f"{shop.first}:{n}.txt:github-pat:1" for n in range(5000)]
    (tmp_path / ".gitleaksignore").write_text("\n".join(lines))
    code, out, _ = leakseal("import", "-q", "--dry-run", tmp_path / ".gitleaksignore")
    assert code == 0
    assert "Taken over: 1 entry for 1 secret" in out
    assert "Not taken: 9998." in out


def test_what_could_not_be_read_is_no_reason_to_call_it_done(shop, leakseal, tmp_path):
    blob = git(shop.path, "rev-parse", f"{shop.first}:src/old.py")
    stored = shop.path / ".git" / "objects" / blob[:2] / blob[2:]
    stored.chmod(0o644)
    stored.write_bytes(b"damaged")
    (tmp_path / ".gitleaksignore").write_text(elsewhere.gitleaks_ignore(shop))
    code, out, error = leakseal("import", "-q", "--yes", tmp_path / ".gitleaksignore")
    assert code == 3
    assert "The scan is incomplete" in error
    assert "Taken over: 2 entries for 2 secrets" in out
    assert (shop.path / ".leakseal.baseline").exists()
