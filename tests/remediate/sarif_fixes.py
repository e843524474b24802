"""Makes the changes that fixes of a SARIF log describe, by the words of the standard alone."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote


def fixes(log: Path) -> dict[str, dict[str, Any]]:
    """Return the fix of each result that has one, by fingerprint."""
    (run,) = json.loads(log.read_text())["runs"]
    return {
        result["partialFingerprints"]["leakseal/v1"]: result["fixes"][0]
        for result in run["results"]
        if "fixes" in result
    }


def fixed(found: Iterable[dict[str, Any]], contents: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files that the fixes change, changed; what several do alike is done once."""
    by_file: dict[str, set[tuple[int, int, str]]] = {}
    for fix in found:
        for change in fix["artifactChanges"]:
            path = unquote(change["artifactLocation"]["uri"])
            text = contents[path].decode()
            for each in change["replacements"]:
                region = each["deletedRegion"]
                start = _offset(text, region["startLine"], region["startColumn"])
                end = _offset(text, region["endLine"], region["endColumn"])
                edits = by_file.setdefault(path, set())
                edits.add((start, end, each["insertedContent"]["text"]))
    return {path: _edited(contents[path].decode(), edits) for path, edits in by_file.items()}


def _offset(text: str, line: int, column: int) -> int:
    rest = text
    for _ in range(line - 1):
        _, newline, rest = rest.partition("\n")
        assert newline
    bom = line == 1 and text.startswith("\ufeff")
    return len(text) - len(rest) + column - 1 + bom


def _edited(text: str, edits: Iterable[tuple[int, int, str]]) -> bytes:
    for start, end, inserted in sorted(edits, reverse=True):
        text = text[:start] + inserted + text[end:]
    return text.encode()
