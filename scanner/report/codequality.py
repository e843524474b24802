"""GitLab's Code Quality report, for `artifacts: reports: codequality` on any GitLab plan.

It knows nothing but problems of files, so a secret comes once for each file of HEAD, the index or
the working tree it stands in, else once for its first place; what was not read is a problem too.
"""

from collections.abc import Iterator
from hashlib import sha256

from scanner.model import Finding, Occurrence, Report, Severity
from scanner.report.coverage import skipped_line
from scanner.report.escape import as_text, visible
from scanner.report.json_text import dumps
from scanner.report.places import in_tree, present, ranked
from scanner.report.words import amount

MOST_FILES = 50  # of one secret
_GIT = ".git"
_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}
_Object = dict[str, object]


def render(report: Report, *, show_secrets: bool) -> str:
    """Return the problems as a list; secrets are redacted in any case."""
    del show_secrets  # it is shown to everyone who may read the merge request
    problems = [problem for finding in report.findings for problem in _of(finding)]
    gaps = [_gap(report)] if not report.coverage.complete else []
    return dumps([*gaps, *problems]) + "\n"


def _of(finding: Finding) -> Iterator[_Object]:
    files: dict[bytes, Occurrence] = {}
    for where in present(finding) or ranked(finding.occurrences)[:1]:
        files.setdefault(where.path, where)
    for where in list(files.values())[:MOST_FILES]:
        words = f"{visible(finding.rule.name)} {finding.secret.redacted()} {where.state.words}"
        words += f", {finding.confidence.name.lower()} confidence"
        if len(files) > MOST_FILES:
            words += f"; it stands in {amount(len(files), 'files')}"
        yield _problem(
            finding.rule.id,
            words,
            _SEVERITIES[finding.rule.severity],
            (finding.fingerprint, as_text(where.path)),
            as_text(where.path) if in_tree(where) or where.place == "git" else _GIT,
            max(where.line, 1),
        )


def _gap(report: Report) -> _Object:
    gaps = [skipped for skipped in report.coverage.skipped if skipped.incomplete]
    first = f"{visible(gaps[0].code)}: {skipped_line(gaps[0])}"
    number = amount(sum(gap.things for gap in gaps), "things")
    words = f"INCOMPLETE: {number} not read, or not wholly; first {first}"
    return _problem("incomplete", words, "blocker", ("incomplete",), _GIT, 1)


def _problem(
    check: str, words: str, severity: str, identity: tuple[str, ...], path: str, line: int
) -> _Object:
    return {
        "description": words,
        "check_name": f"leakseal/{visible(check)}",
        "fingerprint": sha256("\0".join(identity).encode("utf-8", "replace")).hexdigest(),
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    }
