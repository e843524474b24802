"""A whole repository, and those nested in it: history, index, working tree and git directory."""

import os
from collections.abc import Iterator
from typing import NamedTuple

from scanner.detect.engine import Engine
from scanner.gitdb.objects import Limits
from scanner.gitdb.odb import ObjectDatabase
from scanner.gitdb.repository import Repository
from scanner.sources import gitdir
from scanner.sources.checkout import Checkout
from scanner.sources.evaluate import Evaluation, evaluate
from scanner.sources.history import History
from scanner.sources.progress import Progress
from scanner.sources.sighting import Sighting
from scanner.sources.tally import Tally


class Scope(NamedTuple):
    """What to read: `limit` is the largest object or file in bytes."""

    history: bool = True
    files: bool = True
    limit: int = 256 << 20


def audit(
    repository: Repository,
    engine: Engine,
    tally: Tally,
    scope: Scope,
    progress: Progress,
) -> Iterator[Sighting]:
    """Yield every credential of `repository` and of all repositories inside it."""
    root = repository.work_tree or repository.git_dir
    seen: set[str] = set()
    waiting = [(repository, b"")]
    for current, prefix in waiting:
        if os.path.realpath(current.git_dir) in seen:
            continue
        seen.add(os.path.realpath(current.git_dir))
        tally.read("repositories", 0)
        inner: list[str] = []
        for s in _one(current, engine, tally, scope, progress, inner):
            yield s if not prefix else _moved(s, prefix)
        for path in (*inner, *current.nested_git_dirs()):
            found = Repository.discover(path)
            if found is not None:
                place = os.path.relpath(path, root).replace(os.sep, "/")
                waiting.append((found, os.fsencode(place) + b"/"))


def _one(
    repository: Repository,
    engine: Engine,
    tally: Tally,
    scope: Scope,
    progress: Progress,
    inner: list[str],
) -> Iterator[Sighting]:
    evaluation = None
    if scope.history:
        objects = os.path.join(repository.common_dir, "objects")
        limits = Limits(max_object_size=scope.limit)
        odb = ObjectDatabase(objects, repository.object_format, limits, repository.git)
        progress.start("objects", odb.total_bytes())
        evaluation = evaluate(odb, engine, tally, repository.hash_size, progress.done)
        _note_gaps(repository, evaluation, tally)
        yield from gitdir.lfs(repository, engine, tally, scope.limit, evaluation)
        yield from History(repository, odb, evaluation, tally).sightings()
    yield from gitdir.refs(repository, engine, tally)
    yield from gitdir.metadata(repository, engine, tally, scope.limit)
    reusable = evaluation if tally.coverage().complete else None
    checkout = Checkout(repository, engine, tally, scope.limit, reusable)
    yield from checkout.staged()
    if repository.work_tree and scope.files:
        progress.start("files", 0)
        yield from checkout.files(repository.work_tree, inner.append, tracked=evaluation is None)


def _note_gaps(repository: Repository, evaluation: Evaluation, tally: Tally) -> None:
    """Note what a shallow or partial clone leaves out, and what is missing without a reason."""
    shallow = repository.shallow()
    if shallow:
        commits = f"history before {len(shallow)} commits was not cloned"
        tally.skip("shallow", "history", f"{commits}; fetch it with `git fetch --unshallow`")
    beyond = {p for c in shallow for p in evaluation.graph.get(c, (b"", ()))[1]}
    missing = evaluation.missing - beyond
    if missing and repository.is_partial():
        detail = f"{len(missing)} objects were never fetched; clone without --filter"
        tally.skip("partial-clone", "objects", detail)
    elif missing:
        for id_ in sorted(missing):
            tally.skip("missing-object", id_.hex(), "named by a commit or tree, but not there")
    for skipped in repository.skipped:
        tally.add(skipped)


def _moved(s: Sighting, prefix: bytes) -> Sighting:
    """Return the sighting with its path below `prefix`, the place of a nested repository."""
    where = s.occurrence
    path = prefix + where.path if where.place in ("file", "path", "git") else where.path
    return s._replace(occurrence=where._replace(path=path))
