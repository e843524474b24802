"""What the JSON formats say of a report and its parts; docs/report.schema.json describes it.

Names and paths are bytes in git and text in JSON. A value that is not valid UTF-8 comes twice:
`path` with U+FFFD for what cannot be read, and `path_bytes`, its bytes in base64.
"""

from base64 import b64encode

from scanner import __version__
from scanner.model import (
    Absent,
    CommitInfo,
    Coverage,
    Finding,
    Occurrence,
    Report,
    Rule,
    Skipped,
    Suppression,
)
from scanner.report.escape import as_bytes, as_text
from scanner.report.summary import exposure, summarize

Object = dict[str, object]


def tool(report: Report) -> Object:
    """Return what made the report."""
    return {"name": "leakseal", "version": __version__, "rules_digest": report.rules_digest}


def scanned(report: Report) -> Object:
    """Return what was scanned and when, what was read, and the totals."""
    return {
        **named("target", as_bytes(report.target)),
        "head": report.head,
        **named("branch", as_bytes(report.branch)),
        **named("origin", as_bytes(report.origin)),
        "started": report.started,
        "ended": report.ended,
        "key_source": as_text(as_bytes(report.key_source)),
        "key": report.key,
        "coverage": coverage(report.coverage),
        **named("baseline", as_bytes(report.baseline)),
        "summary": summary(report),
    }


def named(name: str, raw: bytes) -> Object:
    """Return the member `name` and, unless `raw` is valid UTF-8, another one with its bytes."""
    text = as_text(raw)
    if text.encode() == raw:
        return {name: text}
    return {name: text, f"{name}_bytes": b64encode(raw).decode()}


def coverage(read: Coverage) -> Object:
    """Return what was read and what was not."""
    return {
        "complete": read.complete,
        "counts": read.counts,
        "bytes_read": read.bytes_read,
        "skipped": [skipped(each) for each in read.skipped],
    }


def skipped(gap: Skipped) -> Object:
    """Return something that was not read, or not wholly, and why."""
    return {
        "code": gap.code,
        **named("subject", as_bytes(gap.subject)),
        "detail": as_text(as_bytes(gap.detail)),
        "incomplete": gap.incomplete,
    }


def summary(report: Report) -> Object:
    """Return the totals of what counts as a leak."""
    total = summarize(report.findings)
    return {
        "secrets": total.secrets,
        "places": total.places,
        "by_severity": {level.name.lower(): n for level, n in total.by_severity.items()},
        "by_state": {state.name.lower(): n for state, n in total.by_state.items()},
    }


def finding(found: Finding, show_secrets: bool) -> Object:
    """Return a finding; only with `show_secrets` it has a `secret`."""
    return {
        "fingerprint": found.fingerprint,
        "rule": _rule(found.rule),
        "confidence": found.confidence.name.lower(),
        "reasons": [as_text(as_bytes(reason)) for reason in found.reasons],
        "redacted": found.secret.redacted(),
        **(named("secret", found.secret.reveal()) if show_secrets else {}),
        "state": exposure(found).name.lower(),
        "companions": list(found.companions),
        "occurrences": [_occurrence(occurrence) for occurrence in found.occurrences],
    }


def suppressed(found: Finding, show_secrets: bool) -> Object:
    """Return a finding that does not count as a leak, and why it does not."""
    return {
        **finding(found, show_secrets),
        "suppressions": [{"kind": s.kind, **_terms(s)} for s in found.suppressions],
    }


def absent(gone: Absent) -> Object:
    """Return an entry of the baseline that was not found any more."""
    return {
        "fingerprint": as_text(as_bytes(gone.fingerprint)),
        "rule": as_text(as_bytes(gone.rule)),
        **named("path", as_bytes(gone.path)),
        **_terms(gone.suppression),
    }


def _terms(accepted: Suppression) -> Object:
    names = ("reason", "owner", "added", "expires")
    return {name: as_text(as_bytes(getattr(accepted, name))) for name in names}


def _rule(rule: Rule) -> Object:
    return {
        "id": rule.id,
        "family": rule.family,
        "name": rule.name,
        "kind": rule.kind,
        "provider": rule.provider,
        "severity": rule.severity.name.lower(),
        "confidence": rule.confidence.name.lower(),
        "remediation": rule.remediation,
        "rotation": rule.rotation,
    }


def _occurrence(occurrence: Occurrence) -> Object:
    return {
        "place": occurrence.place,
        **named("path", occurrence.path),
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


def _commit(commit: CommitInfo | None) -> Object | None:
    if commit is None:
        return None
    return {
        "id": commit.id,
        **named("author", commit.author),
        **named("email", commit.email),
        "when": commit.when,
        **named("subject", commit.subject),
    }
