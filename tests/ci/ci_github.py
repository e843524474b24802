"""Jobs of GitHub, Gitea and Forgejo Actions: variables and events as their documentation has them.

`<m4>` stands for the id of the commit labelled m4; see `ci_graph`.
"""

from typing import Any

from ci_graph import ALL, ZERO, only
from ci_replay import Case

PULL_7 = "+refs/pull/7/merge:refs/remotes/pull/7/merge"
PULL_8 = "+refs/pull/8/merge:refs/remotes/pull/8/merge"
_REPOSITORY = {
    "id": 1296269,
    "name": "shop",
    "full_name": "acme/shop",
    "private": False,
    "fork": False,
    "default_branch": "main",
    "owner": {"login": "acme", "type": "Organization"},
}
_SENDER = {"login": "ann", "id": 1, "type": "User"}


def environ(event: str, sha: str, ref: str, **more: str) -> dict[str, str]:
    kind = "tag" if ref.startswith("refs/tags/") else "branch"
    return {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION": "__run",
        "GITHUB_ACTOR": "ann",
        "GITHUB_ACTOR_ID": "1",
        "GITHUB_API_URL": "https://api.github.com",
        "GITHUB_BASE_REF": "",
        "GITHUB_EVENT_NAME": event,
        "GITHUB_GRAPHQL_URL": "https://api.github.com/graphql",
        "GITHUB_HEAD_REF": "",
        "GITHUB_JOB": "leakseal",
        "GITHUB_REF": ref,
        "GITHUB_REF_NAME": ref.split("/", 2)[-1],
        "GITHUB_REF_PROTECTED": "false",
        "GITHUB_REF_TYPE": kind,
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_REPOSITORY_ID": "1296269",
        "GITHUB_REPOSITORY_OWNER": "acme",
        "GITHUB_RETENTION_DAYS": "90",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": "1658821493",
        "GITHUB_RUN_NUMBER": "3",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_SHA": sha,
        "GITHUB_TRIGGERING_ACTOR": "ann",
        "GITHUB_WORKFLOW": "leakseal",
        "GITHUB_WORKFLOW_REF": f"acme/shop/.github/workflows/leakseal.yml@{ref}",
        "GITHUB_WORKFLOW_SHA": sha,
        "GITHUB_WORKSPACE": "/home/runner/work/shop/shop",
        "RUNNER_ARCH": "X64",
        "RUNNER_ENVIRONMENT": "github-hosted",
        "RUNNER_NAME": "GitHub Actions 2",
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": "/home/runner/work/_temp",
        "RUNNER_TOOL_CACHE": "/opt/hostedtoolcache",
        **more,
    }


def push(ref: str, before: str, after: str, **more: Any) -> dict[str, Any]:
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "base_ref": None,
        "created": before == ZERO,
        "deleted": False,
        "forced": False,
        "compare": "https://github.com/acme/shop/compare/1...2",
        "commits": [{"id": after, "message": "work", "distinct": True}],
        "head_commit": {"id": after, "message": "work"},
        "pusher": {"name": "ann", "email": "ann@example.com"},
        "repository": _REPOSITORY,
        "sender": _SENDER,
        **more,
    }


def pull(number: int, base: str, head: str, *, fork: bool = False) -> dict[str, Any]:
    owner = "mallory" if fork else "acme"
    theirs = _REPOSITORY | {"full_name": f"{owner}/shop", "fork": fork}
    return {
        "action": "synchronize",
        "number": number,
        "before": "<t1>",
        "after": head,
        "pull_request": {
            "id": 279147437,
            "number": number,
            "state": "open",
            "title": "Work; rm -rf $(HOME) `id`",
            "draft": False,
            "merge_commit_sha": "<t7>",
            "base": {"label": "acme:main", "ref": "main", "sha": base, "repo": _REPOSITORY},
            "head": {"label": f"{owner}:topic", "ref": "topic", "sha": head, "repo": theirs},
        },
        "repository": _REPOSITORY,
        "sender": _SENDER,
    }


def _pushed(branch: str, sha: str, **more: str) -> dict[str, str]:
    return environ("push", sha, f"refs/heads/{branch}", **more)


def _proposed(number: int, sha: str, event: str = "pull_request", **more: str) -> dict[str, str]:
    named = {"GITHUB_BASE_REF": "main", "GITHUB_HEAD_REF": "topic"}
    return environ(event, sha, f"refs/pull/{number}/merge", **named, **more)


