"""The baseline that init writes: what has leaked before, so that only new leaks count."""

import os
import sys
from datetime import UTC, datetime
from typing import NamedTuple

from scanner.adopt.edit import Edit
from scanner.adopt.project_files import merged_by_line
from scanner.cli.interrupt import Interrupt
from scanner.cli.request import Request
from scanner.cli.target import scan
from scanner.errors import IncompleteError
from scanner.gitdb.repository import Repository
from scanner.model import Finding, Report, State
from scanner.remediate.worktree import WorkTree
from scanner.report.mask import Mask
from scanner.sources.progress import Progress
from scanner.triage import keys
from scanner.triage.baseline import NAME, Baseline, Entry, text
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
    report = _scanned(repository)
    if not report.coverage.complete:
        raise IncompleteError(
            "nothing was written: not all of the repository could be read, so its baseline would"
            " not have all that leaked; see: leakseal scan. To do without: --no-baseline"
        )
    leaked = [finding for finding in report.findings if _is_committed(finding)]
    refused = len(report.findings) - len(leaked)
    if not leaked:
        return Accepted(refused=refused)
    identity = keys.choose(
        os.environ, None, repository.common_dir, repository.work_tree, repository.root()
    )
    mask = Mask(finding.secret for finding in report.findings)
    today = datetime.now(UTC).date().isoformat()
    entries = tuple(sorted(_entry(finding, mask, today) for finding in leaked))
    content = text(Baseline(identity.key, entries)).encode()
    edits = (Edit(NAME, None, content), *merged_by_line(tree))
    return Accepted(edits, len(entries), refused)


def _scanned(repository: Repository) -> Report:
    root = repository.work_tree or ""
    own = os.path.join(root, SETTINGS)
    settings = own if os.path.isfile(own) and not os.path.islink(own) else None
    asked = Request(path=root, config=settings, no_baseline=True)
    with Interrupt() as interrupt:
        if not sys.stderr.isatty():
            report = scan(asked, os.environ, Progress(), interrupt)
        else:
            from scanner.cli.progress import Bar  # noqa: PLC0415 - what draws it is slow to load

            with Bar() as bar:
                report = scan(asked, os.environ, bar, interrupt)
        if interrupt():
            raise KeyboardInterrupt
    return report


def _is_committed(finding: Finding) -> bool:
    return any(occurrence.state in _LEAKED for occurrence in finding.occurrences)


def _entry(finding: Finding, mask: Mask, today: str) -> Entry:
    path = mask.clean(finding.occurrences[0].path).decode("utf-8", "replace")
    return Entry(finding.fingerprint, finding.rule.id, path, _REASON, "", today, "")
