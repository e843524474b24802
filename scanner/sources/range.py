"""The commits of a range: what each adds to all of its parents."""

from collections.abc import Callable, Iterator, Sequence

from scanner.detect.engine import Engine
from scanner.gitdb.repository import Repository
from scanner.model import Occurrence
from scanner.sources import changes
from scanner.sources.additions import Additions
from scanner.sources.blobs import Counts, everywhere
from scanner.sources.progress import Progress
from scanner.sources.sighting import Sighting
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

    def __init__(
        self,
        repository: Repository,
        engine: Engine,
        tally: Tally,
        limit: int,
        counts: Counts = everywhere,
        wanted: Sequence[Callable[[Occurrence], bool]] = (),
    ) -> None:
        """Prepare to read blobs of up to `limit` bytes; the rest is as for `Additions`."""
        self._shallow = repository.shallow()
        self._tally = tally
        head = dict(changes.committed(repository.git)) if repository.head() else {}
        self._additions = Additions(repository.git, engine, tally, limit, head, counts, wanted)

    def sightings(self, ids: list[bytes], progress: Progress) -> Iterator[Sighting]:
        """Yield what the commits `ids` add, in their messages and in files."""
        cut = self._shallow.intersection(ids)
        if cut:
            detail = "the range begins where the clone was cut off; fetch more history"
            self._tally.skip("shallow", f"{len(cut)} commits", detail)
        yield from self._additions.sightings(ids, progress)
