"""What a checkout holds: which commits and branches, and where its history was cut off."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from scanner.gitdb.git import GitError
from scanner.gitdb.objects import parse_commit
from scanner.gitdb.repository import Repository

_BRANCHES = "refs/remotes/origin/"
_LARGEST_COMMIT = 1 << 20
_WHOLE = (40, 64)


class Span(NamedTuple):
    """The ids of commits, and of those parents of theirs that are not among them."""

    commits: tuple[str, ...]
    outside: tuple[str, ...]


class Checkout:
    """A repository as a CI platform has cloned it. Ids are written in hex."""

    def __init__(self, repository: Repository) -> None:
        """Look at `repository`; nothing is fetched."""
        self._repository = repository
        self._git = repository.git

    def commit(self, id_: str) -> str:
        """Return the id of the commit that `id_` names, a tag's of it too; nothing if it is absent.

        An `id_` that is cut short is looked up among ids only: a ref can be named like one.
        """
        if len(id_) not in _WHOLE:
            found = self._git.run("rev-parse", f"--disambiguate={id_}").decode().split()
            if len(found) != 1:
                return ""
            id_ = found[0]
        return self._commits([id_])[0]

    def revision(self, text: str) -> str:
        """Return the id of the commit that `text`, a revision of the user's, names; or nothing."""
        name = f"{text}^{{commit}}"
        try:
            found = self._git.run("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        except GitError:
            return ""
        return found.decode().strip()

    @cached_property
    def branches(self) -> dict[str, str]:
        """The branches of `origin` by name, with the ids of their last commits."""
        return {name: id_ for name, id_, _ in self._listed() if name != "HEAD"}

    @cached_property
    def default(self) -> str:
        """The name of the branch that `origin` was on when cloned, or nothing."""
        leads = [target for name, _, target in self._listed() if name == "HEAD"]
        return leads[0].removeprefix(_BRANCHES) if leads else ""

    @cached_property
    def cut(self) -> frozenset[str]:
        """The commits that have parents which were not fetched."""
        return frozenset(id_.hex() for id_ in self._repository.shallow())

    def tags(self, commit: str) -> tuple[tuple[str, bytes], ...]:
        """Return the annotated tags that lead to `commit`: pairs of id and name of the ref."""
        form = "--format=%(objecttype) %(objectname) %(refname)"
        listed = self._git.run("for-each-ref", f"--points-at={commit}", form, "refs/tags")
        parts = (line.split(b" ", 2) for line in listed.splitlines())
        return tuple((id_.decode(), ref) for kind, id_, ref in parts if kind == b"tag")

    def parents(self, id_: str) -> tuple[str, ...]:
        """Return the ids of a commit's parents, whether or not they are here."""
        answers = self._git.batch([bytes.fromhex(id_)], _LARGEST_COMMIT)
        return tuple(
            parent.hex()
            for commit in answers
            if commit.kind == b"commit"
            for parent in parse_commit(commit.data, self._repository.hash_size).parents
        )

    def span(self, head: str, known: Iterable[str]) -> Span:
        """Return the commits that `head` leads to and none of `known` does, newest first."""
        request = "".join(f"{id_}\n" for id_ in [head, *(f"^{id_}" for id_ in known)])
        options = ("--topo-order", "--boundary", "--stdin")
        lines = self._git.run("rev-list", *options, stdin=request.encode()).decode().split()
        return Span(
            tuple(line for line in lines if not line.startswith("-")),
            tuple(line[1:] for line in lines if line.startswith("-")),
        )

    def graph(self, tips: Iterable[str]) -> dict[str, list[str]]:
        """Return every commit that `tips` lead to, with those of its parents that are here."""
        request = "".join(f"{id_}\n" for id_ in tips).encode()
        lines = self._git.run("rev-list", "--parents", "--stdin", stdin=request).decode()
        rows = (line.split() for line in lines.splitlines())
        return {row[0]: row[1:] for row in rows}

    def is_partial(self) -> bool:
        """Tell whether the contents of files may be absent."""
        return self._repository.is_partial()

    def _commits(self, ids: list[str]) -> list[str]:
        request = "".join(f"{id_}^{{commit}}\n" for id_ in ids).encode()
        answers = self._git.run("cat-file", "--batch-check=%(objectname)", stdin=request).decode()
        return ["" if " " in line else line for line in answers.splitlines()]

    def _listed(self) -> Iterator[tuple[str, str, str]]:
        """Yield the name of each branch of `origin`, its id, and the ref it stands for, if any."""
        form = "--format=%(objectname) %(refname) %(symref)"
        listed = self._git.run("for-each-ref", form, _BRANCHES).decode("utf-8", "replace")
        for line in listed.split("\n")[:-1]:
            id_, name, *target = line.split(" ")
            yield name.removeprefix(_BRANCHES), id_, target[0] if target else ""
