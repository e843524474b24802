"""The day until which something is accepted, as commands take it by `--expires`."""

from datetime import UTC, datetime

from scanner.errors import UsageError
from scanner.triage.baseline import expired, is_date


def check_expires(value: str) -> None:
    """Raise UsageError if `value`, unless it is empty, is no date or one in the past."""
    if value and not is_date(value):
        raise UsageError("--expires takes a date such as 2026-12-31")
    if expired(value, datetime.now(UTC).date()):
        raise UsageError(f"--expires {value} lies in the past")
