"""GitLab CI: https://docs.gitlab.com/ci/variables/predefined_variables/."""

from collections.abc import Mapping

from scanner.ci.job import Job, Kind, Platform, commit_id, number

PLATFORM = Platform(
    "GitLab CI",
    'variables:\n  GIT_DEPTH: "0"',
    "variables:  # without --filter in GIT_CLONE_EXTRA_FLAGS and GIT_FETCH_EXTRA_FLAGS\n"
    "  GIT_STRATEGY: clone",
)
_AUDITS = {
    "schedule": "scheduled pipeline",
    "web": "manual pipeline",
    "api": "pipeline started from outside",
    "trigger": "pipeline started from outside",
    "pipeline": "pipeline started by another project",
    "chat": "manual pipeline",
}


def job(environ: Mapping[str, str]) -> Job | None:
    """Return what this job is about, or None if this is none of GitLab's."""
    if environ.get("GITLAB_CI") != "true":
        return None
    sha = _id(environ, "CI_COMMIT_SHA")
    default = environ.get("CI_DEFAULT_BRANCH", "")
    if environ.get("CI_MERGE_REQUEST_IID"):
        return _merge_request(environ, sha)
    source = environ.get("CI_PIPELINE_SOURCE", "")
    if source == "external_pull_request_event":
        return Job(
            PLATFORM,
            Kind.CHANGE,
            f"pull request{number(environ.get('CI_EXTERNAL_PULL_REQUEST_IID', ''))}",
            head=sha,
            base=_id(environ, "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA"),
            target=environ.get("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", ""),
        )
    if source in _AUDITS:
        return Job(PLATFORM, Kind.AUDIT, _AUDITS[source])
    if environ.get("CI_COMMIT_TAG"):
        return Job(PLATFORM, Kind.TAG, "push of a tag", head=sha, default=default)
    before = _id(environ, "CI_COMMIT_BEFORE_SHA")
    return Job(
        PLATFORM,
        Kind.BRANCH,
        "push to a branch" if before else "first push of a branch",
        head=sha,
        base=before,
        branch=environ.get("CI_COMMIT_BRANCH", ""),
        default=default,
    )


def _merge_request(environ: Mapping[str, str], sha: str) -> Job:
    """Return the job of a merge request, of its merged result, or of a merge train.

    In the latter two `sha` is the merge, and CI_MERGE_REQUEST_SOURCE_BRANCH_SHA what is merged.
    """
    kinds = {"merged_result": "merged result of a merge request", "merge_train": "merge train"}
    what = kinds.get(environ.get("CI_MERGE_REQUEST_EVENT_TYPE", ""), "merge request")
    what += number(environ.get("CI_MERGE_REQUEST_IID", ""))
    origin = environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "")
    fork = origin not in ("", environ.get("CI_MERGE_REQUEST_PROJECT_ID", ""))
    base = _id(environ, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA")
    return Job(
        PLATFORM,
        Kind.CHANGE,
        f"{what} from a fork" if fork else what,
        head=sha,
        source=_id(environ, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"),
        base=base or _id(environ, "CI_MERGE_REQUEST_DIFF_BASE_SHA"),
        # In a fork's own pipeline this name would be looked up in the fork.
        target="" if fork else environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", ""),
    )


def _id(environ: Mapping[str, str], name: str) -> str:
    return commit_id(environ.get(name, ""), name)
