"""The commits of a range: what each adds to all of its parents.

Per commit, findings(new blobs) minus findings(the blobs they replace in any parent), matched by
rule and secret. So merges, renames and moved lines add nothing, and a key completed by a second
commit is found in that one.
"""

from collections.abc import Iterator

from scanner.detect.engine import Engine
from scanner.gitdb.objects import parse_commit
from scanner.gitdb.repository import Repository
from scanner.model import CommitInfo, Match, State
from scanner.sources import changes
from scanner.sources.blobs import Blobs, holding
from scanner.sources.changes import Change
from scanner.sources.progress import Progress
from scanner.sources.sighting import Sighting, occurrence
from scanner.sources.tally import Tally


def commits(repository: Repository, *revisions: str) -> list[bytes]:
    """Return the ids of the commits that `revisions` (rev-list's arguments) select, oldest first.

    Raises GitError if git does not know one of them.
    """
    listed = repository.git.run("rev-list", "--reverse", "--topo-order", *revisions, "--")
    return [bytes.fromhex(line.decode()) for line in listed.split()]


def commits_since(repository: Repository, moment: float) -> list[bytes]:
    """Return the ids of the commits on any ref that were committed at `moment` or later.

    Each commit's own time is looked at: one may be older than its parents.
    """
    listed = repository.git.run("rev-list", "--reverse", "--topo-order", "--timestamp", "--all")
    lines = (line.split() for line in listed.splitlines())
    return [bytes.fromhex(id_.decode()) for when, id_ in lines if int(when) >= moment]


class Range:
    """Some commits of a repository, to be searched for what they add."""

    def __init__(self, repository: Repository, engine: Engine, tally: Tally, limit: int) -> None:
        """Prepare to read blobs of up to `limit` bytes."""
        self._repository = repository
        self._git = repository.git
        self._engine = engine
        self._tally = tally
        self._limit = limit
        self._blobs = Blobs(self._git, engine, tally, limit)
        self._sides: dict[bytes, list[list[Change]]] = {}
        self._head = dict(changes.committed(self._git)) if repository.head() else {}

    def sightings(self, ids: list[bytes], progress: Progress) -> Iterator[Sighting]:
        """Yield what the commits `ids` add, in their messages and in files."""
        progress.start("commits", len(ids))
        cut = self._repository.shallow().intersection(ids)
        if cut:
            detail = "the range begins where the clone was cut off; fetch more history"
            self._tally.skip("shallow", f"{len(cut)} commits", detail)
        self._sides = changes.per_parent(self._git, ids)
        for done, commit in enumerate(self._git.batch(ids, self._limit), 1):
            if self._tally.expired():
                return
            if commit.kind != b"commit":
                self._tally.skip("missing-object", commit.id.hex(), "this commit was not read")
                continue
            yield from self._commit(commit.id, commit.data)
            progress.done(done)

    def _commit(self, id_: bytes, data: bytes) -> Iterator[Sighting]:
        parsed = parse_commit(data, self._repository.hash_size)
        author = parsed.author
        info = CommitInfo(id_.hex(), author.name, author.email, author.when, parsed.subject)
        found = self._tally.search(self._engine, "commits", f"commit {info.id}", data)
        for match in found.matches:
            where = occurrence(match, "commit", b"", State.HISTORY, id_)
            yield Sighting(match, where._replace(introduced=info))
        changed = self._changes(id_)
        known = self._blobs.replaced(changed)
        for path, new in dict.fromkeys((c.path, c.new) for c in changed if c.new):
            for match in self._blobs.matches(new, path):
                if holding(match) not in known:
                    state = self._state(path, match)
                    where = occurrence(match, "file", path, state, new)
                    yield Sighting(match, where._replace(introduced=info))
        for path in dict.fromkeys(c.path for c in changed if not c.old):
            for match in self._engine.named(path):
                state = State.HEAD if path in self._head else State.HISTORY
                where = occurrence(match, "path", path, state)
                yield Sighting(match, where._replace(introduced=info))

    def _changes(self, commit: bytes) -> list[Change]:
        """Return the blobs that differ from every parent, and all blobs they differ from."""
        sides = self._sides.get(commit, [])
        new = [{(c.path, c.new) for c in side if c.new} for side in sides]
        everywhere = set.intersection(*new) if new else set()
        kept = [
            c if (c.path, c.new) in everywhere else c._replace(new=b"")
            for side in sides
            for c in side
        ]
        return [c for c in kept if c.old or c.new]

    def _state(self, path: bytes, match: Match) -> State:
        rule, secret, _ = holding(match)
        standing = self._blobs.holdings(self._head.get(path), path)
        return State.HEAD if (rule, secret, True) in standing else State.HISTORY
