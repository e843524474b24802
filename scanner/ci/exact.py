"""Whether a shallow checkout tells exactly which commits are new.

A commit that is cut off has parents that nobody sees here. Two things can then go wrong:

- one of the wanted commits is cut off: older ones, wanted too, are not here;
- a commit that is known already is cut off, and behind it, unseen, lies one that looks new. That
  cannot be if the new one descends from the one cut off, since history has no circles.
"""

from collections.abc import Iterable, Mapping

from scanner.ci.checkout import Checkout, Span
from scanner.ci.job import Platform
from scanner.errors import IncompleteError


def exactly(head: str, known: tuple[str, ...], checkout: Checkout, platform: Platform) -> Span:
    """Return the commits that `head` leads to and none of the `known` does.

    Raises IncompleteError if the checkout is too shallow to tell.
    """
    span = checkout.span(head, known)
    if not checkout.cut:
        return span
    inside = checkout.cut.intersection(span.commits)
    if inside:
        number = len(span.commits)
        commits = f"{number} commits" if number > 1 else "only commit"
        raise _too_shallow(f"its history ends inside the {commits}", platform)
    if not span.commits or not known:
        return span
    parents = checkout.graph([head, *known])
    unseen = checkout.cut.intersection(_led_to(known, parents))
    new = set(span.commits)
    oldest = [id_ for id_ in span.commits if new.isdisjoint(parents[id_])]
    if not all(unseen <= _led_to([id_], parents) for id_ in oldest):
        raise _too_shallow("its history ends before it is clear which commits are new", platform)
    return span


def _led_to(tips: Iterable[str], parents: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(tips)
    while waiting:
        id_ = waiting.pop()
        if id_ not in found:
            found.add(id_)
            waiting.extend(parents.get(id_, ()))
    return found


def _too_shallow(why: str, platform: Platform) -> IncompleteError:
    return IncompleteError(
        f"this checkout is too shallow: {why}. Nothing was searched. Add:\n{platform.deepen}"
    )
