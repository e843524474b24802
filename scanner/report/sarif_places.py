"""Occurrences as SARIF locations (SARIF 2.1.0, section 3.28), and message strings."""

from scanner.model import Occurrence
from scanner.report import uri
from scanner.report.escape import as_text, visible
from scanner.report.sarif_rules import Object
from scanner.report.words import SHORT_ID, commits, place

ROOT = "%SRCROOT%"
_GIT = ".git"
_STDIN = "-"
# Message strings give brackets and braces a meaning (3.11.5, 3.11.6).
_NO_MARKUP = str.maketrans("[]{}", "()()")


def message(words: str) -> Object:
    """Return visible `words` as a message in which nothing is a link or a placeholder."""
    return {"text": words.translate(_NO_MARKUP)}


def location(occurrence: Occurrence, snippet: str) -> Object:
    """Return where the occurrence is, with `snippet` as the text that stands there."""
    artifact = _artifact(occurrence)
    words = ", ".join([place(occurrence), occurrence.state.words, *commits(occurrence)])
    found: Object = {
        "physicalLocation": {
            "artifactLocation": {"uri": artifact or _GIT, "uriBaseId": ROOT},
            "region": _region(occurrence, snippet) if artifact else {"startLine": 1},
        },
        "message": message(words),
    }
    if not artifact:
        found["logicalLocations"] = [_logical(occurrence)]
    return found


def _artifact(occurrence: Occurrence) -> str:
    if occurrence.place == "stdin":
        return _STDIN
    return uri.relative(occurrence.path) if occurrence.place in ("file", "path", "git") else ""


def _region(occurrence: Occurrence, snippet: str) -> Object:
    if occurrence.place == "path" or occurrence.line < 1:
        return {"startLine": 1}
    column = {"startColumn": occurrence.column} if occurrence.column > 0 else {}
    return {"startLine": occurrence.line, **column, "snippet": {"text": snippet}}


def _logical(occurrence: Occurrence) -> Object:
    named = occurrence.place in ("ref", "note") or not occurrence.object_id
    name = as_text(occurrence.path) if named else occurrence.object_id
    return {
        "name": visible(name if named else name[:SHORT_ID]),
        "fullyQualifiedName": f"{occurrence.place}:{name}",
        "kind": occurrence.place,
    }
