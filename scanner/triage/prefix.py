"""Fingerprints by their beginning, as reports show them."""

from collections.abc import Collection

from scanner.errors import UsageError

_SHORTEST = 6


def full(start: str, known: Collection[str]) -> str:
    """Return the one of the `known` fingerprints that begins with `start`.

    Raises UsageError if there is none, or more than one.
    """
    found = [each for each in known if each.startswith(start)] if len(start) >= _SHORTEST else []
    if len(found) != 1:
        which = "several begin" if found else "none begins"
        raise UsageError(f"of the fingerprints in the baseline, {which} with {start}")
    return found[0]
