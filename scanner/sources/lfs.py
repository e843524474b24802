"""What Git LFS keeps beside git's objects: the contents that blobs with pointers stand for."""

import os
import re
import stat
from collections.abc import Iterable, Iterator

from scanner.detect.engine import Engine
from scanner.gitdb.git import Git, GitError
from scanner.gitdb.told import configured
from scanner.model import Match
from scanner.sources.blobs import POINTER_HEAD
from scanner.sources.files import File, read
from scanner.sources.tally import Tally

# The name of the format, and those it had before it was released, which git-lfs reads too.
_POINTER = re.compile(
    rb"\Aversion (?:https://(?:git-lfs|hawser)\.github\.com/spec/v1|http://git-media\.io/v/2)\r?\n"
    rb"(?:.*\n)*?oid sha256:([0-9a-f]{64})\r?\n"
)
_LARGEST_POINTER = 1024


def pointed(data: bytes) -> str:
    """Return the SHA-256, in hex, that an LFS pointer names; nothing for any other content."""
    if len(data) >= _LARGEST_POINTER or not data.startswith(POINTER_HEAD):
        return ""
    pointer = _POINTER.match(data)
    return pointer[1].decode() if pointer else ""


def of_pointer(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Return the matches in an LFS object as those of a blob that points to it."""
    return tuple(match._replace(via=("lfs", *match.via)) for match in matches)


def note_absent(tally: Tally, oid: str, where: str) -> None:
    """Note that the object `oid`, which something at `where` points to, is not here."""
    detail = "not in the LFS storage here; in a clone `git lfs fetch --all` brings them"
    tally.together("lfs-missing", "LFS objects", oid, detail, f"the first is that of {where}")


class Storage:
    """The LFS objects of a repository, each searched when it is first asked for.

    Nothing is fetched. Whether an object is what its name says, is not checked.
    """

    def __init__(self, git: Git, engine: Engine, tally: Tally, limit: int, *, hook: bool) -> None:
        """Prepare to read objects of up to `limit` bytes.

        What a limit leaves unread makes the search incomplete, except in a `hook`: large files are
        what LFS is for. Only there the setting `lfs.storage` counts, as the user works with it.
        """
        self._git = git
        self._engine = engine
        self._tally = tally
        self._limit = limit
        self._hook = hook
        self._known: list[str] | None = None
        self._found: dict[str, tuple[Match, ...]] = {}

    def matches(self, data: bytes, where: str) -> tuple[Match, ...]:
        """Return what the object holds that `data` points to; nothing if it is no pointer.

        What is not here or not read is noted; `where` is what the blob is called there.
        """
        oid = pointed(data)
        if oid and oid not in self._found:
            self._found[oid] = of_pointer(self._searched(oid, where))
        return self._found.get(oid, ())

    def _searched(self, oid: str, where: str) -> tuple[Match, ...]:
        path, size = self._file(oid)
        if not path:
            note_absent(self._tally, oid, where)
            return ()
        if size > self._limit:
            detail = f"its LFS object has {size} bytes; the limit is {self._limit}"
            self._tally.skip("over-size", where, detail, incomplete=not self._hook)
            return ()
        data = read(File(os.fsencode(where), os.fsencode(path)), self._tally, self._limit)
        if data is None:
            return ()
        result = self._engine.findings(data)
        self._tally.read("lfs objects", len(data))
        self._tally.limits(result, where, incomplete=not self._hook)
        return result.matches

    def _file(self, oid: str) -> tuple[str, int]:
        """Return path and size of an object's file, an empty path if there is none."""
        for folder in self._folders():
            path = os.path.join(folder, oid[:2], oid[2:4], oid)
            try:
                status = os.lstat(path)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:
                return path, 0  # reading it tells why it cannot be read
            if stat.S_ISREG(status.st_mode) and os.path.realpath(path) == path:
                return path, status.st_size
        return "", 0

    def _folders(self) -> list[str]:
        """Return where objects lie, without links in the paths."""
        if self._known is None:
            self._known = [os.path.realpath(folder) for folder in self._storages()]
        return self._known

    def _storages(self) -> Iterator[str]:
        try:
            common = self._git.common_dir()
        except GitError:
            return
        yield os.path.join(common, "lfs", "objects")
        named = configured(self._git, r"^lfs\.storage$", os.environ) if self._hook else {}
        for folder in filter(None, named.values()):
            yield os.path.join(common, folder, "objects")
