"""Shows the changes that a plan makes to files, without the secrets in them."""

import difflib
from collections.abc import Iterator

from scanner.remediate.journal import Migration
from scanner.remediate.project import ProjectKey
from scanner.remediate.replace import StaleError, replacement
from scanner.remediate.rewriting import PlannedFile, pairs
from scanner.report.escape import visible
from scanner.report.mask import Mask

_LONGEST = 1000


def lines(migration: Migration, files: dict[str, PlannedFile], key: ProjectKey) -> Iterator[str]:
    """Yield the lines of a unified diff of all files that are still to be changed."""
    for path, file in files.items():
        planned = pairs(migration.plan, path)
        if file.status != "before" or not planned:
            continue
        try:
            new = replacement(key, file.content, 0, file.found, planned).content
        except StaleError as error:
            yield f"# {visible(path)}: {error}"
            continue
        held = {secret for h in file.found for _, _, secret in h.secrets}
        mask = Mask({*held, *(h.literal.value for h in file.found)})
        name = visible(path)
        yield from _diff(
            name, _shown(file.content, mask), None if new is None else _shown(new, mask)
        )


def _diff(name: str, before: list[str], after: list[str] | None) -> Iterator[str]:
    into = "/dev/null" if after is None else f"b/{name}"
    for line in difflib.unified_diff(before, after or [], f"a/{name}", into, lineterm=""):
        yield visible(line.replace("\t", "    "), _LONGEST)


def _shown(content: bytes, mask: Mask) -> list[str]:
    return mask.clean(content).decode("utf-8", "replace").splitlines()
