"""Writes `_builtin.py` from the YAML packs: `python -m scanner.rulepack.generate`."""

import os

from scanner.errors import RuleError
from scanner.model import Confidence, Rule, Severity
from scanner.rulepack import load, pack

_FIELDS = Rule._fields.index("required")


def module_text() -> str:
    """Return the text of the generated module for the packs as they are now."""
    rules = pack.make(source.rule for source in load.directory(load.builtin_directory()))
    rows = "".join(f"    {_row(rule)!r},\n" for rule in rules.rules)
    return (
        '"""Generated from rules/ by `python -m scanner.rulepack.generate`; do not edit."""\n\n'
        "from typing import Any\n\n"
        "# ruff: noqa\n"
        f"DIGEST = {rules.digest!r}\n"
        f"RULES: tuple[tuple[Any, ...], ...] = (\n{rows})\n"
    )


def _row(rule: Rule) -> tuple[object, ...]:
    if rule.required or rule.silent:
        raise RuleError(f"rule {rule.id}: a built-in rule has neither required parts nor is silent")
    return tuple(_flat(field) for field in rule[:_FIELDS])


def _flat(field: object) -> object:
    # Keywords side by side in quotes would look like assignments to a scanner, this one included.
    if isinstance(field, tuple):
        return pack.SEPARATOR.join(field)
    return int(field) if isinstance(field, (Severity, Confidence)) else field


if __name__ == "__main__":
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_builtin.py")
    text = module_text()
    with open(path, "w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
