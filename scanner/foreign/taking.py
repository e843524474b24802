"""Finds out what of other tools' files stands for something here."""

import os
from collections.abc import Collection, Iterable
from typing import NamedTuple

from scanner.foreign.contents import Contents
from scanner.foreign.evidence import Findings, Matched
from scanner.foreign.known import Foreign, Known
from scanner.foreign.narrow import narrow
from scanner.gitdb.repository import Repository
from scanner.model import Finding, Report


class Taken(NamedTuple):
    """A file of another tool, and what each credential it knows is here, in the file's order.

    What it leaves out (`foreign.exclusions`) is no more than globs leave out.
    """

    foreign: Foreign
    matched: tuple[Matched, ...]


def taken(
    files: Iterable[Foreign], findings: Iterable[Finding], repository: Repository
) -> list[Taken]:
    """Return what of `files` stands for one of `findings`, all in one repository."""
    placed = [_placed(foreign, repository.work_tree or "") for foreign in files]
    asked = [known for foreign in placed for known in foreign.known]
    contents = Contents(repository, ((known.commit, known.path) for known in asked))
    here = Findings(findings, contents.at)
    # Content by content, so that each is read once.
    ordered = sorted(set(asked), key=lambda known: (known.commit, known.path, known.line))
    try:
        found = {known: here.of(known) for known in ordered}
        tracked = contents.files() if any(foreign.exclusions for foreign in placed) else ()
    finally:
        contents.close()
    return [
        Taken(narrow(foreign, tracked), tuple(found[known] for known in foreign.known))
        for foreign in placed
    ]


def everything(report: Report, besides: Collection[bytes]) -> list[Finding]:
    """Return the findings of `report`, those that do not count included, each with all places.

    What stands in files at paths of `besides` does not count: another tool's report can hold every
    secret itself.
    """
    whole: dict[str, Finding] = {}
    for each in (*report.findings, *report.suppressed):
        left = tuple(place for place in each.occurrences if place.path not in besides)
        if not left:
            continue
        finding = each._replace(occurrences=left)
        before = whole.get(finding.fingerprint)
        if before is not None:
            places = dict.fromkeys((*before.occurrences, *finding.occurrences))
            finding = before._replace(occurrences=tuple(places))
        whole[finding.fingerprint] = finding
    return list(whole.values())


def _placed(foreign: Foreign, root: str) -> Foreign:
    """Return `foreign` with paths relative to the root of the work tree."""
    return foreign._replace(known=tuple(_below(known, root) for known in foreign.known))


def _below(known: Known, root: str) -> Known:
    path = known.path
    if os.path.isabs(path) and root:
        inside = os.path.relpath(path, os.path.realpath(root))
        path = path if inside.startswith(os.pardir) else inside.replace(os.sep, "/")
    while path.startswith("./"):
        path = path[2:]
    return known._replace(path=path) if path != known.path else known
