"""Which files are reported: those that match a glob, or lie below a directory."""

import re
from collections.abc import Callable, Iterable

from scanner.errors import UsageError
from scanner.model import Occurrence
from scanner.triage.globs import pattern


def inside(globs: Iterable[str]) -> Callable[[Occurrence], bool]:
    """Return a filter that keeps occurrences in files whose path matches one of `globs`.

    Raises UsageError for what is no glob.
    """
    patterns = [_compiled(glob) for glob in globs]

    def keeps(o: Occurrence) -> bool:
        return o.place in ("file", "path") and any(p.match(o.path) for p in patterns)

    return keeps


def _compiled(glob: str) -> re.Pattern[bytes]:
    translated = pattern(glob)
    if translated is None:
        raise UsageError(f"--path {glob!r} is no glob; try '*.env', 'conf/**' or 'src/*.py'")
    return re.compile(translated.encode("ascii"))


def below(folder: bytes) -> Callable[[Occurrence], bool]:
    """Return a filter that keeps occurrences in files below `folder`."""

    def keeps(o: Occurrence) -> bool:
        return o.place in ("file", "path") and o.path.startswith(folder + b"/")

    return keeps
