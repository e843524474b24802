"""A match and one place where it stands: what every source yields."""

from typing import NamedTuple

from scanner.model import Match, Occurrence, State


class Sighting(NamedTuple):
    """One credential seen in one place."""

    match: Match
    occurrence: Occurrence


def sighting(
    match: Match, place: str, path: bytes, state: State, object_id: bytes = b""
) -> Sighting:
    """Return `match` as seen at `path`, with nothing known of its history."""
    return Sighting(match, occurrence(match, place, path, state, object_id))


def occurrence(
    match: Match, place: str, path: bytes, state: State, object_id: bytes = b""
) -> Occurrence:
    """Return the occurrence of `match` at `path`, with nothing known of its history."""
    return Occurrence(
        place=place,
        path=path,
        object_id=object_id.hex(),
        line=match.line,
        column=match.column,
        start=match.start,
        end=match.end,
        via=match.via,
        state=state,
    )
