"""A project's own settings, `.leakseal.yaml`: its rules, and what is not to be reported.

docs/configuration.md describes the file.
"""

import datetime
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, NamedTuple

from scanner.errors import RuleError, UsageError
from scanner.model import Confidence, Rule, Severity
from scanner.rulepack import load
from scanner.rulepack.document import parsed
from scanner.rulepack.pack import RulePack, make
from scanner.triage import own_file
from scanner.triage.allow import Accepted
from scanner.triage.baseline import is_date
from scanner.triage.globs import pattern

_LARGEST = 1 << 20  # bytes
_PARTS = {"version", "rules", "allow", "honor_foreign_ignores"}
_CHANGES = {"add", "extend", "disable"}
_EXTENDED = {"id", "reason", "severity", "confidence", "keywords", "min_entropy", "remediation"}
_CRITERIA = ("rules", "paths", "commits", "fingerprints")
_ALLOWED = {"reason", "owner", "expires", *_CRITERIA}
_FINGERPRINT = re.compile("[0-9a-f]{12,40}")


class Configuration(NamedTuple):
    """The rules that a project scans with, and what it does not want to be told of.

    With `honor_foreign_ignores`, comments made for other tools count as well. `notes` says in words
    what it changes: pairs of a subject and what was done to it, and why.
    """

    pack: RulePack
    allow: tuple[Accepted, ...] = ()
    honor_foreign_ignores: bool = False
    notes: tuple[tuple[str, str], ...] = ()


def read(path: str, pack: RulePack) -> Configuration:
    """Return what the file at `path` makes of `pack`; raise UsageError saying what is wrong."""
    return _read(path, own_file.named(path, _LARGEST), pack)


def read_own(path: str, pack: RulePack) -> Configuration | None:
    """Return the same; None if `path` is no regular file that belongs to whoever runs this."""
    content = own_file.own(path, _LARGEST)
    return None if content is None else _read(path, content, pack)


def _read(path: str, content: bytes, pack: RulePack) -> Configuration:
    try:
        return _configuration(parsed(content), pack)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def _configuration(document: object, pack: RulePack) -> Configuration:
    fields = _mapping(document if document is not None else {}, "the file", _PARTS)
    if fields.get("version", 1) != 1 or fields.get("version") is True:
        raise UsageError("version must be 1; a newer leakseal may know others")
    changes = _mapping(fields.get("rules") or {}, "rules", _CHANGES)
    rules = {rule.id: rule for rule in pack.rules}
    notes: list[tuple[str, str]] = []
    for rule in load.rules("rules.add", _list(changes, "add"), examples=0):
        if rule.rule.id in rules:
            raise UsageError(f"rules.add: there is a rule {rule.rule.id} already; extend it")
        rules[rule.rule.id] = rule.rule
    for entry in _entries(changes, "extend", _EXTENDED):
        rules[entry["id"]] = _extended(_known(rules, entry["id"], "rules.extend"), entry)
        notes.append((entry["id"], f"was changed: {entry['reason']}"))
    for entry in _entries(changes, "disable", {"id", "reason"}):
        del rules[_known(rules, entry["id"], "rules.disable").id]
        notes.append((entry["id"], f"was switched off: {entry['reason']}"))
    allow = tuple(
        _allow(entry, rules, f"entry {number} of allow")
        for number, entry in enumerate(_entries(fields, "allow", _ALLOWED), 1)
    )
    foreign = fields.get("honor_foreign_ignores", False)
    if not isinstance(foreign, bool):
        raise UsageError("honor_foreign_ignores must be true or false")
    return Configuration(make(rules.values(), pack.allow), allow, foreign, tuple(notes))


