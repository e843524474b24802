"""What the next commit would add: findings(staged blob) minus findings(the blobs it replaces).

Content is read from the index, never from the working tree. Nothing here needs more than git
itself, since the guard runs it at every commit.
"""

from collections.abc import Iterator

from scanner.detect.engine import Engine
from scanner.gitdb.git import Git, GitError
from scanner.model import State
from scanner.sources.blobs import Blobs, Counts, everywhere, holding
from scanner.sources.changes import Change, against_all, all_staged, names, staged
from scanner.sources.sighting import Sighting, sighting
from scanner.sources.tally import Tally


def sightings(
    git: Git,
    engine: Engine,
    tally: Tally,
    parents: list[str],
    limit: int,
    counts: Counts = everywhere,
    *,
    hook: bool = False,
) -> Iterator[Sighting]:
    """Yield what the index adds to `parents`, the commits that the next one will follow.

    Without parents, everything staged is new. A path that is the same in any parent is not. Blobs
    over `limit` bytes are noted in `tally` as not read. What does not count where it stood, as
    `counts` tells, is added where it is moved to; `hook` is as for `Blobs`. Raises GitError if git
    cannot tell.
    """
    changes = _changes(git, parents)
    blobs = Blobs(git, engine, tally, limit, hook=hook)
    known = None
    new = {change.path: change.new for change in changes if change.new}
    for path, id_ in new.items():
        for match in blobs.matches(id_, path):
            if known is None:  # most blobs hold nothing; the old ones need not be read then
                known = blobs.replaced(changes, counts)
            if holding(match) not in known:
                yield sighting(match, "file", path, State.STAGED, id_)
    for path, match in names(engine, changes):
        yield sighting(match, "path", path, State.STAGED, new.get(path, b""))


def heads(git: Git) -> list[str]:
    """Return the commits that the next commit will follow: HEAD, and those being merged."""
    found = []
    try:
        found.append(git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip())
    except GitError:
        return []
    merging = git.run("rev-parse", "--git-path", "MERGE_HEAD").removesuffix(b"\n")
    try:
        with open(merging, "rb") as file:
            found.extend(line.decode("ascii", "replace") for line in file.read(65536).split())
    except OSError:
        pass
    return found


def _changes(git: Git, parents: list[str]) -> list[Change]:
    if not parents:
        return all_staged(git)
    return against_all([staged(git, parent) for parent in parents])
