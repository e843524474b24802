"""The report as a table for spreadsheets: RFC 4180, UTF-8, one row for each place of a secret.

What was not read has rows of its own. No cell is taken for a formula: one that begins like a
formula gets an apostrophe in front, which spreadsheets hide.
"""

import csv
import re
from collections.abc import Iterator
from io import StringIO

from scanner.model import CommitInfo, Finding, Occurrence, Report
from scanner.report.escape import visible
from scanner.report.summary import exposure
from scanner.report.words import secret_text

COLUMNS = (
    "type",
    "severity",
    "confidence",
    "rule",
    "name",
    "provider",
    "secret",
    "fingerprint",
    "exposure",
    "state",
    "place",
    "path",
    "line",
    "column",
    "via",
    "object",
    "introduced",
    "introduced_at",
    "introduced_by",
    "removed",
    "removed_at",
    "removed_by",
    "reasons",
    "remediation",
    "accepted_by",
    "accepted_because",
    "owner",
    "added",
    "expires",
)
_LONGEST = 30_000  # a spreadsheet's cell holds 32,767 characters
# After a semicolon too: where it separates cells, it may do so inside of ours.
_FORMULA = re.compile(r"(?:^|(?<=;)) *(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


def render(report: Report, *, show_secrets: bool) -> str:
    """Return the whole table with a header; rows end in CR LF."""
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    for kind, findings in (("leak", report.findings), ("accepted", report.suppressed)):
        for finding in findings:
            common = {"type": kind, **_finding(finding, show_secrets), **_accepted(finding)}
            for where in finding.occurrences:
                _write(writer, {**common, **_place(where)})
    for skipped in report.coverage.skipped:
        if skipped.incomplete:
            gap = {"path": visible(skipped.subject), "reasons": visible(skipped.detail)}
            _write(writer, {"type": "not-read", "rule": visible(skipped.code), **gap})
    return text.getvalue()


def _write(writer: "csv.DictWriter[str]", row: dict[str, str]) -> None:
    writer.writerow({name: _defused(cell) for name, cell in row.items()})


def _defused(cell: str) -> str:
    if cell[:1].isalnum() and ";" not in cell:  # most are, and there are many
        return cell
    return _FORMULA.sub(r"'\g<0>", cell)


def _finding(finding: Finding, show_secrets: bool) -> dict[str, str]:
    rule = finding.rule
    return {
        "severity": rule.severity.name.lower(),
        "confidence": finding.confidence.name.lower(),
        "rule": visible(rule.id),
        "name": visible(rule.name),
        "provider": visible(rule.provider),
        "secret": secret_text(finding, show_secrets)[:_LONGEST],
        "fingerprint": visible(finding.fingerprint),
        "exposure": exposure(finding).name.lower(),
        "reasons": "; ".join(visible(reason) for reason in finding.reasons),
        "remediation": visible(rule.remediation),
    }


def _accepted(finding: Finding) -> dict[str, str]:
    known = finding.suppressions

    def joined(values: Iterator[str]) -> str:
        return "; ".join(visible(value) for value in values if value)

    return {
        "accepted_by": joined(s.kind for s in known),
        "accepted_because": joined(s.reason for s in known),
        "owner": joined(s.owner for s in known),
        "added": joined(s.added for s in known),
        "expires": joined(s.expires for s in known),
    }


def _place(where: Occurrence) -> dict[str, str]:
    return {
        "state": where.state.name.lower(),
        "place": where.place,
        "path": visible(where.path, _LONGEST),
        "line": str(where.line or ""),
        "column": str(where.column or ""),
        "via": " > ".join(visible(step) for step in where.via),
        "object": visible(where.object_id),
        **_commit("introduced", where.introduced),
        **_commit("removed", where.removed),
    }


def _commit(what: str, commit: CommitInfo | None) -> dict[str, str]:
    if commit is None:
        return {}
    return {
        what: visible(commit.id),
        f"{what}_at": visible(commit.when),
        f"{what}_by": f"{visible(commit.author)} <{visible(commit.email)}>",
    }
