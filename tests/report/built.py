"""Builders of valid parts of reports; each takes changes by name."""

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
)


def rule(**changes):
    known = Rule(
        id="acme-api-key",
        family="acme",
        name="Acme API key",
        kind="api-key",
        provider="Acme",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        method="pattern",
        keywords=("acme_",),
        pattern="",
        lead=0,
        checks=(),
        min_entropy=0.0,
        remediation="https://acme.example/keys#revoke",
    )
    return known._replace(**changes)


def commit(number=1, **changes):
    known = CommitInfo(
        id=f"{number:040x}"[::-1],
        author=b"Ann Lee",
        email=b"ann@acme.example",
        when="2024-05-01T10:20:30+02:00",
        subject=b"Add settings",
    )
    return known._replace(**changes)


def occurrence(path=b"conf/app.env", **changes):
    known = Occurrence(
        place="file",
        path=path,
        object_id="ab" * 20,
        line=12,
        column=9,
        start=200,
        end=220,
        via=(),
        state=State.HEAD,
        introduced=commit(),
    )
    return known._replace(**changes)


def secret(seed="0"):
    return Secret(("acme_" + seed * 3 + "Zq7xW2").encode())


def finding(*occurrences, **changes):
    known = Finding(
        fingerprint="ls1:" + "0123456789abcdef" * 4,
        rule=rule(),
        secret=secret(),
        confidence=Confidence.HIGH,
        reasons=("the checksum is right", "a variable named API_KEY holds it"),
        occurrences=occurrences or (occurrence(),),
    )
    return known._replace(**changes)


def skipped(**changes):
    known = Skipped("over-size", "dump.sql", "120 MB are more than the limit of 64 MB")
    return known._replace(**changes)


def suppression(**changes):
    known = Suppression(
        "baseline", "a key of the test server", "Ann Lee", "2024-01-02", "2999-12-31"
    )
    return known._replace(**changes)


def suppressed(*occurrences, by=(), **changes):
    known = finding(*occurrences, **changes)
    return known._replace(suppressions=tuple(by) or (suppression(),))


def absent(**changes):
    said = Suppression("baseline", "was a test", "Ann", "2024-01-02", "")
    terms = {name: changes.pop(name) for name in ("reason", "owner") if name in changes}
    known = Absent("ab" * 20, "acme-api-key", "old/app.env", said._replace(**terms))
    return known._replace(**changes)


def coverage(*things):
    return Coverage({"blobs": 1234, "commits": 1, "tags": 0}, 5_600_000, things)


def report(*findings, **changes):
    known = Report(
        target="/srv/acme",
        head="12345678" * 5,
        branch="main",
        origin="https://git.example/acme.git",
        findings=findings,
        coverage=coverage(),
        started="2024-06-01T08:00:00+00:00",
        ended="2024-06-01T08:00:09+00:00",
        rules_digest="d1",
        key_source="environment",
    )
    return known._replace(**changes)
