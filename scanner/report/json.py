"""The report for programs, in the format docs/report.schema.json describes.

The output is pure ASCII and puts each finding on a line of its own.
"""

from collections.abc import Iterable

from scanner.model import Report
from scanner.report.json_objects import Object, absent, finding, scanned, suppressed, tool
from scanner.report.json_text import dumps

SCHEMA = "leakseal.report/1"


def render(report: Report, *, show_secrets: bool) -> str:
    """Return the whole report; only with `show_secrets` do findings have a `secret`."""
    members: Object = {"schema": SCHEMA, "tool": tool(report), **scanned(report)}
    lines = [f"{dumps(name)}: {dumps(value)},\n" for name, value in members.items()]
    accepted = _listed(suppressed(each, show_secrets) for each in report.suppressed)
    gone = _listed(absent(each) for each in report.absent)
    leaks = _listed(finding(each, show_secrets) for each in report.findings)
    lines += [f'"suppressed": {accepted},\n', f'"absent": {gone},\n', f'"findings": {leaks}\n']
    return f"{{\n{''.join(lines)}}}\n"


def _listed(objects: Iterable[Object]) -> str:
    return "[\n" + ",\n".join(map(dumps, objects)) + "\n]"
