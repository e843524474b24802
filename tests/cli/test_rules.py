"""`leakseal rules …` and `leakseal scan --rules`, as real processes on real repositories."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.rulepack import samples

TOKEN, OTHER, THIRD = (samples.expand(f"{c}<<alnum 19>>") for c in "aBz")
UNLIKE = samples.expand("k<<digits 19>>")  # without the stop word
AKID = samples.expand("AKIA<<base32 16>>")
TOML = """
title = "Acme"

[[rules]]
id = "acme-token"
description = "An Acme token"
regex = '''acme_(live|test)_([A-Za-z0-9]{20})\\b'''
secretGroup = 2
entropy = 2.5
keywords = ["acme_"]
[[rules.allowlists]]
description = "made for tests"
condition = "AND"
paths = ['''(^|/)fixtures/''']
stopwords = ["a"]

[[rules]]
id = "env-password"
regex = '''(?i)password\\s*=\\s*(\\S{8,40})'''
path = '''\\.env$'''
keywords = ["password"]

[[rules]]
id = "hex"
regex = '''\\bkey: ([0-9a-f]{32})\\b'''

[[rules]]
id = "keystore"
path = '''(?i)(^|/)keys/[^/]+\\.jks$'''

[[rules]]
id = "pair"
regex = '''secret:\\s*(\\w{20})'''
keywords = ["secret"]
[[rules.required]]
id = "pair-id"
withinLines = 1

[[rules]]
id = "pair-id"
regex = '''\\bAKIA[A-Z2-7]{16}\\b'''
keywords = ["akia"]
skipReport = true

[[allowlists]]
paths = ['''^vendor/''']

[[allowlists]]
targetRules = ["hex"]
regexTarget = "line"
regexes = ['''# public$''']
"""
HEX, PUBLIC = (samples.expand(f"<<hex 31>>{c}") for c in "09")
FILES = {
    "app/settings.py": f'A = "acme_live_{TOKEN}"\nB = "acme_live_{"a" * 20}"\n',
    "fixtures/one.txt": f"acme_test_{TOKEN} acme_test_{UNLIKE}\n",
    "vendor/x.txt": f"acme_live_{THIRD}\n",
    "prod.env": f"PASSWORD = {THIRD}\n",
    "prod.txt": f"PASSWORD = {THIRD}9\n",
    "hex.yaml": f"key: {HEX}\nkey: {PUBLIC} # public\n",
    "keys/store.JKS": "x",
    "keys/deep/store.jks": "x",
    "pair.txt": f"{AKID}\nsecret: {OTHER}\n\n\n\nsecret: {THIRD}\n",
}


def leakseal(*arguments, cwd=None, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "scanner", *map(str, arguments)],
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def git(directory, *arguments):
    who = {
        f"GIT_{who}_{what}": "a@acme.io"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **who}
    done = subprocess.run(
        ["git", *arguments],
        cwd=directory,
        check=True,
        capture_output=True,
        env={**os.environ, **nobody},
    )
    return done.stdout.decode().strip()


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository whose first commit has the files, and whose second has none of them."""
    directory = tmp_path_factory.mktemp("repository")
    git(directory, "init", "-q")
    for name, content in FILES.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    git(directory, "add", "-A")
    git(directory, "commit", "-qm", "one")
    git(directory, "rm", "-rq", ".")
    (directory / "README").write_text("nothing\n")
    git(directory, "add", "-A")
    git(directory, "commit", "-qm", "two")
    git(directory, "gc", "-q")
    return directory


@pytest.fixture
def toml(tmp_path):
    path = tmp_path / ".gitleaks.toml"
    path.write_text(TOML)
    return path


def scanned(repository, *arguments):
    """Return rule, secret and path of all that a scan finds, and the report."""
    arguments = ("scan", "-q", "--no-cache", "-f", "json", "--show-secrets", *arguments, repository)
    code, output, error = leakseal(*arguments)
    assert code in (0, 1), error
    report = json.loads(output)
    found = {
        (finding["rule"]["id"], finding["secret"], place["path"])
        for finding in report["findings"]
        for place in finding["occurrences"]
    }
    return found, report


EXPECTED = {
    ("acme-token", TOKEN, "app/settings.py"),
    ("acme-token", UNLIKE, "fixtures/one.txt"),
    ("env-password", THIRD, "prod.env"),
    ("hex", HEX, "hex.yaml"),
    ("keystore", "file store.JKS", "keys/store.JKS"),
    ("pair", OTHER, "pair.txt"),
}


@pytest.mark.parametrize("how", [(), ("--exhaustive",), ("--workers", "1"), ("--range", "HEAD")])
def test_a_configuration_of_gitleaks_runs_as_it_is(repository, toml, how):
    found, _ = scanned(repository, "--rules", toml, "--no-builtin", *how)
    assert {f for f in found if f[2]} == EXPECTED


def test_files_are_scanned_too(toml, tmp_path):
    for name, content in FILES.items():
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    found, _ = scanned(tmp_path / "files", "--rules", toml, "--no-builtin")
    assert found == EXPECTED


