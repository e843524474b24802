"""The ledger for others: OCSF for a SIEM, CSV for a table, Markdown for an auditor."""

from collections.abc import Sequence
from datetime import datetime

from scanner.errors import UsageError
from scanner.remediate.ledger.export import audit, ocsf, table
from scanner.remediate.ledger.export.life import lives
from scanner.remediate.ledger.record import Record

FORMATS = ("ocsf", "csv", "md")


def render(history: Sequence[Record], fmt: str, now: datetime) -> str:
    """Return `history`, in the order of `Ledger.history`, in one of `FORMATS`; `now` is for ages.

    Raises UsageError when there is no such format.
    """
    if fmt == "ocsf":
        return ocsf.render(history)
    if fmt == "csv":
        return table.render(lives(history), now)
    if fmt == "md":
        return audit.render(lives(history), now)
    raise UsageError(f"there is no format {fmt!r}; choose one of {', '.join(FORMATS)}")
