"""The report as JSON lines, which can be written while a scan runs.

Each line is an object with a `type`: `start` once; while the scan runs, `object` for each secret in
an object of git as soon as that is read, and `sighting` for each place where one is seen; then
`finding`, `suppressed`, `absent` and `skipped`, which are final; `end` last. A stream without `end`
is of a scan that was broken off.

What a later part of a scan finds may stand in the path or the author's name of an earlier one. So a
sighting says nothing in the words of the repository unless secrets were asked for: it names the
object, the commit, the line and the fingerprint; the finding with that fingerprint says the rest.
"""

from collections.abc import Iterator

from scanner import __version__
from scanner.model import CommitInfo, Match, Occurrence, Report
from scanner.report.json_objects import (
    Object,
    absent,
    finding,
    named,
    scanned,
    skipped,
    suppressed,
    tool,
)
from scanner.report.json_text import dumps

SCHEMA = "leakseal.stream/1"


def render(report: Report, *, show_secrets: bool) -> str:
    """Return all lines but sightings, of which a finished report has none."""
    return start() + rest(report, show_secrets=show_secrets)


def start() -> str:
    """Return the first line."""
    made_by = {"name": "leakseal", "version": __version__}
    return _line("start", {"schema": SCHEMA, "tool": made_by})


def held(kind: str, id_: bytes, match: Match, fingerprint: str, *, show_secrets: bool) -> str:
    """Return the line that says that the object `id_`, a blob, commit or tag, holds `match`."""
    told = {"kind": kind, **_seen(match, fingerprint, id_.hex(), match.line, match.column)}
    return _line("object", told | _shown(match, show_secrets))


def sighting(match: Match, where: Occurrence, fingerprint: str, *, show_secrets: bool) -> str:
    """Return the line that says that `match` was seen at `where`."""
    told: Object = {
        **_seen(match, fingerprint, where.object_id, where.line, where.column),
        "state": where.state.name.lower(),
        "place": where.place,
        "introduced": _id(where.introduced),
        "removed": _id(where.removed),
    }
    path = named("path", where.path) if show_secrets else {}
    return _line("sighting", told | path | _shown(match, show_secrets))


def _seen(match: Match, fingerprint: str, object_id: str, line: int, column: int) -> Object:
    return {
        "fingerprint": fingerprint,
        "rule": match.rule.id,
        "severity": match.rule.severity.name.lower(),
        "confidence": match.confidence.name.lower(),
        "redacted": match.secret.redacted(),
        "object_id": object_id,
        "line": line,
        "column": column,
    }


def _shown(match: Match, show_secrets: bool) -> Object:
    return named("secret", match.secret.reveal()) if show_secrets else {}


def rest(report: Report, *, show_secrets: bool) -> str:
    """Return the lines that come when the scan is over."""
    return "".join(_rest(report, show_secrets))


def _rest(report: Report, show_secrets: bool) -> Iterator[str]:
    for each in report.findings:
        yield _line("finding", finding(each, show_secrets))
    for each in report.suppressed:
        yield _line("suppressed", suppressed(each, show_secrets))
    for gone in report.absent:
        yield _line("absent", absent(gone))
    for gap in report.coverage.skipped:
        yield _line("skipped", skipped(gap))
    end = scanned(report)
    read = end["coverage"]
    if isinstance(read, dict):
        end["coverage"] = {name: value for name, value in read.items() if name != "skipped"}
    yield _line("end", {"tool": tool(report), **end})


def _id(commit: CommitInfo | None) -> str:
    return commit.id if commit else ""


def _line(kind: str, members: Object) -> str:
    return dumps({"type": kind, **members}) + "\n"
