"""What commits add to all of their parents.

Per commit, findings(new blobs) minus findings(the blobs they replace in any parent), matched by
rule and secret. So merges, renames and moved lines add nothing, and a key completed by a second
commit is found in that one. Nothing here needs more than git itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from scanner.detect.engine import Engine
from scanner.gitdb.git import Git
from scanner.gitdb.objects import parse_commit
from scanner.model import CommitInfo, Match, Occurrence, State
from scanner.sources import changes
from scanner.sources.blobs import Blobs, Counts, everywhere, holding
from scanner.sources.changes import Change
from scanner.sources.progress import Progress
from scanner.sources.sighting import Sighting, occurrence
from scanner.sources.tally import Tally

_Place = tuple[bytes, bytes, Match]
_Standing = tuple[State, bytes, bytes, Match]
_AT_ONCE = 1000  # commits whose changes are asked for together, which bounds git's answer


class Additions:
    """Searches commits for what they add."""

    def __init__(
        self,
        git: Git,
        engine: Engine,
        tally: Tally,
        limit: int,
        head: Mapping[bytes, bytes] | None = None,
        counts: Counts = everywhere,
        wanted: Sequence[Callable[[Occurrence], bool]] = (),
        *,
        hook: bool = False,
    ) -> None:
        """Prepare to read objects of up to `limit` bytes; `hook` is as for `Blobs`.

        `head` are the paths and blobs of HEAD: what still stands there is said to. What does not
        count where it stood, as `counts` tells, is added where it is moved to. Of several places in
        HEAD one is told where all of `wanted` are true, which is where anything is reported.
        """
        self._git = git
        self._engine = engine
        self._tally = tally
        self._limit = limit
        self._head = head or {}
        self._counts = counts
        self._wanted = wanted
        self._moved: dict[bytes, list[bytes]] = {}
        for path, blob in self._head.items():
            self._moved.setdefault(blob, []).append(path)
        self._copies: dict[tuple[bytes, tuple[str, bytes], int, int], _Place] = {}
        self._blobs = Blobs(git, engine, tally, limit, hook=hook)
        self._ids: list[bytes] = []

    def sightings(self, ids: list[bytes], progress: Progress) -> Iterator[Sighting]:
        """Yield what the commits `ids` add, in their messages and in files.

        Those that cannot be read are noted as gaps. Raises GitError if git cannot tell.
        """
        self._ids = ids
        progress.start("commits", len(ids), in_bytes=False)
        commits = self._git.batch(ids, self._limit)
        for first in range(0, len(ids), _AT_ONCE):
            some = ids[first : first + _AT_ONCE]
            sides = changes.per_parent(self._git, some)
            for done, commit in enumerate(islice(commits, len(some)), first + 1):
                if self._tally.expired():
                    return
                if commit.kind == b"commit":
                    yield from self._commit(commit.id, commit.data, sides.get(commit.id, []))
                    progress.done(done)
                else:
                    detail = "this commit was not read"
                    self._tally.skip("missing-object", commit.id.hex(), detail)

    def _commit(self, id_: bytes, data: bytes, sides: list[list[Change]]) -> Iterator[Sighting]:
        parsed = parse_commit(data, len(id_))
        author = parsed.author
        info = CommitInfo(id_.hex(), author.name, author.email, author.when, parsed.subject)
        found = self._tally.search(self._engine, "commits", f"commit {info.id}", data)
        for match in found.matches:
            where = occurrence(match, "commit", b"", State.HISTORY, id_)
            yield Sighting(match, where._replace(introduced=info))
        changed = changes.against_all(sides)
        for path, new, match in self._added(changed):
            for state, there, blob, now in self._standing(path, new, match):
                where = occurrence(now, "file", there, state, blob)
                yield Sighting(now, where._replace(introduced=info))
        for path, match in changes.names(self._engine, changed):
            state = State.HEAD if path in self._head else State.HISTORY
            where = occurrence(match, "path", path, state)
            yield Sighting(match, where._replace(introduced=info))

    def _added(self, changed: list[Change]) -> Iterator[tuple[bytes, bytes, Match]]:
        """Yield path, blob and match of what the new blobs hold and none that they replace does."""
        known = None
        for path, new in dict.fromkeys((c.path, c.new) for c in changed if c.new):
            if self._tally.expired():
                return
            for match in self._blobs.matches(new, path):
                if known is None:  # most blobs hold nothing; the old ones need not be read then
                    known = self._blobs.replaced(changed, self._counts)
                if holding(match) not in known:
                    yield path, new, match

    def _standing(self, path: bytes, new: bytes, match: Match) -> Iterator[_Standing]:
        """Yield the states of what was added, with the path, blob and match that tell of each.

        What HEAD still holds is told of as it stands there: a later commit may have moved it, to
        other lines or another file. Where it came in under another name, it stands there as well.
        """
        blob = self._head.get(path)
        now = self._like(match, blob, path) if blob and blob != new else []
        if now:
            which = self._like(match, new, path).index(match)
            yield State.HEAD, path, blob or new, now[min(which, len(now) - 1)]
        elif blob == new:
            yield State.HEAD, path, new, match
        else:
            there = self._copy(new, match) or self._elsewhere.get(holding(match)[:2])
            if there:
                yield State.HEAD, *there
            yield State.HISTORY, path, new, match

    def _copy(self, blob: bytes, match: Match) -> _Place | None:
        """Return where in HEAD the same blob stands, None if nowhere."""
        key = (blob, holding(match)[:2], match.line, match.column)
        if blob in self._moved and key not in self._copies:
            self._copies[key] = self._told([(p, blob, match) for p in self._moved[blob]])
        return self._copies.get(key)

    def _told(self, places: list[_Place]) -> _Place:
        """Return which of several places in HEAD to tell of: the others may not be reported."""

        def asked(place: _Place) -> bool:
            path, blob, match = place
            where = occurrence(match, "file", path, State.HEAD, blob)
            return all(keeps(where) for keeps in self._wanted)

        first = next(filter(asked, places), places[0])
        counting = (p for p in places if asked(p) and self._counts(p[2], p[0], p[1]))
        return next(counting, first)

    @cached_property
    def _elsewhere(self) -> dict[tuple[str, bytes], _Place]:
        """Path, blob and match of what files of HEAD hold that the searched commits brought.

        What a merge takes over from a side is not theirs, and may be what cannot be read.
        """
        there: dict[bytes, bytes] = {}
        for first in range(0, len(self._ids) if self._head else 0, _AT_ONCE):
            some = changes.per_parent(self._git, self._ids[first : first + _AT_ONCE]).values()
            changed = (c for sides in some for c in changes.against_all(sides))
            there |= {c.path: c.new for c in changed if c.new and self._head.get(c.path) == c.new}
        found: dict[tuple[str, bytes], list[_Place]] = {}
        for path, blob in sorted(there.items()):
            if self._tally.expired():
                break
            for match in self._blobs.matches(blob, path):
                found.setdefault(holding(match)[:2], []).append((path, blob, match))
        return {key: self._told(places) for key, places in found.items()}

    def _like(self, match: Match, blob: bytes, path: bytes) -> list[Match]:
        """Return where the blob holds the same secret by the same rule."""
        wanted = holding(match)[:2]
        return [m for m in self._blobs.matches(blob, path) if holding(m)[:2] == wanted]
