"""The report in JUnit's XML, as Jenkins, GitLab and Azure show it (Jenkins' junit-10.xsd).

Each leak is a test that failed, what does not count as one a test that was skipped. One test more
stands for the reading itself: it passes if everything was read and is an error if not, so that a
suite is never empty and an incomplete scan never green.
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scanner.model import Finding, Report
from scanner.report.coverage import statement
from scanner.report.escape import visible
from scanner.report.places import ranked
from scanner.report.summary import exposure
from scanner.report.words import amount, because, commits, place, secret_text

MOST_PLACES = 50
_SHORT = 12


def render(report: Report, *, show_secrets: bool) -> str:
    """Return the whole document: one suite."""
    errors = int(not report.coverage.complete)
    totals = {
        "tests": str(1 + len(report.findings) + len(report.suppressed)),
        "failures": str(len(report.findings)),
        "errors": str(errors),
    }
    suites = Element("testsuites", {"name": "leakseal", **totals})
    started = {"timestamp": visible(report.started[:19])} if report.started else {}
    suite = SubElement(
        suites,
        "testsuite",
        {"name": "leakseal", **totals, "skipped": str(len(report.suppressed)), **started},
    )
    _reading(suite, report)
    for finding in report.findings:
        _leak(_case(suite, finding), finding, show_secrets)
    for finding in report.suppressed:
        words = "; ".join(map(because, finding.suppressions))
        SubElement(_case(suite, finding), "skipped", {"message": words})
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, "unicode") + "\n"


def _reading(suite: Element, report: Report) -> None:
    told = statement(report.coverage)
    case = SubElement(
        suite, "testcase", {"classname": "leakseal.coverage", "name": "everything was read"}
    )
    if not report.coverage.complete:
        error = SubElement(case, "error", {"type": "incomplete", "message": told.verdict})
        error.text = "\n".join(["", *told.skipped, ""])
    SubElement(case, "system-out").text = f"Read: {told.read or 'nothing'}, {told.size}"


def _case(suite: Element, finding: Finding) -> Element:
    """Return a new test whose name is the same wherever the secret stands."""
    name = f"{visible(finding.rule.name)} {visible(finding.fingerprint[:_SHORT])}"
    name += " (accepted)" if finding.suppressions else ""
    return SubElement(
        suite, "testcase", {"classname": f"leakseal.{visible(finding.rule.id)}", "name": name}
    )


def _leak(case: Element, finding: Finding, show_secrets: bool) -> None:
    places = ranked(finding.occurrences)
    secret = secret_text(finding, show_secrets)
    message = f"{secret} {exposure(finding).words}: {place(places[0])}"
    failure = SubElement(
        case, "failure", {"type": finding.rule.severity.name.lower(), "message": message}
    )
    lines = [" · ".join([place(where), *commits(where)]) for where in places[:MOST_PLACES]]
    if len(places) > MOST_PLACES:
        lines.append(f"and {amount(len(places) - MOST_PLACES, 'places')} more")
    lines += [
        f"Why: {'; '.join(visible(reason) for reason in finding.reasons)}",
        f"Confidence: {finding.confidence.name.lower()}",
        f"Fingerprint: {visible(finding.fingerprint)}",
        f"Next: revoke or change it, then take it out: {visible(finding.rule.remediation)}",
    ]
    failure.text = "\n".join(["", *lines, ""])
