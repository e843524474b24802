"""What was read and what was not, for the head of the page."""

from typing import NamedTuple

from scanner.model import Coverage, Skipped
from scanner.report.coverage import skipped_line, statement
from scanner.report.escape import visible

MOST_EXAMPLES = 20


class Gap(NamedTuple):
    """Things not read for one reason, `size` in all; `left` of them are not among the `lines`."""

    code: str
    size: int
    lines: list[str]
    left: int


class Reading(NamedTuple):
    """The verdict on coverage; `gaps` make it incomplete, `noted` do not."""

    complete: bool
    verdict: str
    read: str
    gaps: list[Gap]
    noted: list[Gap]


def reading(coverage: Coverage) -> Reading:
    """Return the coverage in words."""
    told = statement(coverage)
    return Reading(
        coverage.complete,
        told.verdict.partition(": ")[2],
        f"{told.read or 'nothing'}, {told.size}",
        _gaps(coverage, incomplete=True),
        _gaps(coverage, incomplete=False),
    )


def _gaps(coverage: Coverage, *, incomplete: bool) -> list[Gap]:
    groups: dict[str, list[Skipped]] = {}
    for skipped in coverage.skipped:
        if skipped.incomplete == incomplete:
            groups.setdefault(visible(skipped.code), []).append(skipped)
    return [_gap(code, group) for code, group in sorted(groups.items())]


def _gap(code: str, group: list[Skipped]) -> Gap:
    shown, left = group[:MOST_EXAMPLES], sum(s.things for s in group[MOST_EXAMPLES:])
    size = left + sum(s.things for s in shown)
    return Gap(code, size, [skipped_line(s) for s in shown], left)
