"""`leakseal ci` as a process: what it prints, and its exit codes."""

import json
import os
import subprocess
import sys

import ci_graph
import pytest
from ci_github import PULL_7, environ, pull, push
from ci_graph import ALL, LEAK, ZERO, only
from ci_others import circleci, gitlab
from ci_replay import filled
from quiet_git import ENVIRONMENT


@pytest.fixture
def ci(server, tmp_path):
    def run(path, variables, *arguments, payload=None):
        more = {"HOME": str(tmp_path)}
        if payload is not None:
            (tmp_path / "event.json").write_text(json.dumps(filled(payload, server)))
            more["GITHUB_EVENT_PATH"] = str(tmp_path / "event.json")
        done = subprocess.run(
            [sys.executable, "-m", "scanner", "ci", *arguments],
            cwd=path, env=ENVIRONMENT | filled(variables, server) | more, capture_output=True,
            timeout=60,
        )  # fmt: skip
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


def test_a_pull_request_that_brings_in_a_leak(ci, clone, server):
    path = clone("t7", ALL, PULL_7)
    variables = environ("pull_request", "<t7>", "refs/pull/7/merge")
    code, report, said = ci(path, variables, "-f", "json", payload=pull(7, "<m6>", "<t3>"))
    assert code == 1
    (finding,) = json.loads(report)["findings"]
    assert finding["occurrences"][0]["introduced"]["id"] == server.ids["t2"]
    start, end = server.ids["m6"][:8], server.ids["t7"][:8]
    assert said == (
        f"leakseal: GitHub Actions: pull request 7: {start}..{end} (the change and its merge):"
        " 4 commits\n"
    )


def test_a_push_that_brings_in_nothing_new_is_clean_and_says_so(ci, clone):
    variables = environ("push", "<t3>", "refs/heads/topic")
    event = push("refs/heads/topic", "<t3>", "<t3>")
    code, report, said = ci(clone("t3", ALL), variables, "-f", "json", payload=event)
    assert code == 0
    assert json.loads(report)["findings"] == []
    assert said.endswith("no commits, nothing to search\n")


def test_what_a_pushed_tag_says(ci, clone):
    path = clone("t3", ALL)
    git = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@acme.example"]
    subprocess.run([*git, "tag", "-a", "-m", f"Use {LEAK}", "v9"], cwd=path, check=True)
    variables = environ("push", "<t3>", "refs/tags/v9")
    event = push("refs/tags/v9", "<t3>", ZERO)
    code, report, _ = ci(path, variables, "-f", "json", payload=event)
    assert code == 1
    findings = json.loads(report)["findings"]
    places = [o for f in findings for o in f["occurrences"]]
    assert ("tag", "refs/tags/v9") in [(o["place"], o["path"]) for o in places]


def test_a_checkout_that_is_too_shallow(ci, clone):
    variables = environ("pull_request", "<t7>", "refs/pull/7/merge")
    path = clone("t7", PULL_7, depth=1)
    code, report, said = ci(path, variables, payload=pull(7, "<m6>", "<t3>"))
    assert (code, report) == (3, "")
    assert said.endswith("  with:\n    fetch-depth: 0\n")


def test_a_scheduled_run_audits_and_a_shallow_checkout_of_it_is_incomplete(ci, clone):
    variables = gitlab("schedule", "<t3>", "topic")
    code, report, said = ci(clone("t3", ALL), variables, "-f", "json")
    assert code == 1
    assert json.loads(report)["coverage"]["complete"]
    assert "scheduled pipeline: the whole repository" in said
    code, report, said = ci(clone("t3", only("topic"), depth=2), variables, "-f", "json")
    assert code == 3
    assert len(json.loads(report)["findings"]) == 1
    assert 'GIT_DEPTH: "0"' in said


def test_contents_that_were_left_out(ci, server, tmp_path):
    path = ci_graph.cloned(server, tmp_path / "partial", "m6", ALL, partial=True)
    variables = circleci("<t3>", CIRCLE_BRANCH="topic")
    code, report, said = ci(path, variables, "-f", "json")
    assert code == 3
    assert json.loads(report)["findings"] == []
    assert "method: full" in said


