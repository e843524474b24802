"""Logging commands of Azure Pipelines, which list issues in a run's summary.

The syntax and its escapes are those of Microsoft's documentation, "Logging commands".
"""

from scanner.model import Report
from scanner.report.annotations import Annotation, chosen, total

_TYPES = {"error": "error", "warning": "warning", "note": "warning"}  # there are but two
_DATA = {"%": "%AZP25", "\r": "%0D", "\n": "%0A"}
_IN_MESSAGE = str.maketrans(_DATA)
_IN_PROPERTY = str.maketrans({**_DATA, ";": "%3B", "]": "%5D"})


def render(report: Report, *, show_secrets: bool) -> str:
    """Return one command a line, then the total; secrets are redacted in any case."""
    del show_secrets  # the log of a job is no place for them
    shown = chosen(report, _TYPES)
    return "\n".join([*map(_command, shown), total(report, len(shown))]) + "\n"


def _command(annotation: Annotation) -> str:
    properties = {
        "type": annotation.level,
        "sourcepath": annotation.path,
        "linenumber": str(annotation.line or ""),
        "columnnumber": str(annotation.column or ""),
        "code": annotation.rule,
    }
    named = ";".join(f"{k}={v.translate(_IN_PROPERTY)}" for k, v in properties.items() if v)
    words = f"{annotation.title}: {annotation.message}".translate(_IN_MESSAGE)
    return f"##vso[task.logissue {named}]{words}"
