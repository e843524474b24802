"""Reads what `trufflehog --json` printed: one finding a line.

It has no baseline of its own; what a report holds is taken as known. `RawV2` holds all parts of a
credential of several, joined. https://github.com/trufflesecurity/trufflehog
"""

from collections.abc import Mapping
from typing import Any

from scanner.foreign.known import Foreign, Known
from scanner.foreign.table import line, secrets, table, tables, text

TOOL = "trufflehog"


def recognised(entry: Mapping[str, Any]) -> bool:
    """Tell whether an object is such a finding."""
    return "DetectorName" in entry and "SourceMetadata" in entry


def read(name: str, entries: object) -> Foreign:
    """Return the findings among `entries`."""
    found = [entry for entry in tables(entries) if recognised(entry)]
    live = sum(entry.get("Verified") is True for entry in found)
    notes = (f"verified there as live: {live}; rotate them",) if live else ()
    return Foreign(TOOL, name, tuple(map(_known, found)), notes=notes)


def _known(entry: Mapping[str, Any]) -> Known:
    data = table(table(entry["SourceMetadata"]).get("Data"))
    place = next((value for value in data.values() if isinstance(value, dict)), {})
    return Known(
        rule=text(entry, "DetectorName"),
        path=text(place, "file", "path"),
        line=line(place, "line"),
        commit=text(place, "commit"),
        values=secrets(text(entry, "Raw"), text(entry, "RawV2")),
        note="verified there as live" if entry.get("Verified") is True else "",
    )
