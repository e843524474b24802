"""Bitbucket Pipelines: https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/.

Nothing says what a branch held before a push.
"""

from collections.abc import Mapping

from scanner.ci.job import REFETCH, Job, Kind, Platform, commit_id, number

PLATFORM = Platform("Bitbucket Pipelines", "clone:\n  depth: full", REFETCH)


def job(environ: Mapping[str, str]) -> Job | None:
    """Return what this job is about, or None if this is none of Bitbucket's."""
    if not environ.get("BITBUCKET_BUILD_NUMBER"):
        return None
    head = commit_id(environ.get("BITBUCKET_COMMIT", ""), "BITBUCKET_COMMIT")
    if environ.get("BITBUCKET_PR_ID"):
        name = "BITBUCKET_PR_DESTINATION_COMMIT"
        return Job(
            PLATFORM,
            Kind.CHANGE,
            f"pull request{number(environ['BITBUCKET_PR_ID'])}",
            head=head,
            base=commit_id(environ.get(name, ""), name, short=True),
            target=environ.get("BITBUCKET_PR_DESTINATION_BRANCH", ""),
        )
    if environ.get("BITBUCKET_TAG"):
        return Job(PLATFORM, Kind.TAG, "push of a tag", head=head)
    branch = environ.get("BITBUCKET_BRANCH", "")
    if not branch:
        return Job(PLATFORM, Kind.AUDIT, "custom pipeline")
    return Job(PLATFORM, Kind.BRANCH, "push to a branch", head=head, branch=branch)
