"""The findings of the ledger as CSV (RFC 4180), one a line, for a spreadsheet."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from scanner.remediate.ledger.export.life import Life
from scanner.report.escape import visible

_COLUMNS = (
    *("fingerprint", "rule", "path", "line", "state", "found", "ended", "days_open"),
    *("accepted", "review_after", "overdue", "stored_at", "residual", "records", "actors"),
)
_FORMULA = ("=", "+", "-", "@")


def render(lives: Iterable[Life], now: datetime) -> str:
    """Return a table with a header; no cell begins a formula in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for life in lives:
        cells = (
            *(life.fingerprint, life.rule, life.path, life.line, life.state.value, life.found),
            *(life.ended, life.age(now).days, life.accepted, life.review),
            *(_yes(life.overdue(now)), life.stored_at, _yes(life.residual), len(life.records)),
            " ".join(sorted({record.actor.user for record in life.records})),
        )
        writer.writerow([_cell(str(cell)) for cell in cells])
    return out.getvalue()


def _yes(fact: bool) -> str:
    return "yes" if fact else ""


def _cell(text: str) -> str:
    shown = visible(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown
