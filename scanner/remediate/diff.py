"""Shows the changes that a plan makes to files, without any secret that stands in them."""

import difflib
from collections.abc import Iterable, Iterator

from scanner.detect.engine import Engine
from scanner.remediate.journal import Migration
from scanner.remediate.project import ProjectKey
from scanner.remediate.replace import StaleError, replacement
from scanner.remediate.rewriting import PlannedFile, pairs
from scanner.report.escape import as_text, visible

_LONGEST = 1000
_REDACTED = b"[REDACTED]"


def lines(
    migration: Migration, files: dict[str, PlannedFile], key: ProjectKey, engine: Engine
) -> Iterator[str]:
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
        literals = [(held.literal.start, held.literal.end) for held in file.found]
        before = _shown(file.content, literals, engine)
        after = None if new is None else _shown(new, (), engine)
        yield from _diff(visible(path), before, after)


def _diff(name: str, before: list[str], after: list[str] | None) -> Iterator[str]:
    into = "/dev/null" if after is None else f"b/{name}"
    for line in difflib.unified_diff(before, after or [], f"a/{name}", into, lineterm=""):
        yield visible(line.replace("\t", "    "), _LONGEST)


def _shown(content: bytes, spans: Iterable[tuple[int, int]], engine: Engine) -> list[str]:
    """Return the lines of `content` with `spans`, and whatever else is a secret, cut out."""
    found = [(match.start, match.end) for match in engine.findings(content).matches]
    parts, done = [], 0
    for start, end in sorted([*spans, *found]):
        if start >= done:
            parts += [content[done:start], _REDACTED]
        done = max(done, end)
    return as_text(b"".join([*parts, content[done:]])).splitlines()
