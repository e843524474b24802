"""Reads the configuration of ggshield, `.gitguardian.yaml` (versions 1 and 2), and its cache.

A match is ignored by the SHA-256 of all its parts and their types, or by its value in clear text.
https://docs.gitguardian.com/ggshield-docs/configuration
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.foreign.known import Exclusion, Foreign, Known, Untaken
from scanner.foreign.table import secrets, table, text, texts

TOOL = "ggshield"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_INVALID = re.compile(r"\*\*\*|\*\*[^/]|[^/]\*\*")
_OLD = {
    "matches_ignore": "ignored_matches",
    "paths_ignore": "ignored_paths",
    "banlisted_detectors": "ignored_detectors",
}
_OF_SECRET = ("ignored_matches", "ignored_paths", "ignored_detectors")
_OTHERS = {
    "ignore_known_secrets": "nothing here asks a server which secrets are known",
    "prereceive_remediation_message": "the hooks here have their own words",
    "exit_zero": "use --exit-code 0",
    "instance": "no server is asked",
}
_OURS = frozenset(("version", "secret", *_OF_SECRET, *_OLD, *_OTHERS))
_EVERYTHING = "that would leave out every file there is or will be"
_CACHED = "last_found_secrets"


def recognised(document: object) -> bool:
    """Tell whether a document is such a configuration."""
    values = _named(document)
    return (
        bool(values.keys() & _OLD.keys())
        or isinstance(values.get("secret"), dict)
        or (values.get("version") == 2 and bool(values.keys() & (_OTHERS.keys() | {"verbose"})))
    )


def recognised_cache(document: object) -> bool:
    """Tell whether a document is `.cache_ggshield`."""
    return isinstance(table(document).get(_CACHED), list)


def read(name: str, document: object) -> Foreign:
    """Return what the configuration ignores."""
    values = _named(document)
    inner = _named(values.get("secret"))
    settings = {_OLD.get(key, key): value for key, value in {**values, **inner}.items()}
    exclusions, untaken = [], []
    for pattern in texts(settings.get("ignored_paths")):
        made = _glob(pattern)
        if made is None:
            untaken.append(Untaken(f"path {pattern}", "ggshield takes it for no pattern either"))
        elif not made.strip("*/?"):
            untaken.append(Untaken(f"path {pattern}", _EVERYTHING))
        else:
            exclusions.append(Exclusion(f"path {pattern}", "", (made,)))
    untaken += [
        Untaken(f"detector {detector}", "that detector has no counterpart here")
        for detector in texts(settings.get("ignored_detectors"))
    ]
    untaken += [Untaken(key, why) for key, why in _OTHERS.items() if settings.get(key)]
    known = tuple(_known(settings.get("ignored_matches")))
    return Foreign(TOOL, name, known, tuple(exclusions), tuple(untaken))


def read_cache(name: str, document: object) -> Foreign:
    """Return what the last scan found, which `ggshield secret ignore --last-found` would ignore."""
    return Foreign(TOOL, name, tuple(_known(table(document)[_CACHED])))


def _named(document: object) -> Mapping[str, Any]:
    """Return the values of a mapping; names may be written with hyphens."""
    return {str(key).replace("-", "_"): value for key, value in table(document).items()}


def _known(entries: object) -> Iterator[Known]:
    for number, entry in enumerate(entries if isinstance(entries, list) else (), 1):
        match = entry if isinstance(entry, str) else text(table(entry), "match")
        if not match:
            continue
        signature = match.lower() if _SHA256.fullmatch(match.lower()) else ""
        name = text(table(entry), "name")
        yield Known(
            rule="",
            values=() if signature else secrets(match),
            signature=signature,
            name=f"ignored match {number}" + (f" ({name})" if name and name != match else ""),
        )


def _glob(pattern: str) -> str | None:
    """Return the glob for a path pattern.

    There a star is at least one character, two stars at the end are at least two in one name, and
    a pattern that does not begin with `/` holds in any directory.
    """
    if _INVALID.search(pattern) or not pattern.strip("/"):
        return None
    folders = [
        part if part in ("*", "**") else "".join(_character(c) for c in part)
        for part in pattern.strip("/").split("/")
    ]
    if folders[-1] == "**" and not pattern.endswith("/"):
        folders[-1] = "??*"
    lead = "/" if pattern.startswith("/") else "**/"
    tail = "/**" if pattern.endswith("/") else ""
    return lead + "/".join(folders) + tail


def _character(character: str) -> str:
    return "?*" if character == "*" else f"[{character}]" if character in "?[" else character
