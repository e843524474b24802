"""Which source yields what a request asks for, and which of it is reported."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from scanner.cache.store import ResultCache
from scanner.cli.request import STANDARD_INPUT, Request, moment
from scanner.detect.engine import Engine
from scanner.errors import UsageError
from scanner.gitdb.repository import Repository
from scanner.model import Occurrence, State
from scanner.sources import files, staged, tags
from scanner.sources.audit import Scope, audit, audit_nests
from scanner.sources.blobs import Counts
from scanner.sources.nests import Nests
from scanner.sources.progress import Progress
from scanner.sources.range import Range, commits, commits_since
from scanner.sources.sighting import Sighting, sighting
from scanner.sources.tally import Tally
from scanner.triage.paths import below, inside


def filters(
    request: Request, repository: Repository | None, tally: Tally
) -> list[Callable[[Occurrence], bool]]:
    """Return what an occurrence must pass to be reported, and say so in the coverage."""
    found: list[Callable[[Occurrence], bool]] = []
    if request.globs:
        found.append(inside(request.globs))
        globs = ", ".join(request.globs)
        tally.skip("path-filter", globs, "only files that match are reported", incomplete=False)
    if not request.git_files:
        found.append(lambda o: o.place != "git" or b"/lfs/objects/" in o.path)
        detail = "files of the git directory are not reported"
        tally.skip("path-filter", ".git", detail, incomplete=False)
    everywhere = request.of_git and request.path == os.curdir  # a change, wherever one stands
    if repository is not None and repository.work_tree and not everywhere:
        root = os.path.realpath(repository.work_tree)
        place = os.path.relpath(os.path.realpath(request.path), root)
        first = place.split(os.sep)[0]
        if first not in (os.curdir, os.pardir, ".git"):
            found.append(below(os.fsencode(place.replace(os.sep, "/"))))
            detail = "only files in this directory are reported"
            tally.skip("path-filter", place, detail, incomplete=False)
    return found


def sightings(
    request: Request,
    repository: Repository | None,
    engine: Engine,
    tally: Tally,
    progress: Progress,
    cache: ResultCache | None,
    counts: Counts,
    wanted: Sequence[Callable[[Occurrence], bool]] = (),
) -> Iterator[Sighting]:
    """Return what yields everything that was asked for; raise UsageError if there is no such.

    `counts` tells what the settings do not accept for its path, `wanted` what is reported.
    """
    if repository is None:
        if request.of_git:
            raise UsageError(f"{request.path} is not in a git repository")
        return _loose(request, engine, tally, cache)
    if request.staged:
        _check_index(repository, os.environ)
        parents = staged.heads(repository.git)
        return staged.sightings(repository.git, engine, tally, parents, request.limit, counts)
    if request.of_git:
        return _added(request, repository, engine, tally, progress, counts, wanted)
    scope = _scope(request, cache)
    return audit(repository, engine, tally, scope, progress)


def _added(
    request: Request,
    repository: Repository,
    engine: Engine,
    tally: Tally,
    progress: Progress,
    counts: Counts,
    wanted: Sequence[Callable[[Occurrence], bool]],
) -> Iterator[Sighting]:
    """Return what commits add, and what tags say."""
    ids = _commits(request, repository)
    named = {bytes.fromhex(id_): ref for id_, ref in request.tags}
    return chain(
        Range(repository, engine, tally, request.limit, counts, wanted).sightings(ids, progress),
        tags.sightings(repository.git, engine, tally, request.limit, named),
    )


def _check_index(repository: Repository, environ: Mapping[str, str]) -> None:
    """Raise UsageError if git commits from another index than the one that is read."""
    own = os.path.realpath(os.path.join(repository.git_dir, "index"))
    if os.path.realpath(environ.get("GIT_INDEX_FILE") or own) != own:
        raise UsageError(
            "git commits from another index here (GIT_INDEX_FILE), as for commit --all; in a hook"
            " run: leakseal guard pre-commit"
        )


def _commits(request: Request, repository: Repository) -> list[bytes]:
    if request.since is not None:
        return commits_since(repository, moment(request.since))
    return commits(repository, *(request.selection or (request.revisions or "",)))


def _scope(request: Request, cache: ResultCache | None) -> Scope:
    return Scope(
        history=not request.no_history,
        limit=request.limit,
        cache=cache,
        exhaustive=request.exhaustive,
        workers=request.workers or 0,
    )


def _loose(
    request: Request, engine: Engine, tally: Tally, cache: ResultCache | None
) -> Iterator[Sighting]:
    """Yield what stands in files that are in no repository, or on standard input."""
    if request.path == STANDARD_INPUT:
        data = files.read_stream(sys.stdin.buffer, STANDARD_INPUT, tally, request.limit)
        for match in tally.search(engine, "streams", STANDARD_INPUT, data).matches:
            yield sighting(match, "stdin", b"", State.WORKTREE)
        return
    if os.path.isfile(request.path):
        name = os.fsencode(os.path.basename(request.path))
        yield from _searched(files.File(name, os.fsencode(request.path)), engine, tally, request)
        return
    if os.path.lexists(os.path.join(request.path, ".git")):
        tally.skip("broken-repository", ".git", "git cannot be made to read it; only files were")
    nests = Nests(request.path, tally)
    for file in files.walk(request.path, tally, nests.take):
        if tally.expired():
            return
        yield from _searched(file, engine, tally, request)
    yield from audit_nests(nests, engine, tally, _scope(request, cache), Progress())


def _searched(
    file: files.File, engine: Engine, tally: Tally, request: Request
) -> Iterator[Sighting]:
    for match in engine.filed(file.path):
        yield sighting(match, "path", file.path, State.WORKTREE)
    data = files.read(file, tally, request.limit)
    if data is not None:
        for match in tally.search(engine, "files", os.fsdecode(file.path), data).matches:
            yield sighting(match, "file", file.path, State.WORKTREE)
