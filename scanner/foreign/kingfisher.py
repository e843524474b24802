"""Reads reports of Kingfisher (JSON, JSON lines) and its baseline, of version 2 and before.

A baseline names a finding by a 64-bit hash of its bytes and their offsets, and by path, line and
rule; the latter are what is looked for here. https://github.com/mongodb/kingfisher
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.foreign.known import Foreign, Known, Untaken
from scanner.foreign.table import line, secrets, table, tables, text, texts

TOOL = "kingfisher"
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def recognised(document: object) -> bool:
    """Tell whether a document is a report, or a line of one."""
    values = table(document)
    found = next(tables(values.get("findings")), values)
    return isinstance(found.get("rule"), dict) and isinstance(found.get("finding"), dict)


def recognised_baseline(document: object) -> bool:
    """Tell whether a document is a baseline."""
    values = table(document)
    return "ExactFindings" in values or (
        "repositories" in values and ("fingerprint_algorithm" in values or "version" in values)
    )


def read(name: str, documents: object) -> Foreign:
    """Return the findings of a report, given whole or line by line."""
    found: list[Known] = []
    for document in tables(documents):
        if "finding" in document:
            found.append(_known(document))
        found += map(_known, tables(document.get("findings")))
    return Foreign(TOOL, name, tuple(found))


def read_baseline(name: str, document: object) -> Foreign:
    """Return what the baseline knows."""
    values = table(document)
    entries = [*tables(table(values.get("ExactFindings")).get("matches"))]
    for repository in tables(values.get("repositories")):
        entries += tables(repository.get("findings"))
    known = dict.fromkeys(map(_known_before, entries))
    return Foreign(TOOL, name, tuple(k for k in known if k.path), untaken=tuple(_nowhere(known)))


def _known(entry: Mapping[str, Any]) -> Known:
    finding = table(entry.get("finding"))
    git = table(finding.get("git_metadata"))
    parts = table(finding.get("dependent_captures")).values()
    return Known(
        rule=_rule(text(table(entry.get("rule")), "id", "name")),
        path=text(table(git.get("file")), "path") or text(finding, "path"),
        line=line(finding, "line"),
        commit=text(table(git.get("commit")), "id"),
        values=secrets(text(finding, "snippet"), *texts([*parts])),
    )


def _known_before(entry: Mapping[str, Any]) -> Known:
    added = str(entry.get("first_seen_at") or "")[:10]
    return Known(
        rule=_rule(text(entry, "rule_id")),
        path=text(entry, "path", "filepath"),
        line=line(entry, "line", "linenum"),
        added=added if _DATE.fullmatch(added) else "",
    )


def _nowhere(known: Mapping[Known, object]) -> Iterator[Untaken]:
    yield from (Untaken(k.rule or "an entry", "it names no file") for k in known if not k.path)


def _rule(name: str) -> str:
    return name.removeprefix("betterleaks.").removeprefix("kingfisher.")
