"""Findings as SARIF results (SARIF 2.1.0, section 3.27), and why some do not count as leaks."""

from scanner.model import Finding, Suppression
from scanner.report.escape import visible
from scanner.report.places import ranked
from scanner.report.sarif_places import location, message
from scanner.report.sarif_rules import LEVELS, Object
from scanner.report.summary import exposure
from scanner.report.words import amount, secret_text

_KINDS = {"inline": "inSource"}  # all else is written down outside the source


def result(
    finding: Finding, index: dict[str, int], baseline: bool, most: int, show_secrets: bool
) -> Object:
    """Return the finding as a result with at most `most` places beside its first.

    `index` says where the rules stand, `baseline` whether findings were compared with one.
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
        "properties": {
            "confidence": finding.confidence.name.lower(),
            "state": exposure(finding).name.lower(),
            "places": places,
            "reasons": [visible(reason) for reason in finding.reasons],
            "companions": list(finding.companions),
        },
    }


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
