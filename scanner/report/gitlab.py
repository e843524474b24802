"""GitLab's secret detection report, for `artifacts: reports: secret_detection`.

The format is GitLab's security report schema 15.2.4 (gitlab-org/security-products/
security-report-schemas, dist/secret-detection-report-format.json). What does not count as a leak
is not listed, as the schema can only call it a false positive; a message counts it.
"""

import re
from uuid import NAMESPACE_URL, uuid5

from scanner import __version__
from scanner.model import CommitInfo, Finding, Occurrence, Report
from scanner.report.coverage import skipped_line, statement
from scanner.report.escape import as_text, visible
from scanner.report.json_text import dumps
from scanner.report.places import in_tree, ranked
from scanner.report.summary import exposure, uncounted
from scanner.report.words import amount, link, place, secret_text

VERSION = "15.2.4"
MOST_PLACES = 50
_SCHEMA = (
    "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/"
    f"v{VERSION}/dist/secret-detection-report-format.json"
)
_NO_COMMIT = "0000000"  # as GitLab's own analyzer says for files that are in no commit
_LONGEST_NAME = 255
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_NEVER = "1970-01-01T00:00:00"
_TOOL = {
    "id": "leakseal",
    "name": "leakseal",
    "version": __version__,
    "vendor": {"name": "leakseal"},
}
_Object = dict[str, object]


def render(report: Report, *, show_secrets: bool) -> str:
    """Return the whole report; the status is a failure if not everything was read."""
    scan = {
        "analyzer": _TOOL,
        "scanner": _TOOL,
        "type": "secret_detection",
        "status": "success" if report.coverage.complete else "failure",
        "start_time": _time(report.started),
        "end_time": _time(report.ended),
        "messages": _messages(report),
    }
    found = [_vulnerability(finding, report.head, show_secrets) for finding in report.findings]
    members = {"version": VERSION, "schema": _SCHEMA, "scan": scan, "vulnerabilities": found}
    return dumps(members) + "\n"


def _time(when: str) -> str:
    found = _TIME.match(when)
    return found[0] if found else _NEVER


def _messages(report: Report) -> list[_Object]:
    told: list[_Object] = [{"level": "info", "value": statement(report.coverage).verdict}]
    if not report.coverage.complete:
        told[0]["level"] = "warn"
    for skipped in report.coverage.skipped:
        level = "warn" if skipped.incomplete else "info"
        told.append({"level": level, "value": f"{visible(skipped.code)}: {skipped_line(skipped)}"})
    if report.suppressed:
        kinds = ", ".join(f"{number:,} {words}" for words, number in uncounted(report))
        words = f"Not listed, as not counted: {amount(len(report.suppressed), 'secrets')}, {kinds}."
        told.append({"level": "info", "value": words})
    return told


def _vulnerability(finding: Finding, head: str, show_secrets: bool) -> _Object:
    first, *others = ranked(finding.occurrences)
    rule = finding.rule
    name = visible(rule.name, _LONGEST_NAME // 2)
    advice = "Revoke or change it where it was issued, then load it from a secret store."
    url = link(rule.remediation)
    return {
        "id": str(uuid5(NAMESPACE_URL, f"leakseal:{finding.fingerprint}")),
        "name": name,
        "description": f"{name}, {exposure(finding).words},"
        f" {amount(len(finding.occurrences), 'places')},"
        f" {finding.confidence.name.lower()} confidence.",
        "severity": rule.severity.name.capitalize(),
        "solution": f"{visible(rule.rotation)} {advice}".strip(),
        "identifiers": [
            {
                "type": "leakseal_rule_id",
                "name": f"leakseal rule {visible(rule.id)}",
                "value": visible(rule.id),
            },
            {
                "type": "cwe",
                "name": "CWE-798",
                "value": "798",
                "url": "https://cwe.mitre.org/data/definitions/798.html",
            },
        ],
        **({"links": [{"name": "What to do", "url": url}]} if url else {}),
        "details": _details(finding, others),
        "location": _location(first, head),
        "raw_source_code_extract": secret_text(finding, show_secrets),
    }


def _details(finding: Finding, others: list[Occurrence]) -> _Object:
    details: _Object = {
        "fingerprint": _text("Fingerprint", visible(finding.fingerprint)),
        "state": _text("State", exposure(finding).words),
        "reasons": _text("Why", "; ".join(visible(reason) for reason in finding.reasons)),
    }
    if others:
        left = len(others) - MOST_PLACES
        items = [_text("", place(other)) for other in others[:MOST_PLACES]]
        items += [_text("", f"and {amount(left, 'places')} more")] if left > 0 else []
        details["places"] = {"name": "Other places", "type": "list", "items": items}
    return details


def _text(name: str, words: str) -> _Object:
    return {**({"name": name} if name else {}), "type": "text", "value": words}


def _location(where: Occurrence, head: str) -> _Object:
    file = as_text(where.path) if in_tree(where) or where.place == "git" else ""
    lines: _Object = {"start_line": where.line, "end_line": where.line} if where.line > 0 else {}
    return {**({"file": file, **lines} if file else {}), "commit": _commit(where, head)}


def _commit(where: Occurrence, head: str) -> _Object:
    commit = where.introduced
    if commit is None:
        held = where.object_id if where.place == "commit" else head
        return {"sha": held or _NO_COMMIT}
    return {
        "sha": commit.id,
        "author": _person(commit),
        "date": visible(commit.when),
        "message": visible(commit.subject),
    }


def _person(commit: CommitInfo) -> str:
    return f"{visible(commit.author)} <{visible(commit.email)}>"
