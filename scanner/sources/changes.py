"""What a commit, or the index, changes: paths with the blobs before and after."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.detect.engine import Engine
from scanner.gitdb.git import Git
from scanner.model import Match

_BLOB_MODES = (b"100644", b"100755", b"100664", b"120000")

_MODULE = b"160000"


class Change(NamedTuple):
    """A path with its old and new blob; an id is empty where there is no blob on that side.

    `module` tells that a submodule comes to stand there.
    """

    path: bytes
    old: bytes
    new: bytes
    module: bool = False


def staged(git: Git, against: str) -> list[Change]:
    """Return how the index differs from the commit `against`; raise GitError if it is unknown."""
    options = ("--cached", "--raw", "-z", "-r", "--no-renames", "--no-abbrev")
    return list(raw(git.run("diff-index", *options, against, "--")))


def all_staged(git: Git) -> list[Change]:
    """Return every blob of the index as new, as before a first commit.

    Unlike `ls-files` this does not depend on the directory that git is run in.
    """
    return staged(git, git.run("hash-object", "-t", "tree", "--stdin").decode().strip())


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
    """Return for every commit what it changes against each of its parents, or against nothing.

    Of a parent that is cut off, git knows nothing.
    """
    options = ("--stdin", "-m", "--root", "--always", "-r", "--raw", "-z", "--format=tformat:%H %P")
    names = b"".join(commit.hex().encode() + b"\n" for commit in commits)
    output = git.run("diff-tree", *options, "--no-renames", "--no-abbrev", stdin=names)
    sides: dict[bytes, list[list[Change]]] = {}
    parents: dict[bytes, int] = {}
    current: list[Change] = []
    fields = iter(output.split(b"\0"))
    for field in fields:
        record = field.removeprefix(b"\n")  # which ends what git says of the commit
        if record.startswith(b":"):
            current.extend(_change(record, next(fields)))
        elif record:
            id_, *others = (bytes.fromhex(name.decode()) for name in record.split())
            current = []
            sides.setdefault(id_, []).append(current)
            parents[id_] = len(others)
    for id_, known in sides.items():  # git passes over parents that have the very same tree
        known.extend([] for _ in range(parents[id_] - len(known)))
    return sides


def raw(output: bytes) -> Iterator[Change]:
    """Yield the changes in git's raw diff format with `-z`; of submodules only new ones."""
    fields = iter(output.split(b"\0"))
    for field in fields:
        if field:
            yield from _change(field, next(fields))


def against_all(sides: list[list[Change]]) -> list[Change]:
    """Return what differs from every parent, and all blobs that it may replace in any of them.

    `sides` are the changes against each parent.
    """
    new = [{(c.path, c.new) for c in side if c.new or c.module} for side in sides]
    everywhere = set.intersection(*new) if new else set()
    kept = [
        c if (c.path, c.new) in everywhere else c._replace(new=b"", module=False)
        for side in sides
        for c in side
    ]
    return [c for c in kept if c.old or c.new or c.module]


def names(engine: Engine, changed: list[Change]) -> Iterator[tuple[bytes, Match]]:
    """Yield what names of new files and submodules hold, and no name they may have replaced."""
    known = None
    for path in dict.fromkeys(c.path for c in changed if (c.new or c.module) and not c.old):
        for match in engine.named(path):
            if known is None:
                old = dict.fromkeys(c.path for c in changed if c.old)
                known = {(m.rule.id, m.secret.reveal()) for name in old for m in engine.named(name)}
            if (match.rule.id, match.secret.reveal()) not in known:
                yield path, match


def _change(record: bytes, path: bytes) -> Iterator[Change]:
    old_mode, new_mode, old, new, _status = record[1:].split(b" ")
    module = new_mode == _MODULE != old_mode
    change = Change(path, _blob(old_mode, old), _blob(new_mode, new), module)
    if change.old or change.new or module:
        yield change


def _blob(mode: bytes, id_: bytes) -> bytes:
    return bytes.fromhex(id_.decode()) if mode in _BLOB_MODES and id_.strip(b"0") else b""
