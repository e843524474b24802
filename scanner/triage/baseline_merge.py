"""Three versions of a baseline merged entry by entry, for git's merge drivers."""

from scanner.errors import UsageError
from scanner.triage.baseline import Baseline, Entry, Removed, settled

_Line = Entry | Removed


def merged(base: Baseline, ours: Baseline, theirs: Baseline) -> Baseline:
    """Return what both sides made of `base`; what either took out, in whatever way, is gone.

    Where both changed an entry, its last word is as in a file that has both. Raises UsageError if
    the sides were made with different keys.
    """
    if ours.key != theirs.key:
        raise UsageError("the two sides were made with different keys; keep one of the files")
    before, here, there = _lines(base), _lines(ours), _lines(theirs)
    found: list[_Line] = []
    for name in {*here, *there}:
        was, mine, other = before.get(name), here.get(name), there.get(name)
        if mine == was or other == was:
            left = [other if mine == was else mine]
        elif was is not None and (mine is None or other is None):
            left = [each for each in (mine, other) if isinstance(each, Removed)]
        else:
            left = [mine, other]
        found += [each for each in left if each is not None]
    return settled(ours.key, found)


def _lines(baseline: Baseline) -> dict[str, _Line]:
    lines: tuple[_Line, ...] = (*baseline.entries, *baseline.removed)
    return {each.fingerprint: each for each in lines}
