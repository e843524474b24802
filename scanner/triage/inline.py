"""Secrets that a comment beside them accepts: `leakseal:allow[=rule,rule] reason`.

Only contents that a secret was found in are looked at, and only those with such a word are searched
again, for what else stands on its line and where the same secret stands otherwise.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from scanner.detect.engine import Engine
from scanner.detect.views.wide import transcode
from scanner.model import Match, State, Suppression
from scanner.sources.sighting import Sighting, sighting
from scanner.triage.comments import Marker, markers
from scanner.triage.contents import Contents, Place, place_of

WORD = b"leakseal:allow"
_FOREIGN = re.compile(
    rb"leakseal:allow|[a-z]+:(?:allow|ignore)|list|ggignore|secretlint|nosec|noqa"
)
_LINES = re.compile(rb"\r\n|\r|\n")
_ARCHIVES = re.compile(r"gzip$|bzip2$|xz$|.*:")
_CURRENT = (State.HEAD, State.STAGED, State.WORKTREE)
NO_REASON = "no reason given"
_MOST_REASON = 200  # characters
_AROUND = " \t:,;\u2013\u2014-*/#}>%\"'"

_Key = tuple[str, bytes]
"""The id of a rule and the secret it found."""
_Standing = Mapping[_Key, Mapping[tuple[int, int], Suppression | None]]
"""Where each secret stands in a content, by line and column, and whether it is accepted there."""


class Inline:
    """Decides which sightings a comment accepts."""

    def __init__(self, contents: Contents, engine: Engine, *, foreign: bool) -> None:
        """Prepare to read `contents`; with `foreign` the words of other tools count too."""
        self._contents = contents
        self._engine = engine
        self._foreign = foreign
        self._word = _FOREIGN if foreign else re.compile(re.escape(WORD))
        self._standing: dict[Place, _Standing] = {}
        self._looked_at: set[Place] = set()

    def of(self, sightings: Sequence[Sighting]) -> list[Suppression | None]:
        """Return for each sighting what accepts it, None if no comment does.

        Where a secret stands in a file of HEAD, the index or the working tree, and each time with a
        comment, all versions of that file count as having one. Otherwise each version decides.
        """
        self._read({place for s in sightings for place in self._places(s)})
        now: dict[tuple[bytes, _Key], Suppression | None] = {}
        for s in sightings:
            if s.occurrence.state in _CURRENT and s.occurrence.place == "file":
                file = s.occurrence.path, _key(s.match)
                places = self._places(s)
                accepted = self._everywhere(places[-1], s) if places else None
                now[file] = accepted and now.get(file, accepted)
        return [now.get((s.occurrence.path, _key(s.match))) or self._here(s) for s in sightings]

    def idle(self, data: bytes) -> list[int]:
        """Return the numbers of the lines of a content whose comment accepts nothing."""
        text = transcode(data)
        lines = _LINES.split(data if text is None else bytes(text.data))
        filled = {match.line for match in self._engine.findings(data).matches}
        found = []
        for number, line in enumerate(lines, 1):
            for marker in markers(line, foreign=False) if WORD in line else ():
                here, following = number in filled, number + 1 in filled
                if not (here or (marker.next and following)) and number not in found:
                    found.append(number)
        return found

    def _places(self, s: Sighting) -> list[Place]:
        """Return where the content of a sighting is, and last where it stands in its file now."""
        own = place_of(s)
        if own is None:
            return []
        head = s.occurrence.state == State.HEAD and s.occurrence.place == "file"
        current = self._contents.head(s.occurrence.path) if head else None
        return [own] if current in (None, own) else [own, current]

    def accepts(self, match: Match, path: bytes, id_: bytes) -> bool:
        """Tell whether a comment in the blob `id_`, as it was at `path`, accepts `match` there."""
        return self.of([sighting(match, "file", path, State.HISTORY, id_)]) != [None]

    def _read(self, places: set[Place]) -> None:
        new = places - self._looked_at
        self._looked_at |= new
        for place, data in self._contents.read(new):
            text = transcode(data)
            if self._word.search(data if text is None else text.data):
                content = data if text is None else bytes(text.data)
                self._standing[place] = dict(self._searched(data, content))

    def _searched(
        self, data: bytes, content: bytes
    ) -> Iterator[tuple[_Key, dict[tuple[int, int], Suppression | None]]]:
        matches = self._engine.findings(data).matches
        lines = _LINES.split(content)
        filled = {match.line for match in matches}
        found: dict[_Key, dict[tuple[int, int], Suppression | None]] = {}
        for match in matches:
            length = match.end - match.start if content is data else len(match.secret.reveal())
            accepted = self._accepted(match, length, lines, filled)
            found.setdefault(_key(match), {})[match.line, match.column] = accepted
        yield from found.items()

    def _accepted(
        self, match: Match, length: int, lines: list[bytes], filled: set[int]
    ) -> Suppression | None:
        if any(_ARCHIVES.match(step) for step in match.via) or not 0 < match.line <= len(lines):
            return None
        line = lines[match.line - 1]
        for marker in markers(line, foreign=self._foreign):
            start = _offset(line, match.column)
            apart = marker.end <= start or marker.start >= start + length
            if marker.here and apart and start < marker.quoted and _speaks_of(marker, match):
                until = start if marker.end <= start < marker.until else marker.until
                return _suppression(marker, line[marker.end : until])
        if match.line > 1 and match.line - 1 not in filled:
            line = lines[match.line - 2]
            for marker in markers(line, foreign=self._foreign):
                if marker.next and _speaks_of(marker, match):
                    return _suppression(marker, line[marker.end : marker.until])
        return None

    def _everywhere(self, place: Place, s: Sighting) -> Suppression | None:
        """Return what accepts a secret in a content, None if it stands there without as well."""
        standing = self._standing.get(place, {}).get(_key(s.match), {}).values()
        return next(iter(standing), None) if all(standing) else None

    def _here(self, s: Sighting) -> Suppression | None:
        places = self._places(s)
        if len(places) != 1:
            return None  # it stands in HEAD otherwise, or in no file
        standing = self._standing.get(places[0], {}).get(_key(s.match), {})
        return standing.get((s.occurrence.line, s.occurrence.column))


def unheeded(sightings: Iterable[Sighting], contents: Contents, most: int) -> int:
    """Return in how many contents with sightings the word stands, `most` looked at."""
    places = dict.fromkeys(place for s in sightings if (place := place_of(s)))
    some = list(places)[:most]
    return sum(WORD in data for _, data in contents.read(some))


def _key(match: Match) -> _Key:
    return match.rule.id, match.secret.reveal()


def _speaks_of(marker: Marker, match: Match) -> bool:
    return not marker.rules or match.rule.id in marker.rules


def _suppression(marker: Marker, words: bytes) -> Suppression:
    reason = words.decode("utf-8", "replace").strip(_AROUND)[:_MOST_REASON] or NO_REASON
    return Suppression("inline", f"{marker.foreign}: {reason}" if marker.foreign else reason)


def _offset(line: bytes, column: int) -> int:
    """Return the offset of a column, which counts characters of UTF-8 from 1."""
    seen = 0
    for offset, byte in enumerate(line):
        seen += byte & 0xC0 != 0x80  # the first byte of a character
        if seen == column:
            return offset
    return len(line)
