"""What becomes of a repository's baseline: made, extended, shortened, and written."""

import os
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import NamedTuple

from scanner.adopt.edit import Edit, write
from scanner.adopt.project_files import merged_by_line
from scanner.cli import merge_driver
from scanner.cli.interrupt import Interrupt
from scanner.cli.request import Request
from scanner.cli.scanned import shown_progress
from scanner.cli.target import scan
from scanner.errors import IncompleteError, UsageError
from scanner.gitdb.repository import Repository
from scanner.model import Confidence, Finding, Report, State
from scanner.remediate.worktree import WorkTree
from scanner.report import saved
from scanner.report.mask import Mask
from scanner.triage import baseline, keys
from scanner.triage.baseline import NAME, Baseline, Entry
from scanner.triage.identity import Identity, salt_of
from scanner.triage.prefix import full

_TRACKED = (State.HEAD, State.STAGED, State.HISTORY)


class Terms(NamedTuple):
    """On what terms secrets are accepted, and which; see the options of `leakseal baseline`."""

    reason: str = ""
    owner: str = ""
    expires: str = ""
    report: str | None = None
    uncommitted: bool = False
    confidence: str = "medium"
    config: str | None = None
    rules: tuple[str, ...] = ()
    key_file: str | None = None
    quiet: bool = False


class Change(NamedTuple):
    """What was done: files written, and how many secrets were treated how."""

    written: tuple[str, ...]
    added: int = 0
    dropped: int = 0
    renewed: int = 0
    left_out: int = 0
    expired: int = 0
    complete: bool = True


def created(repository: Repository, terms: Terms, *, attributes: bool) -> Change:
    """Write a baseline of what is found. Raises UsageError if there is one."""
    tree = _tree(repository)
    if tree.exists(NAME.encode()):
        raise UsageError(f"there is a {NAME} already; see: leakseal baseline update")
    report = report_of(repository, terms, no_baseline=True)
    salt = repository.root() if repository.head() else b""
    identity = identity_of(repository, terms, salt)
    _check_key(repository, report, identity, terms.report)
    entries, left_out = _entries(report, terms)
    made = baseline.with_entries(Baseline(identity.key, ()), entries)
    edits = [Edit(NAME, None, baseline.text(made).encode())]
    edits += merged_by_line(tree) if attributes else []
    write(tree, edits)
    written = tuple(edit.path for edit in edits)
    written += merge_driver.install(repository) if attributes else ()
    return Change(written, len(made.entries), left_out=left_out, complete=report.coverage.complete)


def updated(repository: Repository, terms: Terms, *, prune: bool, renew: bool) -> Change:
    """Add what is found and not accepted yet; with `prune`, also drop what is not found any more.

    With `renew` what has expired is accepted anew. Raises IncompleteError if something is to be
    dropped and not everything could be read.
    """
    tree, old, today = _tree(repository), _old(repository), _today()
    report = report_of(repository, terms, lowest=Confidence.LOW if prune else None)
    identity = identity_of(repository, terms, salt_of(old.key) or b"")
    baseline.check(NAME, old, identity)
    _check_key(repository, report, identity, terms.report)
    entries, left_out = _entries(report, terms)
    new = baseline.with_entries(old, entries)
    over = {e.fingerprint for e in old.entries if baseline.expired(e.expires, today)}
    if renew:
        new = new._replace(entries=tuple(_renewed(e, terms, over) for e in new.entries))
    if prune:
        new = baseline.without(new, _gone(new, report), today)
    return Change(
        (_write(tree, new),) if new != old else (),
        added=len({e.fingerprint for e in new.entries} - {e.fingerprint for e in old.entries}),
        dropped=len({e.fingerprint for e in old.entries} - {e.fingerprint for e in new.entries}),
        renewed=len(over) if renew else 0,
        left_out=left_out,
        expired=0 if renew else len(over & {f.fingerprint for f in report.findings}),
        complete=report.coverage.complete,
    )


def pruned(repository: Repository, terms: Terms) -> Change:
    """Drop what is found nowhere; raise IncompleteError if not everything could be read."""
    old = _old(repository)
    report = report_of(repository, terms, lowest=Confidence.LOW)
    return _dropped(repository, old, _gone(old, report))


def taken_out(repository: Repository, fingerprints: Iterable[str]) -> Change:
    """Drop the entries whose fingerprints begin so; raise UsageError if one is not there."""
    old = _old(repository)
    known = [entry.fingerprint for entry in old.entries]
    return _dropped(repository, old, {full(start, known) for start in fingerprints})


