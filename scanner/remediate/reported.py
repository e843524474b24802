"""What a migration takes from a report of `leakseal scan --format json`."""

import json
import os
from base64 import b64decode
from typing import Any, NamedTuple

from scanner.errors import UsageError
from scanner.report.escape import as_bytes, visible
from scanner.report.json import SCHEMA

_LARGEST = 512 << 20
_IN_FILES = frozenset(("head", "staged", "worktree"))


class ReportedFinding(NamedTuple):
    """A finding of a report; `paths` are the files in which it stands at present."""

    fingerprint: str
    rule: str
    state: str
    paths: frozenset[bytes]


class Reported(NamedTuple):
    """A report; `keyed` tells whether its fingerprints were made with a key."""

    keyed: bool
    complete: bool
    findings: dict[str, ReportedFinding]


def load(path: str) -> Reported:
    """Return what the report in the file `path` says; raise UsageError if it is none."""
    try:
        if os.path.getsize(path) > _LARGEST:
            raise UsageError(f"{visible(path)} is larger than {_LARGEST >> 20} MiB")
        with open(path, "rb") as file:
            members = json.loads(file.read())
    except OSError as error:
        raise UsageError(f"{visible(path)} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict) or members.get("schema") != SCHEMA:
        raise UsageError(
            f"{visible(path)} is no report; make one with: leakseal scan --format json -o FILE"
        )
    try:
        findings = [_finding(finding) for finding in members["findings"]]
        keyed = not str(members["key_source"]).startswith("derived")
        complete = members["coverage"]["complete"] is True
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"{visible(path)} is damaged; make the report again") from None
    return Reported(keyed, complete, {finding.fingerprint: finding for finding in findings})


def _finding(members: dict[str, Any]) -> ReportedFinding:
    places = [place for place in members["occurrences"] if place["place"] == "file"]
    return ReportedFinding(
        fingerprint=str(members["fingerprint"]),
        rule=str(members["rule"]["id"]),
        state=str(members["state"]),
        paths=frozenset(_path(place) for place in places if place["state"] in _IN_FILES),
    )


def _path(place: dict[str, Any]) -> bytes:
    exact = place.get("path_bytes")
    return b64decode(exact, validate=True) if exact else as_bytes(place["path"])