def test_outside_ci_the_commits_have_to_be_named(ci, clone, server):
    path = clone("t3", ALL)
    code, report, said = ci(path, {})
    assert (code, report) == (2, "")
    assert "leakseal ci --base main" in said
    code, _, said = ci(path, {}, "--base", "origin/main")
    assert (code, "3 commits" in said) == (1, True)
    code, _, said = ci(path, {}, "--range", f"{server.ids['t2']}..")
    assert (code, "1 commit\n" in said) == (0, True)


def test_commits_that_are_named_come_before_the_platform(ci, clone, server):
    path, variables = clone("t3", ALL), circleci("<t3>", CIRCLE_BRANCH="topic")
    assert "1 commit\n" in ci(path, variables, "--base", server.ids["t2"])[2]
    assert "3 commits\n" in ci(path, variables, "--base", "")[2]
    assert "3 commits\n" in ci(path, variables, "--base", ZERO)[2]
    assert "3 commits\n" in ci(path, variables, "--base", server.ids["w1"])[2]  # forced
    assert "1 commit\n" in ci(path, variables, "--head", "origin/topic^^")[2]
    assert "5 commits\n" in ci(path, gitlab("web", "<t3>"), "--head", "origin/topic~2")[2]


def test_a_job_whose_event_cannot_be_read_goes_on_with_commits_that_are_named(ci, clone):
    path, variables = clone("t3", ALL), environ("push", "<t3>", "refs/heads/topic")
    code, _, said = ci(path, variables)
    assert code == 2
    assert "name the commits with --base and --head" in said
    assert ci(path, variables, "--base", "origin/main", "--head", "HEAD")[0] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--base", "--output=x"],
        ["--base", "no-such"],
        ["--head", "a\x1b]0;b"],
        ["--range", "main"],
        ["--range", "a..b", "--base", "c"],
        ["no/such/place"],
    ],
)
def test_usage_errors(ci, clone, arguments):
    code, report, said = ci(clone("t3", ALL), {}, *arguments)
    assert (code, report) == (2, "")
    assert 0 < len(said.splitlines()) <= 2
    assert "\x1b" not in said


def test_no_name_and_no_value_is_printed(ci, clone, tmp_path, server):
    """A branch, and a target, can be named like a secret."""
    variables = environ("push", "<t3>", f"refs/heads/{LEAK}")
    payload = push(f"refs/heads/{LEAK}", ZERO, "<t3>")
    payload["repository"] = payload["repository"] | {"default_branch": LEAK}
    _, report, said = ci(clone("t3", ALL), variables, payload=payload)
    assert LEAK not in report + said
    variables = gitlab("push", LEAK, LEAK)
    _, report, said = ci(clone("t3", ALL), variables)
    assert LEAK not in report + said


def test_help_names_the_platforms():
    environment = ENVIRONMENT | {"HOME": os.devnull}
    command = [sys.executable, "-m", "scanner", "ci", "--help"]
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert b"Buildkite" in done.stdout


RULE = r"""
rules:
  add:
  - id: acme-key
    name: Acme key
    kind: api-key
    provider: Acme
    severity: critical
    keywords: [acme_live_]
    pattern: '{{left}}acme_live_[a-z]{20}{{right}}'
    remediation: https://acme.example/keys
"""


def test_settings_of_the_checkout_count_from_beside_it_and_whoever_owns_them(ci, clone):
    path = clone("t3", ALL)
    (path / ".leakseal.yaml").write_text(RULE)
    (path / "a.txt").write_text("acme_live_" + "qwertzuiopasdfghjkly" + "\n")
    git = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@acme.example"]
    subprocess.run([*git, "add", "-A"], cwd=path, check=True)
    subprocess.run([*git, "commit", "-qm", "Own rule"], cwd=path, check=True)
    if os.geteuid() == 0:
        os.chown(path / ".leakseal.yaml", 12345, 12345)
    for folder, target in ((path, "."), (path.parent, path.name)):
        asked = ("--range", "HEAD~1..", "-f", "json", target)
        code, report, _ = ci(folder, {}, *asked)
        found = [finding["rule"]["id"] for finding in json.loads(report)["findings"]]
        assert (code, found) == (1, ["acme-key"])
        code, report, _ = ci(folder, {}, "--audit", *asked)
        assert (code, json.loads(report)["findings"]) == (0, [])
        assert ci(folder, {}, "--no-baseline", *asked)[0] == 1


