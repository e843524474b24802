"""Azure Pipelines: https://learn.microsoft.com/azure/devops/pipelines/build/variables.

Nothing says what a branch held before a push.
"""

from collections.abc import Mapping

from scanner.ci.job import Job, Kind, Platform, commit_id, number

PLATFORM = Platform(
    "Azure Pipelines",
    "steps:\n- checkout: self\n  fetchDepth: 0",
    "steps:\n- checkout: self\n  fetchFilter: ''",
)
_AUDITS = {
    "Manual": "manual run",
    "Schedule": "scheduled run",
    "BuildCompletion": "run started by another pipeline",
    "ResourceTrigger": "run started by another pipeline",
}


def job(environ: Mapping[str, str]) -> Job | None:
    """Return what this job is about, or None if this is none of Azure's."""
    if environ.get("TF_BUILD", "").lower() != "true":
        return None
    head = commit_id(environ.get("BUILD_SOURCEVERSION", ""), "BUILD_SOURCEVERSION")
    reason = environ.get("BUILD_REASON", "")
    if reason == "PullRequest":
        return _pull_request(environ, head)
    if reason in _AUDITS:
        return Job(PLATFORM, Kind.AUDIT, _AUDITS[reason])
    ref = environ.get("BUILD_SOURCEBRANCH", "")
    if ref.startswith("refs/tags/"):
        return Job(PLATFORM, Kind.TAG, "push of a tag", head=head)
    branch = ref.removeprefix("refs/heads/")
    return Job(PLATFORM, Kind.BRANCH, "push to a branch", head=head, branch=branch)


def _pull_request(environ: Mapping[str, str], head: str) -> Job:
    """Return the job of a pull request, for which `head` is its merge into the target."""
    source = "SYSTEM_PULLREQUEST_SOURCECOMMITID"
    own = environ.get("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "")  # GitHub's, not Azure's
    what = f"pull request{number(own or environ.get('SYSTEM_PULLREQUEST_PULLREQUESTID', ''))}"
    fork = environ.get("SYSTEM_PULLREQUEST_ISFORK", "").lower() == "true"
    target = environ.get("SYSTEM_PULLREQUEST_TARGETBRANCH", "")  # a ref in some, a name in others
    return Job(
        PLATFORM,
        Kind.CHANGE,
        f"{what} from a fork" if fork else what,
        head=head,
        source=commit_id(environ.get(source, ""), source),
        target=target.removeprefix("refs/heads/"),
    )
