"""Rules as SARIF reporting descriptors (SARIF 2.1.0, section 3.49)."""

import re
from collections.abc import Iterable

from scanner.model import Confidence, Finding, Rule, Severity
from scanner.report.escape import visible

Object = dict[str, object]

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
# GitHub reads above 9.0 as critical, from 7.0 as high, from 4.0 as medium, below as low.
_SECURITY_SEVERITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.5",
}
_PRECISION = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#!|~&])")
_ESCAPED = r"\\\1"
_LINK = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+")  # a URI's characters (RFC 3986)


def rules_of(findings: Iterable[Finding]) -> dict[str, Rule]:
    """Return the rules the findings came from, sorted by id."""
    return dict(sorted({finding.rule.id: finding.rule for finding in findings}.items()))


def descriptor(rule: Rule) -> Object:
    """Return the rule as a `reportingDescriptor`, with what to do in plain text and markdown."""
    link = rule.remediation if _LINK.fullmatch(rule.remediation) else ""
    issuer = f", issued by {visible(rule.provider)}," if rule.provider else ""
    what = f"{visible(rule.name)} ({visible(rule.kind)}){issuer} readable in the repository."
    steps = [
        "Revoke or change the credential where it was issued: whoever can read the repository"
        " can read it in its history, even after it is deleted.",
        *([visible(rule.rotation)] if rule.rotation else []),
        "Take it out of the files and load it from a secret store instead.",
        "Scan again.",
    ]
    more = visible(rule.remediation)
    text = "\n".join([what, *(f"{n}. {step}" for n, step in enumerate(steps, 1))])
    listed = (f"1. {_MARKDOWN.sub(_ESCAPED, step)}" for step in steps)
    markdown = "\n".join([_MARKDOWN.sub(_ESCAPED, what), "", *listed])
    if more:
        text += f"\nMore: {more}"
        markdown += f"\n\nMore: <{link}>" if link else "\n\n" + _MARKDOWN.sub(_ESCAPED, more)
    tags = ["security", "secret", "external/cwe/cwe-798", rule.kind, rule.provider]
    return {
        "id": rule.id,
        "name": "".join(w[0].upper() + w[1:] for w in re.findall(r"\w+", rule.name)),
        "shortDescription": {"text": visible(rule.name)},
        "fullDescription": {"text": what},
        "help": {"text": text, "markdown": markdown},
        **({"helpUri": link} if link else {}),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "tags": list(dict.fromkeys(tag for tag in tags if tag)),
            "security-severity": _SECURITY_SEVERITY[rule.severity],
            "precision": _PRECISION[rule.confidence],
        },
    }
