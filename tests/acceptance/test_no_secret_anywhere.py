"""No command says a secret, in any form and at any verbosity, unless it was asked to.

One repository holds secrets of fifty and more kinds, and some where nobody looks for them: in names
of files, branches, tags and authors, in the remote's URL, in settings that cannot be parsed.
"""

import json
import shutil
from base64 import b64encode
from functools import cache
from urllib.parse import quote_from_bytes

import pytest
from planting import Repository, run, token

from scanner.detect.engine import Engine
from scanner.model import Confidence
from scanner.rulepack import load, pack, samples

KINDS = 50
SHORTEST = 8  # a shorter one may be an ordinary word
LONG_LINE = 24
FORMATS = (
    *("text", "json", "jsonl", "sarif", "gitlab", "codequality", "junit", "csv", "github", "azure"),
    *("markdown", "html"),
)
pytestmark = pytest.mark.slow


def written(value):
    """Yield how `value` may stand in an output: as it is, and in base64, hex and URL form."""
    lines = [line for line in value.split() if len(line) >= LONG_LINE]
    for part in dict.fromkeys([value, *lines]):
        yield part
        for altchars in (b"+/", b"-_"):
            for lead, shared in ((0, 0), (1, 2), (2, 3)):
                whole = (lead + len(part)) * 8 // 6
                yield b64encode(bytes(lead) + part, altchars)[shared:whole]
        yield part.hex().encode()
        yield part.hex().upper().encode()
        for safe in ("", "/", "!*'()", "!*'();/?:@&=+$,#"):  # the latter as browsers do
            yield quote_from_bytes(part, safe).encode()
        yield json.dumps(part.decode("latin-1"))[1:-1].encode()


@cache
def examples():
    """Return content by rule, for many rules of all kinds, and the secret that each holds."""
    sources = load.directory(load.builtin_directory())
    engine = Engine(pack.make(s.rule for s in sources), Confidence.MEDIUM)
    by_kind = {}
    for source in sources:
        by_kind.setdefault(source.rule.kind, []).append(source)
    chosen = {}
    while any(by_kind.values()) and len(chosen) < KINDS + 10:
        for kind in sorted(by_kind):
            source = by_kind[kind].pop(0) if by_kind[kind] else None
            if source is None or source.rule.confidence == Confidence.LOW:
                continue
            content = samples.expand(source.examples[0]).encode()
            secrets = {m.secret.reveal() for m in engine.findings(content).matches}
            if secrets and min(map(len, secrets)) >= SHORTEST:
                chosen[source.rule.id] = content, secrets
    return chosen


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """The repository and every secret in it."""
    repository = Repository(tmp_path_factory.mktemp("planted") / "repository")
    secrets = set()
    for name, (content, found) in examples().items():
        repository.write(f"kinds/{name}.txt", content + b"\n")
        secrets |= found
    named = {place: token(f"named {place}") for place in PLACES}
    for place, plant in PLACES.items():
        plant(repository, named[place])
    repository.commit("Last")
    repository.git("update-ref", "refs/heads/base", "HEAD~1")
    repository.write("staged.env", b"TOKEN=%b\n" % token("named staged"))
    repository.git("add", "staged.env")
    return repository, secrets | set(named.values()) | {token("named staged")}


def _path(repository, secret):
    repository.write(b"conf/%b.txt" % secret, b"TOKEN=%b\n" % secret)


def _subject(repository, secret):
    repository.write("seen.txt", b"TOKEN=%b\n" % secret)
    repository.commit(f"Use {secret.decode()}")


def _author(repository, secret):
    repository.write("by.txt", b"TOKEN=%b\n" % secret)
    name = secret.decode()
    repository.commit("By", GIT_AUTHOR_NAME=name, GIT_AUTHOR_EMAIL=f"{name}@acme.example")


def _branch(repository, secret):
    repository.write("on.txt", b"TOKEN=%b\n" % secret)
    repository.commit("On")
    repository.git("branch", "-m", f"feature/{secret.decode()}")


