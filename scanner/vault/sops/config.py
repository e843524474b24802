"""Whom a SOPS file that does not exist yet is to be encrypted for: `.sops.yaml`.

https://getsops.io/docs/#using-sopsyaml-conf-to-select-kms-pgp-and-age-for-new-files
"""

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

from scanner.report.escape import visible
from scanner.vault import durable
from scanner.vault.sops.layout import Leaf, layout
from scanner.vault.sops.rules import COMMENT_SETTINGS, SETTINGS, matcher
from scanner.vault.store import IntegrityError, StoreError

NAME = ".sops.yaml"
_LARGEST = 1 << 16
_AGE = re.compile(r"age(?:/\d+)?|key_groups/0/age/\d+")
_SETTINGS = (*SETTINGS, *COMMENT_SETTINGS, "mac_only_encrypted")


class Creation(NamedTuple):
    """What a creation rule asks for; `source` is the file that it stands in."""

    source: str
    recipients: tuple[str, ...]
    settings: dict[str, str]


def repository(path: str) -> str:
    """Return the folder of the repository that `path` lies in; empty if it lies in none."""
    folder = os.path.dirname(path)
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
    return folder


def creation(path: str) -> Creation | None:
    """Return what `.sops.yaml` in the file's folder or above says; None if there is none.

    It is looked for up to the repository's folder, outside of a repository in the file's folder
    alone. Raises StoreError if no rule fits, or the one that does asks for more than age.
    """
    folder = os.path.dirname(path)
    top = repository(path) or folder
    while True:
        source = os.path.join(folder, NAME)
        content = durable.read(source, _LARGEST, follow=True)
        if content is not None:
            return _creation(source, content, os.path.relpath(path, folder).replace(os.sep, "/"))
        if folder == top:
            return None
        folder = os.path.dirname(folder)


def _creation(source: str, content: bytes, path: str) -> Creation | None:
    try:
        leaves = layout(content.decode("utf-8", "replace"), aliases=True).leaves
        rules = _rules(leaves)
        found = next((rule for rule in rules if _fits(rule, path)), None)
        if found is None:
            if not rules:
                return None
            raise StoreError(f"no creation rule fits {visible(path)}; add one with its age keys")
        return Creation(source, _recipients(found), {k: found[k] for k in _SETTINGS if k in found})
    except (IntegrityError, StoreError) as error:
        raise StoreError(f"{visible(source)}: {error}") from None


def _rules(leaves: Iterable[Leaf]) -> list[dict[str, str]]:
    """Return the creation rules in order, each as values by their names below the rule."""
    rules: dict[str, dict[str, str]] = {}
    for leaf in leaves:
        head, _, rest = leaf.name.partition("/")
        number, _, name = rest.partition("/")
        if head == "creation_rules":
            rules.setdefault(number, {})[name] = leaf.text or ""
    return list(rules.values())


def _fits(rule: dict[str, str], path: str) -> bool:
    pattern = rule.get("path_regex", "")
    return not pattern or matcher(pattern)(path)


def _recipients(rule: dict[str, str]) -> tuple[str, ...]:
    known = ("path_regex", *_SETTINGS)
    asked = [name for name, value in rule.items() if value and name not in known]
    others = [name for name in asked if not _AGE.fullmatch(name)]
    if others:
        raise StoreError(
            f"its rule asks for {visible(others[0])}, which leakseal cannot encrypt for; "
            "make the file with sops, for an age key as well"
        )
    listed = (key.strip() for name in asked for key in rule[name].split(","))
    return tuple(dict.fromkeys(filter(None, listed)))
