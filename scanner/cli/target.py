"""One scan from request to report: chooses the source, groups what it yields, states coverage."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from scanner.detect.engine import Engine
from scanner.errors import UsageError
from scanner.gitdb.git import GitError
from scanner.gitdb.repository import Repository
from scanner.model import Confidence, Occurrence, Report, State
from scanner.rulepack.pack import builtin
from scanner.sources import files, staged
from scanner.sources.audit import Scope, audit, audit_nests
from scanner.sources.nests import Nests
from scanner.sources.progress import Progress
from scanner.sources.range import Range, commits
from scanner.sources.sighting import Sighting, sighting
from scanner.sources.tally import Tally
from scanner.triage import keys
from scanner.triage.group import group
from scanner.triage.paths import below, inside

STANDARD_INPUT = "-"


class Request(NamedTuple):
    """What the user asked for; see the options of `leakseal scan`."""

    path: str = "."
    no_history: bool = False
    staged: bool = False
    revisions: str | None = None
    since: str | None = None
    globs: tuple[str, ...] = ()
    lowest: Confidence = Confidence.MEDIUM
    limit: int = 256 << 20
    timeout: float | None = None
    key_file: str | None = None


def scan(request: Request, environ: Mapping[str, str], progress: Progress) -> Report:
    """Run one scan and return its report; raise UsageError if the request makes no sense."""
    started = _now()
    _check(request)
    repository = None if request.path == STANDARD_INPUT else _repository(request.path)
    tally = Tally(request.timeout)
    pack = builtin()
    engine = Engine(pack, request.lowest)
    seen = _sightings(request, repository, engine, tally, progress)
    wanted = _filters(request, repository, tally)
    sightings = [s for s in seen if all(keeps(s.occurrence) for keeps in wanted)]
    identity = keys.choose(
        environ,
        request.key_file,
        repository.common_dir if repository else None,
        repository.work_tree if repository else None,
        _salt(repository) if sightings else b"",
    )
    head = repository.head() if repository else None
    return Report(
        target=request.path if request.path == STANDARD_INPUT else os.path.abspath(request.path),
        head=head.hex() if head else "",
        branch=repository.branch() if repository else "",
        origin=repository.origin() if repository else "",
        findings=group(sightings, identity.fingerprint),
        coverage=tally.coverage(),
        started=started,
        ended=_now(),
        rules_digest=pack.digest,
        key_source=identity.source,
    )


def _check(request: Request) -> None:
    if sum((request.staged, bool(request.revisions), bool(request.since), request.no_history)) > 1:
        raise UsageError("choose one of --staged, --range, --since and --no-history")
    if request.path != STANDARD_INPUT and not os.path.exists(request.path):
        raise UsageError(f"there is no {request.path}")
    for revision in (request.revisions, request.since):
        if revision and revision.startswith("-"):
            raise UsageError(f"{revision} is not a range or date")


def _repository(path: str) -> Repository | None:
    if os.path.isfile(path):
        return None
    return Repository.discover(path)


def _sightings(
    request: Request,
    repository: Repository | None,
    engine: Engine,
    tally: Tally,
    progress: Progress,
) -> Iterator[Sighting]:
    asked_for_git = request.staged or request.revisions or request.since
    if repository is None:
        if asked_for_git:
            raise UsageError(f"{request.path} is not in a git repository")
        return _loose(request, engine, tally)
    if request.staged:
        parents = staged.heads(repository.git)
        return staged.sightings(repository.git, engine, tally, parents, request.limit)
    if request.revisions or request.since:
        wanted = [request.revisions] if request.revisions else [f"--since={request.since}", "--all"]
        return Range(repository, engine, tally, request.limit).sightings(
            commits(repository, *wanted), progress
        )
    scope = Scope(history=not request.no_history, limit=request.limit)
    return audit(repository, engine, tally, scope, progress)


def _loose(request: Request, engine: Engine, tally: Tally) -> Iterator[Sighting]:
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
    yield from audit_nests(nests, engine, tally, Scope(limit=request.limit), Progress())


def _searched(
    file: files.File, engine: Engine, tally: Tally, request: Request
) -> Iterator[Sighting]:
    data = files.read(file, tally, request.limit)
    if data is not None:
        for match in tally.search(engine, "files", os.fsdecode(file.path), data).matches:
            yield sighting(match, "file", file.path, State.WORKTREE)


def _filters(
    request: Request, repository: Repository | None, tally: Tally
) -> list[Callable[[Occurrence], bool]]:
    """Return what an occurrence must pass to be reported, and say so in the coverage."""
    filters = []
    if request.globs:
        filters.append(inside(request.globs))
        globs = ", ".join(request.globs)
        tally.skip("path-filter", globs, "only files that match are reported", incomplete=False)
    if repository is not None and repository.work_tree:
        place = os.path.relpath(os.path.realpath(request.path), repository.work_tree)
        if place != os.curdir and not place.startswith((os.pardir, ".git")):
            filters.append(below(os.fsencode(place.replace(os.sep, "/"))))
            detail = "only files in this directory are reported"
            tally.skip("path-filter", place, detail, incomplete=False)
    return filters


def _salt(repository: Repository | None) -> bytes:
    """Return what tells this repository from others and is the same in every clone of it."""
    if repository is None or not repository.head():
        return b""
    try:
        roots = repository.git.run("rev-list", "--max-parents=0", "HEAD").split()
    except GitError:
        return b""
    return min(roots, default=b"")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
