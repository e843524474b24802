"""Reports: the outcome of a scan as text for people, or in the form a program or platform reads.

`render` is the way in: it redacts and orders once, whatever the format.
"""

from importlib import import_module

from scanner.errors import UsageError
from scanner.model import Report
from scanner.report.mask import masked
from scanner.report.summary import ordered

_MODULES = {
    "text": "text",
    "json": "json",
    "jsonl": "jsonl",
    "sarif": "sarif",
    "gitlab": "gitlab",
    "codequality": "codequality",
    "junit": "junit",
    "csv": "csv",
    "github": "github",
    "azure": "azure",
    "markdown": "markdown",
    "html": "html.page",
}
FORMATS = tuple(_MODULES)
SARIF_SCOPES = ("all", "head")
SARIF_CATEGORY = "leakseal"


def render(
    report: Report,
    fmt: str,
    *,
    show_secrets: bool = False,
    color: bool = False,
    width: int = 100,
    sarif_scope: str = "all",
    sarif_category: str = SARIF_CATEGORY,
    show_suppressed: bool = False,
) -> str:
    """Return `report` as text in one of `FORMATS`, ending in a newline.

    Unless `show_secrets`, no finding's secret stands in it, not even inside a path or a name.
    `color`, `width` (in characters) and `show_suppressed` shape "text" only, `sarif_scope`, one of
    `SARIF_SCOPES`, and `sarif_category` "sarif". What is JSON is pure ASCII.

    Raises UsageError when there is no such format.
    """
    if fmt not in _MODULES:
        raise UsageError(f"there is no format {fmt!r}; choose one of {', '.join(FORMATS)}")
    report = prepared(report, show_secrets=show_secrets)
    own: dict[str, object] = {}
    if fmt == "text":
        own = {"color": color, "width": width, "show_suppressed": show_suppressed}
    elif fmt == "sarif":
        own = {"scope": sarif_scope, "category": sarif_category}
    module = import_module(f"scanner.report.{_MODULES[fmt]}")  # a run needs one format
    text: str = module.render(report, show_secrets=show_secrets, **own)
    return text if text.endswith("\n") else text + "\n"


def prepared(report: Report, *, show_secrets: bool) -> Report:
    """Return `report` as formats take it: ordered, and masked but for what it is to show."""
    report = report._replace(
        findings=ordered(report.findings), suppressed=ordered(report.suppressed)
    )
    return masked(report, nothing=show_secrets)