def _tag(repository, secret):
    repository.git("tag", "-a", "-m", f"With {secret.decode()}", f"v-{secret.decode()}")


def _remote(repository, secret):
    where = f"https://ann:{secret.decode()}@git.acme.example/{secret.decode()}.git?key={secret.decode()}"
    repository.git("remote", "add", "origin", where)


def _unparsed(repository, secret):
    value = secret.decode()
    for name in ("broken.json", "broken.yaml", "broken.toml", "broken.py", "Dockerfile"):
        repository.write(name, f'{{"password": "{value}\n\t- : [ {value} }}\n'.encode())
    repository.write("broken.zip", b"PK\x03\x04" + secret * 40)
    repository.write("broken.gz", b"\x1f\x8b\x08\0" + secret * 40)


PLACES = {
    "path": _path,
    "subject": _subject,
    "author": _author,
    "branch": _branch,
    "tag": _tag,
    "remote": _remote,
    "unparsed": _unparsed,
}


@pytest.fixture(scope="module")
def said(planted, tmp_path_factory):
    """Run a command, and fail if it says a secret; return its exit code.

    Files in its home, in leakseal's own folder and in `written_to` count as said.
    """
    repository, secrets = planted
    home = tmp_path_factory.mktemp("home")
    forms = {form for secret in secrets for form in written(secret) if len(form) >= SHORTEST}

    def runs(*args, stdin=b"", cwd=repository.path, written_to=None, **environ):
        done = run(*args, home=home, cwd=cwd, stdin=stdin, **environ)
        kept = [
            path.read_bytes()
            for folder in filter(None, (home, cwd / ".git/leakseal", written_to))
            for path in folder.rglob("*")
            if path.is_file()
        ]
        for output in (done.stdout, done.stderr, *kept):
            leaked = [form for form in forms if form in output]
            assert not leaked, (args, len(leaked), done.returncode)
        assert done.returncode != 4, (args, done.stderr)
        return done

    return runs


def test_there_are_enough_secrets(planted):
    assert len(planted[1]) >= KINDS


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("verbosity", ["-q", "-v"])
def test_scans_say_none(said, fmt, verbosity):
    assert said("scan", "-f", fmt, verbosity).returncode == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--staged"],
        ["--range", "base..HEAD"],
        ["--since", "1 year ago"],
        ["--no-history"],
        ["--audit"],
        ["--exhaustive"],
        ["--confidence", "low"],
        ["--confidence", "high"],
        ["--path", "seen*"],
        ["--path", "*.txt"],
        ["broken.json"],
        ["kinds"],
    ],
    ids=" ".join,
)
def test_other_scopes_say_none(said, options):
    assert said("scan", "-v", *options).returncode in (0, 1, 3)


def test_standard_input_is_not_repeated(said, planted):
    content = b"\n".join(content for content, _ in examples().values())
    assert said("scan", "-", "-v", stdin=content).returncode == 1


@pytest.mark.parametrize("fmt", FORMATS)
def test_saved_reports_say_none_in_any_format(said, tmp_path, fmt):
    saved = said("scan", "-f", "json", "-q").stdout
    (tmp_path / "report.json").write_bytes(saved)
    assert said("report", tmp_path / "report.json", "-f", fmt).returncode == 0
    assert said("report", "-", "-f", fmt, "--exit-code", stdin=saved).returncode == 1


def test_hooks_say_none(said, planted, tmp_path):
    repository, _ = planted
    assert said("guard").returncode == 1
    message = tmp_path / "COMMIT_EDITMSG"
    message.write_bytes(b"Use %b\n" % token("named subject"))
    assert said("guard", "commit-msg", message).returncode == 1
    head, branch = repository.head(), repository.git("symbolic-ref", "HEAD")
    pushed = f"{branch} {head} {branch} {'0' * 40}\n".encode()
    url = repository.git("config", "remote.origin.url")
    assert said("guard", "pre-push", "origin", url, stdin=pushed).returncode in (1, 3)
    received = f"{'0' * 40} {head} {branch}\n".encode()
    assert said("guard", "pre-receive", stdin=received).returncode in (0, 1, 3)


