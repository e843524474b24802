"""The files of a repository that init writes beside those of its CI service."""

import re
from collections.abc import Callable
from importlib import resources

from scanner.adopt.edit import Edit, content
from scanner.adopt.source import Source
from scanner.adopt.yaml_list import appended
from scanner.remediate.worktree import WorkTree
from scanner.triage import baseline, settings_file

PRE_COMMIT = ".pre-commit-config.yaml"
HOOK_TYPES = ("pre-commit", "commit-msg", "pre-push")
_ATTRIBUTES = ".gitattributes"
_MERGED = f"{baseline.NAME} merge=union"
_HOOKS = ("leakseal", "leakseal-commit-msg", "leakseal-push")
_TEXT = re.compile(r"v[0-9][A-Za-z0-9._+-]*")
_OUR_HOOK = re.compile(rb"^[^#\n]*\bid:\s*['\"]?leakseal", re.MULTILINE)


def settings(tree: WorkTree) -> list[Edit]:
    """Return how to have settings; nothing if there are some. Raises UnfitFileError."""
    if content(tree, settings_file.NAME) is not None:
        return []
    file = resources.files("scanner.adopt").joinpath("templates", "settings.yaml")
    return [Edit(settings_file.NAME, None, file.read_bytes())]


def pre_commit(tree: WorkTree, source: Callable[[], Source]) -> tuple[list[Edit], str]:
    """Return how to have pre-commit run the guard, and what a person has to put there.

    One of both is empty, or both if it runs it already. Raises UnfitFileError.
    """
    there = content(tree, PRE_COMMIT)
    if there is not None and _OUR_HOOK.search(there):
        return [], ""
    origin = source()
    entry = [f"repo: {origin.url}", f"rev: {_quoted(origin.revision)}", "hooks:"]
    entry += [f"- id: {hook}" for hook in _HOOKS]
    text = f"default_install_hook_types: [{', '.join(HOOK_TYPES)}]\n" if there is None else ""
    try:
        changed = appended(text or (there or b"").decode(), "repos", entry)
    except UnicodeDecodeError:
        changed = None
    if changed is None:
        return [], "repos:\n- " + "\n  ".join(entry) + "\n"
    return [Edit(PRE_COMMIT, there, changed.encode())], ""


def merged_by_line(tree: WorkTree) -> list[Edit]:
    """Return how to have git merge the baseline line by line. Raises UnfitFileError."""
    there = content(tree, _ATTRIBUTES)
    lines = (there or b"").splitlines()
    if any(line.split()[:1] == [baseline.NAME.encode()] for line in lines):
        return []
    end = b"\r\n" if b"\r\n" in (there or b"") else b"\n"
    begun = (there or b"") + (end if there and not there.endswith(b"\n") else b"")
    return [Edit(_ATTRIBUTES, there, begun + _MERGED.encode() + end)]


def _quoted(revision: str) -> str:
    """Return a revision so that YAML reads a text: 1.0, an id of digits and `null` are none."""
    return revision if _TEXT.fullmatch(revision) else f"'{revision}'"
