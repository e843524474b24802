"""CircleCI: https://circleci.com/docs/reference/variables/.

No variable says what a branch held before; `pipeline.git.base_revision` does, and has to be passed
as `--base`.
"""

from collections.abc import Mapping

from scanner.ci.job import Job, Kind, Platform, commit_id

PLATFORM = Platform("CircleCI", "- checkout:\n    method: full", "- checkout:\n    method: full")


def job(environ: Mapping[str, str]) -> Job | None:
    """Return what this job is about, or None if this is none of CircleCI's."""
    if environ.get("CIRCLECI") != "true":
        return None
    head = commit_id(environ.get("CIRCLE_SHA1", ""), "CIRCLE_SHA1")
    if environ.get("CIRCLE_TAG"):
        return Job(PLATFORM, Kind.TAG, "push of a tag", head=head)
    fork = bool(environ.get("CIRCLE_PR_NUMBER"))
    what = "pull request from a fork" if fork else "push to a branch"
    branch = environ.get("CIRCLE_BRANCH", "")
    return Job(PLATFORM, Kind.BRANCH, what, head=head, branch=branch)
