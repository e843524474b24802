"""Jobs of the other platforms, their variables as their documentation has them."""

from ci_graph import ALL, ZERO, only
from ci_replay import Case


def gitlab(source: str, sha: str, branch: str = "", **more: str) -> dict[str, str]:
    return {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_API_V4_URL": "https://gitlab.example/api/v4",
        "CI_BUILDS_DIR": "/builds",
        "CI_COMMIT_BEFORE_SHA": ZERO,
        "CI_COMMIT_REF_NAME": branch,
        "CI_COMMIT_REF_PROTECTED": "false",
        "CI_COMMIT_SHA": sha,
        "CI_COMMIT_SHORT_SHA": sha[:8],
        "CI_COMMIT_TITLE": "work",
        "CI_DEFAULT_BRANCH": "main",
        "CI_JOB_ID": "50",
        "CI_JOB_NAME": "leakseal",
        "CI_JOB_STAGE": "test",
        "CI_PIPELINE_ID": "1000",
        "CI_PIPELINE_IID": "10",
        "CI_PIPELINE_SOURCE": source,
        "CI_PROJECT_DIR": "/builds/acme/shop",
        "CI_PROJECT_ID": "17",
        "CI_PROJECT_NAMESPACE": "acme",
        "CI_PROJECT_PATH": "acme/shop",
        "CI_PROJECT_URL": "https://gitlab.example/acme/shop",
        "CI_RUNNER_VERSION": "18.4.0",
        "CI_SERVER": "yes",
        "CI_SERVER_NAME": "GitLab",
        "CI_SERVER_VERSION": "18.4.0",
        "GITLAB_USER_LOGIN": "ann",
        **({"CI_COMMIT_BRANCH": branch} if branch else {}),
        **more,
    }


def merge_request(sha: str, base: str, kind: str = "detached", **more: str) -> dict[str, str]:
    return gitlab(
        "merge_request_event",
        sha,
        CI_COMMIT_REF_NAME="update",
        CI_MERGE_REQUEST_DIFF_BASE_SHA=base,
        CI_MERGE_REQUEST_DIFF_ID="7",
        CI_MERGE_REQUEST_EVENT_TYPE=kind,
        CI_MERGE_REQUEST_ID="100",
        CI_MERGE_REQUEST_IID="9",
        CI_MERGE_REQUEST_PROJECT_ID="17",
        CI_MERGE_REQUEST_PROJECT_PATH="acme/shop",
        CI_MERGE_REQUEST_REF_PATH="refs/merge-requests/9/head",
        CI_MERGE_REQUEST_SOURCE_BRANCH_NAME="update",
        CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=more.pop("source", ""),
        CI_MERGE_REQUEST_SOURCE_PROJECT_ID=more.pop("project", "17"),
        CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main",
        CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED="true",
        CI_MERGE_REQUEST_TARGET_BRANCH_SHA=more.pop("target", ""),
        **more,
    )


def bitbucket(commit: str, **more: str) -> dict[str, str]:
    return {
        "CI": "true",
        "BITBUCKET_BUILD_NUMBER": "42",
        "BITBUCKET_CLONE_DIR": "/opt/atlassian/pipelines/agent/build",
        "BITBUCKET_COMMIT": commit,
        "BITBUCKET_GIT_HTTP_ORIGIN": "http://bitbucket.org/acme/shop",
        "BITBUCKET_PIPELINE_UUID": "{6f2f5b5e-1f6b-4b6e-9d2b-0d6a1f9f0b11}",
        "BITBUCKET_PROJECT_KEY": "SHOP",
        "BITBUCKET_REPO_FULL_NAME": "acme/shop",
        "BITBUCKET_REPO_SLUG": "shop",
        "BITBUCKET_STEP_UUID": "{8a3e5f5e-1f6b-4b6e-9d2b-0d6a1f9f0b11}",
        "BITBUCKET_WORKSPACE": "acme",
        **more,
    }


def azure(reason: str, version: str, ref: str, **more: str) -> dict[str, str]:
    return {
        "TF_BUILD": "True",
        "AGENT_ID": "8",
        "AGENT_OS": "Linux",
        "BUILD_BUILDID": "124",
        "BUILD_BUILDNUMBER": "20260101.1",
        "BUILD_DEFINITIONNAME": "shop",
        "BUILD_REASON": reason,
        "BUILD_REPOSITORY_NAME": "shop",
        "BUILD_REPOSITORY_PROVIDER": "TfsGit",
        "BUILD_SOURCEBRANCH": ref,
        "BUILD_SOURCEBRANCHNAME": ref.rsplit("/", 1)[-1],
        "BUILD_SOURCEVERSION": version,
        "BUILD_SOURCEVERSIONMESSAGE": "work",
        "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/",
        "SYSTEM_TEAMPROJECT": "shop",
        **more,
    }


