"""The report in SARIF 2.1.0, as GitHub and other code hosts and editors read it.

One result for each secret; its location is the most exposed file place, other places are related
locations. What stands in no file of the tree (a commit, a tag, a ref, an object without a path)
has a logical location that names it and, since GitHub takes no result without a file, a physical
one that names `.git`, the place that does hold it; standard input is called `-`. Line 1 stands
for a whole artifact where no line is meaningful.
"""

import json

from scanner import __version__
from scanner.model import Finding, Report
from scanner.report import uri
from scanner.report.coverage import skipped_line
from scanner.report.escape import as_bytes, as_text, visible
from scanner.report.sarif_places import ROOT, location, message, ranked
from scanner.report.sarif_rules import LEVELS, Object, descriptor, rules_of
from scanner.report.summary import exposure
from scanner.report.words import amount, secret_text

MOST_RELATED = 50
_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def render(report: Report, *, show_secrets: bool) -> str:
    """Return the whole log, one run; snippets are redacted unless `show_secrets`."""
    rules = rules_of(report.findings)
    codes = sorted({skipped.code for skipped in report.coverage.skipped})
    index = {id_: number for number, id_ in enumerate(rules)}
    provenance = _provenance(report)
    run: Object = {
        "tool": {"driver": _driver([descriptor(rule) for rule in rules.values()], codes)},
        "automationDetails": {"id": "leakseal/"},
        "invocations": [_invocation(report, codes)],
        "originalUriBaseIds": {ROOT: _root(report)},
        **({"versionControlProvenance": [provenance]} if provenance else {}),
        "columnKind": "unicodeCodePoints",
        "redactionTokens": ["…"],
        "properties": _properties(report),
        "results": [_result(finding, index, show_secrets) for finding in report.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _driver(rules: list[Object], codes: list[str]) -> Object:
    return {
        "name": "leakseal",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": rules,
        "notifications": [
            {"id": code, "shortDescription": {"text": f"Not read: {visible(code)}"}}
            for code in codes
        ],
    }


def _invocation(report: Report, codes: list[str]) -> Object:
    notifications: list[Object] = [
        {
            "descriptor": {"id": skipped.code, "index": codes.index(skipped.code)},
            "level": "warning" if skipped.incomplete else "note",
            "message": message(skipped_line(skipped)),
        }
        for skipped in report.coverage.skipped
    ]
    times = {"startTimeUtc": report.started, "endTimeUtc": report.ended}
    return {
        "executionSuccessful": report.coverage.complete,
        **{name: time.replace("+00:00", "Z") for name, time in times.items() if time},
        "toolExecutionNotifications": notifications,
    }


def _root(report: Report) -> Object:
    where = uri.folder(report.target)
    about = {"text": "Root of what was scanned; paths are relative to it."}
    return {**({"uri": where} if where else {}), "description": about}


def _provenance(report: Report) -> Object:
    where = uri.remote(report.origin) or uri.folder(report.target)
    if not report.head or not where:
        return {}
    branch = as_text(as_bytes(report.branch))
    return {
        "repositoryUri": where,
        "revisionId": report.head,
        **({"branch": branch} if branch else {}),
        "mappedTo": {"uriBaseId": ROOT},
    }


def _properties(report: Report) -> Object:
    coverage = report.coverage
    return {
        "target": as_text(as_bytes(report.target)),
        "rulesDigest": report.rules_digest,
        "keySource": as_text(as_bytes(report.key_source)),
        "coverage": {
            "complete": coverage.complete,
            "counts": coverage.counts,
            "bytesRead": coverage.bytes_read,
        },
    }


def _result(finding: Finding, index: dict[str, int], show_secrets: bool) -> Object:
    first, *others = ranked(finding.occurrences)
    related = others[:MOST_RELATED]
    places = len(finding.occurrences)
    snippet = secret_text(finding, show_secrets)
    words = f"{visible(finding.rule.name)} {finding.secret.redacted()} {exposure(finding).words}"
    words += f", {amount(places, 'places')}, {finding.confidence.name.lower()} confidence."
    if len(related) < len(others):
        words += f" Listed are the first {1 + len(related)} places."
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": index[finding.rule.id],
        "level": LEVELS[finding.rule.severity],
        "message": message(words),
        "locations": [location(first, snippet)],
        "relatedLocations": [
            {"id": number, **location(other, snippet)} for number, other in enumerate(related, 1)
        ],
        "partialFingerprints": {"leakseal/v1": finding.fingerprint},
        "properties": {
            "confidence": finding.confidence.name.lower(),
            "state": exposure(finding).name.lower(),
            "places": places,
            "reasons": [visible(reason) for reason in finding.reasons],
            "companions": list(finding.companions),
        },
    }
