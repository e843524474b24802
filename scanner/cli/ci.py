"""`leakseal ci`: asks the CI platform's variables which commits to search, and searches them."""

import os
from collections.abc import Mapping
from typing import Any

import click

from scanner.ci.checkout import Checkout
from scanner.ci.derive import Derived, derive
from scanner.ci.job import Job
from scanner.ci.named import ends, named
from scanner.ci.platforms import recognised
from scanner.cli.options import reporting, searching
from scanner.cli.scanned import request, scanned
from scanner.errors import INCOMPLETE, UsageError
from scanner.gitdb.repository import Repository
from scanner.report.escape import visible
from scanner.triage.baseline import NAME as BASELINE
from scanner.triage.settings_file import NAME as SETTINGS


@click.command(name="ci")
@click.argument("path", default=".")
@click.option("--base", default="", metavar="REV", help="Search what REV does not lead to.")
@click.option("--head", default="", metavar="REV", help="Search what REV leads to.")
@click.option("--range", "revisions", default="", metavar="A..B", help="Both at once.")
@searching
@reporting
def command(
    path: str,
    base: str,
    head: str,
    revisions: str,
    fmt: str,
    output: str | None,
    show_secrets: bool,
    exit_code: int,
    quiet: bool,
    **options: Any,
) -> int:
    """Search the commits that a CI job is about, in the checkout at PATH.

    Where that is a directory in a checkout, only what is in it is reported.

    What they are is derived from the variables of GitHub Actions, GitLab CI, Bitbucket, Azure
    Pipelines, Jenkins, CircleCI, Buildkite, Gitea or Forgejo Actions: what a push or a proposed
    change adds. Scheduled and manual runs audit the whole repository. A checkout too shallow to
    tell ends with exit code 3.
    """
    base, head = ends(base, head, revisions)
    repository = Repository.discover(path)
    if repository is None:
        raise UsageError(f"{visible(path)} is in no git repository")
    checkout = Checkout(repository)
    job = named(_job(base, head), checkout, base, head)
    derived = derive(job, checkout)
    click.echo(f"leakseal: {job.platform.name}: {job.what}: {_described(derived)}", err=True)
    place = _place(path, repository.work_tree)
    options |= _heeded(repository, options)
    asked = request(path=place, selection=derived.arguments, tags=derived.tags, **options)
    code = scanned(
        # A platform may have written the job's own token into the git directory it has made.
        asked._replace(git_files=bool(derived.arguments)),
        fmt=fmt,
        output=output,
        show_secrets=show_secrets,
        exit_code=exit_code,
        quiet=quiet,
    )
    if code == INCOMPLETE:
        _advise(job, checkout)
    return code


def _place(path: str, root: str | None) -> str:
    """Return the directory that limits what is reported: `path`, or `root` if that is the current.

    Raises UsageError for a symbolic link in the checkout: a change could turn the directory into
    one, to another that is clean, and what it did in the directory before would not be reported.
    """
    if root is None or os.path.normpath(path) == os.curdir:
        return root or path
    upper, top = os.path.abspath(path), os.path.realpath(root)
    if not os.path.join(os.path.realpath(upper), "").startswith(os.path.join(top, "")):
        return path  # it is a git directory that lies elsewhere
    while os.path.realpath(upper) != top:
        if os.path.islink(upper):
            raise UsageError(f"{visible(path)} is, or lies behind, a symbolic link")
        upper = os.path.dirname(upper)
    return path


def _heeded(repository: Repository, options: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings and the baseline of the checkout, where the user named no others.

    They count whoever owns them, and from beside the checkout too: platforms clone as one user and
    run the job as another. Without them a scan would miss what the rules of the project find, and
    call it clean.
    """
    root = repository.work_tree
    if root is None or options["audit"]:
        return {}
    names = {"config": SETTINGS}
    if not options["no_baseline"]:
        names["baseline"] = BASELINE
    found = {o: os.path.join(root, name) for o, name in names.items() if not options[o]}
    return {o: p for o, p in found.items() if os.path.isfile(p) and not os.path.islink(p)}


def _job(base: str, head: str) -> Job | None:
    """Return what the variables say; nothing if they make no sense, and the user says it all."""
    try:
        return recognised(os.environ)
    except UsageError:
        if base and head:
            return None
        raise


def _described(derived: Derived) -> str:
    if not derived.arguments:
        return derived.words
    if not derived.number:
        left = "only what the tag says" if derived.tags else "nothing to search"
        return f"{derived.words}: no commits, {left}"
    return f"{derived.words}: {derived.number} commit{'s' if derived.number > 1 else ''}"


def _advise(job: Job, checkout: Checkout) -> None:
    """Say what to change where what is missing was never fetched."""
    if checkout.cut:
        click.echo(f"leakseal: this checkout is shallow. Add:\n{job.platform.deepen}", err=True)
    if checkout.is_partial():
        click.echo(
            "leakseal: contents of files were left out when this was cloned. Change that with:\n"
            f"{job.platform.complete}",
            err=True,
        )
