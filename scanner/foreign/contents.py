"""What a repository has at a path: in a commit, or on disk in its working tree."""

import os
import re
from collections.abc import Iterable, Iterator

from scanner.gitdb.files import read_regular
from scanner.gitdb.git import GitError
from scanner.gitdb.objects import HASHES
from scanner.gitdb.repository import Repository

_LARGEST = 64 << 20  # bytes of one file
_COMMIT = re.compile("[0-9a-f]{7,64}")
_Place = tuple[str, str]


class Contents:
    """Reads files of commits through one git, and files on disk; what was read last is kept."""

    def __init__(self, repository: Repository, places: Iterable[_Place]) -> None:
        """Look up `places`, pairs of a commit's id and a path; others in commits are not known."""
        self._git = repository.git
        self._root = os.path.realpath(repository.work_tree or repository.git_dir)
        self._ids = self._looked_up(dict.fromkeys(p for p in places if _is_askable(p)))
        self._wanted = b""
        self._blobs = self._git.batch(self._asked(), _LARGEST)
        self._last: tuple[_Place, bytes | None] = ("", ""), None

    def at(self, commit: str, path: str) -> bytes | None:
        """Return what `commit` has at `path`, or the disk if that is empty; None if nothing."""
        place = commit, path
        if self._last[0] != place:
            self._last = place, self._blob(place) if commit else self._on_disk(path)
        return self._last[1]

    def files(self) -> tuple[bytes, ...]:
        """Return the paths of the files that git tracks."""
        try:
            return tuple(filter(None, self._git.run("ls-files", "-z").split(b"\0")))
        except GitError:
            return ()

    def close(self) -> None:
        """End the git that reads."""
        self._blobs.close()

    def _looked_up(self, places: Iterable[_Place]) -> dict[_Place, bytes]:
        asked = list(places)
        if not asked:
            return {}
        names = "".join(f"{commit}:{path}\n" for commit, path in asked)
        try:
            answer = self._git.run(
                "cat-file", "--batch-check", stdin=names.encode("utf-8", "surrogatepass")
            )
        except GitError:
            return {}
        found = (line.split() for line in answer.split(b"\n"))
        return {
            place: bytes.fromhex(words[0].decode("ascii"))
            for place, words in zip(asked, found, strict=False)
            if words[1:2] == [b"blob"] and len(words[0]) in (2 * size for size in HASHES.values())
        }

    def _blob(self, place: _Place) -> bytes | None:
        if place not in self._ids:
            return None
        self._wanted = self._ids[place]
        entry = next(self._blobs)
        return entry.data if entry.kind == b"blob" else None

    def _asked(self) -> Iterator[bytes]:
        while True:
            yield self._wanted

    def _on_disk(self, path: str) -> bytes | None:
        full = os.path.join(self._root, os.path.normpath(path))
        try:
            inside = full.startswith(os.path.join(self._root, ""))
            if not inside or os.path.realpath(full) != full:  # a link is on the way
                return None
            return read_regular(full, _LARGEST)
        except (OSError, ValueError):  # ValueError: a NUL in the path
            return None


def _is_askable(place: _Place) -> bool:
    """Tell whether git can be asked for it, on a line of its own."""
    commit, path = place
    return bool(_COMMIT.fullmatch(commit)) and "\n" not in path and "\0" not in path