def jenkins(**more: str) -> dict[str, str]:
    return {
        "BUILD_ID": "12",
        "BUILD_NUMBER": "12",
        "BUILD_TAG": "jenkins-shop-12",
        "BUILD_URL": "https://jenkins.example/job/shop/12/",
        "CI": "true",
        "EXECUTOR_NUMBER": "1",
        "GIT_URL": "https://git.example/acme/shop.git",
        "JENKINS_URL": "https://jenkins.example/",
        "JOB_BASE_NAME": "shop",
        "JOB_NAME": "shop",
        "NODE_NAME": "built-in",
        "WORKSPACE": "/var/lib/jenkins/workspace/shop",
        **more,
    }


def circleci(sha: str, **more: str) -> dict[str, str]:
    return {
        "CI": "true",
        "CIRCLECI": "true",
        "CIRCLE_BUILD_NUM": "55",
        "CIRCLE_JOB": "leakseal",
        "CIRCLE_NODE_INDEX": "0",
        "CIRCLE_NODE_TOTAL": "1",
        "CIRCLE_PROJECT_REPONAME": "shop",
        "CIRCLE_PROJECT_USERNAME": "acme",
        "CIRCLE_REPOSITORY_URL": "git@github.com:acme/shop.git",
        "CIRCLE_SHA1": sha,
        "CIRCLE_USERNAME": "ann",
        "CIRCLE_WORKFLOW_ID": "e7a7ee4d-8a3e-4b6e-9d2b-0d6a1f9f0b11",
        "CIRCLE_WORKING_DIRECTORY": "~/project",
        **more,
    }


def buildkite(commit: str, branch: str, source: str = "webhook", **more: str) -> dict[str, str]:
    return {
        "CI": "true",
        "BUILDKITE": "true",
        "BUILDKITE_AGENT_NAME": "agent-1",
        "BUILDKITE_BRANCH": branch,
        "BUILDKITE_BUILD_ID": "4735ba57-80d0-46e2-8fa0-b28223a86586",
        "BUILDKITE_BUILD_NUMBER": "1514",
        "BUILDKITE_COMMIT": commit,
        "BUILDKITE_JOB_ID": "e44f9784-e20e-4b93-a21d-f41fd5869db9",
        "BUILDKITE_MESSAGE": "work",
        "BUILDKITE_ORGANIZATION_SLUG": "acme",
        "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main",
        "BUILDKITE_PIPELINE_SLUG": "shop",
        "BUILDKITE_PULL_REQUEST": "false",
        "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "",
        "BUILDKITE_REPO": "git@github.com:acme/shop.git",
        "BUILDKITE_SOURCE": source,
        "BUILDKITE_TAG": "",
        **more,
    }


_PIPELINE = "+refs/pipelines/1:refs/pipelines/1"
_MERGE_REQUEST = "+refs/merge-requests/9/head:refs/remotes/origin/merge-requests/9/head"
_MERGED = "+refs/merge-requests/9/merge:refs/pipelines/2"
_AZURE_7 = "+refs/pull/7/merge:refs/remotes/pull/7/merge"

