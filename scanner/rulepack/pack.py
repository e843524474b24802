"""The compiled pack: the rules a scan runs with, and a digest that names them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from scanner.model import Allow, Confidence, Rule, Severity
from scanner.rulepack.macros import MACROS
from scanner.rulepack.searchers import engine_name

SEPARATOR = " | "
_SEVERITIES = {int(severity): severity for severity in Severity}
_CONFIDENCES = {int(confidence): confidence for confidence in Confidence}


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
    """Return the first 16 hex digits of SHA-256 over all fields of `parts`.

    The version of an engine other than Python's, whose own a kept result names, is part of it.
    """
    import hashlib  # noqa: PLC0415 - the guard runs with a digest made before

    engines = sorted({part.engine for part in parts} - {"python"})
    texts = [*map(repr, parts), *map(engine_name, engines), repr(MACROS)]
    return hashlib.sha256("\n".join(texts).encode("utf-8", "replace")).hexdigest()[:16]


def builtin() -> RulePack:
    """Return the built-in pack from its generated module, without reading YAML."""
    from scanner.rulepack._builtin import DIGEST, RULES  # noqa: PLC0415 - large; only when asked

    return RulePack(tuple(_rule(row) for row in RULES), DIGEST)


def _rule(row: tuple[Any, ...]) -> Rule:
    # At each commit, for every rule: `_replace` would take twice the time.
    (id_, family, name, kind, provider, severity, confidence, method, words, pattern, lead, checks,
     entropy, remediation, rotation, companions, *rest) = row  # fmt: skip
    return Rule(
        id_, family, name, kind, provider, _SEVERITIES[severity], _CONFIDENCES[confidence], method,
        _texts(words), pattern, lead, _texts(checks), entropy, remediation, rotation,
        _texts(companions), *rest,
    )  # fmt: skip


def _texts(joined: str) -> tuple[str, ...]:
    return tuple(joined.split(SEPARATOR)) if joined else ()
