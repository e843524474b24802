"""Buildkite: https://buildkite.com/docs/pipelines/configure/environment-variables.

Nothing says what a branch held before a push.
"""

from collections.abc import Mapping

from scanner.ci.job import REFETCH, Job, Kind, Platform, commit_id, number

PLATFORM = Platform(
    "Buildkite",
    "git fetch --unshallow origin  # before leakseal ci; or take `depth` out of `checkout`",
    REFETCH,
)
_AUDITS = {"schedule": "scheduled build", "ui": "manual build"}


def job(environ: Mapping[str, str]) -> Job | None:
    """Return what this job is about, or None if this is none of Buildkite's."""
    if environ.get("BUILDKITE") != "true":
        return None
    commit = environ.get("BUILDKITE_COMMIT", "")
    head = commit_id("" if commit == "HEAD" else commit, "BUILDKITE_COMMIT")
    default = environ.get("BUILDKITE_PIPELINE_DEFAULT_BRANCH", "")
    change = environ.get("BUILDKITE_PULL_REQUEST", "false")
    if change not in ("", "false"):
        target = environ.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "")
        what = f"pull request{number(change)}"
        return Job(PLATFORM, Kind.CHANGE, what, head=head, target=target, default=default)
    if environ.get("BUILDKITE_TAG"):
        return Job(PLATFORM, Kind.TAG, "build of a tag", head=head, default=default)
    source = environ.get("BUILDKITE_SOURCE", "")
    if source in _AUDITS:
        return Job(PLATFORM, Kind.AUDIT, _AUDITS[source])
    branch = environ.get("BUILDKITE_BRANCH", "")
    return Job(PLATFORM, Kind.BRANCH, "build of a branch", head, branch=branch, default=default)
