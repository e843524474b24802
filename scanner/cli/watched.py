"""Tells of what a scan sees while it goes on."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Protocol

from scanner.model import Match, State
from scanner.sources.progress import Progress
from scanner.sources.sighting import Sighting, sighting
from scanner.triage.identity import Identity


class Watch(Protocol):
    """Is told of a scan while it goes on."""

    def begin(self) -> None:
        """Learn that the scan begins; nothing is wrong with what was asked for."""

    def held(self, kind: str, id_: bytes, match: Match, fingerprint: str) -> None:
        """Learn what an object holds, of which it is not known yet where it stands."""

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


class Early(Progress):
    """Passes progress on, and tells a watch at once of what objects are found to hold."""

    def __init__(
        self,
        progress: Progress,
        counts: Callable[[Sighting], bool],
        identity: Callable[[], Identity],
        watch: Watch,
    ) -> None:
        """Tell `watch` of what counts wherever it may stand; else as for `watched`."""
        self._progress = progress
        self._counts = counts
        self._identity = cache(identity)
        self._watch = watch
        self._told: set[bytes] = set()

    def start(self, what: str, total: int, *, in_bytes: bool = True) -> None:
        """Pass it on."""
        self._progress.start(what, total, in_bytes=in_bytes)

    def done(self, count: int) -> None:
        """Pass it on."""
        self._progress.done(count)

    def found(self, kind: str, id_: bytes, matches: tuple[Match, ...]) -> None:
        """Tell of each match that counts, but only once of an object."""
        if id_ in self._told:
            return
        self._told.add(id_)
        for match in matches:
            if self._counts(sighting(match, "object", b"", State.UNREACHABLE, id_)):
                name = self._identity().fingerprint(match.rule.family, match.secret.reveal())
                self._watch.held(kind, id_, match, name)
