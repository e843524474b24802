"""Replays a job: what leakseal makes of its variables, in the checkout that its platform makes."""

import json
import re
from typing import Any, NamedTuple

import ci_graph

from scanner.ci import named, platforms
from scanner.ci.checkout import Checkout
from scanner.ci.derive import derive
from scanner.gitdb.repository import Repository
from scanner.sources.range import commits


class Case(NamedTuple):
    """A job: its variables, its event, its clone, and the labels of the commits to search.

    `commits` is None for the whole repository. The clone is made with `head` checked out.
    """

    name: str
    environ: dict[str, str]
    event: Any
    head: str
    refspecs: tuple[str, ...]
    commits: str | None
    words: str
    depth: int | None = None


def filled(value, server):
    """Return `value` with the ids of commits in place of their labels."""

    def id_of(match):
        if match[1] == "tag v2":
            return ci_graph.git(server.path, "rev-parse", "refs/tags/v2")
        label = match[1].removeprefix("short ")
        return server.ids[label][:12] if label != match[1] else server.ids[label]

    return json.loads(re.sub(r"<((?:short |tag )?[a-z][0-9])>", id_of, json.dumps(value)))


def replayed(case, server, clone, tmp_path, *, base="", head=""):
    """Return the job's words, and the labels of the commits it is about; None is everything."""
    path = clone(case.head, *case.refspecs, **({"depth": case.depth} if case.depth else {}))
    environ = filled(case.environ, server)
    if case.event is not None:
        event = tmp_path / "event.json"
        event.write_text(json.dumps(filled(case.event, server)))
        environ["GITHUB_EVENT_PATH"] = str(event)
    repository = Repository.discover(str(path))
    checkout = Checkout(repository)
    job = named.named(platforms.recognised(environ), checkout, base, head)
    derived = derive(job, checkout)
    words = f"{job.platform.name}: {job.what}: {derived.words}"
    if not derived.arguments:
        return words, None
    ids = [id_.hex() for id_ in commits(repository, *derived.arguments)]
    assert len(ids) == derived.number
    return words, server.labels(ids)
