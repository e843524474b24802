"""Jenkins, with its Git plugin: https://plugins.jenkins.io/git/, and multibranch projects.

A commit counts as known once a build of it succeeded: a build that failed or was stopped may not
have searched it.
"""

from collections.abc import Mapping

from scanner.ci.job import REFETCH, Job, Kind, Platform, commit_id, number

PLATFORM = Platform(
    "Jenkins",
    "checkout scmGit(branches: scm.branches, userRemoteConfigs: scm.userRemoteConfigs,\n"
    "  extensions: [cloneOption(shallow: false)])",
    REFETCH,
)


def job(environ: Mapping[str, str]) -> Job | None:
    """Return what this job is about, or None if this is none of Jenkins'."""
    if not environ.get("JENKINS_URL") and not environ.get("JENKINS_HOME"):
        return None
    if environ.get("CHANGE_ID"):  # what is checked out may be a merge that Jenkins made
        what = f"pull request{number(environ['CHANGE_ID'])}"
        what = f"{what} from a fork" if environ.get("CHANGE_FORK") else what
        target = environ.get("CHANGE_TARGET", "")
        return Job(PLATFORM, Kind.CHANGE, what, target=target)
    head = commit_id(environ.get("GIT_COMMIT", ""), "GIT_COMMIT")
    if environ.get("TAG_NAME"):
        return Job(PLATFORM, Kind.TAG, "build of a tag", head=head)
    known = "GIT_PREVIOUS_SUCCESSFUL_COMMIT"
    before = commit_id(environ.get(known, ""), known)
    branch = environ.get("BRANCH_NAME") or environ.get("GIT_BRANCH", "").removeprefix("origin/")
    return Job(
        PLATFORM,
        Kind.BRANCH,
        "build of a branch" if before else "first good build of a branch",
        head=head,
        base=before,
        branch=branch,
    )
