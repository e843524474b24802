"""What a migration takes from a report of `leakseal scan --format json`."""

import json
import os
from base64 import b64decode
from typing import Any, NamedTuple

from scanner.errors import UsageError
from scanner.gitdb.repository import Repository
from scanner.model import Confidence
from scanner.remediate.worktree import WorkTree
from scanner.report.escape import as_bytes, visible
from scanner.report.json import SCHEMA

_LARGEST = 512 << 20
IN_FILES = frozenset(("head", "staged", "worktree"))  # states of what stands in files


class ReportedFinding(NamedTuple):
    """A finding of a report; `paths` are the files in which it stands at present."""

    fingerprint: str
    rule: str
    family: str
    state: str
    paths: frozenset[bytes]


class Reported(NamedTuple):
    """A report; `keyed` tells whether its fingerprints were made with a key."""

    keyed: bool
    lowest: Confidence  # of a finding
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
        levels = [Confidence[str(f["confidence"]).upper()] for f in members["findings"]]
        complete = members["coverage"]["complete"] is True
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UsageError(f"{visible(path)} is damaged; make the report again") from None
    lowest = min(levels, default=Confidence.HIGH)
    return Reported(keyed, lowest, complete, {found.fingerprint: found for found in findings})


def files_named(reported: Reported, tree: WorkTree, repository: Repository) -> set[bytes]:
    """Return the files to search for what was reported.

    A report redacts the name of a file that holds a secret's value, as a weak password is an
    ordinary word. Then every file that git knows is searched.
    """
    paths = {path for finding in reported.findings.values() for path in finding.paths}
    if all(map(tree.exists, paths)):
        return paths
    return paths | set(repository.git.run("ls-files", "-z").split(b"\0")) - {b""}


def _finding(members: dict[str, Any]) -> ReportedFinding:
    places = [place for place in members["occurrences"] if place["place"] == "file"]
    return ReportedFinding(
        fingerprint=str(members["fingerprint"]),
        rule=str(members["rule"]["id"]),
        family=str(members["rule"]["family"]),
        state=str(members["state"]),
        paths=frozenset(_path(place) for place in places if place["state"] in IN_FILES),
    )


def _path(place: dict[str, Any]) -> bytes:
    exact = place.get("path_bytes")
    return b64decode(exact, validate=True) if exact else as_bytes(place["path"])
