"""Workflow commands of GitHub Actions (also Gitea's and Forgejo's), which annotate lines.

The syntax and its escapes are those of GitHub's documentation, "Workflow commands".
"""

from scanner.model import Report
from scanner.report.annotations import Annotation, chosen, total

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_MESSAGE = str.maketrans(_DATA)
_IN_PROPERTY = str.maketrans({**_DATA, ":": "%3A", ",": "%2C"})


def render(report: Report, *, show_secrets: bool) -> str:
    """Return one command a line, then the total; secrets are redacted in any case."""
    del show_secrets  # the log of a job is no place for them
    shown = chosen(report, _LEVELS)
    return "\n".join([*map(_command, shown), total(report, len(shown))]) + "\n"


def _command(annotation: Annotation) -> str:
    properties = {
        "file": annotation.path,
        "line": str(annotation.line or ""),
        "col": str(annotation.column or ""),
        "title": annotation.title,
    }
    named = [f"{k}={v.translate(_IN_PROPERTY)}" for k, v in properties.items() if v]
    return f"::{annotation.level} {','.join(named)}::{annotation.message.translate(_IN_MESSAGE)}"
