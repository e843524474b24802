"""The page itself: what it shows, put into its templates, as one file that loads nothing.

A content security policy lets the browser run the page's own style and script, known by their
hashes, and nothing else: neither what a repository might smuggle in, nor anything from a network.
"""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from scanner import __version__
from scanner.model import Finding, Report, Severity
from scanner.report.escape import visible
from scanner.report.html.breakdowns import breakdowns
from scanner.report.html.lifetime import duration, in_files, lifetime, moment
from scanner.report.html.reading import reading
from scanner.report.html.rows import Row, rows, severities, states
from scanner.report.html.timeline import HEIGHT, timeline
from scanner.report.words import SHORT_ID, amount

if TYPE_CHECKING:
    from jinja2 import Environment


class Tile(NamedTuple):
    """A number at the top of the page; `style` is "bad" where any is bad news."""

    label: str
    number: int
    style: str = ""


def render(report: Report, *, show_secrets: bool) -> str:
    """Return the whole page, the same for the same report; redacted unless `show_secrets`."""
    from markupsafe import Markup  # noqa: PLC0415 - only this format needs it

    environment = _environment()
    style, script = (Markup(_source(environment, name)) for name in ("page.css", "page.js"))  # noqa: S704 - ours
    now = moment(report.ended)
    leaks = rows(report.findings, "f", now, show_secrets=show_secrets)
    kept = rows(report.suppressed, "s", now, show_secrets=show_secrets)
    return environment.get_template("page.html.j2").render(
        style=style,
        script=script,
        policy=_policy(style, script),
        title=_title(report),
        facts=_facts(report),
        reading=reading(report.coverage),
        tiles=_tiles(report),
        line=timeline([lifetime(f) for f in report.findings], leaks, now),
        height=HEIGHT,
        breakdowns=breakdowns(report.findings, now) if len(leaks) > 1 else [],
        lists=[
            _list("leaks", report.findings, leaks),
            _list("suppressed", report.suppressed, kept),
        ],
        version=__version__,
        show_secrets=show_secrets,
    )


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - likewise
    from jinja2.ext import Extension  # noqa: PLC0415 - likewise

    class Joined(Extension):
        """Joins a template's lines: in a long table, what stands between cells adds up."""

        def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
            return re.sub(r"\n\s*", "", source)

    environment = Environment(
        loader=PackageLoader("scanner.report.html", ""),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[Joined],
    )
    environment.filters["amount"] = amount
    return environment


def _source(environment: "Environment", name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _policy(style: str, script: str) -> str:
    def known(text: str) -> str:
        return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {known(style)}",
            f"script-src {known(script)}",
            "img-src data:",  # the icon
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _list(name: str, findings: tuple[Finding, ...], shown: list[Row]) -> dict[str, object]:
    return {
        "name": name,
        "rows": shown,
        "severities": severities(findings),
        "states": states(findings),
    }


def _title(report: Report) -> str:
    target = report.target.rstrip("/\\")
    name = visible(re.split(r"[/\\]", target)[-1] or report.target or "?")
    name = "standard input" if report.target == "-" else name
    if report.findings:
        return f"{amount(len(report.findings), 'leaks')} in {name}"
    part = "" if report.coverage.complete else "what was read of "
    return f"No leaks found in {part}{name}"


def _facts(report: Report) -> list[tuple[str, str]]:
    """Return what is known of the scan, as names and words."""
    start, end = moment(report.started), moment(report.ended)
    time = visible(report.started[:16].replace("T", " ")) + " UTC" if report.started else ""
    if start is not None and end is not None and end >= start:
        time += f", took {duration(end - start)}"
    facts = (
        ("Target", report.target),
        ("HEAD", report.head[:SHORT_ID]),
        ("Branch", report.branch),
        ("Origin", report.origin),
        ("Scanned", time),
        ("Baseline", report.baseline),
        ("Rules", report.rules_digest[:12]),
        ("Key of fingerprints", report.key_source),
    )
    return [(name, visible(words)) for name, words in facts if words]


def _tiles(report: Report) -> list[Tile]:
    findings = report.findings
    standing = sum(in_files(finding) for finding in findings)
    worst = sum(finding.rule.severity >= Severity.HIGH for finding in findings)
    places = sum(len(finding.occurrences) for finding in findings)
    return [
        Tile("leaked secrets", len(findings), "bad"),
        Tile("critical or high", worst, "bad"),
        Tile("still in the files", standing, "bad"),
        Tile("only in history or elsewhere", len(findings) - standing),
        Tile("places in all", places),
        Tile("suppressed", len(report.suppressed)),
    ]