def test_what_is_staged_is_scanned_too(toml, tmp_path):
    git(tmp_path, "init", "-q")
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    git(tmp_path, "add", *FILES)
    found, _ = scanned(tmp_path, "--rules", toml, "--no-builtin", "--staged")
    assert found == EXPECTED


def test_a_commit_can_be_allowed(repository, toml):
    first = git(repository, "rev-list", "--max-parents=0", "HEAD")
    text = toml.read_text() + f'\n[[allowlists]]\ncommits = ["{first}"]\n'
    toml.write_text(text)
    found, _ = scanned(repository, "--rules", toml, "--no-builtin")
    assert found == set()


def test_imported_rules_come_beside_the_built_in_ones(repository, toml):
    alone, _ = scanned(repository)
    both, report = scanned(repository, "--rules", toml)
    assert both >= EXPECTED
    assert {f[1:] for f in alone} <= {f[1:] for f in both}
    assert report["coverage"]["complete"]


def test_a_written_pack_finds_the_same(repository, toml, tmp_path):
    code, output, error = leakseal("rules", "import", toml, "-o", tmp_path / "acme.yaml")
    assert (code, error) == (0, "")
    assert output.splitlines() == [
        ".gitleaks.toml (gitleaks or betterleaks): 6 rules and 3 allow entries",
        "Wrote 6 rules to " + str(tmp_path / "acme.yaml"),
    ]
    found, _ = scanned(repository, "--rules", tmp_path / "acme.yaml", "--no-builtin")
    assert found == EXPECTED
    assert leakseal("rules", "test", tmp_path / "acme.yaml")[:2] == (
        0,
        "6 rules, 0 examples: all well\n",
    )


def test_what_is_not_understood_is_in_the_coverage_statement(repository, toml):
    toml.write_text(TOML + "[[rules]]\nid = 'bad'\nregex = '''(?=a)b'''\ncolour = 1\n")
    _, report = scanned(repository, "--rules", toml, "--no-builtin")
    skipped = [(s["code"], s["subject"]) for s in report["coverage"]["skipped"]]
    assert ("rule-refused", "bad") in skipped
    code, output, _ = leakseal("rules", "import", toml)
    assert code == 0
    assert "not taken over: bad: (?=a is no group of RE2, which cannot look around" in output
    code, output, _ = leakseal("rules", "import", toml, "-f", "json")
    assert json.loads(output)["notes"][0]["code"] == "refused"
    assert leakseal("rules", "test", toml)[0] == 2


def test_without_google_re2_the_error_says_what_to_install(repository, toml, tmp_path):
    (tmp_path / "re2.py").write_text("raise ImportError")
    path = os.pathsep.join((str(tmp_path), str(Path(__file__).parents[2])))
    for command in (("scan", "--rules", toml, repository), ("rules", "import", toml)):
        code, _, error = leakseal(*command, PYTHONPATH=path)
        assert code == 2
        assert error.splitlines() == [
            "leakseal: rules in the syntax of Go or RE2 need the package google-re2; "
            "install it with: pip install 'leakseal[re2]'"
        ]
    assert leakseal("scan", "-q", "--no-cache", repository, PYTHONPATH=path)[0] in (0, 1)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("scan", "--no-builtin"), "--no-builtin leaves no rules"),
        (("scan", "--rules", "absent.toml"), "absent.toml: No such file or directory"),
        (("rules", "import", "absent.yaml"), "absent.yaml: No such file or directory"),
        (("rules", "import", "a.txt"), "rules are read from .toml"),
        (("rules", "show", "no-such"), "there is no rule no-such"),
        (("rules", "show"), "Missing argument"),
    ],
)
def test_wrong_usage(tmp_path, arguments, reason):
    code, _, error = leakseal(*arguments, cwd=tmp_path)
    assert code == 2
    assert reason in error


def test_rules_are_listed():
    code, plain, _ = leakseal("rules")
    assert code == 0
    assert leakseal("rules", "list") == (0, plain, "")
    assert "github-personal-token\tapi-key\tGitHub\t" in plain
    some = leakseal("rules", "list", "--kind", "ssh-key", "--provider", "putty", "-f", "json")[1]
    assert {(r["kind"], r["provider"]) for r in json.loads(some)} == {("ssh-key", "PuTTY")}


def test_rules_of_a_file_are_listed(toml):
    code, output, _ = leakseal("rules", "list", "--rules", toml)
    assert code == 0
    assert [line.split("\t")[0] for line in output.splitlines()] == [
        *("acme-token", "env-password", "hex", "keystore", "pair", "pair-id")
    ]


def test_a_rule_is_shown(toml):
    code, output, _ = leakseal("rules", "show", "github-personal-token")
    assert code == 0
    assert "ghp_[A-Za-z0-9]{36}" in output
    assert "examples" not in output
    shown = json.loads(
        leakseal("rules", "show", "github-personal-token", "--examples", "-f", "json")[1]
    )
    assert all("ghp_" in text and "<<" not in text for text in shown["examples"])
    code, output, _ = leakseal("rules", "show", "pair", "--rules", toml)
    assert "required     rule pair-id, lines 1, columns -1" in output.splitlines()
    code, _, error = leakseal("rules", "show", "pair", "--rules", toml, "--examples")
    assert (code, error) == (2, "leakseal: the file of rule pair has no examples\n")


