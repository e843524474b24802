"""One place, one match: chooses between matches that claim the same bytes."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import NamedTuple

from scanner.model import Confidence, Rule

_SPECIFICITY = {"pattern": 3, "pem": 3, "kubernetes": 2, "url": 2, "assignment": 1}


def specificity(rule: Rule) -> int:
    """Return how much a match of `rule` says by itself: more for a form, less for a mere name."""
    return _SPECIFICITY[rule.method]


class Found(NamedTuple):
    """A match in some view; `start` and `end` are offsets into that view."""

    rule: Rule
    secret: bytes
    start: int
    end: int
    confidence: Confidence
    reasons: tuple[str, ...]
    via: tuple[str, ...] = ()


def without_overlaps(found: Iterable[Found]) -> list[Found]:
    """Return the best of every set of overlapping matches, by position.

    A specific method beats a generic one, then the surer wins, then what needed less decoding, then
    the longer.
    """
    kept: list[tuple[int, int, Found]] = []
    for f in sorted(found, key=_worth, reverse=True):
        at = bisect_left(kept, (f.start,))
        before = at > 0 and kept[at - 1][1] > f.start
        after = at < len(kept) and kept[at][0] < max(f.end, f.start + 1)
        if not before and not after:
            insort(kept, (f.start, f.end, f), at)
    return [f for _, _, f in kept]


def _worth(f: Found) -> tuple[int, int, int, int, int, str]:
    surest = (f.confidence, f.rule.confidence)
    return (specificity(f.rule), *surest, -len(f.via), f.end - f.start, f.rule.id)
