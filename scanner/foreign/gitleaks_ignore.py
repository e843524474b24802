"""Reads `.gitleaksignore` and `.betterleaksignore`: one fingerprint a line.

`commit:path:rule:line`, or `path:rule:line` for every commit; lines that begin with # are comments.
https://github.com/gitleaks/gitleaks#gitleaksignore
"""

import re

from scanner.foreign.known import Foreign, Known, Untaken

NAMES = (".gitleaksignore", ".betterleaksignore")
_NO_FINGERPRINT = "it is no fingerprint, commit:path:rule:line or path:rule:line"
_LINE = re.compile(
    r"(?:(?P<commit>[0-9a-f]{7,64}):)?(?P<path>[^:]+(?::.+)?):(?P<rule>[\w. -]+):(?P<line>\d{1,9})"
)


def recognised(name: str, content: str) -> bool:
    """Tell whether all lines of a file are such, or some in a file of that name."""
    lines = [line for _, line in _lines(content)]
    if name in NAMES or name.endswith(NAMES):
        return not lines or any(map(_LINE.fullmatch, lines))
    return bool(lines) and all(map(_LINE.fullmatch, lines))


def read(tool: str, name: str, content: str) -> Foreign:
    """Return what the file ignores."""
    known: dict[Known, None] = {}
    untaken = []
    for number, line in _lines(content):
        found = _LINE.fullmatch(line)
        if found is None:
            untaken.append(Untaken(f"line {number}", _NO_FINGERPRINT))  # it may be anything
            continue
        path = found["path"].replace("\\", "/")
        known[Known(found["rule"], path, int(found["line"]), commit=found["commit"] or "")] = None
    return Foreign(tool, name, tuple(known), untaken=tuple(untaken))


def _lines(content: str) -> list[tuple[int, str]]:
    """Return what is no comment, each line with its number."""
    lines = ((number, line.strip()) for number, line in enumerate(content.split("\n"), 1))
    return [(number, line) for number, line in lines if line and not line.startswith("#")]
