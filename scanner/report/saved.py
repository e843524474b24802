"""Reads a report of `--format json` back, to be shown in another format.

It is read as strictly as docs/report.schema.json says, and what it says twice must agree, so that
a report that was cut or changed is not taken for a clean one.
"""

import json
from typing import NoReturn

from scanner import __version__
from scanner.errors import UsageError
from scanner.model import (
    Absent,
    CommitInfo,
    Confidence,
    Coverage,
    Finding,
    Occurrence,
    Report,
    Rule,
    Secret,
    Severity,
    Skipped,
    State,
    Suppression,
    Withheld,
)
from scanner.report import json_objects
from scanner.report.escape import visible
from scanner.report.json import SCHEMA
from scanner.report.saved_members import Damage, Members
from scanner.report.summary import exposure
from scanner.report.words import ACCEPTED_BY

LARGEST = 512 << 20
PLACES = ("file", "commit", "tag", "ref", "path", "note", "object", "git", "stdin")
_ID = "(?:[0-9a-f]{40}|[0-9a-f]{64})"
_DAY = "(?:[0-9]{4}-[0-9]{2}-[0-9]{2})?"
_REDACTED = r".{0,4}…\[[0-9]+ characters\]"  # as Secret.redacted has it
_SEVERITIES = {level.name.lower(): level for level in Severity}
_CONFIDENCES = {level.name.lower(): level for level in Confidence}
_STATES = {state.name.lower(): state for state in State}


def parse(raw: bytes, name: str) -> Report:
    """Return the report that `raw`, the content of the file called `name`, holds.

    Its secrets are real if the report shows them, else Withheld. Raises UsageError for what is no
    report, one of another version, or a damaged one.
    """
    if len(raw) > LARGEST:
        raise UsageError(f"{visible(name)} is larger than {LARGEST >> 20} MiB")
    try:
        members = Members(json.loads(raw, parse_constant=_refused), "")
    except (ValueError, RecursionError, Damage):
        raise _no_report(name) from None
    try:
        schema = members.text("schema")
    except Damage:
        raise _no_report(name) from None
    if schema != SCHEMA:
        raise UsageError(
            f"{visible(name)} has the format {visible(schema)}, which leakseal {__version__} does"
            f" not read; it reads {SCHEMA}, as scan --format json writes it"
        )
    try:
        report = _report(members)
        members.done()
    except Damage as damage:
        raise UsageError(f"{visible(name)} is damaged: {damage}. Make the report again.") from None
    return report


def has_secrets(report: Report) -> bool:
    """Tell whether the secrets themselves are known, those of all findings."""
    found = (*report.findings, *report.suppressed)
    return not any(isinstance(finding.secret, Withheld) for finding in found)


def _no_report(name: str) -> UsageError:
    return UsageError(
        f"{visible(name)} is no report; make one with: leakseal scan --format json -o FILE"
    )


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)


def _report(members: Members) -> Report:
    report = Report(
        rules_digest=members.of("tool", _tool),
        target=members.path_text("target"),
        head=members.text("head", f"{_ID}?"),
        branch=members.path_text("branch"),
        origin=members.path_text("origin"),
        started=members.text("started"),
        ended=members.text("ended"),
        key_source=members.text("key_source"),
        key=members.text("key"),
        coverage=members.of("coverage", _coverage),
        baseline=members.path_text("baseline"),
        suppressed=members.each("suppressed", _suppressed),
        absent=members.each("absent", _absent),
        findings=members.each("findings", _finding),
    )
    told = members.of("summary", Members.everything)
    members.must("summary", told == json_objects.summary(report))
    return report


def _tool(members: Members) -> str:
    members.text("name", "leakseal")
    members.text("version")
    return members.text("rules_digest")


def _coverage(members: Members) -> Coverage:
    coverage = Coverage(
        counts=members.of("counts", Members.numbers),
        bytes_read=members.number("bytes_read"),
        skipped=members.each("skipped", _skipped),
    )
    members.must("complete", members.flag("complete") == coverage.complete)
    return coverage


def _skipped(members: Members) -> Skipped:
    return Skipped(
        code=members.text("code", "[a-z][a-z0-9-]*"),
        subject=members.path_text("subject"),
        detail=members.text("detail"),
        incomplete=members.flag("incomplete"),
    )


def _finding(members: Members) -> Finding:
    finding = Finding(
        fingerprint=members.text("fingerprint", "(?s:.+)"),
        rule=members.of("rule", _rule),
        secret=_secret(members),
        confidence=members.one_of("confidence", _CONFIDENCES),
        reasons=members.texts("reasons"),
        occurrences=members.each("occurrences", _occurrence),
        companions=members.texts("companions"),
    )
    members.must("occurrences", finding.occurrences)
    members.must("state", members.one_of("state", _STATES) == exposure(finding))
    return finding


def _suppressed(members: Members) -> Finding:
    finding = _finding(members)
    suppressions = members.each("suppressions", _suppression)
    members.must("suppressions", suppressions)
    return finding._replace(suppressions=suppressions)


def _absent(members: Members) -> Absent:
    return Absent(
        fingerprint=members.text("fingerprint", "[0-9a-f]{40}"),
        rule=members.text("rule"),
        path=members.path_text("path"),
        suppression=_accepted(members, "baseline"),
    )


def _suppression(members: Members) -> Suppression:
    return _accepted(members, members.one_of("kind", {kind: kind for kind in ACCEPTED_BY}))


def _accepted(members: Members, kind: str) -> Suppression:
    return Suppression(
        kind=kind,
        reason=members.text("reason"),
        owner=members.text("owner"),
        added=members.text("added", _DAY),
        expires=members.text("expires", _DAY),
    )


def _secret(members: Members) -> Secret:
    redacted = members.text("redacted", _REDACTED)
    members.must("redacted", redacted.isprintable())
    if not members.has("secret"):
        return Withheld(redacted)
    secret = Secret(members.raw("secret"))
    members.must("redacted", secret.redacted() == redacted)
    return secret


def _rule(members: Members) -> Rule:
    return Rule(
        id=members.text("id", "(?s:.+)"),
        family=members.text("family"),
        name=members.text("name"),
        kind=members.text("kind"),
        provider=members.text("provider"),
        severity=members.one_of("severity", _SEVERITIES),
        confidence=members.one_of("confidence", _CONFIDENCES),
        method="",
        keywords=(),
        pattern="",
        lead=0,
        checks=(),
        min_entropy=0.0,
        remediation=members.text("remediation"),
        rotation=members.text("rotation"),
    )


def _occurrence(members: Members) -> Occurrence:
    return Occurrence(
        place=members.one_of("place", {place: place for place in PLACES}),
        path=members.raw("path"),
        object_id=members.text("object_id", f"{_ID}?"),
        line=members.number("line"),
        column=members.number("column"),
        start=members.number("start"),
        end=members.number("end"),
        via=members.texts("via"),
        state=members.one_of("state", _STATES),
        introduced=members.of_if_any("introduced", _commit),
        removed=members.of_if_any("removed", _commit),
    )


def _commit(members: Members) -> CommitInfo:
    return CommitInfo(
        id=members.text("id", _ID),
        author=members.raw("author"),
        email=members.raw("email"),
        when=members.text("when"),
        subject=members.raw("subject"),
    )
