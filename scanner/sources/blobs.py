"""Blobs by id, each read through one running git and searched once."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from scanner.detect.engine import Engine
from scanner.gitdb.git import BROKEN, MISSING, OVERSIZE, Git
from scanner.model import Confidence, Match
from scanner.sources.changes import Change
from scanner.sources.tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scanner.sources.lfs import Storage

Holding = tuple[str, bytes, bool]
"""The id of a rule, the secret it found, and whether that is unsure for want of a companion."""
Counts = Callable[[Match, bytes, bytes], bool]
"""Tells whether a match counts at a path in a blob: settings or a comment may accept it there."""
POINTER_HEAD = b"version http"
"""What an LFS pointer begins with."""
_CODES = {MISSING: "missing-object", OVERSIZE: "over-size", BROKEN: "corrupt-object"}
_WORDS = {
    MISSING: "is not in the object database",
    OVERSIZE: "is larger than the limit",
    BROKEN: "cannot be read",
}


def holding(match: Match) -> Holding:
    """Return what makes two matches the same wherever they stand.

    A secret whose companion comes later begins to count with that.
    """
    unsure = bool(match.rule.companions) and match.confidence == Confidence.LOW
    return match.rule.id, match.secret.reveal(), unsure


def held(matches: Iterable[Match]) -> set[Holding]:
    """Return what `matches` hold; what is sure stands there as well if it is no longer so."""
    found = {holding(match) for match in matches}
    return found | {(rule, secret, True) for rule, secret, _ in found}


def everywhere(_match: Match, _path: bytes, _id: bytes) -> bool:
    """Tell that a match counts wherever it stands."""
    return True


class Blobs:
    """The blobs of a repository, searched when they are first asked for."""

    def __init__(
        self, git: Git, engine: Engine, tally: Tally, limit: int, *, hook: bool = False
    ) -> None:
        """Prepare to read blobs of up to `limit` bytes; larger ones are noted in `tally`.

        Whether it is for a `hook` matters for LFS objects, as for `lfs.Storage`.
        """
        self._git = git
        self._engine = engine
        self._tally = tally
        self._limit = limit
        self._hook = hook
        self._storage: Storage | None = None
        self._asked: deque[bytes] = deque()
        self._answers = git.batch(self._questions(), limit)
        self._found: dict[bytes, tuple[Match, ...]] = {}
        self._gaps: set[bytes] = set()

    def matches(self, id_: bytes, path: bytes) -> tuple[Match, ...]:
        """Return what the blob holds; one that cannot be read is noted as a gap at `path`."""
        known = self._found.get(id_)
        if known is None:
            self._asked.append(id_)
            _, kind, data = next(self._answers)
            name = path.decode("utf-8", "replace")
            if kind == b"blob":
                known = self.search(data, name)
            else:
                known = ()
                self._gaps.add(id_)
                detail = f"blob {id_.hex()} {_WORDS.get(kind, 'is no blob')}"
                self._tally.skip(_CODES.get(kind, "corrupt-object"), name, detail)
            self._found[id_] = known
        return known

    def search(self, data: bytes, name: str) -> tuple[Match, ...]:
        """Return what the content of a blob holds, with what it points to if that is in LFS."""
        found = self._tally.search(self._engine, "blobs", name, data).matches
        if data.startswith(POINTER_HEAD):
            if self._storage is None:
                from scanner.sources.lfs import Storage  # noqa: PLC0415 - few blobs are pointers

                self._storage = Storage(
                    self._git, self._engine, self._tally, self._limit, hook=self._hook
                )
            found += self._storage.matches(data, name)
        return found

    def close(self) -> None:
        """Let go of git; no blob can be asked for any more."""
        self._answers.close()

    def was_read(self, id_: bytes) -> bool:
        """Tell whether the blob was asked for and could be read."""
        return id_ in self._found and id_ not in self._gaps

    def holdings(self, id_: bytes | None, path: bytes) -> set[Holding]:
        """Return what the blob holds as holdings; nothing for no blob."""
        return held(self.matches(id_, path)) if id_ else set()

    def replaced(self, changed: Iterable[Change], counts: Counts) -> set[Holding]:
        """Return what the old sides of changes hold: a change does not add that anew.

        What is accepted where it stood is new where it is not.
        """
        old = [c for c in changed if c.old]
        return held(m for c in old for m in self.matches(c.old, c.path) if counts(m, c.path, c.old))

    def _questions(self) -> Iterator[bytes]:
        while self._asked:
            yield self._asked.popleft()
