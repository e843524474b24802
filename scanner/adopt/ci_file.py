"""The file that makes a CI service run `leakseal ci`, for the service a repository uses."""

import os
import re
from collections.abc import Callable
from importlib import resources
from typing import NamedTuple

from scanner.adopt.edit import Edit, content
from scanner.adopt.source import Source
from scanner.adopt.yaml_list import appended, texts
from scanner.remediate.worktree import WorkTree

NONE = "none"
_INCLUDED = ".gitlab/leakseal.yml"
_IN_MERGE_REQUESTS = """\
  - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  - if: $CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS && $CI_PIPELINE_SOURCE == "push"
    when: never
"""
_HAS_THEM = re.compile(r"merge_request|MergeRequest|workflow:|include:")


class Service(NamedTuple):
    """A CI service: the files that show it is used, the hosts it belongs to, the file it reads.

    `alone` is whether that file is for leakseal alone, beside others.
    """

    marks: tuple[str, ...]
    hosts: str
    file: str
    template: str
    alone: bool = False


SERVICES = {
    "github": Service(
        (".github/workflows",),
        r"(.*\.)?github\.com",
        ".github/workflows/leakseal.yml",
        "github.yml",
        alone=True,
    ),
    "gitlab": Service((".gitlab-ci.yml",), r"(.*\.)?gitlab\..*", ".gitlab-ci.yml", "gitlab.yml"),
    "bitbucket": Service(
        ("bitbucket-pipelines.yml",),
        r"(.*\.)?bitbucket\.org",
        "bitbucket-pipelines.yml",
        "bitbucket.yml",
    ),
    "azure": Service(
        ("azure-pipelines.yml",),
        r"(.*\.)?(dev\.azure\.com|visualstudio\.com)",
        "azure-pipelines.yml",
        "azure.yml",
    ),
    "jenkins": Service(("Jenkinsfile",), "", "Jenkinsfile", "Jenkinsfile"),
    "circleci": Service((".circleci/config.yml",), "", ".circleci/config.yml", "circleci.yml"),
    "buildkite": Service(
        (".buildkite/pipeline.yml",), "", ".buildkite/pipeline.yml", "buildkite.yml"
    ),
    "gitea": Service(
        (".gitea/workflows", ".forgejo/workflows"),
        r"codeberg\.org|(.*\.)?(gitea|forgejo)\..*",
        ".gitea/workflows/leakseal.yml",
        "gitea.yml",
        alone=True,
    ),
}


class Planned(NamedTuple):
    """What is to be done for a CI service; `by_hand` is what a person has to put into `file`.

    `unknown` is whether no service is known.
    """

    edits: tuple[Edit, ...]
    file: str = ""
    by_hand: str = ""
    unknown: bool = False


def detected(root: str, origin: str) -> str:
    """Return the name of the service that the repository in `root` uses, NONE if none shows.

    Its files tell; among several, the host of the URL `origin` decides.
    """
    host = re.sub(r"^[a-z+]+://|^[^@/]*@", "", origin)
    host = re.split(r"[:/]", host.rpartition("@")[2], maxsplit=1)[0].lower()
    hosted = [n for n, service in SERVICES.items() if host and re.fullmatch(service.hosts, host)]
    used = [
        name
        for name, service in SERVICES.items()
        if any(os.path.lexists(os.path.join(root, mark)) for mark in service.marks)
    ]
    return next((name for name in hosted if name in used), (*used, *hosted, NONE)[0])


def planned(tree: WorkTree, name: str, source: Callable[[], Source]) -> Planned:
    """Return what makes the service `name` run leakseal; no edit if it does already.

    Raises UnfitFileError for a file that must not be touched.
    """
    service = SERVICES[name]
    file = service.file
    if name == "gitea" and tree.exists(b".forgejo/workflows"):
        file = ".forgejo/workflows/leakseal.yml"
    there = content(tree, file)
    if there is not None and (service.alone or b"leakseal" in there):
        return Planned(())
    job = _template(service.template, source())
    if name == "gitlab":
        return _gitlab(tree, there, job)
    if there is not None:
        return Planned((), file, job)
    return Planned((Edit(file, None, job.encode()),))


def _gitlab(tree: WorkTree, there: bytes | None, job: str) -> Planned:
    """Plan the job in a file of its own, and to include it."""
    try:
        text = (there or b"").decode()
        changed = appended(text, "include", [f"local: {_INCLUDED}"])
    except UnicodeDecodeError:
        text, changed = "", None
    # A pipeline of merge requests with this job alone would stand for the one that has the tests.
    rules = _IN_MERGE_REQUESTS if not text or _HAS_THEM.search(text) else ""
    job = job.replace("@MERGE_REQUESTS@", rules)
    stage = _stage(texts(text, "stages"))
    own = content(tree, _INCLUDED)
    edits = (
        () if own is not None else (Edit(_INCLUDED, None, job.replace("@STAGE@", stage).encode()),)
    )
    if changed is None:
        return Planned(edits, ".gitlab-ci.yml", f"include:\n- local: {_INCLUDED}\n")
    return Planned((*edits, Edit(".gitlab-ci.yml", there, changed.encode())))


def _stage(named: list[str]) -> str:
    """Return a stage for the job: where a pipeline has stages `named`, it must be one of them.

    Not `.pre`, which is always there: GitLab makes no pipeline of jobs in `.pre` and `.post` alone,
    and of a merge request's pipeline this can be the only job.
    """
    own = [name for name in named if not name.startswith(".")]
    return "test" if "test" in own or not own else own[0]


def _template(name: str, source: Source) -> str:
    file = resources.files("scanner.adopt").joinpath("templates", name)
    return file.read_text("utf-8").replace("@REQUIREMENT@", source.requirement)
