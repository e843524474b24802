"""What the next commit would add: findings(staged blob) minus findings(the blobs it replaces).

Content is read from the index, never from the working tree. Nothing here needs more than git
itself, since the guard runs it at every commit.
"""

from collections.abc import Iterable, Iterator

from scanner.detect.engine import Engine
from scanner.gitdb.git import MISSING, OVERSIZE, Git, GitError
from scanner.model import Match, State
from scanner.sources.changes import Change, all_staged, staged
from scanner.sources.sighting import Sighting, sighting
from scanner.sources.tally import Tally

Holding = tuple[str, bytes]
_REASONS = {MISSING: "missing-object", OVERSIZE: "over-size"}


def sightings(
    git: Git, engine: Engine, tally: Tally, parents: list[str], limit: int
) -> Iterator[Sighting]:
    """Yield what the index adds to `parents`, the commits that the next one will follow.

    Without parents, everything staged is new. A path that is the same in any parent is not. Blobs
    over `limit` bytes are noted in `tally` as not read. Raises GitError if git cannot tell.
    """
    changes = _changes(git, parents)
    known = _holdings(engine, _blobs(git, tally, {c.old for c in changes if c.old}, limit))
    for data, paths in _new(git, tally, changes, limit):
        path, id_ = paths[0]
        matches = tally.search(engine, "blobs", path.decode("utf-8", "replace"), data).matches
        for match in matches:
            if _holding(match) not in known:
                for path, id_ in paths:
                    yield sighting(match, "file", path, State.STAGED, id_)
    for change in changes:
        if not change.old:
            for match in engine.findings(change.path).matches:
                yield sighting(match, "path", change.path, State.STAGED, change.new)


def heads(git: Git) -> list[str]:
    """Return the commits that the next commit will follow: HEAD, and those being merged."""
    found = []
    try:
        found.append(git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").decode().strip())
    except GitError:
        return []
    merging = git.run("rev-parse", "--git-path", "MERGE_HEAD").decode().rstrip("\n")
    try:
        with open(merging, "rb") as file:
            found.extend(line.decode("ascii", "replace") for line in file.read(65536).split())
    except OSError:
        pass
    return found


def _changes(git: Git, parents: list[str]) -> list[Change]:
    if not parents:
        return all_staged(git)
    first, *others = (staged(git, parent) for parent in parents)
    changed = [{(c.path, c.new) for c in other} for other in others]
    kept = [c for c in first if all((c.path, c.new) in other for other in changed)]
    replaced = {c.old for other in others for c in other if c.old}
    return kept + [Change(b"", old, b"") for old in sorted(replaced)]


def _new(
    git: Git, tally: Tally, changes: Iterable[Change], limit: int
) -> Iterator[tuple[bytes, list[tuple[bytes, bytes]]]]:
    """Yield the content of each new blob with all the paths it is staged at."""
    paths: dict[bytes, list[tuple[bytes, bytes]]] = {}
    for change in changes:
        if change.new:
            paths.setdefault(change.new, []).append((change.path, change.new))
    for id_, data in _blobs(git, tally, set(paths), limit):
        yield data, paths[id_]


def _blobs(git: Git, tally: Tally, ids: set[bytes], limit: int) -> Iterator[tuple[bytes, bytes]]:
    for entry in git.batch(sorted(ids), limit):
        if entry.kind == b"blob":
            yield entry.id, entry.data
        else:
            code = _REASONS.get(entry.kind, "corrupt-object")
            tally.skip(code, entry.id.hex(), f"this blob was not read: {entry.kind.decode()}")


def _holdings(engine: Engine, blobs: Iterable[tuple[bytes, bytes]]) -> set[Holding]:
    return {_holding(m) for _, data in blobs for m in engine.findings(data).matches}


def _holding(match: Match) -> Holding:
    return match.rule.id, match.secret.reveal()
