"""One scan from request to report: chooses the source, groups what it yields, states coverage."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import click

from scanner.cache.store import ResultCache
from scanner.cli import sought
from scanner.cli.accepted import Acceptance
from scanner.cli.cache import opened
from scanner.cli.interrupt import Interrupt
from scanner.cli.request import STANDARD_INPUT, Request, check
from scanner.cli.settings import Allowed, chosen
from scanner.cli.watched import Early, Watch, watched
from scanner.detect.engine import Engine
from scanner.errors import UsageError
from scanner.gitdb.repository import Repository
from scanner.model import Confidence, Finding, Match, Occurrence, Report
from scanner.report.escape import visible
from scanner.report.told import secrets_told
from scanner.rulepack.pack import RulePack, builtin, make
from scanner.sources.progress import Progress
from scanner.sources.sighting import Sighting
from scanner.sources.tally import Tally

__all__ = ["STANDARD_INPUT", "Request", "rules", "scan"]


def scan(
    request: Request,
    environ: Mapping[str, str],
    progress: Progress,
    interrupted: Interrupt,
    watch: Watch | None = None,
) -> Report:
    """Run one scan and return its report; raise UsageError if the request makes no sense.

    Once `interrupted` the scan ends; the report then says that it is incomplete. `watch` is told of
    what is seen while the scan goes on.
    """
    started = _now()
    check(request)
    repository = None if request.path == STANDARD_INPUT else _repository(request.path)
    tally = Tally(request.timeout, interrupted)
    root = _root(request, repository)
    settings = chosen(
        root,
        rules(request.rules, tally, builtin_too=not request.no_builtin),
        tally,
        config=request.config,
        audit=request.audit,
    )
    # What is less sure than asked for is not reported, but may stand in a name that is.
    engine = Engine(settings.pack, min(request.lowest, Confidence.MEDIUM), waiting=True)
    owner = repository or _around(request.path)
    acceptance = Acceptance(request, environ, owner, root, settings, engine, tally)
    allowed = Allowed(settings.allow, settings.pack, request.lowest)
    cache = _cache(request, environ)

    def counts(match: Match, path: bytes, id_: bytes) -> bool:
        return allowed.counts(match, path) and not acceptance.commented(match, path, id_)

    wanted = sought.filters(request, repository, tally)
    told = _counted(acceptance, Allowed((), settings.pack, request.lowest), wanted)
    if watch is not None and not wanted:
        progress = Early(progress, told, lambda: acceptance.identity, watch)
    seen = sought.sightings(request, repository, engine, tally, progress, cache, counts, wanted)
    if watch is not None:
        seen = watched(seen, told, lambda: acceptance.identity, watch)
    sightings: list[Sighting] = []
    try:
        sightings.extend(seen)
    except KeyboardInterrupt:
        if interrupted.twice or not interrupted():
            raise
    tally.expired()
    # What is not reported may stand in a name that is.
    unsure = Confidence.LOW
    hidden = dict.fromkeys(s.match.secret for s in sightings if s.match.confidence > unsure)
    sightings = allowed.left(sightings, wanted)
    allowed.note(tally)
    decisions = acceptance.decided(sightings)
    findings, suppressed = acceptance.divided(decisions)
    everything = request.whole and not wanted and tally.coverage().complete
    if request.verbose and everything:
        _say_stale(acceptance, (*findings, *suppressed), sightings)
    head = repository.head() if repository else None
    report = Report(
        target=request.path if request.path == STANDARD_INPUT else os.path.abspath(request.path),
        head=head.hex() if head else "",
        branch=repository.branch() if repository else "",
        origin=repository.origin() if repository else "",
        findings=findings,
        coverage=tally.coverage(),
        started=started,
        ended=_now(),
        rules_digest=settings.pack.digest,
        key_source=acceptance.key_source,
        suppressed=suppressed,
        baseline=acceptance.name,
        absent=tuple(acceptance.absent((*findings, *suppressed))) if everything else (),
        key=acceptance.identity.key if findings or suppressed else "",
    )
    return report._replace(hidden=(*hidden, *secrets_told(report, engine)))


def _counted(
    acceptance: Acceptance, allowed: Allowed, wanted: Sequence[Callable[[Occurrence], bool]]
) -> Callable[[Sighting], bool]:
    """Return what tells whether a sighting counts, as far as is known while a scan goes on."""

    def counts(sighting: Sighting) -> bool:
        return any(map(acceptance.counts, allowed.left((sighting,), wanted)))

    return counts


def _say_stale(
    acceptance: Acceptance, findings: Sequence[Finding], sightings: Sequence[Sighting]
) -> None:
    """Say what accepts nothing any more, without what was found in it."""
    from scanner.report.mask import Mask  # noqa: PLC0415 - only if asked for

    mask = Mask(finding.secret for finding in findings)
    for words in acceptance.stale(findings, sightings):
        click.echo(f"leakseal: {visible(mask.text(words))}", err=True)


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
    if request.no_cache or request.no_history or request.of_git or not os.path.isdir(request.path):
        return None
    return opened(environ, verbose=request.verbose)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
