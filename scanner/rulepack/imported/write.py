"""Writes rules as a YAML pack of this tool, which `load` reads back as they were."""

from collections.abc import Iterable
from typing import Any

import yaml

from scanner.model import Allow, Confidence, Rule, Severity

_DEFAULTS = Rule._field_defaults | {"lead": 0, "checks": (), "min_entropy": 0.0, "within": 20}
_LEFT_OUT = ("far",)  # follows from the rest


def text(rules: Iterable[Rule], allow: Iterable[Allow], heading: str) -> str:
    """Return a pack as YAML, after `heading`, lines of a comment.

    Examples are left out: they would look like credentials, to scanners and to those who host the
    file.
    """
    document: dict[str, Any] = {"rules": [*map(_rule, rules)]}
    entries = [*map(_allow, allow)]
    if entries:
        document["allow"] = entries
    comment = "".join(f"# {line}\n" for line in heading.splitlines())
    body = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=100)
    return comment + body


def _rule(rule: Rule) -> dict[str, Any]:
    fields = rule._asdict()
    if rule.family == rule.id:
        del fields["family"]
    parts = [
        {key: value for key, value in part._asdict().items() if value != -1}
        for part in rule.required
    ]
    kept = {
        name: _plain(value)
        for name, value in fields.items()
        if name not in _LEFT_OUT and (name not in _DEFAULTS or value != _DEFAULTS[name])
    }
    return {**kept, "required": parts} if parts else kept


def _allow(allow: Allow) -> dict[str, Any]:
    defaults = Allow._field_defaults
    return {
        name: _plain(value)
        for name, value in allow._asdict().items()
        if name == "reason" or value != defaults[name]
    }


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [*value]
    return value.name.lower() if isinstance(value, Severity | Confidence) else value


class _Dumper(yaml.SafeDumper):
    """Writes long texts on one line, so that patterns stay as they are."""

    def ignore_aliases(self, data: object) -> bool:
        return True
