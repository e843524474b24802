"""The baseline that init writes: what has leaked before, so that only new leaks count."""

import os
from typing import NamedTuple

from scanner.adopt.edit import Edit
from scanner.adopt.project_files import merged_by_line
from scanner.cli.new_baseline import Terms, entries_for, identity_of, report_of
from scanner.errors import IncompleteError
from scanner.gitdb.repository import Repository
from scanner.model import Finding, State
from scanner.remediate.worktree import WorkTree
from scanner.triage.baseline import NAME, Baseline, text, with_entries
from scanner.triage.settings_file import NAME as SETTINGS

_REASON = "was there when leakseal was set up"
_LEAKED = (State.HEAD, State.HISTORY)


class Accepted(NamedTuple):
    """How to have a baseline, how many secrets it accepts, and how many it does not.

    What no branch or tag has was never pushed from here: it is staged, stashed, taken back, or not
    committed yet. It has not leaked, and must not.
    """

    edits: tuple[Edit, ...] = ()
    secrets: int = 0
    refused: int = 0


def accepted(repository: Repository, tree: WorkTree) -> Accepted:
    """Return what a baseline of a repository would accept; nothing where there is one.

    Raises IncompleteError if not everything could be read.
    """
    if tree.exists(NAME.encode()) or repository.head() is None:
        return Accepted()
    terms = Terms(reason=_REASON, config=_settings(repository))
    report = report_of(repository, terms, no_baseline=True)
    if not report.coverage.complete:
        raise IncompleteError(
            "nothing was written: not all of the repository could be read, so its baseline would"
            " not have all that leaked; see: leakseal scan. To do without: --no-baseline"
        )
    leaked = [finding for finding in report.findings if _is_committed(finding)]
    refused = len(report.findings) - len(leaked)
    if not leaked:
        return Accepted(refused=refused)
    identity = identity_of(repository, terms, repository.root())
    entries = entries_for(leaked, report, terms)
    content = text(with_entries(Baseline(identity.key, ()), entries)).encode()
    edits = (Edit(NAME, None, content), *merged_by_line(tree))
    return Accepted(edits, len(entries), refused)


def _settings(repository: Repository) -> str | None:
    """Return the settings of the repository, which count from outside of it as well."""
    own = os.path.join(repository.work_tree or "", SETTINGS)
    return own if os.path.isfile(own) and not os.path.islink(own) else None


def _is_committed(finding: Finding) -> bool:
    return any(occurrence.state in _LEAKED for occurrence in finding.occurrences)
