"""Checkouts that hold too little: never called clean, and the line to add is named."""

import re

import ci_graph
import pytest
from ci_github import PULL_7, environ, pull, push
from ci_graph import ALL, ZERO, only
from ci_others import azure, bitbucket, buildkite, circleci, gitlab, jenkins, merge_request
from ci_replay import Case, replayed

from scanner.errors import INCOMPLETE, IncompleteError

_PROPOSED = environ("pull_request", "<t7>", "refs/pull/7/merge", GITHUB_BASE_REF="main")
_MERGED = "+refs/merge-requests/9/merge:refs/pipelines/2"
_ONE = "+refs/merge-requests/9/head:refs/remotes/origin/merge-requests/9/head"
_PR = "+refs/pull/8/head:refs/remotes/origin/PR-8"
_BRANCH = "refs/heads/main"
_DEPTHS = {
    "GitHub": "fetch-depth: 0",
    "GitLab": 'GIT_DEPTH: "0"',
    "Azure": "fetchDepth: 0",
    "Bitbucket": "clone:\n  depth: full",
    "Jenkins": "cloneOption(shallow: false)",
    "CircleCI": "method: full",
    "Buildkite": "git fetch --unshallow origin",
}

TOO_SHALLOW = [
    Case(
        "GitHub, a push, and one commit",
        environ("push", "<m6>", _BRANCH), push(_BRANCH, "<m4>", "<m6>"),
        "m6", (only("main"),), None, "is not in this checkout", 1,
    ),
    Case(
        "GitHub, a push of two commits, and the first of them is cut off",
        environ("push", "<m6>", _BRANCH), push(_BRANCH, "<m4>", "<m6>"),
        "m6", (only("main"),), None, "is not in this checkout", 2,
    ),
    Case(
        "GitHub, a first push, and one commit",
        environ("push", "<t3>", "refs/heads/topic"), push("refs/heads/topic", ZERO, "<t3>"),
        "t3", (only("topic"),), None, "too shallow", 1,
    ),
    Case(
        "GitHub, a tag, and one commit",
        environ("push", "<m4>", "refs/tags/v1"), push("refs/tags/v1", ZERO, "<m4>"),
        "m4", ("+refs/tags/v1:refs/tags/v1",), None, "too shallow", 1,
    ),
    Case(
        "GitHub, a pull request, and its merge alone",
        _PROPOSED, pull(7, "<m6>", "<t3>"), "t7", (PULL_7,), None, "is not in this checkout", 1,
    ),
    Case(
        "GitHub, a pull request, and its merge with both parents",
        _PROPOSED, pull(7, "<m6>", "<t3>"), "t7", (PULL_7,), None, "ends inside the 2 commits", 2,
    ),
    Case(
        "GitHub, a pull request, and where it began is cut off",
        _PROPOSED, pull(7, "<m6>", "<t3>"), "t7", (PULL_7,), None, "too shallow", 4,
    ),
    Case(
        "GitLab, a push of more commits than are fetched",
        gitlab("push", "<m6>", "main", CI_COMMIT_BEFORE_SHA="<m1>"), None,
        "m6", (only("main"),), None, "is not in this checkout", 3,
    ),
    Case(
        "GitLab, a merge request of more commits than are fetched",
        merge_request("<u3>", "<m4>"), None,
        "u3", (_ONE,), None, "the target of this change is not", 1,
    ),
    Case(
        "GitLab, a merge request whose beginning is cut off on one side",
        merge_request("<u3>", "<m4>"), None, "u3", (_ONE,), None, "too shallow", 3,
    ),
    Case(
        "GitLab, a merged result whose commits are cut off",
        merge_request("<u7>", "<m4>", "merged_result", source="<u3>", target="<m6>"), None,
        "u7", (_MERGED,), None, "ends inside the 3 commits", 3,
    ),
    Case(
        "Bitbucket, a branch alone",
        bitbucket("<t3>", BITBUCKET_BRANCH="topic"), None,
        "t3", (only("topic"),), None, "too shallow", 3,
    ),
    Case(
        "Azure, a pull request, and its merge alone",
        azure("PullRequest", "<t7>", "refs/pull/7/merge",
              SYSTEM_PULLREQUEST_SOURCECOMMITID="<t3>", SYSTEM_PULLREQUEST_TARGETBRANCH="main"),
        None, "t7", (PULL_7,), None, "the target of this change is not", 1,
    ),
    Case(
        "Azure, a push",
        azure("IndividualCI", "<m6>", _BRANCH), None,
        "m6", (only("main"),), None, "too shallow", 1,
    ),
    Case(
        "Jenkins, a pull request without its target",
        jenkins(CHANGE_ID="8", CHANGE_TARGET="main"), None,
        "f2", (_PR,), None, "the target of this change is not", 3,
    ),
    Case(
        "CircleCI, a shallow checkout",
        circleci("<t3>", CIRCLE_BRANCH="topic"), None,
        "t3", (only("topic"),), None, "too shallow", 2,
    ),
    Case(
        "Buildkite, a shallow checkout",
        buildkite("<t3>", "topic"), None, "t3", (only("topic"),), None, "too shallow", 2,
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", TOO_SHALLOW, ids=lambda case: case.name)
def test_too_little_is_not_called_clean(case, server, clone, tmp_path):
    with pytest.raises(IncompleteError, match=re.escape(case.words)) as raised:
        replayed(case, server, clone, tmp_path)
    assert raised.value.exit_code == INCOMPLETE
    assert _DEPTHS[case.name.partition(",")[0]] in str(raised.value)


def test_one_commit_more_is_enough(server, clone, tmp_path):
    case = next(case for case in TOO_SHALLOW if "first of them is cut off" in case.name)
    labels = replayed(case._replace(depth=3), server, clone, tmp_path)[1]
    assert labels == {"m5", "m6"}


def test_a_clone_exactly_as_deep_as_the_history_is_whole(server, clone, tmp_path):
    event = push("refs/heads/pages", ZERO, "<p2>")
    case = Case("", environ("push", "<p2>", "refs/heads/pages"), event,
                "p2", (only("pages"),), "p1 p2", "", 2)  # fmt: skip
    path = clone("p2", only("pages"), depth=2)
    assert (path / ".git" / "shallow").exists()  # git calls it shallow all the same
    assert replayed(case, server, clone, tmp_path)[1] == {"p1", "p2"}


def test_what_looks_new_but_may_be_known_behind_the_cut_is_not_guessed(server, tmp_path):
    """The side is whole to its first commit, but the target's history is cut off before it."""
    path = tmp_path / "checkout"
    path.mkdir()
    ci_graph.git(path, "init", "-q", ".")
    ci_graph.git(path, "remote", "add", "origin", f"file://{server.path}")
    ci_graph.git(path, "fetch", "-q", "--depth=2", "origin", only("main"))
    ci_graph.git(path, "fetch", "-q", "--depth=9", "origin", "+refs/tags/v1:refs/tags/v1")
    shallow = (path / ".git" / "shallow").read_text().split()
    assert shallow == [server.ids["m5"]]
    case = Case("", gitlab("push", "<m4>", "main", CI_COMMIT_BEFORE_SHA="<m6>"), None,
                "m4", (), None, "")  # fmt: skip
    with pytest.raises(IncompleteError, match="before it is clear which commits are new"):
        replayed(case, server, lambda *_, **__: path, tmp_path)


def test_a_whole_clone_without_the_target_is_told_how_to_fetch_it(server, clone, tmp_path):
    case = Case("", jenkins(CHANGE_ID="8", CHANGE_TARGET="main"), None, "f2", (_PR,), None, "")
    with pytest.raises(IncompleteError, match=r"git fetch origin '\+refs/heads/\*"):
        replayed(case, server, clone, tmp_path)


def test_pull_request_target_checks_out_the_target_and_not_what_is_to_be_searched(
    server, clone, tmp_path
):
    variables = environ("pull_request_target", "<m6>", _BRANCH)
    case = Case("", variables, pull(8, "<m6>", "<f2>", fork=True), "m6", (ALL,), None, "")
    with pytest.raises(IncompleteError, match="the commit of this job is not in this checkout"):
        replayed(case, server, clone, tmp_path)


def test_a_damaged_history_is_not_called_clean(server, tmp_path):
    path = ci_graph.cloned(server, tmp_path / "checkout", "t3", ALL)
    lost = server.ids["t1"]
    (path / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    case = Case("", gitlab("push", "<t3>", "topic"), None, "t3", (), None, "")
    with pytest.raises(IncompleteError, match="git cannot tell"):
        replayed(case, server, lambda *_, **__: path, tmp_path)
