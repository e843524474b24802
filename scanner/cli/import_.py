"""`leakseal import`: takes over what another scanner was told not to report."""

import os
from collections.abc import Iterable

import click

from scanner.adopt.edit import Edit, diff, write
from scanner.cli.consent import agreed
from scanner.cli.expires import check_expires
from scanner.cli.import_edits import Said, proposed
from scanner.cli.interrupt import Interrupt
from scanner.cli.new_baseline import Terms, identity_of
from scanner.cli.request import Request
from scanner.cli.scanned import shown_progress
from scanner.cli.settings import chosen
from scanner.cli.target import scan
from scanner.detect.engine import Engine
from scanner.errors import CLEAN, INCOMPLETE, LEAKS, UsageError
from scanner.foreign import words
from scanner.foreign.known import TOOLS, Foreign
from scanner.foreign.recognise import read
from scanner.foreign.taking import everything, taken
from scanner.gitdb.repository import Repository
from scanner.model import Confidence, Report
from scanner.remediate.worktree import WorkTree
from scanner.report.escape import as_bytes, visible
from scanner.report.mask import Mask
from scanner.rulepack.pack import builtin
from scanner.sources.tally import Tally
from scanner.triage.identity import Identity

_LONGEST = 1000  # characters of a line


@click.command(name="import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--from", "tool", type=click.Choice(TOOLS), help="Whose files they are.")
@click.option("--reason", default="", metavar="TEXT", help="Why these are accepted.")
@click.option("--owner", default="", metavar="NAME", help="Who answers for it.")
@click.option("--expires", default="", metavar="DATE", help="Until when, such as 2026-12-31.")
@click.option("--key-file", metavar="FILE", help="The key for fingerprints.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--strict", is_flag=True, help="Exit with 1 if something was not taken over.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on standard error.")
def command(
    files: tuple[str, ...],
    tool: str | None,
    reason: str,
    owner: str,
    expires: str,
    key_file: str | None,
    dry_run: bool,
    yes: bool,
    strict: bool,
    quiet: bool,
) -> int:
    """Take over what another scanner was told not to report, from its FILEs.

    Reads configuration, ignores, baselines and JSON reports of gitleaks and betterleaks, the
    baseline of detect-secrets, reports of trufflehog, reports and baselines of kingfisher, and the
    configuration of ggshield; each is told by its content. The repository in the current directory
    is scanned, and what they know of it goes into .leakseal.baseline and .leakseal.yaml.

    Exit codes: 0 done, what was not taken over is listed; 1 the same with --strict; 2 a file cannot
    be used, or nobody agreed; 3 not everything could be read, and something was not taken over.
    """
    check_expires(expires)
    repository, work_tree = _here()
    rules = _rules(work_tree)
    found = [read(path, tool or "", rules) for path in files]
    interrupt = Interrupt()
    report = _scanned(repository, found, key_file, interrupt, quiet=quiet)
    if interrupt():
        return 128 + interrupt.signal
    findings = everything(report, _inside(repository, files)) if report else []
    values = [secret for each in found for known in each.known for secret in known.values]
    results = taken(found, findings, repository)
    told = [line for each in results for line in words.lines(each)]
    engine = Engine(builtin())
    beside = engine.findings(as_bytes("\n\n".join(told))).matches  # in names, patterns, paths
    named = {f.fingerprint[: words.FINGERPRINT].encode() for f in findings}  # by us, in `told`
    secrets = [m.secret for m in beside if m.secret.reveal() not in named]
    mask = Mask([*(f.secret for f in findings), *secrets, *values])
    for line in told:
        click.echo(visible(mask.text(line), _LONGEST))
    tree = WorkTree(work_tree)
    said = Said(mask, reason, owner, expires)
    edits = proposed(tree, results, said, lambda salt: _identity(repository, key_file, salt))
    for line in diff(edits, engine):
        click.echo(mask.text(line))
    for line in words.totals(results):
        click.echo(line)
    left = words.left_out(results)
    unread = left > 0 and report is not None and not report.coverage.complete
    if unread:
        click.echo("The scan is incomplete, so more may stand here; see: leakseal scan", err=True)
    _write(tree, edits, dry_run=dry_run, yes=yes, files=files)
    return INCOMPLETE if unread else LEAKS if strict and left else CLEAN


def _here() -> tuple[Repository, str]:
    """Return the repository in the current directory and the root of its work tree."""
    repository = Repository.discover(".")
    if repository is None or repository.work_tree is None:
        raise UsageError("run this in the work tree of the repository that the files are about")
    return repository, repository.work_tree


def _rules(work_tree: str) -> frozenset[str]:
    """Return the ids of the rules that the project's settings can name."""
    settings = chosen(work_tree, builtin(), Tally(), config=None, audit=False)
    return frozenset(rule.id for rule in settings.pack.rules)


def _scanned(
    repository: Repository,
    found: Iterable[Foreign],
    key_file: str | None,
    interrupt: Interrupt,
    *,
    quiet: bool,
) -> Report | None:
    """Return a report of all there is in the repository; None if no credential is asked for."""
    if not any(foreign.known for foreign in found):
        return None
    request = Request(path=repository.work_tree or ".", lowest=Confidence.LOW, key_file=key_file)
    with interrupt, shown_progress(quiet=quiet) as progress:
        return scan(request, os.environ, progress, interrupt)


def _inside(repository: Repository, files: Iterable[str]) -> frozenset[bytes]:
    """Return the paths of `files` below the root of the work tree; others stand for nothing."""
    top = os.path.realpath(repository.work_tree or "")
    paths = (os.path.relpath(os.path.realpath(path), top) for path in files)
    return frozenset(os.fsencode(path.replace(os.sep, "/")) for path in paths)


def _identity(repository: Repository, key_file: str | None, salt: bytes | None) -> Identity:
    """Return how fingerprints are made here, without a key with `salt` or the repository's own."""
    if salt is None:
        salt = repository.root() if repository.head() else b""
    return identity_of(repository, Terms(key_file=key_file), salt)


def _write(
    tree: WorkTree, edits: list[Edit], *, dry_run: bool, yes: bool, files: Iterable[str]
) -> None:
    """Write `edits` if the user agrees; raise UsageError if not."""
    names = " and ".join(edit.path for edit in edits)
    if not edits:
        click.echo("Nothing to write: what was taken over is there already.")
    elif dry_run:
        click.echo(f"Not written, as this is a dry run: {names}")
    else:
        given = " ".join(map(visible, files))
        agreed(f"Write {names}?", yes=yes, command=f"leakseal import {given}")
        write(tree, edits)
        click.echo(f"Wrote {names}. Commit them.")
