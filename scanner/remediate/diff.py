"""Shows the changes that a plan makes to files, without any secret that stands in them."""

from collections.abc import Iterator

from scanner.detect.engine import Engine
from scanner.remediate.journal import Migration
from scanner.remediate.project import ProjectKey
from scanner.remediate.replace import StaleError, replacement
from scanner.remediate.rewriting import PlannedFile, pairs
from scanner.report.escape import visible
from scanner.report.unified_diff import redacted_lines, unified


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
        name = visible(path)
        before = redacted_lines(file.content, engine, literals)
        after = [] if new is None else redacted_lines(new, engine)
        into = "/dev/null" if new is None else f"b/{name}"
        yield from unified(before, after, f"a/{name}", into)
