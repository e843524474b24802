"""The coverage statement in words: what was read, what was not and why, complete or not."""

from typing import NamedTuple

from scanner.model import Coverage, Skipped
from scanner.report.escape import visible
from scanner.report.words import amount

MOST_EXAMPLES = 5


class Statement(NamedTuple):
    """Parts of the statement.

    `read` is empty when nothing was; `skipped` are lines, indented under a heading for each reason.
    """

    verdict: str
    read: str
    size: str
    skipped: list[str]


def statement(coverage: Coverage) -> Statement:
    """Return the coverage in words, at most `MOST_EXAMPLES` skipped things for each reason."""
    missed = sum(skipped.things for skipped in coverage.skipped if skipped.incomplete)
    if missed:
        verdict = f"INCOMPLETE: {amount(missed, 'things')} not read, or not wholly; leaks may hide"
        verdict += " in there."
    else:
        verdict = "COMPLETE: everything that was asked for was read."
    counts = [amount(number, visible(name)) for name, number in coverage.counts.items() if number]
    return Statement(verdict, ", ".join(counts), _size(coverage.bytes_read), _skipped(coverage))


def _size(number: int) -> str:
    if number < 1000:
        return amount(number, "bytes")
    size = float(number)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:,.1f} TB"


def _skipped(coverage: Coverage) -> list[str]:
    groups: dict[tuple[bool, str], list[Skipped]] = {}
    for skipped in coverage.skipped:
        groups.setdefault((not skipped.incomplete, skipped.code), []).append(skipped)
    lines = []
    for (harmless, code), group in sorted(groups.items(), key=lambda item: item[0]):
        kind = "No gap" if harmless else "Not read"
        things, shown = sum(skipped.things for skipped in group), group[:MOST_EXAMPLES]
        lines.append(f"{kind}: {visible(code)} ({things:,})")
        lines += [f"  {skipped_line(skipped)}" for skipped in shown]
        if len(group) > MOST_EXAMPLES:
            left = things - sum(skipped.things for skipped in shown)
            lines.append(f"  … and {left:,} more (see --format json)")
    return lines


def skipped_line(skipped: Skipped) -> str:
    """Return what was skipped and why, on one line that is safe to show."""
    return ": ".join(visible(part) for part in (skipped.subject, skipped.detail) if part)
