"""Takes the allowlists of a gitleaks or betterleaks configuration over; rules it only counts.

`rulepack.imported` reads the file. What its entries say of paths and commits has a place in the
settings; what they say of values has one only beside the rules, in a file for `--rules`.
"""

import re
from collections.abc import Collection, Iterator

from scanner.foreign.known import Exclusion, Foreign, Untaken
from scanner.foreign.path_patterns import globs
from scanner.model import Allow
from scanner.rulepack.imported import gitleaks
from scanner.rulepack.imported.result import Imported
from scanner.triage.settings_file import NAME

_TABLE = re.compile(r"^[ \t]*\[\[?[ \t]*(?:rules|allowlists?|extend)\b", re.MULTILINE)
_VALUES = "a regular expression over the secret's value cannot be said here"
_WORDS = "words in the secret's value cannot be said here"
_FILTER = "an expression cannot be said here"
_NOT_GLOBS = "globs cannot say that regular expression"
_NO_RULE = "that rule has no counterpart among the built-in ones"
_NO_COMMIT = "a commit there has no id of a commit"
_COMMIT = re.compile("[0-9a-f]{7,64}")
_UNNAMED = ("an allowlist of ", "the filter of ")
_LISTED = 3


def recognised(content: str) -> bool:
    """Tell whether a file is such a configuration."""
    return _TABLE.search(content) is not None


def read(tool: str, name: str, path: str, rules: Collection[str]) -> Foreign:
    """Return what the file at `path` allows; `rules` are the ids of rules that settings can name.

    Raises RuleError if the file cannot be used, or google-re2 is not installed.
    """
    imported = gitleaks.read(path)
    exclusions: list[Exclusion] = []
    untaken: list[Untaken] = []
    for allow in imported.allow:
        for each in _taken(allow, rules):
            if isinstance(each, Exclusion):
                exclusions.append(each)
            else:
                untaken.append(each)
    notes = tuple(_notes(path, imported, values=bool(untaken)))
    return Foreign(tool, name, (), tuple(exclusions), tuple(untaken), notes)


def _taken(allow: Allow, rules: Collection[str]) -> Iterator[Exclusion | Untaken]:
    """Yield what becomes of one allowlist."""
    unnamed = allow.reason.startswith(_UNNAMED)
    own = "" if unnamed else allow.reason
    label = own or ("filter" if allow.filter else "allowlist")
    if allow.rules:
        label += f" of {_some(allow.rules)}"
    unsaid = [*_unsaid(allow)]
    commits = tuple(filter(_COMMIT.fullmatch, allow.commits))
    if not all(rule in rules for rule in allow.rules):
        yield Untaken(label, _NO_RULE)
    elif allow.every and unsaid:
        yield Untaken(label, f"{unsaid[0]}, and all of it must hold")
    elif allow.every:
        paths = [globs(path) for path in allow.paths]
        found = tuple(glob for path in paths for glob in path or ())
        if None in paths:
            yield Untaken(label, _NOT_GLOBS)
        else:
            yield Exclusion(label, own, found, commits, allow.rules)
    else:
        yield from (Untaken(label, why) for why in unsaid)
        for path in allow.paths:
            found = globs(path) or ()
            said = f"{label}: path {path}"
            if found:
                yield Exclusion(said, own, found, (), allow.rules)
            else:
                yield Untaken(said, _NOT_GLOBS)
        if commits:
            said = f"{label}: commit {_some(tuple(c[:12] for c in commits))}"
            yield Exclusion(said, own, (), commits, allow.rules)


def _unsaid(allow: Allow) -> Iterator[str]:
    if allow.patterns:
        yield _VALUES
    if allow.words:
        yield _WORDS
    if allow.filter:
        yield _FILTER
    if not all(map(_COMMIT.fullmatch, allow.commits)):
        yield _NO_COMMIT


def _notes(path: str, imported: Imported, *, values: bool) -> Iterator[str]:
    count = len(imported.rules)
    if count or values:
        what = f"its {count} rules" if count > 1 else "its rule" if count else "what was not taken"
        yield f"{what}: leakseal scan --rules {path} goes by that file as it is;"
        yield f"  leakseal rules import {path} -o FILE writes it as ours, for rules.add in {NAME}"


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")
