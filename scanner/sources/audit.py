"""A whole repository, and those nested in it: history, index, working tree and git directory."""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from scanner.cache.store import ResultCache
from scanner.detect.engine import Engine
from scanner.gitdb.objects import Limits, object_id
from scanner.gitdb.odb import ObjectDatabase
from scanner.gitdb.repository import Repository
from scanner.sources import gitdir
from scanner.sources.checkout import Checkout
from scanner.sources.evaluate import Evaluation, evaluate
from scanner.sources.history import History
from scanner.sources.nests import Nests
from scanner.sources.progress import Progress
from scanner.sources.sighting import Sighting
from scanner.sources.tally import Tally
from scanner.sources.unchanged import Unchanged


class Scope(NamedTuple):
    """What to read, and how.

    `limit` is the largest object or file in bytes; `cache` keeps results; `exhaustive` and
    `workers` are as for `evaluate`.
    """

    history: bool = True
    files: bool = True
    limit: int = 256 << 20
    cache: ResultCache | None = None
    exhaustive: bool = False
    workers: int = 0


def audit(
    repository: Repository,
    engine: Engine,
    tally: Tally,
    scope: Scope,
    progress: Progress,
) -> Iterator[Sighting]:
    """Yield every credential of `repository` and of all repositories inside it."""
    nests = Nests(repository.work_tree or repository.git_dir, tally)
    nests.begin(repository)
    yield from audit_nests(nests, engine, tally, scope, progress)


def audit_nests(
    nests: Nests, engine: Engine, tally: Tally, scope: Scope, progress: Progress
) -> Iterator[Sighting]:
    """Yield every credential of the repositories in `nests`, and of those found inside them."""
    read: set[str] = set()
    for nest in nests.waiting:
        current = nest.repository
        tally.read("repositories", 0)
        # A worktree that lies inside another one of the same repository adds its files only.
        shared = current.common_dir in read
        read.add(current.common_dir)
        for s in _one(current, engine, tally, scope, progress, nests, shared=shared):
            yield nest.placed(s)
        for path in current.nested_git_dirs():
            nests.take(path)


def _one(
    repository: Repository,
    engine: Engine,
    tally: Tally,
    scope: Scope,
    progress: Progress,
    nests: Nests,
    *,
    shared: bool,
) -> Iterator[Sighting]:
    checkout = Checkout(repository, engine, tally, scope.limit)
    history = scope.history and not shared
    try:
        if history:
            yield from _history(repository, engine, tally, scope, progress, checkout)
        if not shared:
            yield from gitdir.refs(repository, engine, tally)
            yield from gitdir.metadata(repository, engine, tally, scope.limit)
        yield from checkout.index(tracked=not history)
        if repository.work_tree and scope.files:
            progress.start("files", 0)
            yield from checkout.files(repository.work_tree, nests.take, tracked=not history)
    finally:
        checkout.close()
    for skipped in repository.skipped:
        # Objects are read whether a ref leads to them or not.
        tally.add(skipped._replace(incomplete=skipped.code != "broken-ref"))


def _history(
    repository: Repository,
    engine: Engine,
    tally: Tally,
    scope: Scope,
    progress: Progress,
    checkout: Checkout,
) -> Iterator[Sighting]:
    """Yield what all objects hold; from the cache, if nothing has changed since an audit."""
    limits = Limits(max_object_size=scope.limit)
    odb = ObjectDatabase(repository.objects_dir, repository.object_format, limits, repository.git)
    try:
        yield from _of_objects(repository, odb, engine, tally, scope, progress, checkout)
    finally:
        odb.close()


def _of_objects(
    repository: Repository,
    odb: ObjectDatabase,
    engine: Engine,
    tally: Tally,
    scope: Scope,
    progress: Progress,
    checkout: Checkout,
) -> Iterator[Sighting]:
    progress.start("objects", odb.total_bytes())
    unchanged = None
    if scope.cache is not None and not scope.exhaustive:
        unchanged = Unchanged(scope.cache, repository, odb, engine, checkout.staged_ids())
    known = unchanged.find(tally) if unchanged else None
    if known is not None:
        yield from known.sightings
        blobs = known.blobs
    else:
        before = tally.coverage()
        evaluation = evaluate(
            odb,
            engine,
            tally,
            repository.hash_size,
            progress.done,
            exhaustive=scope.exhaustive,
            workers=scope.workers,
            cache=scope.cache,
            found=progress.found,
        )
        _note_missing(repository, odb, evaluation, checkout, tally)
        blobs = evaluation.blobs
        history = History(repository, odb, evaluation, tally)
        root = history.root()
        if root is not None:
            repository.learn_root(root)
        sightings: list[Sighting] = []
        for each in chain(
            gitdir.lfs(repository, engine, tally, scope.limit, evaluation),
            history.sightings(checkout.staged_ids()),
        ):
            sightings.append(each)
            yield each
        if unchanged and not tally.late():
            unchanged.keep(sightings, evaluation, checkout.ids(), before, tally.coverage())
    if tally.coverage().complete:
        checkout.reuse(blobs)


def _note_missing(
    repository: Repository,
    odb: ObjectDatabase,
    evaluation: Evaluation,
    checkout: Checkout,
    tally: Tally,
) -> None:
    """Note what refs, the index, commits or trees name and the database does not have."""
    named = {id_ for ref in repository.refs(evaluation.graph) for id_ in (ref.id, ref.peeled)}
    # An entry that `git add --intent-to-add` made names an empty blob that need not be there.
    named |= checkout.staged_ids() - {object_id(b"blob", b"", repository.object_format)}
    evaluation.missing.update(odb.missing(named))
    _note_gaps(repository, evaluation, tally)


def _note_gaps(repository: Repository, evaluation: Evaluation, tally: Tally) -> None:
    """Note what a shallow or partial clone leaves out, and what is missing without a reason."""
    shallow = repository.shallow()
    if shallow:
        detail = "was cut off when cloning; fetch the rest with `git fetch --unshallow`"
        tally.skip("shallow", f"history at {min(shallow).hex()[:8]}", detail)
    beyond = {p for c in shallow for p in evaluation.graph.get(c, (b"", ()))[1]}
    missing = evaluation.missing - beyond
    if missing and repository.is_partial():
        detail = "named by commits or trees, but never fetched; clone without --filter"
        tally.skip("partial-clone", f"objects ({len(missing)})", detail)
    elif missing:
        for id_ in sorted(missing):
            tally.skip("missing-object", id_.hex(), "named by a commit or tree, but not there")
