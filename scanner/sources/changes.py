"""What a commit, or the index, changes: paths with the blobs before and after."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.detect.engine import Engine
from scanner.gitdb.git import Git
from scanner.model import Match

_BLOB_MODES = (b"100644", b"100755", b"100664", b"120000")


class Change(NamedTuple):
    """A path with its old and new blob; an id is empty where there is no blob on that side."""

    path: bytes
    old: bytes
    new: bytes


def staged(git: Git, against: str) -> list[Change]:
    """Return how the index differs from the commit `against`; raise GitError if it is unknown."""
    options = ("--cached", "--raw", "-z", "-r", "--no-renames", "--no-abbrev")
    return list(raw(git.run("diff-index", *options, against, "--")))


def all_staged(git: Git) -> list[Change]:
    """Return every blob of the index as new, as before a first commit."""
    return [Change(path, b"", id_) for path, id_ in index(git)]


def index(git: Git) -> Iterator[tuple[bytes, bytes]]:
    """Yield path and id of every blob in the index, all sides of a conflict included."""
    for record in git.run("ls-files", "--stage", "-z").split(b"\0"):
        head, tab, path = record.partition(b"\t")
        if tab:
            mode, id_, _stage = head.split(b" ")
            if mode in _BLOB_MODES:
                yield path, bytes.fromhex(id_.decode())


def committed(git: Git) -> Iterator[tuple[bytes, bytes]]:
    """Yield path and id of every blob in the tree of HEAD."""
    for record in git.run("ls-tree", "-r", "-z", "--full-tree", "HEAD").split(b"\0"):
        head, tab, path = record.partition(b"\t")
        if tab:
            mode, _kind, id_ = head.split(b" ")
            if mode in _BLOB_MODES:
                yield path, bytes.fromhex(id_.decode())


def per_parent(git: Git, commits: list[bytes]) -> dict[bytes, list[list[Change]]]:
    """Return for every commit what it changes against each of its parents, or against nothing."""
    options = ("--stdin", "-m", "--root", "--always", "-r", "--raw", "-z")
    names = b"".join(commit.hex().encode() + b"\n" for commit in commits)
    output = git.run("diff-tree", *options, "--no-renames", "--no-abbrev", stdin=names)
    sides: dict[bytes, list[list[Change]]] = {}
    current: list[Change] = []
    fields = iter(output.split(b"\0"))
    for field in fields:
        if field.startswith(b":"):
            current.extend(_change(field, next(fields)))
        elif field:
            current = []
            sides.setdefault(bytes.fromhex(field.decode()), []).append(current)
    return sides


def raw(output: bytes) -> Iterator[Change]:
    """Yield the changes in git's raw diff format with `-z`; submodules are left out."""
    fields = iter(output.split(b"\0"))
    for field in fields:
        if field:
            yield from _change(field, next(fields))


def names(engine: Engine, changed: list[Change]) -> Iterator[tuple[bytes, Match]]:
    """Yield what the names of new files hold, and no name of a file they may have replaced does."""
    known = None
    for path in dict.fromkeys(c.path for c in changed if c.new and not c.old):
        for match in engine.named(path):
            if known is None:
                old = dict.fromkeys(c.path for c in changed if c.old)
                known = {(m.rule.id, m.secret.reveal()) for name in old for m in engine.named(name)}
            if (match.rule.id, match.secret.reveal()) not in known:
                yield path, match


def _change(record: bytes, path: bytes) -> Iterator[Change]:
    old_mode, new_mode, old, new, _status = record[1:].split(b" ")
    change = Change(path, _blob(old_mode, old), _blob(new_mode, new))
    if change.old or change.new:
        yield change


def _blob(mode: bytes, id_: bytes) -> bytes:
    return bytes.fromhex(id_.decode()) if mode in _BLOB_MODES and id_.strip(b"0") else b""
