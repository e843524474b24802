"""From what a job is about to the commits to search, in the checkout there is.

Everything here is set algebra over commits: those that a head leads to, less those that are known.
What a shallow checkout cannot tell exactly is refused, see `scanner.ci.exact`.
"""

from collections.abc import Iterable
from typing import NamedTuple

from scanner.ci.checkout import Checkout
from scanner.ci.exact import exactly
from scanner.ci.job import Job, Kind
from scanner.errors import IncompleteError
from scanner.gitdb.git import GitError

_BRANCHES = "git fetch origin '+refs/heads/*:refs/remotes/origin/*'  # before leakseal ci"
# Branches that live long by custom. They come after the default branch, in this order.
_LONG_LIVED = ("main", "master", "trunk", "develop", "development", "dev")


class Derived(NamedTuple):
    """The commits of a job: rev-list's `arguments` for them, their `number`, and them in `words`.

    Without `arguments` the whole repository is meant, and `number` is 0. `tags` are the annotated
    tags to search with them, as in a Request.
    """

    arguments: tuple[str, ...]
    number: int
    words: str
    tags: tuple[tuple[str, bytes], ...] = ()


class _Known(NamedTuple):
    """Commits up to which everything is known, and in words what they are."""

    ids: tuple[str, ...]
    words: str


def derive(job: Job, checkout: Checkout) -> Derived:
    """Return the commits that `job` is about.

    Raises IncompleteError, with the lines to add to the platform's configuration, if the checkout
    does not hold all that is needed to tell.
    """
    if job.kind is Kind.AUDIT:
        return Derived((), 0, "the whole repository")
    try:
        return _commits(job, checkout)
    except GitError as error:
        raise IncompleteError(f"git cannot tell which commits to search: {error}") from None


def _commits(job: Job, checkout: Checkout) -> Derived:
    head = _head(job, checkout)
    known = {Kind.CHANGE: _of_change, Kind.BRANCH: _of_branch, Kind.TAG: _of_tag}[job.kind](
        job, checkout, head
    )
    span = exactly(head, known.ids, checkout, job.platform)
    # What is outside excludes the same commits as the known ones do, but they can be many.
    without = min(span.outside, known.ids, key=len) if span.commits else (head,)
    arguments = (head, *(f"^{id_}" for id_ in without))
    tags = checkout.tags(head) if job.kind is Kind.TAG else ()
    return Derived(arguments, len(span.commits), known.words.format(head=head[:8]), tags)


def _head(job: Job, checkout: Checkout) -> str:
    """Return the job's last commit. Of a change, its source will do in place of its merge."""
    wanted = [id_ for id_ in (job.head, job.source) if id_]
    found = (id_ for name in wanted if (id_ := checkout.commit(name)))
    head = next(found, "") if wanted else checkout.revision("HEAD")
    if not head:
        subject = "the commit of this job" if wanted else "a commit"
        remedy = f", with its history:\n{job.platform.deepen}" if checkout.cut else "."
        raise IncompleteError(
            f"{subject} is not in this checkout, so nothing was searched. Check it out{remedy}"
        )
    return head


def _of_change(job: Job, checkout: Checkout, head: str) -> _Known:
    """Return what the target of a change knows.

    That is the first parent where the platform has merged the change into its target: more recent
    than any id the platform names. A merge that the change itself ends in is another matter, which
    is why the second parent must be the change.
    """
    parents = checkout.parents(head)
    if job.source and job.source in parents[1:] and checkout.commit(parents[0]):
        return _Known((parents[0],), f"{parents[0][:8]}..{{head}} (the change and its merge)")
    base = checkout.commit(job.base) if job.base else ""
    tip = checkout.branches.get(job.target, "")
    known = base or tip
    if not known:
        raise IncompleteError(
            "the target of this change is not in this checkout, so it cannot be told what the"
            f" change adds, and nothing was searched. Fetch it, with its history:\n"
            f"{job.platform.deepen if checkout.cut else _BRANCHES}"
        )
    return _Known((known,), f"{known[:8]}..{{head}} (what the target does not have)")


def _of_branch(job: Job, checkout: Checkout, _head: str) -> _Known:
    if not job.base:
        return _first(job, checkout, "")
    base = checkout.commit(job.base)
    if base:
        return _Known((base,), f"{base[:8]}..{{head}} (what came to the branch)")
    if checkout.cut:
        raise IncompleteError(
            f"commit {job.base[:8]}, which the branch was at before, is not in this checkout: it is"
            f" too shallow, or the push was forced. Nothing was searched. Add:\n"
            f"{job.platform.deepen}"
        )
    return _first(job, checkout, f"{job.base[:8]}, where it was before, is gone: ")


def _first(job: Job, checkout: Checkout, why: str) -> _Known:
    """Return what is known where no earlier commit of a branch is: what long-lived branches hold.

    Other branches do not count, because nobody knows whether a job ever searched them. Nor do
    long-lived branches leave what they share to each other, as they can be pushed together: each
    counts only those before it.
    """
    lasting = list(_lasting(job, checkout))
    before = lasting[: lasting.index(job.branch)] if job.branch in lasting else lasting
    return _others(checkout, before if job.branch else [], why)


def _of_tag(job: Job, checkout: Checkout, _head: str) -> _Known:
    return _others(checkout, _lasting(job, checkout), "")


def _lasting(job: Job, checkout: Checkout) -> Iterable[str]:
    """Return the names of branches that live long, the default branch first."""
    return dict.fromkeys((job.default or checkout.default, *_LONG_LIVED))


def _others(checkout: Checkout, names: Iterable[str], why: str) -> _Known:
    tips = [checkout.branches[name] for name in names if name in checkout.branches]
    if not tips:
        return _Known((), f"all that {{head}} leads to ({why}nothing says what was known before)")
    return _Known(tuple(dict.fromkeys(tips)), f"{{head}} ({why}what no long-lived branch has)")
