"""What CI platforms show beside the lines of a change: the most severe leaks, within their limits.

GitHub and Azure keep at most ten annotations of each level a step; what is over is only counted.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from scanner.model import Finding, Report
from scanner.report.coverage import statement
from scanner.report.escape import visible
from scanner.report.places import present, ranked
from scanner.report.sarif_rules import LEVELS
from scanner.report.summary import exposure
from scanner.report.words import amount, commits, link, place

MOST = 10
_LONGEST_PATH = 4096


class Annotation(NamedTuple):
    """A message at a place; `path` is empty where no file of the checkout has it.

    `level` is in the words of the platform; `line` and `column` count from 1 and are 0 if unknown.
    """

    level: str
    path: str
    line: int
    column: int
    rule: str
    title: str
    message: str


def chosen(report: Report, levels: Mapping[str, str]) -> list[Annotation]:
    """Return what to show, at most `MOST` of each level, the most severe first.

    `levels` maps "error", "warning" and "note" to the words of the platform. What says that the
    scan is incomplete is always there.
    """
    told = [] if report.coverage.complete else [_incomplete(report)]
    told += [_annotation(finding) for finding in report.findings]
    seen: Counter[str] = Counter()
    kept = []
    for each in (annotation._replace(level=levels[annotation.level]) for annotation in told):
        seen[each.level] += 1
        if seen[each.level] <= MOST:
            kept.append(each)
    return kept


def total(report: Report, shown: int) -> str:
    """Return one line that says how much there is and how much of it is `shown`."""
    there = len(report.findings) + (not report.coverage.complete)
    words = f"{amount(len(report.findings), 'secrets')} found"
    if report.suppressed:
        words += f", {len(report.suppressed):,} more not counted"
    words += ". " + statement(report.coverage).verdict
    if shown < there:
        words += f" Annotated are {shown:,} of {there:,}, the most severe; --format text has all."
    return f"leakseal: {words}"


def _incomplete(report: Report) -> Annotation:
    told = statement(report.coverage)
    message = " ".join([told.verdict, *(line.strip() for line in told.skipped)])
    return Annotation("error", "", 0, 0, "incomplete", "The scan is incomplete", message)


def _annotation(finding: Finding) -> Annotation:
    here = present(finding)
    first = here[0] if here else ranked(finding.occurrences)[0]
    words = f"{finding.secret.redacted()} {exposure(finding).words}"
    words += f", {amount(len(finding.occurrences), 'places')}: "
    words += ", ".join([place(first), *commits(first)])
    words += f". {finding.confidence.name.capitalize()} confidence."
    words += f" Revoke or change it, then take it out. {link(finding.rule.remediation)}"
    return Annotation(
        LEVELS[finding.rule.severity],
        visible(first.path, _LONGEST_PATH) if here else "",
        first.line if here and first.place == "file" else 0,
        first.column if here and first.place == "file" else 0,
        visible(finding.rule.id),
        visible(finding.rule.name) or "Leak",
        words.rstrip(),
    )
