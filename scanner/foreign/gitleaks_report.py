"""Reads a JSON report of gitleaks or betterleaks, which both take as a baseline (`-b`).

https://github.com/gitleaks/gitleaks#creating-a-baseline
"""

from collections.abc import Mapping
from typing import Any

from scanner.foreign.known import Foreign, Known
from scanner.foreign.table import line, secrets, table, tables, text


def recognised(document: object) -> bool:
    """Tell whether a document is a list of such findings, or of none."""
    entries = list(tables(document))
    return (
        isinstance(document, list)
        and all(map(_is_finding, entries))
        and (bool(entries) or not document)
    )


def read(tool: str, name: str, document: object) -> Foreign:
    """Return the findings of the report."""
    return Foreign(tool, name, tuple(map(_known, tables(document))))


def _is_finding(entry: Mapping[str, Any]) -> bool:
    return "RuleID" in entry and bool(entry.keys() & {"File", "Fingerprint", "Attributes"})


def _known(entry: Mapping[str, Any]) -> Known:
    attributes = table(entry.get("Attributes"))
    return Known(
        rule=text(entry, "RuleID"),
        path=text(entry, "File") or text(attributes, "path"),
        line=line(entry, "StartLine"),
        end=line(entry, "EndLine"),
        commit=text(entry, "Commit") or text(attributes, "git.sha"),
        values=secrets(text(entry, "Secret")),
    )