def _dropped(repository: Repository, old: Baseline, gone: set[str]) -> Change:
    new = baseline.without(old, gone, _today())
    written = (_write(_tree(repository), new),) if new != old else ()
    return Change(written, dropped=len(old.entries) - len(new.entries))


def _gone(known: Baseline, report: Report) -> set[str]:
    if not report.coverage.complete:
        raise IncompleteError(
            "nothing was dropped: not everything could be read, so what is not found may be there"
            " all the same; see: leakseal scan"
        )
    found = {finding.fingerprint for finding in (*report.findings, *report.suppressed)}
    return {entry.fingerprint for entry in known.entries} - found


def _entries(report: Report, terms: Terms) -> tuple[list[Entry], int]:
    """Return entries for what was found, and how many secrets were left out."""
    lowest = Confidence[terms.confidence.upper()]
    sure = [finding for finding in report.findings if finding.confidence >= lowest]
    taken = [finding for finding in sure if terms.uncommitted or _is_tracked(finding)]
    return entries_for(taken, report, terms), len(sure) - len(taken)


def entries_for(findings: Iterable[Finding], report: Report, terms: Terms) -> list[Entry]:
    """Return entries for `findings`, in which nothing that is in `report` stands in clear."""
    mask = Mask(finding.secret for finding in (*report.findings, *report.suppressed))
    today = _today().isoformat()
    return [
        Entry(
            finding.fingerprint,
            finding.rule.id,
            mask.clean_name(finding.occurrences[0].path).decode("utf-8", "replace"),
            mask.text(terms.reason),
            mask.text(terms.owner),
            today,
            terms.expires,
        )
        for finding in findings
    ]


def _is_tracked(finding: Finding) -> bool:
    return any(place.state in _TRACKED for place in finding.occurrences)


def _renewed(entry: Entry, terms: Terms, over: set[str]) -> Entry:
    if entry.fingerprint not in over:
        return entry
    return entry._replace(
        reason=terms.reason or entry.reason,
        owner=terms.owner or entry.owner,
        expires=terms.expires,
        revision=baseline.after(entry.revision),
    )


def report_of(
    repository: Repository,
    terms: Terms,
    *,
    no_baseline: bool = False,
    lowest: Confidence | None = None,
) -> Report:
    """Return what is there: from a saved report, or a scan of everything."""
    if terms.report is not None:
        try:
            with open(terms.report, "rb") as file:
                return saved.parse(file.read(saved.LARGEST + 1), terms.report)
        except OSError as error:
            raise UsageError(f"{terms.report} cannot be read: {error.strerror}") from None
    request = Request(
        path=repository.work_tree or "",
        lowest=lowest or Confidence[terms.confidence.upper()],
        config=terms.config,
        rules=terms.rules,
        key_file=terms.key_file,
        no_baseline=no_baseline,
    )
    with Interrupt() as interrupt, shown_progress(quiet=terms.quiet) as progress:
        report = scan(request, os.environ, progress, interrupt)
        if interrupt():
            raise KeyboardInterrupt
    return report


def _check_key(
    repository: Repository, report: Report, identity: Identity, name: str | None
) -> None:
    """Raise UsageError if the report called `name`, if any, has other fingerprints than we make."""
    if name is None:
        return
    commits = [bytes.fromhex(report.head)] if report.head else []
    if any(entry.kind != b"commit" for entry in repository.git.batch(commits)):
        raise UsageError(f"{name} is of another repository: its HEAD is not here; scan again")
    if report.key not in ("", identity.key):
        raise UsageError(
            f"{name} was made with another key ({report.key_source}) than this one"
            f" ({identity.source}): scan again, or use that key"
        )


def identity_of(repository: Repository, terms: Terms, salt: bytes) -> Identity:
    """Return how fingerprints are made here, with `salt` where there is no key."""
    own = repository.common_dir, repository.work_tree
    return keys.choose(os.environ, terms.key_file, *own, salt)


def _old(repository: Repository) -> Baseline:
    path = os.path.join(repository.work_tree or "", NAME)
    if not os.path.lexists(path):
        raise UsageError(f"there is no {NAME}; make one: leakseal baseline create")
    found = baseline.read_own(path)
    if found is None:
        raise UsageError(f"{path} is another user's, or no regular file")
    return found


def _write(tree: WorkTree, new: Baseline) -> str:
    tree.replace(NAME.encode(), baseline.text(new).encode())
    return NAME


def _tree(repository: Repository) -> WorkTree:
    return WorkTree(repository.work_tree or "")


def _today() -> date:
    return datetime.now(UTC).date()
