"""Reads a rule file in any of the formats that are understood, and puts packs together."""

import os
from collections.abc import Iterable, Iterator
from typing import Any

from scanner.errors import RuleError
from scanner.model import Rule
from scanner.rulepack import load
from scanner.rulepack.imported import gitleaks, yaml_rules
from scanner.rulepack.imported.result import Imported, Note
from scanner.rulepack.pack import RulePack, make

_YAML = (".yaml", ".yml", ".json")


def read(path: str) -> list[Imported]:
    """Return what the file at `path` holds, or each rule file in that directory.

    Raises RuleError, naming the file, for one that is in none of the formats or cannot be used.
    """
    if not os.path.isdir(path):
        return [_file(path)]
    try:
        names = sorted(n for n in os.listdir(path) if n.lower().endswith((*_YAML, ".toml")))
    except OSError as error:
        raise RuleError(f"{path}: {error.strerror}") from None
    if not names:
        raise RuleError(f"{path}: no rule file is in this directory")
    return [_file(os.path.join(path, name)) for name in names]


def all_of(paths: Iterable[str]) -> list[Imported]:
    """Return what `read` does for each of `paths`, one after the other."""
    return [each for path in paths for each in read(path)]


def _file(path: str) -> Imported:
    name = os.path.basename(path)
    if name.lower().endswith(".toml"):
        return gitleaks.read(path)
    if not name.lower().endswith(_YAML):
        absent = "" if os.path.exists(path) else "no such file or directory; "
        raise RuleError(f"{path}: {absent}rules are read from .toml, .yaml, .yml and .json")
    document = load.document(path, json=name.lower().endswith(".json"))
    return own(name, document) if _is_own(document) else yaml_rules.read(name, document)


def own(name: str, document: object) -> Imported:
    """Return the rules of a file in this tool's own format, or those that a project adds.

    Examples are left out of files that this tool writes.
    """
    project = _is_project(document)
    contents = _added(document) if project else load.contents(name, document, examples=0)
    return Imported(
        "leakseal",
        tuple(source.rule for source in contents.sources),
        contents.allow,
        tuple(_unread(name, document)) if project else (),
        examples={source.rule.id: source.examples for source in contents.sources},
        counterexamples={source.rule.id: source.counterexamples for source in contents.sources},
    )


def _is_project(document: object) -> bool:
    """Tell whether a document is a project's settings, whose rules are changes."""
    return isinstance(document, dict) and isinstance(document.get("rules"), dict)


def _unread(name: str, document: Any) -> Iterator[Note]:
    """Yield notes on what of a project's settings are no rules."""
    said = ["allow"] * bool(document.get("allow"))
    said += [f"rules.{part}" for part in ("extend", "disable") if document["rules"].get(part)]
    for part in said:
        yield Note("ignored", name, f"{part} counts in settings alone; give the file with --config")


def _added(document: Any) -> load.Contents:
    return load.Contents(
        tuple(load.rules("rules.add", document["rules"].get("add") or [], examples=0)), ()
    )


def _is_own(document: object) -> bool:
    """Tell whether a document has what only this tool's rules have: what kind a credential is."""
    if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
        return True  # and `load` says what is wrong with it
    rules = document["rules"]
    return (
        "kind" in document or not rules or any(isinstance(r, dict) and "kind" in r for r in rules)
    )


def together(base: RulePack, imported: Iterable[Imported]) -> tuple[RulePack, list[Note]]:
    """Return `base` with imported rules, and notes; an imported one replaces that of its id."""
    rules = {rule.id: rule for rule in base.rules}
    allow, notes = [*base.allow], list[Note]()
    seen: dict[str, Rule] = {}
    for each in imported:
        notes += each.notes
        for id_ in each.disabled:
            if rules.pop(id_, None) is None:
                detail = "extend.disabledRules: no built-in rule has this id"
                notes.append(Note("ignored", id_, detail))
        for rule in each.rules:
            if rule.id in seen:
                notes.append(Note("refused", rule.id, "another rule before it has this id"))
                continue
            if rule.id in rules:
                notes.append(Note("differs", rule.id, "replaces the built-in rule of this id"))
            seen[rule.id] = rule
        allow += each.allow
    rules.update(seen)
    known = rules.keys()
    for name in sorted({name for entry in allow for name in entry.rules if name not in known}):
        notes.append(Note("ignored", name, "an allow entry names it, but there is no such rule"))
    return make(rules.values(), allow), notes
