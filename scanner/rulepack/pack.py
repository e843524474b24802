"""The compiled pack: the rules a scan runs with, and a digest that names them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from scanner.model import Allow, Confidence, Rule, Severity

SEPARATOR = " | "


class RulePack(NamedTuple):
    """Rules in a fixed order, and what is not to be reported.

    `digest` changes whenever any field of them does.
    """

    rules: tuple[Rule, ...]
    digest: str
    allow: tuple[Allow, ...] = ()


def make(rules: Iterable[Rule], allow: Iterable[Allow] = ()) -> RulePack:
    """Return a pack of `rules`, sorted by id, with `allow` in the order given."""
    ordered, allowed = tuple(sorted(rules)), tuple(allow)
    return RulePack(ordered, digest((*ordered, *allowed)), allowed)


def digest(parts: tuple[Rule | Allow, ...]) -> str:
    """Return the first 16 hex digits of SHA-256 over all fields of `parts`."""
    import hashlib  # noqa: PLC0415 - the guard runs with a digest made before

    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()[:16]


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
        companions=tuple(filter(None, row[15].split(SEPARATOR))),
    )
