"""What a git directory holds besides objects: ref names, configuration, hooks, logs, LFS files."""

import os
from collections.abc import Iterator

from scanner.detect.engine import Engine
from scanner.gitdb.repository import Repository
from scanner.model import State
from scanner.sources import lfs as storage
from scanner.sources.evaluate import Evaluation
from scanner.sources.files import File, read
from scanner.sources.names import Names
from scanner.sources.sighting import Sighting, sighting
from scanner.sources.tally import Tally


def refs(repository: Repository, engine: Engine, tally: Tally) -> Iterator[Sighting]:
    """Yield the credentials in names of branches, tags and other refs."""
    names = Names()
    names.add(repository.ref_ids())
    for name, matches in names.search(engine, tally).items():
        for match in matches:
            if match.rule.method != "file":
                yield sighting(match, "ref", name, State.HISTORY)


def metadata(
    repository: Repository, engine: Engine, tally: Tally, limit: int
) -> Iterator[Sighting]:
    """Yield the credentials in the text files of the git directory, such as its configuration."""
    for full in repository.metadata_files():
        path = _within(repository, full)
        data = read(File(path, os.fsencode(full)), tally, limit)
        if data is not None:
            found = tally.search(engine, "git files", os.fsdecode(path), data)
            for match in found.matches:
                yield sighting(match, "git", path, State.METADATA)


def lfs(
    repository: Repository, engine: Engine, tally: Tally, limit: int, evaluation: Evaluation | None
) -> Iterator[Sighting]:
    """Give what LFS objects hold to the blobs that point to them; yield what no blob points to.

    Objects that are pointed to and not here are noted.
    """
    pointers: dict[str, list[bytes]] = {}
    for blob, target in (evaluation.pointers if evaluation else {}).items():
        pointers.setdefault(target, []).append(blob)
    here = set()
    for full in repository.lfs_objects():
        here.add(os.path.basename(full))
        path = _within(repository, full)
        data = read(File(path, os.fsencode(full)), tally, limit)
        if data is None:
            continue
        matches = tally.search(engine, "lfs objects", os.fsdecode(path), data).matches
        named = pointers.get(os.path.basename(full), [])
        for match in matches:
            if not named:
                yield sighting(match, "git", path, State.METADATA)
        for blob in named:
            if evaluation and matches:
                stored = storage.of_pointer(matches)
                evaluation.blobs[blob] = evaluation.blobs.get(blob, ()) + stored
    for target, blobs in pointers.items():
        if target not in here:
            storage.note_absent(tally, target, f"blob {min(blobs).hex()}")


def _within(repository: Repository, full: str) -> bytes:
    """Return `full` as a path from the repository's root: `.git/config`, or `config` if bare."""
    for top, name in ((repository.git_dir, ".git"), (repository.common_dir, ".git")):
        if full.startswith(top + os.sep):
            inside = os.path.relpath(full, top)
            path = inside if repository.bare else os.path.join(name, inside)
            return os.fsencode(path.replace(os.sep, "/"))
    return os.fsencode(full)