OWN = """
kind: api-key
severity: high
rules:
- id: acme-key
  name: Acme key
  provider: Acme
  keywords: [acme_]
  pattern: '%s'
  remediation: https://acme.example
  examples: ['acme_<<lower 12>>', 'key acme_<<lower 12>>']
  counterexamples: ['acme_short', '%s']
"""


@pytest.mark.parametrize(
    ("pattern", "text", "code", "said"),
    [
        ("acme_[a-z]{12}", "acme", 0, "1 rule, 4 examples: all well"),
        (
            "acme_[a-z]{12}",
            "acme_<<lower 12>>",
            1,
            "acme-key: counterexample 2 is found: acme_<<lower 12>>",
        ),
        ("acme_[a-z]{13}", "acme", 1, "acme-key: example 1 is not found: acme_<<lower 12>>"),
        ("acme_([a-z]+)+x", "acme", 2, "own.yaml: rule acme-key: pattern can match more than"),
        ("acme_(?:[a-z]{1,9}){1,9}x", "acme", 2, "pattern may be tried in about"),
    ],
)
def test_our_own_rules_are_tested(tmp_path, pattern, text, code, said):
    (tmp_path / "own.yaml").write_text(OWN % (pattern, text))
    done, output, error = leakseal("rules", "test", tmp_path / "own.yaml")
    assert (done, said in output + error) == (code, True), output + error


@pytest.mark.parametrize("path", ["one/a[.]key$", "one/a[.]key"])
def test_a_rule_of_files_is_for_neither_directories_nor_branches(tmp_path, path):
    directory = tmp_path / "repository"
    for name in ("one/a.key/x", "two/one/a.key", "one/b.key"):
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text("x\n")
    git(directory, "init", "-q")
    git(directory, "add", "-A")
    git(directory, "commit", "-qm", "all")
    git(directory, "branch", "one/a.key")
    rules = tmp_path / "rules.toml"
    rules.write_text(f"[[rules]]\nid = 'key'\npath = '{path}'\n")
    wanted = {("key", "file a.key", "two/one/a.key")}
    if not path.endswith("$"):  # as gitleaks has it, a path is searched
        wanted.add(("key", "file x", "one/a.key/x"))
    for options in ((), ("--exhaustive",), ("--no-history",), ("--range", "HEAD")):
        found, _ = scanned(directory, "--rules", rules, "--no-builtin", *options)
        assert found == wanted, options


def test_a_file_of_ours_is_written_and_read_again(tmp_path):
    own, written = tmp_path / "own.yaml", tmp_path / "written.yaml"
    own.write_text(OWN % ("{{left}}acme_[a-z]{12}{{right}}", "acme"))
    assert leakseal("rules", "import", own, "-o", written)[0] == 0
    shown = [
        leakseal("rules", "show", "acme-key", "-f", "json", "--rules", path)[1]
        for path in (own, written)
    ]
    assert shown[0] == shown[1] != ""


def test_without_any_rule_left_there_is_no_scan(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text("[[rules]]\nid = 'bad'\nregex = '(?=a)'\n")
    code, output, error = leakseal("scan", "--rules", path, "--no-builtin", tmp_path)
    assert (code, output) == (2, "")
    assert "no rules are left; see: leakseal rules import" in error


def test_a_kind_that_there_is_none_of(tmp_path):
    code, _, error = leakseal("rules", "list", "--kind", "keys", cwd=tmp_path)
    assert (code, "'api-key'" in error) == (2, True)


def test_rules_of_nosey_parker_are_tested(tmp_path):
    rule = "rules: [{name: A, id: a.1, pattern: '(?x) a k [0-9]{8} # x', %s}]"
    rule %= "examples: [%s], negative_examples: [ak1]"
    (tmp_path / "a.yml").write_text(rule % "ak12345678")
    assert leakseal("rules", "test", tmp_path)[:2] == (0, "1 rule, 2 examples: all well\n")
    (tmp_path / "a.yml").write_text(rule % "ak1234567")
    assert leakseal("rules", "test", tmp_path)[0] == 1


GITLEAKS = shutil.which("gitleaks") or os.environ.get("LEAKSEAL_TEST_GITLEAKS")


@pytest.mark.skipif(not GITLEAKS, reason="gitleaks is not installed")
def test_gitleaks_itself_finds_the_same(repository, toml, tmp_path):
    report = tmp_path / "report.json"
    command = [GITLEAKS, "git", "--no-banner", "-c", toml, "--max-decode-depth", "0"]
    command += ["--report-format", "json", "--report-path", report, "--log-opts=--all", repository]
    subprocess.run(command, check=False, capture_output=True)
    found = {
        (f["RuleID"], f["Secret"] or "file " + Path(f["File"]).name, f["File"])
        for f in json.loads(report.read_text())
    }
    assert found == EXPECTED