def test_ci_says_none(said, planted):
    repository, _ = planted
    branch = repository.git("symbolic-ref", "--short", "HEAD")
    environ = {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_COMMIT_SHA": repository.head(),
        "CI_COMMIT_BEFORE_SHA": repository.git("rev-parse", "base"),
        "CI_COMMIT_BRANCH": branch,
        "CI_COMMIT_REF_NAME": branch,
        "CI_DEFAULT_BRANCH": "main",
        "CI_PIPELINE_SOURCE": "push",
        "CI_REPOSITORY_URL": repository.git("config", "remote.origin.url"),
    }
    for fmt in FORMATS:
        assert said("ci", "-v", "-f", fmt, **environ).returncode in (0, 1, 3)


@pytest.fixture
def copy(planted, tmp_path):
    shutil.copytree(planted[0].path, tmp_path / "copy", symlinks=True)
    return tmp_path / "copy"


def test_baselines_say_none(said, copy, planted):
    for step in (["create"], ["update"], ["show"], ["prune"], ["show", "--format", "json"]):
        said("baseline", *step, cwd=copy)
    files = [p for p in copy.iterdir() if p.name.startswith((".leakseal", ".gitattributes"))]
    content = b"".join(p.read_bytes() for p in files)
    assert not [s for s in planted[1] if any(form in content for form in written(s))]
    assert said("scan", "-v", cwd=copy).returncode == 1  # the URL of the remote


@pytest.mark.parametrize("command", ["scan", "guard", "ci", "baseline", "init"])
@pytest.mark.parametrize("name", [".leakseal.yaml", ".leakseal.baseline"])
def test_settings_that_cannot_be_parsed_are_not_repeated(said, copy, command, name):
    value = token("named unparsed").decode()
    (copy / name).write_text(f'{value}: [{{"fingerprint": {value}\n\t- {value}\n')
    said(command, *(["update"] if command == "baseline" else []), cwd=copy, GITLAB_CI="true")


def test_foreign_files_are_not_repeated(said, copy):
    value = token("named path").decode()
    reports = {
        "gitleaks.json": [{"RuleID": "x", "Secret": value, "File": f"conf/{value}.txt"}],
        ".secrets.baseline": {"version": "1", "results": {f"conf/{value}.txt": [{"type": value}]}},
        "broken.json": f'[{{"Secret": "{value}',
    }
    for name, content in reports.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (copy / name).write_text(text)
        said("import", name, "--dry-run", cwd=copy)


def test_what_sets_up_a_repository_says_none(said, copy):
    said("init", "--yes", cwd=copy)
    said("install-hook", cwd=copy)
    said("rules", "import", "broken.toml", cwd=copy)
    said("rules", "test", "broken.yaml", cwd=copy)
    said("key", cwd=copy)
    said("cache", cwd=copy)
    said("log", "show", cwd=copy)


def test_migration_says_none(said, copy, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    report, plan, log = out / "report.json", out / "plan.json", out / "fixes.sarif"
    report.write_bytes(said("scan", "-q", "-f", "json", "--no-history", cwd=copy).stdout)

    def says(*words):
        return said(*words, cwd=copy, written_to=out).returncode

    assert says("migrate", "plan", report, "-o", plan, "--sarif", log, "--diff") == 1
    assert log.exists()
    assert says("migrate", "apply", plan, "--dry-run", "--diff") in (0, 1)
    assert says("migrate", "apply", plan, "--diff") in (0, 1)
    assert says("migrate", "status", "--json") in (0, 1)
    assert says("migrate", "status") in (0, 1)
    assert says("policy", "render", "--plan", plan) in (0, 2)
    assert says("log", "show") == 0
    assert says("log", "verify") in (0, 1)
    for fmt in ("ocsf", "csv", "md"):
        assert says("log", "export", "-f", fmt, "-o", out / f"log.{fmt}") == 0
