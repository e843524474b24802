"""`leakseal report` and the formats of `leakseal scan`, as processes on real repositories."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from scanner.report import FORMATS

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": str(ROOT),
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_EMAIL": "ann@example.com",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.com",
    "LEAKSEAL_KEY": "a key for tests, long enough",
}
TOKEN = "glpat-" + "x7Kq2mVb9TzLw4RdYc8N"
OTHER = "glpat-" + "Zp3sWt6uHf1gJk5eQm2B"


def leakseal(*arguments, stdin=None, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "scanner", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        env=ENVIRONMENT,
        cwd=cwd,
    )


@pytest.fixture(scope="module")
def leaking(tmp_path_factory):
    """A repository that has one secret in files and in every name around them, another in a name.

    The second one is seen last: in the working tree.
    """
    top = tmp_path_factory.mktemp("formats") / "repository"

    def git(*arguments):
        author = {"GIT_AUTHOR_NAME": f"Ann {OTHER}"}
        subprocess.run(["git", *arguments], check=True, cwd=top, env=ENVIRONMENT | author)

    top.mkdir()
    git("init", "-q", "-b", f"for-{OTHER}")
    git("remote", "add", "origin", f"https://ann:{OTHER}@git.example/{OTHER}/acme.git")
    (top / f"for-{OTHER}").mkdir()
    (top / f"for-{OTHER}" / "a.env").write_text(f"TOKEN={TOKEN}\n")
    git("add", ".")
    git("commit", "-qm", f"Use {OTHER}")
    (top / "new.env").write_text(f"TOKEN={OTHER}\n")
    return top


def written(value):
    raw = value.encode()
    yield value
    yield b64encode(raw).decode().rstrip("=")
    yield raw.hex()
    yield quote(value, safe="")
    yield "".join(f"%{byte:02x}" for byte in raw)


def test_no_format_of_a_scan_or_of_a_saved_report_gives_a_secret_away(leaking, tmp_path):
    saved = tmp_path / "report.json"
    assert leakseal("scan", leaking, "-f", "json", "-o", saved).returncode == 1
    outputs = {"json": saved.read_bytes()}
    streamed = leakseal("scan", leaking, "-f", "jsonl")
    outputs["stream"] = streamed.stdout + streamed.stderr
    for fmt in FORMATS:
        result = leakseal("report", saved, "-f", fmt)
        assert result.returncode == 0, fmt
        outputs[fmt] = result.stdout + result.stderr
    for name, output in outputs.items():
        text = output.decode()
        assert not [w for value in (TOKEN, OTHER) for w in written(value) if w in text], name
    assert outputs["json"] == saved.read_bytes()


def test_a_stream_tells_of_each_secret_before_it_ends_and_ends_with_the_findings(leaking):
    result = leakseal("scan", leaking, "-f", "jsonl")
    assert result.returncode == 1
    told = [json.loads(line) for line in result.stdout.splitlines()]
    kinds = [line["type"] for line in told]
    assert kinds[0] == "start"
    assert kinds[-1] == "end"
    first = kinds.index("finding")
    assert set(kinds[1:first]) == {"object", "sighting"}
    assert not {"object", "sighting"} & set(kinds[first:])
    assert kinds.index("sighting") > max(n for n, kind in enumerate(kinds) if kind == "object")
    objects = {line["fingerprint"] for line in told if line["type"] == "object"}
    sightings = {line["fingerprint"] for line in told if line["type"] == "sighting"}
    findings = {line["fingerprint"] for line in told if line["type"] == "finding"}
    assert objects == sightings == findings
    assert len(findings) == 2
    with_secrets = leakseal("scan", leaking, "-f", "jsonl", "--show-secrets").stdout.decode()
    shown = [json.loads(line) for line in with_secrets.splitlines()]
    for kind in ("object", "sighting"):
        assert TOKEN in {line["secret"] for line in shown if line["type"] == kind}


def test_a_stream_into_a_file_is_whole_and_has_no_sightings(leaking, tmp_path):
    file = tmp_path / "out.jsonl"
    result = leakseal("scan", leaking, "-f", "jsonl", "-o", file)
    assert (result.returncode, result.stdout) == (1, b"")
    kinds = [json.loads(line)["type"] for line in file.read_bytes().splitlines()]
    assert "sighting" not in kinds
    assert (kinds[0], kinds[-1]) == ("start", "end")


def test_a_scan_that_cannot_start_writes_no_stream(tmp_path):
    result = leakseal("scan", tmp_path / "nothing", "-f", "jsonl")
    assert (result.returncode, result.stdout) == (2, b"")


def test_a_report_is_read_from_standard_input_and_exits_as_asked(leaking):
    report = leakseal("scan", leaking, "-f", "json").stdout
    result = leakseal("report", "-", "--exit-code", stdin=report)
    assert result.returncode == 1
    assert b"Found 2 secrets" in result.stdout
    document = json.loads(report)
    gap = {"code": "over-size", "subject": "a", "detail": "b", "incomplete": True}
    document["coverage"] |= {"complete": False, "skipped": [gap]}
    partial = json.dumps(document).encode()
    refused = leakseal("report", "-", stdin=report[:-9])
    assert refused.returncode == 2
    assert refused.stderr.startswith(b"leakseal: standard input is no report")
    assert leakseal("report", "-", "--exit-code", stdin=partial).returncode == 3
    assert leakseal("report", "-", stdin=partial).returncode == 0


def test_the_scope_of_sarif_is_an_option_of_scan_and_of_report(leaking, tmp_path):
    saved = tmp_path / "report.json"
    leakseal("scan", leaking, "-f", "json", "-o", saved)
    counts = []
    for scope in ("all", "head"):
        result = leakseal("report", saved, "-f", "sarif", "--sarif-scope", scope)
        (run,) = json.loads(result.stdout)["runs"]
        counts.append(len(run["results"]))
    assert counts == [2, 2]
    scanned = leakseal("scan", leaking, "-f", "sarif", "--sarif-scope", "head")
    assert len(json.loads(scanned.stdout)["runs"][0]["results"]) == 2


def test_secrets_are_shown_only_if_report_and_user_have_them(leaking, tmp_path):
    saved = tmp_path / "report.json"
    leakseal("scan", leaking, "-f", "json", "--show-secrets", "-o", saved)
    assert TOKEN in saved.read_text()
    assert TOKEN not in leakseal("report", saved).stdout.decode()
    assert TOKEN in leakseal("report", saved, "--show-secrets").stdout.decode()
    leakseal("scan", leaking, "-f", "json", "-o", saved)
    result = leakseal("report", saved, "--show-secrets")
    assert result.returncode == 2
    assert b"has no secrets to show" in result.stderr


@pytest.mark.parametrize("content", [b"", b"{}", b'{"schema": "leakseal.report/9"}'])
def test_what_is_no_report_is_a_usage_error_in_one_line(tmp_path, content):
    file = tmp_path / "r.json"
    file.write_bytes(content)
    result = leakseal("report", file)
    assert (result.returncode, result.stdout) == (2, b"")
    assert len(result.stderr.splitlines()) == 1


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path):
    for file in (tmp_path / "nothing", tmp_path):
        result = leakseal("report", file)
        assert result.returncode == 2
        assert b"cannot be read" in result.stderr
