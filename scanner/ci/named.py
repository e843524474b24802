"""Commits that the user names, instead of or beside what the platform says."""

import re

from scanner.ci.checkout import Checkout
from scanner.ci.job import REFETCH, Job, Kind, Platform, commit_id
from scanner.errors import UsageError
from scanner.report.escape import visible

_ELSEWHERE = Platform("no CI platform", "git fetch --unshallow origin", REFETCH)
_ID = re.compile(r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")


def ends(base: str, head: str, revisions: str) -> tuple[str, str]:
    """Return the first and last revision that the options name; either can be empty.

    Raises UsageError if `revisions` is no A..B, or comes with another.
    """
    if not revisions:
        return base, head
    first, dots, last = revisions.partition("..")
    if not dots or base or head:
        raise UsageError("--range takes A..B, such as main..HEAD, and stands for --base and --head")
    return first or "HEAD", last or "HEAD"


def named(job: Job | None, checkout: Checkout, base: str, head: str) -> Job:
    """Return `job` with the commits that the user names; without a `job`, only they count.

    A whole id as `base` is taken as a platform's: zeros stand for none, and it may be gone. Raises
    UsageError if there is neither a job nor a name, or no commit of that name.
    """
    if job is None and not (base or head):
        raise UsageError(
            "this is no job of a CI platform that leakseal knows. Name the commits, as in:"
            " leakseal ci --base main; or audit everything: leakseal scan"
        )
    job = job or Job(_ELSEWHERE, Kind.BRANCH, "commits named")
    if head:
        job = job._replace(head=_revision(checkout, head, "--head"), source="")
    if base:
        whole = _ID.fullmatch(base)
        known = commit_id(base, "--base") if whole else _revision(checkout, base, "--base")
        job = job._replace(base=known, kind=Kind.BRANCH)
    if (head or base) and job.kind is Kind.AUDIT:
        job = job._replace(kind=Kind.BRANCH)
    return job


def _revision(checkout: Checkout, text: str, option: str) -> str:
    found = checkout.revision(text)
    if not found:
        raise UsageError(f"{option}: there is no commit {visible(text, 60)} in this checkout")
    return found
