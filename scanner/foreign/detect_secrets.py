"""Reads the baseline of detect-secrets, `.secrets.baseline`.

It holds the SHA-1 of each value, unsalted; for rules with a group in their pattern, such as the one
for GitHub, that is the SHA-1 of a part of it. https://github.com/Yelp/detect-secrets
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.foreign.known import Exclusion, Foreign, Known, Untaken
from scanner.foreign.path_patterns import globs
from scanner.foreign.table import line, table, tables, text, texts

TOOL = "detect-secrets"
_SHA1 = re.compile(r"[0-9a-f]{40}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NOT_GLOBS = "globs cannot say that regular expression"
_OF_LINES = "a regular expression over the line cannot be said here"
_OF_VALUES = "a regular expression over the secret's value cannot be said here"
_OF_WORDS = "a list of words in the secret's value cannot be said here"
_OWN_CODE = "that is Python code of its own"
_SHOWN = ("words of", "filter")
_REAL = "marked there as a real secret"
_FALSE = "marked there as no secret"


def recognised(document: object) -> bool:
    """Tell whether a document is a baseline, of version 1 or before."""
    values = table(document)
    return "plugins_used" in values and isinstance(values.get("results"), dict)


def read(name: str, document: object) -> Foreign:
    """Return what the baseline knows, and what it leaves out."""
    values = table(document)
    made = text(values, "generated_at")[:10]
    added = made if _DATE.fullmatch(made) else ""
    known = tuple(_known(values["results"], added))
    exclusions: list[Exclusion] = []
    untaken = [
        Untaken(f"plugin {text(plugin, 'name')}", _OWN_CODE)
        for plugin in tables(values.get("plugins_used"))
        if plugin.get("path")
    ]
    for kind, pattern in _filters(values):
        if kind not in ("file", "files"):
            # A pattern for lines or secrets may be a secret itself.
            shown = f"{kind} {pattern}" if kind in _SHOWN else f"a pattern for {kind}"
            untaken.append(Untaken(shown, _why(kind)))
            continue
        paths = globs(pattern)
        if paths is None:
            untaken.append(Untaken(f"files {pattern}", _NOT_GLOBS))
        else:
            exclusions.append(Exclusion(f"files {pattern}", "", paths))
    real = sum(entry.note == _REAL for entry in known)
    notes = (_rotate(real),) if real else ()
    return Foreign(TOOL, name, known, tuple(exclusions), tuple(untaken), notes)


def _rotate(count: int) -> str:
    if count == 1:
        return "1 of its entries was marked as a real secret: rotate it"
    return f"{count} of its entries were marked as real secrets: rotate them"


def _known(results: Mapping[str, Any], added: str) -> Iterator[Known]:
    for path, entries in results.items():
        for entry in tables(entries):
            sha1 = text(entry, "hashed_secret").lower()
            verdict = entry.get("is_secret")
            yield Known(
                rule=text(entry, "type"),
                path=(text(entry, "filename") or str(path)).replace("\\", "/"),
                line=line(entry, "line_number"),
                sha1=sha1 if _SHA1.fullmatch(sha1) else "",
                added=added,
                note=_REAL if verdict is True else _FALSE if verdict is False else "",
            )


def _filters(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is left out: of files, lines, secrets or words, and the pattern."""
    old = table(values.get("exclude"))
    files = old.get("files") or values.get("exclude_regex")
    yield from (("file", pattern) for pattern in texts(files))
    yield from (("line", pattern) for pattern in texts(old.get("lines")))
    for entry in tables(values.get("filters_used")):
        path = text(entry, "path")
        last = path.rpartition(".")[2]
        if ".regex.should_exclude_" in path:
            kind = last.removeprefix("should_exclude_")
            yield from ((kind, pattern) for pattern in texts(entry.get("pattern")))
        elif ".wordlist." in path:
            yield "words of", text(entry, "file_name")
        elif not path.startswith("detect_secrets."):
            yield "filter", path


def _why(kind: str) -> str:
    if kind.startswith("line"):
        return _OF_LINES
    if kind.startswith("secret"):
        return _OF_VALUES
    return _OF_WORDS if kind == "words of" else _OWN_CODE
