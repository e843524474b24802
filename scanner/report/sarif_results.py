"""Findings as SARIF results (SARIF 2.1.0, section 3.27), and why some do not count as leaks."""

from collections.abc import Mapping

from scanner.model import Absent, Finding, Suppression
from scanner.report import uri
from scanner.report.escape import as_bytes, visible
from scanner.report.places import ranked
from scanner.report.sarif_fixes import Fix, fix
from scanner.report.sarif_places import ROOT, location, message
from scanner.report.sarif_rules import LEVELS, Object
from scanner.report.summary import exposure
from scanner.report.words import amount, secret_text

_KINDS = {"inline": "inSource"}  # all else is written down outside the source


def result(
    finding: Finding,
    index: dict[str, int],
    fixes: Mapping[str, Fix],
    baseline: bool,
    most: int,
    show_secrets: bool,
) -> Object:
    """Return the finding as a result with at most `most` places beside its first.

    `index` says where the rules stand, `fixes` has fixes by fingerprint, `baseline` tells whether
    findings were compared with one.
    """
    first, *others = ranked(finding.occurrences)
    related = others[:most]
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
        **_state(finding, baseline),
        **_suppressions(finding),
        **_fixes(fixes.get(finding.fingerprint)),
        "properties": {
            "confidence": finding.confidence.name.lower(),
            "state": exposure(finding).name.lower(),
            "places": places,
            "reasons": [visible(reason) for reason in finding.reasons],
            "companions": list(finding.companions),
        },
    }


def absent(gone: Absent) -> Object:
    """Return an entry of the baseline that is not there any more as a result (3.27.24)."""
    path = uri.relative(as_bytes(gone.path))
    place = {"artifactLocation": {"uri": path, "uriBaseId": ROOT}, "region": {"startLine": 1}}
    return {
        "ruleId": visible(gone.rule) or "unknown",
        "level": "none",
        "kind": "pass",
        "message": message("A secret of the baseline is not found any more."),
        "locations": [{"physicalLocation": place}] if path else [],
        "partialFingerprints": {"leakseal/v1": gone.fingerprint},
        "baselineState": "absent",
        "suppressions": [_suppression(gone.suppression)],
    }


def _fixes(found: Fix | None) -> Object:
    told = fix(found) if found else None
    return {"fixes": [told]} if told else {}


def _state(finding: Finding, baseline: bool) -> Object:
    if not baseline:
        return {}
    known = any(suppression.kind == "baseline" for suppression in finding.suppressions)
    return {"baselineState": "unchanged" if known else "new"}


def _suppressions(finding: Finding) -> Object:
    if not finding.suppressions:
        return {}
    return {"suppressions": [_suppression(each) for each in finding.suppressions]}


def _suppression(suppression: Suppression) -> Object:
    reason = visible(suppression.reason)
    more = {
        "source": suppression.kind,
        "owner": visible(suppression.owner),
        "added": visible(suppression.added),
        "expires": visible(suppression.expires),
    }
    return {
        "kind": _KINDS.get(suppression.kind, "external"),
        "status": "accepted",
        **({"justification": reason} if reason else {}),
        "properties": {name: value for name, value in more.items() if value},
    }