CASES = [
    Case(
        "GitHub, a push to the default branch",
        _pushed("main", "<m6>"), push("refs/heads/main", "<m4>", "<m6>"),
        "m6", (ALL,), "m5 m6", "push to a branch",
    ),
    Case(
        "GitHub, a push, fetched as deep as is enough",
        _pushed("main", "<m6>"), push("refs/heads/main", "<m4>", "<m6>"),
        "m6", (only("main"),), "m5 m6", "push to a branch", depth=3,
    ),
    Case(
        "GitHub, the first push of a branch",
        _pushed("topic", "<t3>"), push("refs/heads/topic", ZERO, "<t3>"),
        "t3", (ALL,), "t1 t2 t3", "first push of a branch",
    ),
    Case(
        "GitHub, the first push of a branch made from another that lives long",
        _pushed("aaa-feature", "<x2>"), push("refs/heads/aaa-feature", ZERO, "<x2>"),
        "x2", (ALL,), "x1 x2", "what no long-lived branch has",
    ),
    Case(
        "GitHub, the first push of a long-lived branch that is not the default one",
        _pushed("develop", "<d2>"), push("refs/heads/develop", ZERO, "<d2>"),
        "d2", (ALL,), "d1 d2", "first push of a branch",
    ),
    Case(
        "GitHub, one of two branches that were first pushed together",
        _pushed("twin-a", "<a1>"), push("refs/heads/twin-a", ZERO, "<a1>"),
        "a1", (ALL,), "s1 a1", "first push of a branch",
    ),
    Case(
        "GitHub, the other of two branches that were first pushed together",
        _pushed("twin-b", "<b1>"), push("refs/heads/twin-b", ZERO, "<b1>"),
        "b1", (ALL,), "s1 b1", "first push of a branch",
    ),
    Case(
        "GitHub, the first push of the default branch",
        _pushed("main", "<m6>"), push("refs/heads/main", ZERO, "<m6>"),
        "m6", (ALL,), "m1 m2 m3 m4 m5 m6", "nothing says what was known before",
    ),
    Case(
        "GitHub, the first push of a branch without a parent in common",
        _pushed("pages", "<p2>"), push("refs/heads/pages", ZERO, "<p2>"),
        "p2", (ALL,), "p1 p2", "first push of a branch",
    ),
    Case(
        "GitHub, a forced push whose old commits are gone",
        _pushed("wip", "<w3>"), push("refs/heads/wip", "<w1>", "<w3>", forced=True),
        "w3", (ALL,), "w2 w3", "is gone",
    ),
    Case(
        "GitHub, a forced push whose old commits are still there",
        _pushed("wip", "<w3>"), push("refs/heads/wip", "<w1>", "<w3>", forced=True),
        "w3", (ALL, "+refs/forgotten/*:refs/remotes/pull/*"), "w2 w3", "forced push to a branch",
    ),
    Case(
        "GitHub, a forced push back to an older commit",
        _pushed("main", "<m4>"), push("refs/heads/main", "<m6>", "<m4>", forced=True),
        "m4", (ALL,), "", "forced push to a branch",
    ),
    Case(
        "GitHub, a push that merges the default branch in",
        _pushed("update", "<u3>"), push("refs/heads/update", "<u1>", "<u3>"),
        "u3", (ALL,), "m3 m4 u2 u3", "push to a branch",
    ),
    Case(
        "GitHub, a push of a branch that is named like an option",
        _pushed("--output=x", "<k3>"), push("refs/heads/--output=x", ZERO, "<k3>"),
        "k3", (ALL,), "k1 k2 k3", "first push of a branch",
    ),
    Case(
        "GitHub, a push of a tag on the default branch",
        environ("push", "<m4>", "refs/tags/v1"), push("refs/tags/v1", ZERO, "<m4>"),
        "m4", (ALL,), "", "push of a tag",
    ),
    Case(
        "GitHub, a push of an annotated tag of a commit on no branch",
        environ("push", "<r1>", "refs/tags/v2"), push("refs/tags/v2", ZERO, "<tag v2>"),
        "r1", (ALL, "+refs/tags/v2:refs/tags/v2"), "r1", "push of a tag",
    ),
    Case(
        "GitHub, a pull request, its merge checked out",
        _proposed(7, "<t7>"), pull(7, "<m6>", "<t3>"),
        "t7", (ALL, PULL_7), "t1 t2 t3 t7", "pull request 7:",
    ),
    Case(
        "GitHub, a pull request whose target went on since the event was made",
        _proposed(7, "<t7>"), pull(7, "<m3>", "<t3>"),
        "t7", (ALL, PULL_7), "t1 t2 t3 t7", "the change and its merge",
    ),
    Case(
        "GitHub, a pull request, fetched as deep as is enough",
        _proposed(7, "<t7>"), pull(7, "<m6>", "<t3>"),
        "t7", (PULL_7,), "t1 t2 t3 t7", "the change and its merge", depth=5,
    ),
    Case(
        "GitHub, a pull request, its last commit checked out in place of the merge",
        _proposed(7, "<t7>"), pull(7, "<m6>", "<t3>"),
        "t3", (only("main"), only("topic")), "t1 t2 t3", "what the target does not have",
    ),
    Case(
        "GitHub, a pull request that was merged before its job ran again",
        _proposed(7, "<t7>"), pull(7, "<m4>", "<t3>"),
        "t3", ("+refs/pull/7/merge:refs/remotes/origin/main",), "t1 t2 t3 t7", "pull request 7:",
    ),
    Case(
        "GitHub, a pull request from a fork",
        _proposed(8, "<f7>"), pull(8, "<m6>", "<f2>", fork=True),
        "f7", (ALL, PULL_8), "f1 f2 f7", "pull request 8 from a fork",
    ),
    Case(
        "GitHub, pull_request_target, the pull request checked out",
        _proposed(8, "<m6>", "pull_request_target"), pull(8, "<m6>", "<f2>", fork=True),
        "f2", (ALL, "+refs/pull/8/head:refs/remotes/pull/8/head"), "f1 f2", "from a fork",
    ),
    Case(
        "GitHub, a merge queue",
        environ("merge_group", "<t7>", "refs/heads/gh-readonly-queue/main/pr-7-6f1c2d3e"),
        {
            "action": "checks_requested",
            "merge_group": {
                "head_sha": "<t7>",
                "head_ref": "refs/heads/gh-readonly-queue/main/pr-7-6f1c2d3e",
                "base_sha": "<m6>",
                "base_ref": "refs/heads/main",
                "head_commit": {"id": "<t7>", "message": "Merge pull request #7"},
            },
            "repository": _REPOSITORY,
        },
        "t7", (ALL,), "t1 t2 t3 t7", "merge queue",
    ),
    Case(
        "GitHub, a manual run",
        environ("workflow_dispatch", "<m6>", "refs/heads/main"), {"inputs": None},
        "m6", (ALL,), None, "manual run: the whole repository",
    ),
    Case(
        "GitHub, a scheduled run",
        environ("schedule", "<m6>", "refs/heads/main"), {"schedule": "0 4 * * *"},
        "m6", (ALL,), None, "scheduled run: the whole repository",
    ),
    Case(
        "GitHub, a release",
        environ("release", "<r1>", "refs/tags/v2"),
        {"action": "published", "release": {"tag_name": "v2"}, "repository": _REPOSITORY},
        "r1", (ALL, "+refs/tags/v2:refs/tags/v2"), "r1", "release",
    ),
    Case(
        "GitHub, a branch that was created",
        environ("create", "<x2>", "refs/heads/aaa-feature"),
        {"ref": "aaa-feature", "ref_type": "branch", "master_branch": "main",
         "repository": _REPOSITORY},
        "x2", (ALL,), "x1 x2", "first push of a branch",
    ),
    Case(
        "Gitea, a pull request, whose last commit is GITHUB_SHA",
        environ("pull_request", "<t3>", "refs/pull/7/head", GITEA_ACTIONS="true",
                GITHUB_BASE_REF="main", GITHUB_HEAD_REF="topic",
                GITHUB_SERVER_URL="https://gitea.example"),
        pull(7, "<m6>", "<t3>"),
        "t3", (ALL,), "t1 t2 t3", "Gitea Actions: pull request 7:",
    ),
    Case(
        "Forgejo, a push",
        _pushed("main", "<m6>", FORGEJO_ACTIONS="true", GITEA_ACTIONS="true",
                GITHUB_SERVER_URL="https://forgejo.example"),
        push("refs/heads/main", "<m5>", "<m6>"),
        "m6", (only("main"),), "m6", "Forgejo Actions: push to a branch", 2,
    ),
]  # fmt: skip
