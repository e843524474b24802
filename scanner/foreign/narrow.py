"""Whether globs hide no more than what they were made of.

A glob of a directory means all that is in it; the expression it comes from may mean files alone.
"""

import re
from collections.abc import Iterable

from scanner.foreign.known import Exclusion, Foreign, Untaken
from scanner.report.escape import as_text
from scanner.triage.globs import pattern

_END = "\x01"  # at the end of glob and path, it leaves nothing for what is below a directory


def narrow(foreign: Foreign, files: Iterable[bytes]) -> Foreign:
    """Return `foreign` with what would leave out more of `files` than it did moved to untaken."""
    files = tuple(files)
    kept, wide = [], []
    for exclusion in foreign.exclusions:
        more = _more(exclusion, files)
        if more is None:
            kept.append(exclusion)
        else:
            why = f"a glob stands for directories too, and would leave out {as_text(more)}"
            wide.append(Untaken(exclusion.label, why))
    return foreign._replace(exclusions=tuple(kept), untaken=(*foreign.untaken, *wide))


def _more(exclusion: Exclusion, files: Iterable[bytes]) -> bytes | None:
    whole = [_compiled(glob) for glob in exclusion.paths]
    strict = [_compiled(glob + _END) for glob in exclusion.paths]
    end = _END.encode()
    for path in files:
        if any(p.match(path) for p in whole) and not any(p.match(path + end) for p in strict):
            return path
    return None


def _compiled(glob: str) -> re.Pattern[bytes]:
    return re.compile((pattern(glob) or "(?!)").encode("ascii"))
