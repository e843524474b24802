"""Which findings of a report a plan is for, and why the others are left alone."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from scanner.errors import UsageError
from scanner.gitdb.git import GitError
from scanner.model import Secret
from scanner.remediate.found import Held
from scanner.remediate.naming import Naming
from scanner.remediate.plan import PRIVATE, Left
from scanner.remediate.project import Project, ProjectKey
from scanner.remediate.reported import Reported, ReportedFinding
from scanner.remediate.worktree import WorkTree
from scanner.report.escape import visible

_GONE = {
    "history": "it stands in history only: rotate or revoke it, then purge it",
    "stash": "it stands in a stash only: rotate or revoke it, then drop the stash",
    "metadata": "it stands in the git directory, which is not committed: take it out there",
}
_UNFOUND = (
    "it is not there any more, or the report is of another place or made with another key "
    "(LEAKSEAL_KEY): scan the repository again"
)
ASIDE = ("it is accepted in the ledger", "it is to be left out", "it is not asked for")
_STAGED = "it is staged, but not in the file on disk: stage the file again"


class Wish(NamedTuple):
    """What the user decides: the lane, the names, and what is planned.

    `only` and `without` are beginnings of fingerprints of the report; with none in `only`, all are
    wanted. `accepted` are fingerprints by the project's key that the ledger says are accepted.
    """

    lane: str = PRIVATE
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    accepted: frozenset[str] = frozenset()
    names: tuple[Naming, ...] = ()


def chosen(
    found: Iterable[Held], reported: Reported, key: ProjectKey, wish: Wish
) -> tuple[list[Held], tuple[Left, ...]]:
    """Return what is to be planned, and the findings that are put aside.

    Raises UsageError for digits with which no finding begins.
    """
    for digits in (*wish.only, *wish.without):
        if not any(name.startswith(digits) for name in reported.findings):
            raise UsageError(f"no finding of the report begins with {visible(digits)}")
    kept: list[Held] = []
    aside: dict[str, Left] = {}
    spans: dict[bytes, list[tuple[int, int]]] = {}
    for held in found:
        reasons = [_aside(reported.findings[n], s, key, wish) for n, _, s in held.secrets]
        if not all(reasons):
            kept.append(held)
            continue
        for (name, _, _), reason in zip(held.secrets, reasons, strict=True):
            finding = reported.findings[name]
            aside[name] = Left(name, finding.rule, finding.state, reason)
        spans.setdefault(held.path, []).append((held.literal.start, held.literal.end))
    kept = [h._replace(others=(*h.others, *spans.get(h.path, ()))) for h in kept]
    return kept, tuple(aside.values())


def _aside(finding: ReportedFinding, secret: Secret, key: ProjectKey, wish: Wish) -> str:
    """Return why a finding is not planned, nothing if it is."""
    if key.fingerprint(finding.family, secret.reveal()) in wish.accepted:
        return ASIDE[0]
    if finding.fingerprint.startswith(wish.without) and wish.without:
        return ASIDE[1]
    if wish.only and not finding.fingerprint.startswith(wish.only):
        return ASIDE[2]
    return ""


def unless_named(held: Held, project: Project) -> Held:
    """Return `held`, refused if it is a key file that another file names, so that it is read."""
    if held.language is not None or held.refusal:
        return held
    name = held.path.rpartition(b"/")[2].decode("utf-8", "surrogateescape")
    try:
        listed = project.repository.git.run("grep", "--cached", "-l", "-z", "-F", "-e", name)
    except GitError:  # nothing found
        return held
    others = [path for path in listed.split(b"\0") if path not in (b"", held.path)]
    if not others:
        return held
    return held._replace(refusal=f"{visible(others[0])} reads it by name: change that first")


def left_alone(
    findings: Iterable[ReportedFinding],
    covered: Collection[tuple[str, bytes]],
    unfit: Mapping[bytes, str],
    tree: WorkTree,
) -> Iterator[Left]:
    """Yield every place of a finding that the plan does not cover, and findings without any."""
    for finding in findings:
        named = finding.fingerprint, finding.rule, finding.state
        if not finding.paths:
            yield Left(*named, _GONE.get(finding.state, _GONE["history"]))
        found = {path for name, path in covered if name == finding.fingerprint}
        for path in sorted(finding.paths - found):
            if not found or tree.exists(path):  # else its name is redacted in the report
                reason = _STAGED if finding.state == "staged" else _UNFOUND
                yield Left(*named, unfit.get(path) or f"{visible(path)}: {reason}")
