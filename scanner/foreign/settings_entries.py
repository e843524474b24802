"""What other tools leave out, as entries for `allow` in a project's settings."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from scanner.errors import UsageError
from scanner.foreign.known import Exclusion
from scanner.rulepack.document import parsed
from scanner.triage.settings_file import NAME

Entry = dict[str, Any]
_CRITERIA = ("paths", "commits", "rules", "fingerprints")


def missing(text: str, wanted: Iterable[tuple[Exclusion, str]], extra: Entry) -> list[Entry]:
    """Return entries for `wanted`, each with a reason, that the settings `text` do not have yet.

    Paths, or commits, with the same reason go into one entry, and those that stand in one already
    are left out. Each entry gets the fields of `extra` too. Raises UsageError for settings that are
    not understood.
    """
    held = _held(text)
    grouped: dict[tuple[str, str, tuple[str, ...]], dict[str, None]] = {}
    entries: list[Entry] = []
    for exclusion, reason in wanted:
        paths, commits, rules = exclusion.paths, exclusion.commits, exclusion.rules
        if paths and commits:
            entry = _entry(reason, {"paths": paths, "commits": commits, "rules": rules}, extra)
            if not any(_same(entry, other) for other in (*held, *entries)):
                entries.append(entry)
            continue
        kind, values = ("paths", paths) if paths else ("commits", commits)
        there = _there(held, kind, rules)
        new = dict.fromkeys(v for v in values if v not in there and not _is_said(v, values))
        grouped.setdefault((reason, kind, rules), {}).update(new)
    for (reason, kind, rules), fresh in grouped.items():
        if fresh:
            entries.append(_entry(reason, {kind: (*fresh,), "rules": rules}, extra))
    return entries


def lines(entry: Entry) -> list[str]:
    """Return the lines of YAML that `entry` is."""
    text = yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=10_000)
    return text.splitlines()


def _held(text: str) -> list[Mapping[str, Any]]:
    document = parsed(text.encode()) if text.strip() else None
    if not isinstance(document, dict | None):
        raise UsageError(f"{NAME} must be a mapping")
    entries = (document or {}).get("allow") or []
    if not isinstance(entries, list):
        raise UsageError(f"{NAME}: allow must be a list")
    return [entry for entry in entries if isinstance(entry, dict)]


def _entry(reason: str, criteria: Mapping[str, tuple[str, ...]], extra: Entry) -> Entry:
    given = {name: [*values] for name, values in criteria.items() if values}
    return {**given, "reason": reason, **extra}


def _there(held: Iterable[Mapping[str, Any]], kind: str, rules: tuple[str, ...]) -> set[str]:
    """Return the values that entries of this kind alone, for the same rules, have."""
    return {
        value
        for entry in held
        if [name for name in _CRITERIA if entry.get(name)] == [kind] + ["rules"] * bool(rules)
        and [*rules] == (entry.get("rules") or [])
        for value in entry[kind]
        if isinstance(value, str)
    }


def _is_said(value: str, values: tuple[str, ...]) -> bool:
    """Tell whether the directory whose content `value` is stands among `values` too."""
    return value.endswith("/**") and value[:-3] in values


def _same(entry: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all((entry.get(name) or []) == (other.get(name) or []) for name in _CRITERIA)