def _mapping(value: object, what: str, known: Iterable[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{what} must be a mapping")
    for key in value:
        if key not in known:
            close = get_close_matches(str(key), known, 1)
            hint = f"is {close[0]} meant?" if close else f"known are {_listed(known)}"
            raise UsageError(f"{what} has an unknown field {key}; {hint}")
    return value


def _entries(fields: dict[str, Any], key: str, known: Iterable[str]) -> list[dict[str, Any]]:
    """Return the list under `key`, of mappings that each say why."""
    entries = _list(fields, key)
    for number, entry in enumerate(entries, 1):
        what = f"entry {number} of {key}"
        reason = _mapping(entry, what, known).get("reason")
        if not isinstance(reason, str) or not reason.strip():
            raise UsageError(f"{what} needs a reason")
        if "id" in known and not isinstance(entry.get("id"), str):
            raise UsageError(f"{what} needs the id of a rule")
    return entries


def _list(fields: dict[str, Any], key: str) -> list[Any]:
    value = fields.get(key)
    if value is not None and not isinstance(value, list):
        raise UsageError(f"{key} must be a list")
    return value or []


def _known(rules: dict[str, Rule], name: str, what: str) -> Rule:
    if name not in rules:
        close = get_close_matches(name, rules, 1)
        hint = f"; is {close[0]} meant?" if close else "; see: leakseal rules list"
        raise UsageError(f"{what}: there is no rule {name}{hint}")
    return rules[name]


def _extended(rule: Rule, entry: dict[str, Any]) -> Rule:
    given = {key: value for key, value in entry.items() if value is not None}
    try:
        load.typed(given)
        words = tuple(load.keyword(word) for word in given.get("keywords", ()))
        if words and not rule.keywords:
            raise RuleError("it has no keywords, so it is tried on every content as it is")
        return rule._replace(
            severity=load.level(Severity, "severity", given.get("severity", rule.severity.name)),
            confidence=load.level(
                Confidence, "confidence", given.get("confidence", rule.confidence.name)
            ),
            keywords=tuple(dict.fromkeys((*rule.keywords, *words))),
            min_entropy=float(given.get("min_entropy", rule.min_entropy)),
            remediation=str(given.get("remediation", rule.remediation)),
        )
    except RuleError as error:
        raise UsageError(f"rules.extend: {rule.id}: {error}") from None


def _allow(entry: dict[str, Any], rules: dict[str, Rule], what: str) -> Accepted:
    names, paths, commits, prints = (_texts(entry, key, what) for key in _CRITERIA)
    if not (names or paths or commits or prints):
        raise UsageError(f"{what} needs one of {', '.join(_CRITERIA)}")
    for name in names:
        _known(rules, name, what)
    for commit in commits:
        if len(commit) < load.SHORTEST_COMMIT or set(commit.lower()) - set("0123456789abcdef"):
            raise UsageError(f"{what}: {commit} is no commit id of at least 7 digits")
    for each in prints:
        if not _FINGERPRINT.fullmatch(each):
            raise UsageError(f"{what}: {each} is no fingerprint; a report has them, 12 digits do")
    return Accepted(
        entry["reason"],
        names,
        tuple(_glob(path, what) for path in paths),
        tuple(commit.lower() for commit in commits),
        prints,
        _owner(entry, what),
        _date(entry, what),
    )


def _owner(entry: dict[str, Any], what: str) -> str:
    owner = entry.get("owner") or ""
    if not isinstance(owner, str):
        raise UsageError(f"{what}: owner must be a text")
    return owner


def _date(entry: dict[str, Any], what: str) -> str:
    date = entry.get("expires")
    if date is None:
        return ""
    written = date.isoformat() if type(date) is datetime.date else date
    if not isinstance(written, str) or not is_date(written):
        raise UsageError(f"{what}: expires must be a date such as 2026-01-31")
    return written


def _glob(text: str, what: str) -> str:
    translated = pattern(text)
    if translated is None:
        raise UsageError(f"{what}: {text!r} is no glob; try '*.env', 'conf/**' or 'src/*.py'")
    return translated


def _texts(entry: dict[str, Any], key: str, what: str) -> tuple[str, ...]:
    value = entry.get(key) or []
    # A commit's id of digits alone would be read as a number, and 0123456 as another one.
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise UsageError(f"{what}: {key} must be a list of texts, in quotes if they are digits")
    return tuple(value)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))
