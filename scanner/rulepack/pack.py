"""The compiled pack: the rules a scan runs with, and a digest that names them."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from scanner.model import Confidence, Rule, Severity


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
    return hashlib.sha256("\n".join(map(repr, rules)).encode()).hexdigest()[:16]


def builtin() -> RulePack:
    """Return the built-in pack from its generated module, without reading YAML."""
    from scanner.rulepack._builtin import DIGEST, RULES  # noqa: PLC0415 - large; only when asked

    return RulePack(
        tuple(
            Rule._make((*row[:5], Severity(row[5]), Confidence(row[6]), *row[7:])) for row in RULES
        ),
        DIGEST,
    )
