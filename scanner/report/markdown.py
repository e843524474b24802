"""The report as Markdown, for the summary of a CI job or a comment.

Whatever the repository or a rule has a say in stands in code spans, where nothing is markup, a
link or a mention; what could end a span or a table's cell is escaped as elsewhere.
"""

from collections.abc import Iterator

from scanner.model import Finding, Report
from scanner.report.coverage import statement
from scanner.report.escape import visible
from scanner.report.places import ranked
from scanner.report.summary import exposure, summarize, uncounted
from scanner.report.words import amount, commits, link, place

LARGEST = 1_000_000  # bytes; a job's summary on GitHub holds 1 MiB
_SHORT = 12
_ROOM = 4096  # bytes, for what comes after the table
_END_SPAN = str.maketrans({"`": r"\x60", "|": r"\x7c"})
_TABLE = (
    "| severity | what | secret | where | confidence | fingerprint | next |",
    "|---|---|---|---|---|---|---|",
)


def render(report: Report, *, show_secrets: bool) -> str:
    """Return the whole text, below `LARGEST` bytes; secrets are redacted in any case."""
    del show_secrets  # a summary is shown to everyone who may see the job
    lines = [f"## {_title(report)}", "", *_scope(report)]
    rest = [*_accepted(report), *_coverage(report)]
    room = LARGEST - _ROOM - len("\n".join([*lines, *rest]).encode())
    rows = []
    for finding in report.findings:
        row = _row(finding)
        room -= len(row.encode()) + 1
        if room < 0:
            break
        rows.append(row)
    if rows:
        lines += [*_TABLE, *rows, ""]
    left = len(report.findings) - len(rows)
    if left:
        shown = f"The {len(rows):,} most severe are listed; {left:,} more did not fit in here."
        lines += [f"{shown} `--format json` has all.", ""]
    return "\n".join([*lines, *rest]) + "\n"


def _title(report: Report) -> str:
    total = summarize(report.findings)
    found = f"leakseal: {amount(total.secrets, 'secrets')} in {amount(total.places, 'places')}"
    if not report.findings:
        found = "leakseal: no leaks found"
    return found if report.coverage.complete else f"{found}, but the scan is INCOMPLETE"


def _scope(report: Report) -> Iterator[str]:
    words = _code(report.target)
    if report.head:
        words += f" at {_code(report.head)}"
    yield f"{words} on {_code(report.branch)}" if report.branch else words
    total = summarize(report.findings)
    levels = [f"{n:,} {level.name.lower()}" for level, n in total.by_severity.items() if n]
    states = [f"{n:,} {state.words}" for state, n in total.by_state.items() if n]
    if levels:
        yield ""
        yield f"By severity: {', '.join(levels)}. By state: {', '.join(states)}."
    yield ""


def _row(finding: Finding) -> str:
    first, *others = ranked(finding.occurrences)
    where = ", ".join([_code(place(first)), exposure(finding).words])
    about = commits(first)
    where += f", {_code('; '.join(about))}" if about else ""
    where += f", and {amount(len(others), 'places')} more" if others else ""
    url = link(finding.rule.remediation)
    cells = [
        finding.rule.severity.name,
        _code(finding.rule.name),
        _code(finding.secret.redacted()),
        where,
        finding.confidence.name.lower(),
        _code(finding.fingerprint[:_SHORT]),
        f"<{url}>" if url else "revoke or change it",
    ]
    return f"| {' | '.join(cells)} |"


def _accepted(report: Report) -> Iterator[str]:
    if report.suppressed:
        kinds = ", ".join(f"{number:,} {words}" for words, number in uncounted(report))
        yield f"Not counted: {amount(len(report.suppressed), 'secrets')}, {kinds}."
        yield ""


def _coverage(report: Report) -> Iterator[str]:
    told = statement(report.coverage)
    yield f"**{told.verdict}** Read: {told.read or 'nothing'}, {told.size}."
    if told.skipped:
        yield ""
        yield from (f"- {_code(line.strip())}" for line in told.skipped)


def _code(text: str) -> str:
    r"""Return `text` as a code span: on one line, with `\x60` and `\x7c` for "`" and "|"."""
    return f"`{visible(text).translate(_END_SPAN).strip() or '-'}`"
