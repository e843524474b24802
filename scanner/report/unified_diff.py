"""Changes to files as a unified diff, in which no secret stands."""

import difflib
from collections.abc import Iterable, Iterator, Sequence

from scanner.detect.engine import Engine
from scanner.report.escape import as_text, visible

_LONGEST = 1000  # characters of a line that is shown
_REDACTED = b"[REDACTED]"


def unified(
    before: Sequence[str], after: Sequence[str], before_name: str, after_name: str
) -> Iterator[str]:
    """Yield the lines of a unified diff, safe to print."""
    for line in difflib.unified_diff(before, after, before_name, after_name, lineterm=""):
        yield visible(line.replace("\t", "    "), _LONGEST)


def redacted_lines(
    content: bytes, engine: Engine, spans: Iterable[tuple[int, int]] = ()
) -> list[str]:
    """Return the lines of `content` with `spans`, and what `engine` finds in it, cut out."""
    found = [(match.start, match.end) for match in engine.findings(content).matches]
    parts, done = [], 0
    for start, end in sorted([*spans, *found]):
        if start >= done:
            parts += [content[done:start], _REDACTED]
        done = max(done, end)
    return as_text(b"".join([*parts, content[done:]])).splitlines()
