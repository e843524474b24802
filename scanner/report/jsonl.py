"""The report as JSON lines, which can be written while a scan runs.

Each line is an object with a `type`: `start` once; `sighting` for each place where a secret is
seen, while the scan runs; then `finding`, `suppressed` and `skipped`, which are final; `end` last.
A stream without `end` is of a scan that was broken off.

What a later part of a scan finds may stand in the path or the author's name of an earlier one. So a
sighting says nothing in the words of the repository unless secrets were asked for: it names the
object, the commit, the line and the fingerprint; the finding with that fingerprint says the rest.
"""

from collections.abc import Iterator

from scanner import __version__
from scanner.model import CommitInfo, Match, Occurrence, Report
from scanner.report.json_objects import Object, finding, named, scanned, skipped, suppressed, tool
from scanner.report.json_text import dumps

SCHEMA = "leakseal.stream/1"


def render(report: Report, *, show_secrets: bool) -> str:
    """Return all lines but sightings, of which a finished report has none."""
    return start() + rest(report, show_secrets=show_secrets)


def start() -> str:
    """Return the first line."""
    made_by = {"name": "leakseal", "version": __version__}
    return _line("start", {"schema": SCHEMA, "tool": made_by})


def sighting(match: Match, where: Occurrence, fingerprint: str, *, show_secrets: bool) -> str:
    """Return the line that says that `match` was seen at `where`."""
    told: Object = {
        "fingerprint": fingerprint,
        "rule": match.rule.id,
        "severity": match.rule.severity.name.lower(),
        "confidence": match.confidence.name.lower(),
        "redacted": match.secret.redacted(),
        "state": where.state.name.lower(),
        "place": where.place,
        "object_id": where.object_id,
        "line": where.line,
        "column": where.column,
        "introduced": _id(where.introduced),
        "removed": _id(where.removed),
    }
    if show_secrets:
        told |= {**named("path", where.path), **named("secret", match.secret.reveal())}
    return _line("sighting", told)


def rest(report: Report, *, show_secrets: bool) -> str:
    """Return the lines that come when the scan is over."""
    return "".join(_rest(report, show_secrets))


def _rest(report: Report, show_secrets: bool) -> Iterator[str]:
    for each in report.findings:
        yield _line("finding", finding(each, show_secrets))
    for each in report.suppressed:
        yield _line("suppressed", suppressed(each, show_secrets))
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