def test_a_directory_limits_what_is_reported_and_the_current_one_does_not(ci, server, tmp_path):
    path = tmp_path / "checkout"
    ci_graph.cloned(server, path, "t3", ALL)
    git = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@acme.example"]
    for folder in ("one", "two"):
        (path / folder).mkdir()
        (path / folder / "key.txt").write_text(f"{LEAK}\n")
    subprocess.run([*git, "add", "-A"], cwd=path, check=True)
    subprocess.run([*git, "commit", "-qm", "Two"], cwd=path, check=True)
    audit = environ("workflow_dispatch", "<t3>", "refs/heads/topic")
    for variables, options in (({}, ("--range", "HEAD~1..")), (audit, ())):
        for folder, target, wanted in (
            (path, "one", {"one/key.txt"}),
            (path.parent, f"{path.name}/two", {"two/key.txt"}),
            (path / "one", "../two", {"two/key.txt"}),
            (path / "one", "./", {"one/key.txt", "two/key.txt"}),
        ):
            code, report, _ = ci(folder, variables, *options, "-f", "json", target)
            (finding,) = json.loads(report)["findings"]
            places = {place["path"] for place in finding["occurrences"]}
            assert code == 1
            assert places - {"t2.txt"} == wanted
            assert ("t2.txt" in places) == (not options and target == "./")
    code, _, said = ci(path, audit, "three")
    assert (code, said.endswith("there is no three\n")) == (2, True)


def test_a_change_cannot_lead_the_limit_elsewhere(ci, server, tmp_path):
    path = tmp_path / "checkout"
    ci_graph.cloned(server, path, "t3", ALL)
    (path / "clean" / "deep").mkdir(parents=True)
    (path / "part").symlink_to("clean")
    for target in ("part", "part/deep", str(path / "part")):
        code, report, said = ci(path, {}, "--range", "HEAD~3..", target)
        assert (code, report) == (2, "")
        assert "symbolic link" in said
    (tmp_path / "beside").symlink_to("checkout")
    assert ci(tmp_path, {}, "--range", "HEAD~3..", "beside")[0] == 1
    assert ci(tmp_path, {}, "--range", "HEAD~3..", "beside/clean")[0] == 0


def test_a_git_directory_outside_of_its_checkout_limits_nothing(ci, server, tmp_path):
    path = tmp_path / "checkout"
    ci_graph.cloned(server, path, "t3", ALL)
    subprocess.run(["git", "worktree", "add", "-q", "../linked"], cwd=path, check=True)
    target = f"{path.name}/.git/worktrees/linked"
    assert ci(tmp_path, {}, "--range", "HEAD~3..", target)[0] == 1


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no pseudo-terminals")
@pytest.mark.parametrize("within", ["", "true"])
def test_progress_is_drawn_on_a_terminal_in_its_own_unit_and_not_in_a_job(
    clone, server, within, tmp_path
):
    """Some runners give jobs a terminal, where an annotation has to start a line all the same."""
    main, other = os.openpty()
    command = [sys.executable, "-m", "scanner", "ci", "-f", "github"]
    command += ["--range", f"{server.ids['m4']}..{server.ids['t3']}"]
    environment = ENVIRONMENT | {"CI": within, "HOME": str(tmp_path), "TERM": "xterm"}
    with subprocess.Popen(
        command, cwd=clone("t3", ALL), env=environment, stdout=other, stderr=other
    ) as running:
        os.close(other)
        drawn = b""
        try:
            while more := os.read(main, 4096):
                drawn += more
        except OSError:  # how Linux tells the end
            pass
    os.close(main)
    assert running.returncode == 1
    assert (b"\x1b" in drawn) == (not within)
    assert (b"/3" in drawn) == (not within)
    assert b"bytes" not in drawn
    assert (b"\n::error file=t2.txt" in drawn) == bool(within)
