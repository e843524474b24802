"""What `leakseal baseline show` prints."""

import json
from collections.abc import Sequence
from datetime import date

from scanner.report.escape import visible
from scanner.report.words import amount
from scanner.triage.baseline import Entry, expired

_COLUMNS = ("fingerprint", "rule", "path", "reason", "owner", "added", "expires")
_WIDEST = 48  # characters of a column
_PRINT = 12  # digits of a fingerprint


def as_table(entries: Sequence[Entry], today: date) -> str:
    """Return the entries in columns, and how many there are."""
    rows = [tuple(name.upper() for name in _COLUMNS)]
    rows += [_row(entry, today) for entry in entries]
    widths = [min(_WIDEST, max(len(row[n]) for row in rows)) for n in range(len(_COLUMNS))]
    lines = [
        "  ".join(_fitted(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    over = sum(expired(entry.expires, today) for entry in entries)
    total = f"{amount(len(entries), 'secrets')}, {over} expired"
    return "\n".join([*lines, "", total] if entries else [total])


def as_json(entries: Sequence[Entry], today: date) -> str:
    """Return the entries as a JSON array, each with whether it has expired."""
    found = [entry._asdict() | {"expired": expired(entry.expires, today)} for entry in entries]
    return json.dumps(found, indent=2)


def _row(entry: Entry, today: date) -> tuple[str, ...]:
    ends = f"{entry.expires} (expired)" if expired(entry.expires, today) else entry.expires
    cells = (entry.rule, entry.path, entry.reason, entry.owner, entry.added, ends)
    return entry.fingerprint[:_PRINT], *map(visible, cells)


def _fitted(cell: str, width: int) -> str:
    return (cell if len(cell) <= width else cell[: width - 1] + "…").ljust(width)
