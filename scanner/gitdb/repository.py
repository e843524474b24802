"""A repository as a place: its directories, refs, reflogs and files, but not its objects."""

import os
import re
from collections.abc import Container, Iterator
from typing import NamedTuple

from scanner.gitdb import gitdir
from scanner.gitdb.git import Git, GitError, scrub
from scanner.gitdb.locate import Located, locate
from scanner.gitdb.objects import HASHES, parse_commit
from scanner.model import Skipped

_PROBE_SECONDS = 10.0
_LARGEST_COMMIT = 1 << 20


class Ref(NamedTuple):
    """A ref; `peeled` is the object an annotated tag leads to, and `id` itself for other refs."""

    name: bytes
    id: bytes
    peeled: bytes


class Repository:
    """A repository on disk, git's view of it where git has one, and the files' otherwise."""

    def __init__(self, place: Located) -> None:
        """Describe the repository at `place`. Raises GitError if there is no git on this machine.

        The attributes say where it is (`git_dir`, `common_dir`, `work_tree`, None when `bare`), how
        ids are made (`object_format`, `hash_size` in bytes), and how to run git in it (`git`).
        `skipped` collects what could not be read.
        """
        self.git_dir = place.git_dir
        self.common_dir = place.common_dir
        self.work_tree = place.work_tree
        self.bare = place.work_tree is None
        self.skipped: list[Skipped] = []
        self._config = place.config
        self._head: bytes | None = None
        self._refs: list[Ref] | None = None
        self._root: bytes | None = None
        self._ref_ids: dict[bytes, tuple[bytes, bytes]] | None = None
        self.object_format = self._hash_name()
        self.hash_size = HASHES[self.object_format]
        self.git = Git(self.git_dir, self.work_tree)
        if place.problem:
            self._skip("unreadable-config", self.common_dir, place.problem)
        self.git.problem = self._problem()
        if self.git.problem:
            self._skip("git-refused", self.git_dir, self.git.problem)

    @classmethod
    def discover(cls, path: str) -> "Repository | None":
        """Return the repository that holds `path`, or None if none does.

        `path` may also be a git directory, a linked worktree or a submodule. Raises UsageError if
        what lies there is not safe to open, or if there is no git on this machine.
        """
        place = locate(path)
        return None if place is None else cls(place)

    @property
    def objects_dir(self) -> str:
        """Return the path of the object directory."""
        return os.path.join(self.common_dir, "objects")

    def head(self) -> bytes | None:
        """Return the commit HEAD stood for when first asked, or None if there is none yet."""
        if self._head is None:
            self._head = self._found_head()
        return self._head or None

    def _found_head(self) -> bytes:
        try:
            name = self.git.run("rev-parse", "--verify", "--quiet", "HEAD").strip()
            return gitdir.read_id(name, self.hash_size)
        except GitError:
            return self._resolve(self.git_dir, b"HEAD")

    def root(self) -> bytes:
        """Return the first by id, in hex, of the commits HEAD's history begins with; or nothing."""
        if self._root is None:
            self._root = self.git.root()
        return self._root

    def learn_root(self, root: bytes) -> None:
        """Take note of what `root` would ask git for."""
        self._root = root

    def branch(self) -> str:
        """Return the name of the current branch, or nothing if HEAD is detached."""
        try:
            target = self.git.run("symbolic-ref", "--quiet", "HEAD").strip()
        except GitError:
            content = gitdir.read_ref(self.git_dir, b"HEAD")
            target = content[4:].strip() if content.startswith(b"ref:") else b""
        return target.removeprefix(b"refs/heads/").decode("utf-8", "replace")

    def origin(self) -> str:
        """Return the URL of the remote `origin`, without user name, password and query."""
        return scrub_url(self._config.get("remote.origin.url", [""])[-1])

    def refs(self, commits: Container[bytes] = ()) -> list[Ref]:
        """Return all refs by name, as they were when first asked; also HEADs of linked worktrees.

        Both git and the files are asked, because git leaves out refs with odd names. A ref that
        holds no id goes to `skipped`. Give the ids of `commits` if they are known: git need not be
        asked what these lead to.
        """
        if self._refs is None:
            self._refs = self._found_refs(commits)
        return self._refs

    def _found_refs(self, commits: Container[bytes]) -> list[Ref]:
        found = self.ref_ids()
        peeled = self._peeled([ref for ref, _ in found.values() if ref not in commits])
        return [
            Ref(name, ref, ref if ref in commits else peeled.get(ref) or known or ref)
            for name, (ref, known) in found.items()
        ]

    def ref_ids(self) -> dict[bytes, tuple[bytes, bytes]]:
        """Return by name, in order, what each ref holds, and what files say a tag leads to.

        As `refs` does, which asks git what tags lead to.
        """
        if self._ref_ids is None:
            self._ref_ids = dict(sorted(self._found_ids()))
        return self._ref_ids

    def _found_ids(self) -> Iterator[tuple[bytes, tuple[bytes, bytes]]]:
        found = gitdir.stored_refs(self.common_dir, self.hash_size)
        found.pop(b"refs/heads/.invalid", None)  # stands in for the refs of a reftable
        for directory in gitdir.worktree_dirs(self.common_dir):
            name = b"worktrees/" + os.fsencode(os.path.basename(directory)) + b"/HEAD"
            found[name] = self._resolve(directory, b"HEAD"), b""
            for inner, value in gitdir.stored_refs(directory, self.hash_size).items():
                found[name[:-4] + inner] = value
        for name, stored in self._listed_refs().items():
            found[name] = stored, found.get(name, (b"", b""))[1]
        for name, (ref, known) in found.items():
            if ref:
                yield name, (ref, known)
            elif not name.startswith(b"worktrees/"):
                self._skip("broken-ref", name.decode("utf-8", "replace"), "holds no object id")

    def reflog_ids(self) -> set[bytes]:
        """Return every id that a reflog names, in any worktree."""
        if self._reftable:
            return self._walked("--reflog")
        found: set[bytes] = set()
        for directory in self._directories():
            for path in gitdir.files_below(os.path.join(directory, "logs")):
                found.update(gitdir.logged_ids(path, self.hash_size))
        return found

    def stash_ids(self) -> set[bytes]:
        """Return the ids of all stashed commits, those in the stash's reflog included."""
        if self._reftable:
            return self._walked("--walk-reflogs", "refs/stash")
        path = os.path.join(self.common_dir, "logs", "refs", "stash")
        found = set(gitdir.logged_ids(path, self.hash_size))
        top = gitdir.stored_refs(self.common_dir, self.hash_size).get(b"refs/stash", (b"", b""))[0]
        return found | {top} if top else found

    def shallow(self) -> set[bytes]:
        """Return the commits whose parents were never fetched.

        Git lists a first commit among them, if it lies exactly as deep as was fetched.
        """
        listed = gitdir.listed_ids(os.path.join(self.common_dir, "shallow"), self.hash_size)
        return {
            id_
            for id_, kind, data in self.git.batch(sorted(listed), _LARGEST_COMMIT)
            if kind != b"commit" or parse_commit(data, self.hash_size).parents
        }

    def is_partial(self) -> bool:
        """Tell whether this is a partial clone, in which objects may be absent by agreement."""
        if any(
            key == "extensions.partialclone"
            or (key.startswith("remote.") and key.endswith((".promisor", ".partialclonefilter")))
            for key in self._config
        ):
            return True
        try:
            names = os.listdir(os.path.join(self.objects_dir, "pack"))
        except OSError:
            return False
        return any(name.endswith(".promisor") for name in names)

    def nested_git_dirs(self) -> list[str]:
        """Return the git directories of all submodules, and of theirs."""
        return [path for top in self._tops() for path in gitdir.nested_git_dirs(top)]

    def metadata_files(self) -> Iterator[str]:
        """Yield the files of the git directory that may hold text: all but objects and indexes."""
        for top in self._tops():
            yield from gitdir.metadata_files(top)

    def lfs_objects(self) -> Iterator[str]:
        """Yield the files that Git LFS keeps in the git directory."""
        for top in self._tops():
            yield from gitdir.files_below(os.path.join(top, "lfs", "objects"))

    @property
    def _reftable(self) -> bool:
        return os.path.isdir(os.path.join(self.common_dir, "reftable"))

    def _problem(self) -> str:
        """Return why git must not or cannot be used here, or nothing."""
        for top in self._tops():
            for path in gitdir.blocking_files(top):
                return f"{scrub(path)} is neither a file nor a directory"
        try:
            self.git.run("rev-parse", "--git-dir", timeout=_PROBE_SECONDS)
        except GitError as error:
            return str(error)
        return ""

    def _tops(self) -> list[str]:
        """Return the common directory, and the own one if it lies elsewhere."""
        inside = (
            self.git_dir.startswith(self.common_dir + os.sep) or self.git_dir == self.common_dir
        )
        return [self.common_dir] if inside else [self.common_dir, self.git_dir]

    def _directories(self) -> list[str]:
        return [*self._tops(), *gitdir.worktree_dirs(self.common_dir)]

    def _hash_name(self) -> str:
        name = self._config.get("extensions.objectformat", ["sha1"])[-1].lower()
        return name if name in HASHES else "sha1"

    def _resolve(self, directory: str, name: bytes) -> bytes:
        """Return the id of a pseudo-ref of one worktree, which may lead to a shared ref."""
        content = gitdir.read_ref(directory, name)
        if not content.startswith(b"ref:"):
            return gitdir.read_id(content, self.hash_size)
        stored = gitdir.stored_refs(self.common_dir, self.hash_size)
        return gitdir.resolve(self.common_dir, content[4:].strip(), self.hash_size, stored)

    def _listed_refs(self) -> dict[bytes, bytes]:
        """Return the refs git lists."""
        try:
            lines = self.git.run("for-each-ref", "--format=%(objectname) %(refname)").splitlines()
        except GitError as error:
            if not self.git.problem:
                self._skip("git-refused", "for-each-ref", str(error))
            return {}
        pairs = (line.partition(b" ") for line in lines)
        return {name: gitdir.read_id(text, self.hash_size) for text, _, name in pairs}

    def _peeled(self, ids: list[bytes]) -> dict[bytes, bytes]:
        """Return what annotated tags lead to, by their ids; other objects lead to themselves."""
        names = list(dict.fromkeys(ids))
        if not names:
            return {}
        request = b"".join(name.hex().encode() + b"^{}\n" for name in names)
        try:
            answers = self.git.run("cat-file", "--batch-check=%(objectname)", stdin=request)
        except GitError:
            return {}
        lines = answers.splitlines()
        if len(lines) != len(names):
            return {}
        found = zip(names, lines, strict=True)
        return {
            name: gitdir.read_id(line, self.hash_size)
            for name, line in found
            if not line.endswith(b" missing")
        }

    def _walked(self, *options: str) -> set[bytes]:
        try:
            lines = self.git.run("rev-list", "--no-walk=unsorted", *options).split()
        except GitError:
            return set()
        return {gitdir.read_id(line, self.hash_size) for line in lines}

    def _skip(self, code: str, subject: str, detail: str) -> None:
        skipped = Skipped(code, subject, detail)
        if skipped not in self.skipped:
            self.skipped.append(skipped)


def scrub_url(url: str) -> str:
    """Return a remote's URL without user name, password, query, fragment and control bytes.

    A slash in a password is no valid URL, yet people write it: all up to the last @ goes.
    """
    scheme, separator, rest = scrub(url).rpartition("://")
    return scheme + separator + re.split(r"[?#]", rest, maxsplit=1)[0].rpartition("@")[2]