CASES = [
    Case(
        "GitLab, a push, as deep as GitLab fetches",
        gitlab("push", "<m6>", "main", CI_COMMIT_BEFORE_SHA="<m4>"), None,
        "m6", (only("main"), _PIPELINE), "m5 m6", "GitLab CI: push to a branch", 20,
    ),
    Case(
        "GitLab, the first push of a branch",
        gitlab("push", "<t3>", "topic"), None,
        "t3", (ALL,), "t1 t2 t3", "first push of a branch",
    ),
    Case(
        "GitLab, a forced push",
        gitlab("push", "<w3>", "wip", CI_COMMIT_BEFORE_SHA="<w1>"), None,
        "w3", (ALL,), "w2 w3", "is gone",
    ),
    Case(
        "GitLab, a merge request that has merged its target in",
        merge_request("<u3>", "<m4>"), None,
        "u3", (_MERGE_REQUEST,), "u1 u2 u3", "merge request 9:",
    ),
    Case(
        "GitLab, the merged result of a merge request",
        merge_request("<u7>", "<m4>", "merged_result", source="<u3>", target="<m6>"), None,
        "u7", (_MERGED,), "u1 u2 u3 u7", "merged result of a merge request 9:",
    ),
    Case(
        "GitLab, a merge train",
        merge_request("<u7>", "<m4>", "merge_train", source="<u3>", target="<m5>"), None,
        "u7", (_MERGED,), "u1 u2 u3 u7", "merge train 9:",
    ),
    Case(
        "GitLab, a merge request from a fork",
        merge_request("<u3>", "<m4>", project="18"), None,
        "u3", (_MERGE_REQUEST, only("main")), "u1 u2 u3", "merge request 9 from a fork",
    ),
    Case(
        "GitLab, a tag",
        gitlab("push", "<r1>", CI_COMMIT_TAG="v2", CI_COMMIT_REF_NAME="v2"), None,
        "r1", (ALL, "+refs/tags/v2:refs/tags/v2"), "r1", "push of a tag",
    ),
    Case(
        "GitLab, a scheduled pipeline",
        gitlab("schedule", "<m6>", "main"), None, "m6", (ALL,), None, "scheduled pipeline",
    ),
    Case(
        "GitLab, a manual pipeline",
        gitlab("web", "<m6>", "main"), None, "m6", (ALL,), None, "manual pipeline",
    ),
    Case(
        "GitLab, a pull request in another forge",
        gitlab("external_pull_request_event", "<t3>", "topic",
               CI_EXTERNAL_PULL_REQUEST_IID="7",
               CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME="topic",
               CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA="<t3>",
               CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME="main",
               CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA="<m6>"), None,
        "t3", (ALL,), "t1 t2 t3", "pull request 7",
    ),
    Case(
        "Bitbucket, a push to a branch",
        bitbucket("<t3>", BITBUCKET_BRANCH="topic"), None,
        "t3", (ALL,), "t1 t2 t3", "Bitbucket Pipelines: push to a branch",
    ),
    Case(
        "Bitbucket, a pull request, whose target is named by the start of its id",
        bitbucket("<t3>", BITBUCKET_BRANCH="topic", BITBUCKET_PR_ID="7",
                  BITBUCKET_PR_DESTINATION_BRANCH="main",
                  BITBUCKET_PR_DESTINATION_COMMIT="<short m6>"), None,
        "t3", (only("topic"), only("main")), "t1 t2 t3", "pull request 7", 50,
    ),
    Case(
        "Bitbucket, a tag",
        bitbucket("<m4>", BITBUCKET_TAG="v1"), None, "m4", (ALL,), "", "push of a tag",
    ),
    Case(
        "Bitbucket, a custom pipeline",
        bitbucket("<m6>"), None, "m6", (ALL,), None, "custom pipeline",
    ),
    Case(
        "Azure, a pull request in Azure Repos",
        azure("PullRequest", "<t7>", "refs/pull/7/merge",
              SYSTEM_PULLREQUEST_ISFORK="False",
              SYSTEM_PULLREQUEST_PULLREQUESTID="7",
              SYSTEM_PULLREQUEST_SOURCEBRANCH="refs/heads/topic",
              SYSTEM_PULLREQUEST_SOURCECOMMITID="<t3>",
              SYSTEM_PULLREQUEST_TARGETBRANCH="refs/heads/main"), None,
        "t7", (ALL, _AZURE_7), "t1 t2 t3 t7", "Azure Pipelines: pull request 7:",
    ),
    Case(
        "Azure, a pull request in GitHub, from a fork",
        azure("PullRequest", "<f7>", "refs/pull/8/merge",
              BUILD_REPOSITORY_PROVIDER="GitHub",
              SYSTEM_PULLREQUEST_ISFORK="True",
              SYSTEM_PULLREQUEST_PULLREQUESTID="8123456",
              SYSTEM_PULLREQUEST_PULLREQUESTNUMBER="8",
              SYSTEM_PULLREQUEST_SOURCEBRANCH="topic",
              SYSTEM_PULLREQUEST_SOURCECOMMITID="<f2>",
              SYSTEM_PULLREQUEST_TARGETBRANCH="main"), None,
        "f7", ("+refs/pull/8/merge:refs/remotes/pull/8/merge",), "f1 f2 f7",
        "pull request 8 from a fork", 5,
    ),
    Case(
        "Azure, a push to a branch",
        azure("IndividualCI", "<t3>", "refs/heads/topic"), None,
        "t3", (ALL,), "t1 t2 t3", "push to a branch",
    ),
    Case(
        "Azure, a push to the default branch, before which nothing is known",
        azure("BatchedCI", "<m6>", "refs/heads/main"), None,
        "m6", (ALL,), "m1 m2 m3 m4 m5 m6", "nothing says what was known before",
    ),
    Case(
        "Azure, a tag",
        azure("IndividualCI", "<m4>", "refs/tags/v1"), None, "m4", (ALL,), "", "push of a tag",
    ),
    Case(
        "Azure, a manual run",
        azure("Manual", "<m6>", "refs/heads/main"), None, "m6", (ALL,), None, "manual run",
    ),
    Case(
        "Jenkins, a branch that was built before, the last time without success",
        jenkins(BRANCH_NAME="main", GIT_BRANCH="origin/main", GIT_COMMIT="<m6>",
                GIT_PREVIOUS_COMMIT="<m5>", GIT_PREVIOUS_SUCCESSFUL_COMMIT="<m3>"), None,
        "m6", (only("main"),), "m4 m5 m6", "Jenkins: build of a branch",
    ),
    Case(
        "Jenkins, the first build of a branch",
        jenkins(GIT_BRANCH="origin/topic", GIT_COMMIT="<t3>"), None,
        "t3", (ALL,), "t1 t2 t3", "first good build of a branch",
    ),
    Case(
        "Jenkins, a pull request, merged by Jenkins",
        jenkins(BRANCH_NAME="PR-7", CHANGE_BRANCH="topic", CHANGE_ID="7", CHANGE_TARGET="main",
                CHANGE_URL="https://git.example/acme/shop/pulls/7", GIT_COMMIT="<t3>"), None,
        "t7", (only("main"), "+refs/pull/7/merge:refs/remotes/origin/PR-7"), "t1 t2 t3 t7",
        "pull request 7",
    ),
    Case(
        "Jenkins, a pull request from a fork, its last commit checked out",
        jenkins(BRANCH_NAME="PR-8", CHANGE_FORK="mallory", CHANGE_ID="8", CHANGE_TARGET="main"),
        None, "f2", (only("main"), "+refs/pull/8/head:refs/remotes/origin/PR-8"), "f1 f2",
        "pull request 8 from a fork",
    ),
    Case(
        "Jenkins, a tag",
        jenkins(BRANCH_NAME="v2", TAG_NAME="v2", TAG_TIMESTAMP="1700000000000",
                GIT_COMMIT="<r1>"), None,
        "r1", (ALL, "+refs/tags/v2:refs/tags/v2"), "r1", "build of a tag",
    ),
    Case(
        "CircleCI, a push to a branch",
        circleci("<t3>", CIRCLE_BRANCH="topic"), None,
        "t3", (ALL,), "t1 t2 t3", "CircleCI: push to a branch",
    ),
    Case(
        "CircleCI, a pull request from a fork",
        circleci("<f2>", CIRCLE_BRANCH="pull/8", CIRCLE_PR_NUMBER="8",
                 CIRCLE_PR_REPONAME="shop", CIRCLE_PR_USERNAME="mallory",
                 CIRCLE_PULL_REQUEST="https://github.com/acme/shop/pull/8"), None,
        "f2", (ALL, "+refs/pull/8/head:refs/remotes/origin/pull/8"), "f1 f2",
        "pull request from a fork",
    ),
    Case(
        "CircleCI, a tag",
        circleci("<r1>", CIRCLE_TAG="v2"), None,
        "r1", (ALL, "+refs/tags/v2:refs/tags/v2"), "r1", "push of a tag",
    ),
    Case(
        "Buildkite, a build of a branch",
        buildkite("<t3>", "topic"), None,
        "t3", (ALL,), "t1 t2 t3", "Buildkite: build of a branch",
    ),
    Case(
        "Buildkite, a build of what a branch is at, without an id",
        buildkite("HEAD", "aaa-feature", "api"), None,
        "x2", (ALL,), "x1 x2", "build of a branch",
    ),
    Case(
        "Buildkite, a pull request",
        buildkite("<t3>", "topic", BUILDKITE_PULL_REQUEST="7",
                  BUILDKITE_PULL_REQUEST_BASE_BRANCH="main",
                  BUILDKITE_PULL_REQUEST_REPO="git://github.com/acme/shop.git"), None,
        "t3", (ALL,), "t1 t2 t3", "pull request 7",
    ),
    Case(
        "Buildkite, a tag",
        buildkite("<r1>", "v2", BUILDKITE_TAG="v2"), None,
        "r1", (ALL, "+refs/tags/v2:refs/tags/v2"), "r1", "build of a tag",
    ),
    Case(
        "Buildkite, a scheduled build",
        buildkite("HEAD", "main", "schedule"), None, "m6", (ALL,), None, "scheduled build",
    ),
]  # fmt: skip
