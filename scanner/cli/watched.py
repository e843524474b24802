"""Tells of what a scan sees while it goes on."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Protocol

from scanner.sources.sighting import Sighting
from scanner.triage.identity import Identity


class Watch(Protocol):
    """Is told of a scan while it goes on."""

    def begin(self) -> None:
        """Learn that the scan begins; nothing is wrong with what was asked for."""

    def saw(self, seen: Sighting, fingerprint: str) -> None:
        """Learn of a sighting and the fingerprint of its secret."""


def watched(
    seen: Iterable[Sighting],
    counts: Callable[[Sighting], bool],
    identity: Callable[[], Identity],
    watch: Watch,
) -> Iterator[Sighting]:
    """Yield all of `seen`, telling `watch` first of those that count, as far as is known then.

    `identity` is asked for once, when there is something to name.
    """
    watch.begin()
    chosen = cache(identity)
    for each in seen:
        if counts(each):
            match = each.match
            watch.saw(each, chosen().fingerprint(match.rule.family, match.secret.reveal()))
        yield each
