"""Repositories inside a repository: submodules, and clones that lie about in the working tree."""

import os
from typing import NamedTuple

from scanner.errors import UsageError
from scanner.gitdb.repository import Repository
from scanner.sources.sighting import Sighting
from scanner.sources.tally import Tally


class Nest(NamedTuple):
    """A repository to be read.

    `place` and `git_place` are its directories of files and of git below the root of the scan,
    each with a `/` behind it; both are empty for the root itself.
    """

    repository: Repository
    place: bytes
    git_place: bytes

    def placed(self, s: Sighting) -> Sighting:
        """Return a sighting in this repository with its path from the root of the scan."""
        where = s.occurrence
        if self.place and where.place in ("file", "path"):
            where = where._replace(path=self.place + where.path)
        elif self.place and where.place == "git":
            where = where._replace(path=self.git_place + where.path.removeprefix(b".git/"))
        return s._replace(occurrence=where)


class Nests:
    """The repositories that turn up below a directory, each once."""

    def __init__(self, root: str, tally: Tally) -> None:
        """Start without any; `waiting` may grow while it is worked off."""
        self._root = root
        self._tally = tally
        self._seen: set[str] = set()
        self.waiting: list[Nest] = []

    def begin(self, repository: Repository) -> None:
        """Take in the repository of the root itself."""
        self._seen.add(repository.git_dir)
        self.waiting.append(Nest(repository, b"", b""))

    def take(self, path: str) -> bool:
        """Take in the repository at `path`, if there is one; tell whether it will be read.

        What only looks like a repository, or claims another one's git directory, is not: its files
        belong to those around it.
        """
        try:
            found = Repository.discover(path)
        except UsageError as error:
            self._tally.skip("broken-repository", self._below(path), str(error))
            return False
        if found is None or found.git_dir in self._seen:
            return False
        if os.path.realpath(path) not in (found.work_tree, found.git_dir):
            return False
        self._seen.add(found.git_dir)
        places = [os.fsencode(self._below(p)) + b"/" for p in (path, found.common_dir)]
        self.waiting.append(Nest(found, places[0], places[1]))
        return True

    def _below(self, path: str) -> str:
        return os.path.relpath(path, self._root).replace(os.sep, "/")
