"""GitHub Actions, and Gitea and Forgejo Actions, which use its variables and its events.

https://docs.github.com/en/actions/reference/workflows-and-actions/variables
https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

from collections.abc import Mapping
from typing import Any

from scanner.ci import event
from scanner.ci.job import Job, Kind, Platform, commit_id, number

_DEEPEN = "- uses: actions/checkout  # with its version, as before\n  with:\n    fetch-depth: 0"
_COMPLETE = "- uses: actions/checkout  # with its version, without `filter` and `sparse-checkout`"
_CHANGES = frozenset(
    ["pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment"]
)
_AUDITS = {
    "schedule": "scheduled run",
    "workflow_dispatch": "manual run",
    "repository_dispatch": "run started from outside",
}


def job(environ: Mapping[str, str]) -> Job | None:
    """Return what this job is about, or None if this is none of GitHub's, Gitea's or Forgejo's.

    Raises UsageError if the event cannot be read.
    """
    if environ.get("GITHUB_ACTIONS") != "true":
        return None
    name = environ.get("GITHUB_EVENT_NAME", "")
    known = name in _CHANGES or name in ("push", "create", "merge_group", "release")
    if not known:
        return Job(_platform(environ), Kind.AUDIT, _AUDITS.get(name, "run for another event"))
    return started_by(event.read(environ.get("GITHUB_EVENT_PATH", "")), environ)


def started_by(payload: Mapping[str, Any], environ: Mapping[str, str]) -> Job:
    """Return the job that an event started, which is about commits."""
    name, ref = environ.get("GITHUB_EVENT_NAME", ""), environ.get("GITHUB_REF", "")
    place = _platform(environ)
    sha = commit_id(environ.get("GITHUB_SHA", ""), "GITHUB_SHA")
    default = event.field(payload, "repository.default_branch")
    if name in _CHANGES:
        return _change(place, payload, sha if name != "pull_request_target" else "")
    if name == "merge_group":
        base = commit_id(event.field(payload, "merge_group.base_sha"), "merge_group.base_sha")
        return Job(place, Kind.CHANGE, "merge queue", head=sha, base=base)
    if name == "release" or ref.startswith("refs/tags/"):
        what = "release" if name == "release" else "push of a tag"
        return Job(place, Kind.TAG, what, head=sha, default=default)
    before = commit_id(event.field(payload, "before"), "the event's `before`")
    forced = event.flag(payload, "forced")
    what = "forced push to a branch" if forced else "push to a branch"
    return Job(
        place,
        Kind.BRANCH,
        what if before else "first push of a branch",
        head=sha,
        base=before,
        branch=ref.removeprefix("refs/heads/"),
        default=default,
    )


def _change(place: Platform, payload: Mapping[str, Any], sha: str) -> Job:
    """Return the job of a pull request; `sha` is GITHUB_SHA, unless that is the target's."""
    source = commit_id(event.field(payload, "pull_request.head.sha"), "pull_request.head.sha")
    base = commit_id(event.field(payload, "pull_request.base.sha"), "pull_request.base.sha")
    theirs = event.field(payload, "pull_request.head.repo.full_name")
    fork = theirs != event.field(payload, "pull_request.base.repo.full_name")
    what = f"pull request{number(event.field(payload, 'pull_request.number'))}"
    return Job(
        place,
        Kind.CHANGE,
        f"{what} from a fork" if fork else what,
        head=sha or source,
        source=source,
        base=base,
        target=event.field(payload, "pull_request.base.ref"),
        default=event.field(payload, "repository.default_branch"),
    )


def _platform(environ: Mapping[str, str]) -> Platform:
    name = "GitHub Actions"
    if environ.get("FORGEJO_ACTIONS") == "true":
        name = "Forgejo Actions"
    elif environ.get("GITEA_ACTIONS") == "true":
        name = "Gitea Actions"
    return Platform(name, _DEEPEN, _COMPLETE)
