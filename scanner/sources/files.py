"""Files on disk: a directory tree, one file, standard input. Links are not followed."""

import os
import stat
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from scanner.sources.tally import Tally

_GIT_DIRECTORY = {b"HEAD", b"objects", b"refs"}


class File(NamedTuple):
    """A file or link on disk; `path` is relative to the root of the walk, parts joined by `/`."""

    path: bytes
    full: bytes


def walk(root: str, tally: Tally, nested: Callable[[str], bool]) -> Iterator[File]:
    """Yield every regular file and link below `root`, in order, the `.git` of `root` left out.

    `nested` is asked of every directory below that has a `.git`, or looks like one, whether it will
    be read by itself; if not, it is a directory like any other. What cannot be listed is noted
    in `tally`.
    """
    top = os.fsencode(root)
    stack = [b""]
    while stack:
        relative = stack.pop()
        try:
            with os.scandir(os.path.join(top, relative)) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            tally.skip("unreadable", os.fsdecode(relative) or root, error.strerror or "")
            continue
        folders = []
        names = {entry.name for entry in entries}
        repository = b".git" in names or names >= _GIT_DIRECTORY
        if relative and repository and nested(os.fsdecode(os.path.join(top, relative))):
            continue
        for entry in entries:
            path = relative + b"/" + entry.name if relative else entry.name
            if path == b".git":
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
                yield File(path, os.path.join(top, path))
        stack.extend(reversed(folders))


def read(file: File, tally: Tally, limit: int) -> bytes | None:
    """Return the content of `file`, or a link's target; None, noted in `tally`, if it fails."""
    name = os.fsdecode(file.path)
    try:
        if os.path.islink(file.full):
            return os.readlink(file.full)
        with open(file.full, "rb", opener=_opener) as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                return None
            if status.st_size > limit:
                tally.skip("over-size", name, f"{status.st_size} bytes; the limit is {limit}")
                return None
            return read_stream(stream, name, tally, limit)
    except OSError as error:
        tally.skip("unreadable", name, error.strerror or "cannot be read")
        return None


def read_stream(stream: BinaryIO, name: str, tally: Tally, limit: int) -> bytes:
    """Return all of `stream`; what is past `limit` bytes is noted in `tally` and left out."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        tally.skip("over-size", name, f"only the first {limit} bytes were read")
    return data[:limit]


def _opener(path: str, flags: int) -> int:
    # A path may turn into a link or a pipe between listing and opening.
    safe = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    return os.open(path, flags | safe)
