"""Reports: the outcome of a scan as text for people, as JSON or as SARIF for programs.

`render` is the way in: it redacts and orders once, whatever the format.
"""

from scanner.errors import UsageError
from scanner.model import Report
from scanner.report.mask import masked
from scanner.report.summary import ordered

FORMATS = ("text", "json", "sarif")


def render(
    report: Report, fmt: str, *, show_secrets: bool = False, color: bool = False, width: int = 100
) -> str:
    """Return `report` as text in one of `FORMATS`, ending in a newline.

    Unless `show_secrets`, no finding's secret stands in it, not even inside a path or a name.
    `color` and `width` (in characters) shape "text" only; "json" and "sarif" are pure ASCII.

    Raises UsageError when there is no such format.
    """
    report = report._replace(
        findings=ordered(report.findings), suppressed=ordered(report.suppressed)
    )
    if not show_secrets:
        report = masked(report)
    if fmt == "text":
        from scanner.report import text  # noqa: PLC0415 - a run needs one format

        return text.render(report, show_secrets=show_secrets, color=color, width=width)
    if fmt == "json":
        from scanner.report import json  # noqa: PLC0415 - a run needs one format

        return json.render(report, show_secrets=show_secrets)
    if fmt == "sarif":
        from scanner.report import sarif  # noqa: PLC0415 - a run needs one format

        return sarif.render(report, show_secrets=show_secrets)
    raise UsageError(f"there is no format {fmt!r}; choose one of {', '.join(FORMATS)}")
