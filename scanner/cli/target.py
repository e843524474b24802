"""One scan from request to report: chooses the source, groups what it yields, states coverage."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from scanner.cache.store import ResultCache
from scanner.cli.cache import opened
from scanner.cli.interrupt import Interrupt
from scanner.cli.settings import Allowed, chosen
from scanner.detect.engine import Engine
from scanner.errors import UsageError
from scanner.gitdb.repository import Repository
from scanner.model import Confidence, Occurrence, Report, State
from scanner.rulepack.pack import RulePack, builtin, make
from scanner.sources import files, staged
from scanner.sources.audit import Scope, audit, audit_nests
from scanner.sources.nests import Nests
from scanner.sources.progress import Progress
from scanner.sources.range import Range, commits, commits_since
from scanner.sources.sighting import Sighting, sighting
from scanner.sources.tally import Tally
from scanner.triage import keys
from scanner.triage.group import group
from scanner.triage.paths import below, inside

STANDARD_INPUT = "-"
_UNITS = {"minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400, "year": 365 * 86400}
_AGO = re.compile(r"(\d{1,6})[ .](minute|hour|day|week|year)s?(?:[ .]ago)?")


class Request(NamedTuple):
    """What the user asked for; see the options of `leakseal scan`.

    `selection` are rev-list's arguments for the commits to search, where a command has chosen them.
    """

    path: str = "."
    no_history: bool = False
    staged: bool = False
    revisions: str | None = None
    selection: tuple[str, ...] = ()
    since: str | None = None
    globs: tuple[str, ...] = ()
    lowest: Confidence = Confidence.MEDIUM
    limit: int = 256 << 20
    timeout: float | None = None
    key_file: str | None = None
    no_cache: bool = False
    verbose: bool = False
    exhaustive: bool = False
    workers: int | None = None
    rules: tuple[str, ...] = ()
    no_builtin: bool = False
    config: str | None = None
    audit: bool = False


def scan(
    request: Request,
    environ: Mapping[str, str],
    progress: Progress,
    interrupted: Interrupt,
) -> Report:
    """Run one scan and return its report; raise UsageError if the request makes no sense.

    Once `interrupted` the scan ends; the report then says that it is incomplete.
    """
    started = _now()
    _check(request)
    repository = None if request.path == STANDARD_INPUT else _repository(request.path)
    tally = Tally(request.timeout, interrupted)
    settings = chosen(
        _root(request, repository),
        rules(request.rules, tally, builtin_too=not request.no_builtin),
        tally,
        config=request.config,
        audit=request.audit,
    )
    engine = Engine(settings.pack, request.lowest, waiting=True)
    allowed = Allowed(settings.allow, settings.pack, request.lowest)
    cache = _cache(request, environ)
    seen = _sightings(request, repository, engine, tally, progress, cache)
    wanted = _filters(request, repository, tally)
    sightings: list[Sighting] = []
    try:
        sightings.extend(seen)
    except KeyboardInterrupt:
        if interrupted.twice or not interrupted():
            raise
    tally.expired()
    sightings = allowed.reported(sightings, wanted)
    allowed.note(tally)
    owner = repository or _around(request.path)
    identity = keys.choose(
        environ,
        request.key_file,
        owner.common_dir if owner else None,
        owner.work_tree if owner else None,
        _salt(owner) if sightings else b"",
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
        rules_digest=settings.pack.digest,
        key_source=identity.source,
    )


def _check(request: Request) -> None:
    scopes = (
        request.staged,
        request.revisions is not None,
        request.since is not None,
        request.no_history,
    )
    if sum(scopes) > 1:
        raise UsageError("choose one of --staged, --range, --since and --no-history")
    if request.path != STANDARD_INPUT:
        if not os.path.exists(request.path):
            raise UsageError(f"there is no {request.path}")
        if not (os.path.isdir(request.path) or os.path.isfile(request.path)):
            raise UsageError(f"{request.path} is neither a file nor a directory")
    if request.revisions is not None and not re.match(r"[^-]", request.revisions):
        raise UsageError("--range takes commits, such as main..HEAD")


def rules(paths: Sequence[str], tally: Tally, *, builtin_too: bool) -> RulePack:
    """Return the rules to scan with: the built-in ones, and those of the files at `paths`.

    What of a file is not understood is noted in `tally`. Raises RuleError for a file that cannot be
    used, UsageError if no rules are left.
    """
    if not paths:
        if not builtin_too:
            raise UsageError("--no-builtin leaves no rules; name some with --rules")
        return builtin()
    from scanner.rulepack.imported import read  # noqa: PLC0415 - YAML, and only when asked for
    from scanner.rulepack.imported.result import grouped  # noqa: PLC0415 - likewise

    imported = read.all_of(paths)
    pack, notes = read.together(builtin() if builtin_too else make(()), imported)
    if not pack.rules:
        raise UsageError(f"no rules are left; see: leakseal rules import {paths[0]}")
    for code, subject, detail in grouped(notes):
        tally.skip(f"rule-{code}", subject, detail, incomplete=False)
    return pack


def moment(text: str) -> float:
    """Return seconds since the epoch for an ISO 8601 date or time, or for `3 days ago` and such.

    Without an offset the local one is meant. Raises UsageError for anything else.
    """
    ago = _AGO.fullmatch(text.strip().lower())
    try:
        if ago is not None:
            return time.time() - int(ago[1]) * _UNITS[ago[2]]
        return datetime.fromisoformat(text.strip()).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"{text!r} is no date; try 2026-01-31, 2026-01-31T12:00:00Z or '3 days ago'"
        ) from None


def _repository(path: str) -> Repository | None:
    if os.path.isfile(path):
        return None
    return Repository.discover(path)


def _root(request: Request, repository: Repository | None) -> str | None:
    """Return the directory whose settings are those of what is scanned, None if there is none."""
    if repository is not None:
        return repository.work_tree
    return request.path if os.path.isdir(request.path) else None


def _around(path: str) -> Repository | None:
    """Return the repository a file lies in; its key and its identity hold for the file as well."""
    if path == STANDARD_INPUT or not os.path.isfile(path):
        return None
    return Repository.discover(os.path.dirname(os.path.abspath(path)))


def _cache(request: Request, environ: Mapping[str, str]) -> ResultCache | None:
    """Return where results are kept, if this scan reads whole histories and may use it."""
    if (
        request.no_cache
        or request.no_history
        or _of_git(request)
        or not os.path.isdir(request.path)
    ):
        return None
    return opened(environ, verbose=request.verbose)


def _sightings(
    request: Request,
    repository: Repository | None,
    engine: Engine,
    tally: Tally,
    progress: Progress,
    cache: ResultCache | None,
) -> Iterator[Sighting]:
    if repository is None:
        if _of_git(request):
            raise UsageError(f"{request.path} is not in a git repository")
        return _loose(request, engine, tally, cache)
    if request.staged:
        parents = staged.heads(repository.git)
        return staged.sightings(repository.git, engine, tally, parents, request.limit)
    if _of_git(request):
        ids = _commits(request, repository)
        return Range(repository, engine, tally, request.limit).sightings(ids, progress)
    scope = _scope(request, cache)
    return audit(repository, engine, tally, scope, progress)


def _commits(request: Request, repository: Repository) -> list[bytes]:
    if request.since is not None:
        return commits_since(repository, moment(request.since))
    return commits(repository, *(request.selection or (request.revisions or "",)))


def _of_git(request: Request) -> bool:
    """Tell whether only what git knows as a change was asked for."""
    selected = request.revisions is not None or bool(request.selection)
    return request.staged or selected or request.since is not None


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
        first = place.split(os.sep)[0]
        if first not in (os.curdir, os.pardir, ".git"):
            filters.append(below(os.fsencode(place.replace(os.sep, "/"))))
            detail = "only files in this directory are reported"
            tally.skip("path-filter", place, detail, incomplete=False)
    return filters


def _salt(repository: Repository | None) -> bytes:
    """Return what tells this repository from others and is the same in every clone of it."""
    return b"" if repository is None or not repository.head() else repository.root()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
