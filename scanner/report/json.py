"""The report for programs, in the format docs/report.schema.json describes.

Names and paths are bytes in git and text in JSON. A value that is not valid UTF-8 comes twice:
`path` with U+FFFD for what cannot be read, and `path_bytes`, its bytes in base64. The output is
pure ASCII and puts each finding on a line of its own.
"""

import json
from base64 import b64encode
from collections.abc import Iterable

from scanner import __version__
from scanner.model import CommitInfo, Coverage, Finding, Occurrence, Report, Rule
from scanner.report.escape import as_bytes, as_text
from scanner.report.summary import exposure, summarize

SCHEMA = "leakseal.report/1"

_Object = dict[str, object]


def render(report: Report, *, show_secrets: bool) -> str:
    """Return the whole report; only with `show_secrets` do findings have a `secret`."""
    members: _Object = {
        "schema": SCHEMA,
        "tool": {
            "name": "leakseal",
            "version": __version__,
            "rules_digest": report.rules_digest,
        },
        **_named("target", as_bytes(report.target)),
        "head": report.head,
        **_named("branch", as_bytes(report.branch)),
        **_named("origin", as_bytes(report.origin)),
        "started": report.started,
        "ended": report.ended,
        "key_source": as_text(as_bytes(report.key_source)),
        "coverage": _coverage(report.coverage),
        **_named("baseline", as_bytes(report.baseline)),
        "summary": _summary(report),
    }
    lines = [f"{json.dumps(name)}: {json.dumps(value)},\n" for name, value in members.items()]
    suppressed = _listed(_suppressed(f, show_secrets) for f in report.suppressed)
    findings = _listed(_finding(f, show_secrets) for f in report.findings)
    return f'{{\n{"".join(lines)}"suppressed": {suppressed},\n"findings": {findings}\n}}\n'


def _listed(objects: Iterable[_Object]) -> str:
    return "[\n" + ",\n".join(map(json.dumps, objects)) + "\n]"


def _named(name: str, raw: bytes) -> _Object:
    text = as_text(raw)
    if text.encode() == raw:
        return {name: text}
    return {name: text, f"{name}_bytes": b64encode(raw).decode()}


def _coverage(coverage: Coverage) -> _Object:
    return {
        "complete": coverage.complete,
        "counts": coverage.counts,
        "bytes_read": coverage.bytes_read,
        "skipped": [
            {
                "code": skipped.code,
                **_named("subject", as_bytes(skipped.subject)),
                "detail": as_text(as_bytes(skipped.detail)),
                "incomplete": skipped.incomplete,
            }
            for skipped in coverage.skipped
        ],
    }


def _summary(report: Report) -> _Object:
    total = summarize(report.findings)
    return {
        "secrets": total.secrets,
        "places": total.places,
        "by_severity": {level.name.lower(): n for level, n in total.by_severity.items()},
        "by_state": {state.name.lower(): n for state, n in total.by_state.items()},
    }


def _finding(finding: Finding, show_secrets: bool) -> _Object:
    return {
        "fingerprint": finding.fingerprint,
        "rule": _rule(finding.rule),
        "confidence": finding.confidence.name.lower(),
        "reasons": [as_text(as_bytes(reason)) for reason in finding.reasons],
        "redacted": finding.secret.redacted(),
        **(_named("secret", finding.secret.reveal()) if show_secrets else {}),
        "state": exposure(finding).name.lower(),
        "companions": list(finding.companions),
        "occurrences": [_occurrence(occurrence) for occurrence in finding.occurrences],
    }


def _suppressed(finding: Finding, show_secrets: bool) -> _Object:
    return {
        **_finding(finding, show_secrets),
        "suppressions": [
            {
                "kind": s.kind,
                "reason": as_text(as_bytes(s.reason)),
                "owner": as_text(as_bytes(s.owner)),
                "added": as_text(as_bytes(s.added)),
                "expires": as_text(as_bytes(s.expires)),
            }
            for s in finding.suppressions
        ],
    }


def _rule(rule: Rule) -> _Object:
    return {
        "id": rule.id,
        "family": rule.family,
        "name": rule.name,
        "kind": rule.kind,
        "provider": rule.provider,
        "severity": rule.severity.name.lower(),
        "remediation": rule.remediation,
        "rotation": rule.rotation,
    }


def _occurrence(occurrence: Occurrence) -> _Object:
    return {
        "place": occurrence.place,
        **_named("path", occurrence.path),
        "object_id": occurrence.object_id,
        "line": occurrence.line,
        "column": occurrence.column,
        "start": occurrence.start,
        "end": occurrence.end,
        "via": [as_text(as_bytes(step)) for step in occurrence.via],
        "state": occurrence.state.name.lower(),
        "introduced": _commit(occurrence.introduced),
        "removed": _commit(occurrence.removed),
    }


def _commit(commit: CommitInfo | None) -> _Object | None:
    if commit is None:
        return None
    return {
        "id": commit.id,
        **_named("author", commit.author),
        **_named("email", commit.email),
        "when": commit.when,
        **_named("subject", commit.subject),
    }
