"""One place, one match: chooses between matches that claim the same bytes."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import NamedTuple

from scanner.model import Confidence, Rule

_SPECIFICITY = {
    "pattern": 3,
    "pem": 3,
    "search": 3,
    "file": 3,
    "kubernetes": 2,
    "url": 2,
    "assignment": 1,
}
_FORM, _NAME = 3, 1
# Kinds of what is a credential by where it stands, whatever form it has.
_BY_PLACE = ("password", "connection-string")


def specificity(rule: Rule) -> int:
    """Return how much a match of `rule` says by itself: more for a form, less for a mere name."""
    return _SPECIFICITY[rule.method]


class Found(NamedTuple):
    """A match in some view; `start` and `end` are offsets into that view.

    `waits` is as in `Match`. What is `aside` counts in some places only, so it takes no other's.
    What is `disproved` is not reported, and keeps mere names from its place. What is `near` a
    companion has been raised for it.
    """

    rule: Rule
    secret: bytes
    start: int
    end: int
    confidence: Confidence
    reasons: tuple[str, ...]
    via: tuple[str, ...] = ()
    waits: tuple[int, ...] = ()
    aside: bool = False
    disproved: bool = False
    near: bool = False


def without_overlaps(found: Iterable[Found]) -> list[Found]:
    """Return the best of every set of overlapping matches, by position.

    A specific method beats a generic one, then the surer wins, then what needed less decoding, then
    the longer. What a rule that is itself unsure finds gives way to a surer name. Where something
    is disproved, nothing counts that is known by a name or a place alone, such as a password. What
    is disproved or aside is returned besides.
    """
    found = list(found)
    kept: list[tuple[int, int, Found]] = []
    aside = [f for f in found if f.aside or f.disproved]
    barred = _barred(f for f in aside if f.disproved and f.rule.kind not in _BY_PLACE)
    for f in sorted(found, key=_worth, reverse=True):
        if f.aside or f.disproved or (barred and _is_barred(f, barred)):
            continue
        at = bisect_left(kept, (f.start,))
        before = at > 0 and kept[at - 1][1] > f.start
        after = at < len(kept) and kept[at][0] < max(f.end, f.start + 1)
        if not before and not after:
            insort(kept, (f.start, f.end, f), at)
    return [f for _, _, f in kept] + aside


def _worth(f: Found) -> tuple[int, int, int, int, int, str]:
    surest = (f.confidence, f.rule.confidence)
    return (_precedence(f), *surest, -len(f.via), f.end - f.start, f.rule.id)


def _precedence(f: Found) -> int:
    unsure = f.confidence == f.rule.confidence == Confidence.LOW
    return min(specificity(f.rule), _NAME) if unsure else specificity(f.rule)


def _barred(disproved: Iterable[Found]) -> list[tuple[int, int]]:
    """Return the places of what is `disproved`, in order, those that overlap as one."""
    places: list[tuple[int, int]] = []
    for start, end in sorted((f.start, f.end) for f in disproved):
        if places and start < places[-1][1]:
            places[-1] = places[-1][0], max(end, places[-1][1])
        else:
            places.append((start, end))
    return places


def _is_barred(f: Found, places: list[tuple[int, int]]) -> bool:
    if specificity(f.rule) == _FORM and f.rule.kind not in _BY_PLACE:
        return False
    at = bisect_left(places, (max(f.end, f.start + 1),)) - 1
    return at >= 0 and places[at][1] > f.start
