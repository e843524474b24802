"""What other tools leave out goes into `.leakseal.yaml`, beside what is there, and no wider."""

import json

import elsewhere
from elsewhere import git, token

ALLOW = r"""
[extend]
useDefault = true
[[allowlists]]
description = "made for tests"
paths = ['''^fixtures/''', '''(^|/)testdata/''', '''\.snap$''']
commits = ["COMMIT"]
"""


def leaks(leakseal):
    report = json.loads(leakseal("scan", "-q", "-f", "json")[1])
    return {f["occurrences"][0]["path"] for f in report["findings"]}


def test_paths_and_commits_are_not_reported_afterwards(shop, leakseal, tmp_path):
    for number, name in enumerate(("fixtures/a", "x/testdata/b", "c.snap", "snap/d")):
        shop.write(name, token(number) + "\n")
    shop.commit("fixtures")
    (tmp_path / ".gitleaks.toml").write_text(ALLOW.replace("COMMIT", shop.second))
    code, out, _ = leakseal("import", "-q", "--yes", tmp_path / ".gitleaks.toml")
    assert code == 0
    assert "Taken over: 0 entries for 0 secrets, 4 paths and commits. Not taken: 0." in out
    assert leaks(leakseal) == {"deploy.sh", "conf/app.env", "src/old.py", "snap/d"}
    assert "Nothing to write" in leakseal("import", "-q", tmp_path / ".gitleaks.toml")[1]


def test_the_text_of_settings_stays_as_it_is(shop, leakseal, tmp_path):
    before = (
        "# ours\nversion: 1\nallow:   # see the wiki\n  - paths: ['docs/**']  # old\n"
        "    reason: 'examples'\n    expires: 2999-01-01\n\nrules:\n  disable: []\n"
    )
    shop.write(".leakseal.yaml", before)
    settings = "version: 2\nsecret:\n  ignored_paths: [docs/, /deploy.sh]\n"
    (tmp_path / ".gitguardian.yaml").write_text(settings)
    terms = ("--reason", "as before", "--expires", "2999-12-31")
    assert leakseal("import", "-q", "--yes", *terms, tmp_path / ".gitguardian.yaml")[0] == 0
    after = (shop.path / ".leakseal.yaml").read_text()
    kept = [line for line in after.splitlines() if line in before.splitlines()]
    assert kept == before.splitlines()
    assert "  - paths:\n    - '**/docs/**'\n    - /deploy.sh\n    reason: as before\n" in after
    assert "deploy.sh" not in leaks(leakseal)


def test_settings_that_cannot_be_added_to_are_left_alone(shop, leakseal, tmp_path):
    shop.write(".leakseal.yaml", "allow: [{paths: [a], reason: b}]\n")
    (tmp_path / ".gitguardian.yaml").write_text("secret: {ignored_paths: [docs/]}\n")
    code, _, error = leakseal("import", "-q", "--yes", tmp_path / ".gitguardian.yaml")
    assert code == 2
    assert "cannot be added to" in error
    assert (shop.path / ".leakseal.yaml").read_text() == "allow: [{paths: [a], reason: b}]\n"


def test_a_pattern_for_files_alone_does_not_hide_a_directory(shop, leakseal, tmp_path):
    (tmp_path / ".gitguardian.yaml").write_text("secret: {ignored_paths: [conf, deploy.sh]}\n")
    code, out, _ = leakseal("import", "-q", "--yes", tmp_path / ".gitguardian.yaml")
    assert code == 0
    assert "not taken  path conf: a glob stands for directories too" in out
    assert "would leave out conf/app.env" in out
    assert leaks(leakseal) == {"conf/app.env", "src/old.py", "fresh.txt"}


def test_what_the_settings_allow_already_is_taken_all_the_same(shop, leakseal, tmp_path):
    shop.write(".leakseal.yaml", "allow:\n- paths: [deploy.sh]\n  reason: known\n")
    (tmp_path / ".gitleaksignore").write_text(f"{shop.first}:deploy.sh:github-pat:3\n")
    out = leakseal("import", "-q", "--yes", tmp_path / ".gitleaksignore")[1]
    assert "Taken over: 1 entry for 1 secret" in out


def test_settings_and_baseline_are_written_together_or_not_at_all(shop, leakseal, tmp_path):
    (shop.path / ".leakseal.yaml").symlink_to(tmp_path / "nowhere")
    document = json.loads(elsewhere.detect_secrets_baseline(shop))
    document["filters_used"].append(
        {"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["^docs/"]}
    )
    (tmp_path / ".secrets.baseline").write_text(json.dumps(document))
    code, _, _ = leakseal("import", "-q", "--yes", tmp_path / ".secrets.baseline")
    assert code == 2
    assert git(shop.path, "status", "--porcelain") == "?? .leakseal.yaml"


def test_a_secret_in_a_name_or_pattern_is_not_shown(shop, leakseal, tmp_path):
    secret = token("pattern")
    text = f"version: 2\nsecret:\n  ignored_paths: [{secret}/x]\n  ignored_detectors: [{secret}]\n"
    (tmp_path / ".gitguardian.yaml").write_text(text)
    code, out, err = leakseal("import", "-q", "--dry-run", tmp_path / ".gitguardian.yaml")
    assert code == 0
    assert "detector ghp_" in out
    assert secret not in out + err


def test_a_pattern_for_everything_is_not_taken(shop, leakseal, tmp_path):
    (tmp_path / ".gitguardian.yaml").write_text("secret: {ignored_paths: ['**/*', '*', 'docs/']}\n")
    out = leakseal("import", "-q", "--dry-run", tmp_path / ".gitguardian.yaml")[1]
    assert out.count("would leave out every file") == 2
    assert "taken      path docs/" in out
