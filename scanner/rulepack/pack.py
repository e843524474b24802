"""The compiled pack: the rules a scan runs with, and a digest that names them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from scanner.model import Confidence, Rule, Severity

SEPARATOR = " | "


class RulePack(NamedTuple):
    """Rules in a fixed order; `digest` changes whenever any field of any rule does."""

    rules: tuple[Rule, ...]
    digest: str


def make(rules: Iterable[Rule]) -> RulePack:
    """Return a pack of `rules`, sorted by id."""
    ordered = tuple(sorted(rules))
    return RulePack(ordered, digest(ordered))


def digest(rules: tuple[Rule, ...]) -> str:
    """Return the first 16 hex digits of SHA-256 over all fields of `rules`."""
    import hashlib  # noqa: PLC0415 - the guard runs with a digest made before

    return hashlib.sha256("\n".join(map(repr, rules)).encode()).hexdigest()[:16]


def builtin() -> RulePack:
    """Return the built-in pack from its generated module, without reading YAML."""
    from scanner.rulepack._builtin import DIGEST, RULES  # noqa: PLC0415 - large; only when asked

    return RulePack(tuple(_rule(row) for row in RULES), DIGEST)


def _rule(row: tuple[Any, ...]) -> Rule:
    rule = Rule._make(row)
    return rule._replace(
        severity=Severity(rule.severity),
        confidence=Confidence(rule.confidence),
        keywords=tuple(row[8].split(SEPARATOR)),
        checks=tuple(filter(None, row[11].split(SEPARATOR))),
    )
