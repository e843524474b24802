"""What a report does not show, and where it says that things stand."""

import json
import os
import subprocess
import sys

import pytest
from quiet_git import ENVIRONMENT

TOKEN = "ghp_" + "gRUjYfYOsIlZ6kkQTcq0JvDyLjQNnz1QYtSA"
PASSWORD = "dragonfly" + "-lamp42"


@pytest.fixture
def run(tmp_path):
    root = tmp_path / "repository"
    root.mkdir()

    def call(*arguments, cwd=root):
        return subprocess.run(
            arguments, cwd=cwd, env=ENVIRONMENT | {"HOME": str(tmp_path)}, capture_output=True,
            text=True, timeout=60,
        )  # fmt: skip

    call("git", "init", "-q", "-b", "main")
    call.root = root
    call.leakseal = lambda *words, **more: call(sys.executable, "-m", "scanner", *words, **more)
    return call


def put(run, **files):
    for name, text in files.items():
        (run.root / name).write_text(text)
    run("git", "add", "-A")


@pytest.mark.parametrize("options", [["--path", "notes-*"], ["--confidence", "high"]])
def test_a_secret_that_is_not_asked_for_is_redacted_in_the_names_of_others(run, options):
    put(run, **{"app.py": f'password = "{PASSWORD}"\n', f"notes-{PASSWORD}.txt": f"T={TOKEN}\n"})
    for fmt in ("json", "jsonl"):
        done = run.leakseal("scan", "-q", "-f", fmt, *options)
        assert "github-personal-token" in done.stdout
        assert PASSWORD not in done.stdout + done.stderr
    guard = run.leakseal("guard", "--confidence", "high")
    assert guard.returncode == 1
    assert PASSWORD not in guard.stderr


def test_a_report_with_secrets_is_converted_to_one_without_any(run):
    put(run, a="a\n")
    run("git", "commit", "-qm", "A")
    run("git", "checkout", "-qb", f"fix-{TOKEN}")
    put(run, b=f'password = "{PASSWORD}"\n')
    run.leakseal("scan", "--staged", "-q", "-f", "json", "--show-secrets", "-o", "../r.json")
    assert PASSWORD in (run.root / "../r.json").read_text()
    for fmt in ("text", "json", "html", "sarif", "markdown"):
        shown = run.leakseal("report", "../r.json", "-f", fmt).stdout
        assert TOKEN not in shown
        assert PASSWORD not in shown


@pytest.mark.parametrize(
    "words", [["report", "{}"], ["scan", "{}"], ["scan", "--config", "{}"], ["{}"], ["key"]]
)
def test_errors_do_not_repeat_a_secret_that_a_path_holds(run, words):
    inner = run.root / f"in-{TOKEN}"
    inner.mkdir()
    run("git", "init", "-q", cwd=inner)
    done = run.leakseal(*(word.format(f"{inner}/{TOKEN}") for word in words), cwd=inner)
    assert TOKEN not in done.stdout + done.stderr
    assert "ghp_…" in done.stdout + done.stderr


def test_a_report_that_cannot_be_written_is_told_before_the_scan(run):
    put(run, a="a\n")
    done = run.leakseal("scan", "--range", "no..such", "-o", "no/such/folder/report.txt")
    assert done.returncode == 2
    assert "cannot write the report" in done.stderr
    done = run.leakseal("scan", "--range", "no..such", "-o", "report.txt")
    assert "no..such" in done.stderr
    assert set(os.listdir(run.root)) == {".git", "a"}


def test_the_command_alone_shows_its_help(run):
    done = run.leakseal()
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: leakseal [OPTIONS]")
    assert "Try:" not in done.stderr


@pytest.mark.parametrize("move", ["lines", "file"])
def test_what_a_later_commit_of_the_range_moved_is_told_where_it_stands(run, move):
    put(run, a="a\n")
    run("git", "commit", "-qm", "A")
    put(run, **{"x.env": f"T={TOKEN}\n"})
    run("git", "commit", "-qm", "B")
    if move == "lines":
        put(run, **{"x.env": f"#\n\nT={TOKEN}\n"})
    else:
        run("git", "mv", "x.env", "y.env")
    run("git", "commit", "-qm", "C")
    report = json.loads(run.leakseal("scan", "-q", "--range", "HEAD~2..HEAD", "-f", "json").stdout)
    (finding,) = report["findings"]
    places = [(place["path"], place["line"], place["state"]) for place in finding["occurrences"]]
    came_in = ("x.env", 1, "history")
    assert (
        places
        == {
            "lines": [("x.env", 3, "head")],
            "file": [("y.env", 1, "head"), came_in],
        }[move]
    )


def test_the_reason_of_what_has_expired_is_redacted(run):
    put(run, **{"a.env": f'password = "{PASSWORD}"\n'})
    (run.root / "../settings.yaml").write_text(
        f"version: 1\nallow:\n- paths: ['*.env']\n  reason: as {TOKEN} is\n  expires: 2020-01-01\n"
    )
    for fmt in ("text", "json", "html", "csv"):
        done = run.leakseal("scan", "-q", "--config", "../settings.yaml", "-f", fmt)
        assert "was accepted until 2020-01-01: as ghp_" in done.stdout.replace("\n        ", " ")
        assert TOKEN not in done.stdout
