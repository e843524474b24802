"""Reads rule packs from YAML and checks every rule.

A file is a mapping with `rules`, a list; other keys of the mapping are defaults for its rules.
docs/rules.md describes the fields.
"""

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from scanner.errors import RuleError
from scanner.model import Confidence, Rule, Severity
from scanner.rulepack import linear, macros

KINDS = ("api-key", "ssh-key", "certificate", "encryption-key", "connection-string", "password")
METHODS = ("pattern", "assignment", "url", "pem", "kubernetes")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_REQUIRED = ("id", "name", "kind", "provider", "severity", "keywords", "remediation")
_OPTIONAL = (
    *("family", "confidence", "method", "pattern", "lead", "checks", "min_entropy"),
    *("companions", "within", "rotation"),
)
_SAMPLES = ("examples", "counterexamples")
_LARGEST_FILE = 4 << 20
_LONGEST_KEYWORD = 64
_WITHIN = 20  # lines
_NEAR = 2500  # bytes on either side of a keyword


class RuleSource(NamedTuple):
    """A rule as written, with the texts that test it and the reach of its pattern."""

    rule: Rule
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]
    reach: linear.Reach | None


def builtin_directory() -> str:
    """Return the folder of the built-in packs, in an installed package or a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = os.path.join(package, "rules")
    return installed if os.path.isdir(installed) else os.path.join(package, os.pardir, "rules")


def directory(path: str) -> list[RuleSource]:
    """Return the rules of all `*.yaml` files in `path`; raise RuleError if any is bad."""
    sources: list[RuleSource] = []
    for name in sorted(os.listdir(path)):
        if name.endswith(".yaml"):
            sources.extend(file(os.path.join(path, name)))
    seen: set[str] = set()
    for source in sources:
        if source.rule.id in seen:
            raise RuleError(f"rule {source.rule.id} is defined twice")
        seen.add(source.rule.id)
    return sources


def file(path: str) -> list[RuleSource]:
    """Return the rules of one YAML file; raise RuleError naming the file and rule that is bad."""
    name = os.path.basename(path)
    try:
        with open(path, "rb") as stream:
            text = stream.read(_LARGEST_FILE + 1)
        if len(text) > _LARGEST_FILE:
            raise RuleError(f"{name}: larger than {_LARGEST_FILE >> 20} MiB")
        document = _LOADER(text).get_single_data()
    except OSError as error:
        raise RuleError(f"{name}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise RuleError(f"{name}: not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
        raise RuleError(f"{name}: must be a mapping with a list `rules`")
    defaults = {key: value for key, value in document.items() if key != "rules"}
    return list(_rules(name, defaults, document["rules"]))


def _rules(name: str, defaults: dict[str, Any], entries: list[Any]) -> Iterator[RuleSource]:
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise RuleError(f"{name}: rule {number} is not a mapping")
        fields = {**defaults, **entry}
        try:
            yield _rule(fields)
        except RuleError as error:
            raise RuleError(f"{name}: rule {fields.get('id', number)}: {error}") from None
        except (TypeError, ValueError, KeyError) as error:
            raise RuleError(f"{name}: rule {fields.get('id', number)}: bad value {error}") from None


def _rule(fields: dict[str, Any]) -> RuleSource:
    unknown = set(fields) - {*_REQUIRED, *_OPTIONAL, *_SAMPLES}
    missing = [key for key in _REQUIRED if not fields.get(key)]
    if unknown or missing:
        raise RuleError(
            "; ".join(
                [f"unknown field {key}" for key in sorted(unknown)]
                + [f"field {key} is missing" for key in missing]
            )
        )
    method = fields.get("method", "pattern")
    if method not in METHODS:
        raise RuleError(f"method must be one of {', '.join(METHODS)}")
    if fields["kind"] not in KINDS:
        raise RuleError(f"kind must be one of {', '.join(KINDS)}")
    pattern, reach = "", None
    if fields.get("pattern"):
        pattern = macros.expand(str(fields["pattern"]))
        reach = linear.check(pattern)
    elif method == "pattern":
        raise RuleError("field pattern is missing")
    rule = Rule(
        id=str(fields["id"]),
        family=str(fields.get("family", fields["id"])),
        name=str(fields["name"]),
        kind=fields["kind"],
        provider=str(fields["provider"]),
        severity=Severity[str(fields["severity"]).upper()],
        confidence=Confidence[str(fields.get("confidence", "high")).upper()],
        method=method,
        keywords=tuple(_keyword(word) for word in fields["keywords"]),
        pattern=pattern,
        lead=int(fields.get("lead", 0)),
        checks=tuple(str(check) for check in fields.get("checks", ())),
        min_entropy=float(fields.get("min_entropy", 0)),
        remediation=str(fields["remediation"]),
        rotation=str(fields.get("rotation", "")),
        companions=tuple(str(companion) for companion in fields.get("companions", ())),
        within=int(fields.get("within", _WITHIN)),
        far=_far(method, int(fields.get("lead", 0)), reach),
    )
    return RuleSource(rule, _texts(fields, "examples"), _texts(fields, "counterexamples"), reach)


def _far(method: str, lead: int, reach: linear.Reach | None) -> bool:
    within = reach is None or (reach.one_line and reach.width + lead <= _NEAR)
    return method in ("pem", "kubernetes") or not within


def _keyword(word: object) -> str:
    text = str(word).lower()
    if not 3 <= len(text) <= _LONGEST_KEYWORD or not text.isascii() or "\n" in text:
        raise RuleError(
            f"keyword {text!r} must be 3 to {_LONGEST_KEYWORD} ASCII characters of a line"
        )
    return text


def _texts(fields: dict[str, Any], key: str) -> tuple[str, ...]:
    texts = tuple(str(text) for text in fields.get(key, ()))
    if len(texts) < 2:
        raise RuleError(f"at least two {key} are needed")
    return texts
