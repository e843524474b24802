"""Commits what a migration changed on a branch of its own.

Done with git's own plumbing, so that no hook, filter or setting of the repository runs, and what
else is staged stays staged and is not committed.
"""

import os
import tempfile
import time
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from scanner.errors import UsageError
from scanner.gitdb.discover import committer
from scanner.gitdb.git import Git, GitError
from scanner.remediate import references
from scanner.remediate.journal import Journal, Migration
from scanner.remediate.plan import Plan
from scanner.remediate.project import Project
from scanner.remediate.worktree import WorkTree
from scanner.report.escape import as_bytes, visible
from scanner.report.words import amount

_NEW = "100644"
_UNFINISHED = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


class Committed(NamedTuple):
    """The commit that was made, and the changed files that are not in it."""

    id: str
    left: tuple[str, ...]


class _Blob(NamedTuple):
    """What the commit has at a path; no id where the file goes away."""

    path: str
    mode: str
    id: str


def refuse_branch(name: str, project: Project) -> None:
    """Raise UsageError if `name` is no name for a branch, or there is one, or no commit yet."""
    git = project.repository.git
    if project.repository.head() is None:
        raise UsageError("there is no commit yet that a branch could start from")
    try:
        git.run("check-ref-format", "--branch", name)
    except GitError:
        raise UsageError(f"{visible(name)} is no name for a branch") from None
    wanted = f"refs/heads/{name}/"
    for ref in git.run("for-each-ref", "--format=%(refname)").split():
        there = ref.decode("utf-8", "surrogateescape") + "/"
        if wanted.startswith(there) or there.startswith(wanted):
            raise UsageError(f"there is a branch {visible(there[11:-1])} already")
    for work in _UNFINISHED:
        if os.path.exists(os.path.join(project.repository.git_dir, work)):
            raise UsageError("a merge or rebase is going on here; end it first")


def commit_on(name: str, plan: Plan, project: Project) -> Committed:
    """Commit the changes of a migration on the new branch `name`, and switch to it.

    Files that had changes of their own before are left out. Raises UsageError as `refuse_branch`.
    """
    refuse_branch(name, project)
    migration = Journal(project.private).load(plan.id)
    if migration is None:
        raise UsageError(f"the plan {plan.id} was not applied here")
    tree, git = WorkTree(project.top), project.repository.git
    blobs, left = [], []
    for path in sorted(migration.files):
        blob = _changed(path, migration, project, tree)
        if blob is None:
            left.append(path)
        else:
            blobs.append(blob)
    blobs += [_written(path, tree, git) for path in _own_files(migration, project, tree)]
    commit = _commit(blobs, project, _message(plan))
    git.run("update-ref", f"refs/heads/{name}", commit, "0" * len(commit))
    try:
        _stage(blobs, git)  # before HEAD moves: it fails where the index is locked
    except GitError:
        git.run("update-ref", "-d", f"refs/heads/{name}", commit)
        raise
    git.run("symbolic-ref", "HEAD", f"refs/heads/{name}")
    return Committed(commit, tuple(left))


def _changed(path: str, migration: Migration, project: Project, tree: WorkTree) -> _Blob | None:
    """Return the blob for a changed file, None if more than the migration changed it."""
    git, change = project.repository.git, migration.files[path]
    listed = git.run("ls-tree", "-z", "HEAD", "--", path).rstrip(b"\0")
    if not listed:
        return None
    mode, _, id_ = listed.partition(b"\t")[0].split()
    staged = git.run("ls-files", "-s", "-z", "--", path).partition(b" ")[2]
    if not staged.startswith(id_ + b" 0\t"):
        return None
    old = git.run("cat-file", "blob", id_.decode())
    name = project.key.content
    unix = name(old) != change.before and name(old.replace(b"\n", b"\r\n")) == change.before
    if name(old) != change.before and not unix:
        return None
    if not change.after:
        return _Blob(path, mode.decode(), "")
    content = tree.read(as_bytes(path))
    if unix:  # git keeps it without carriage returns (core.autocrlf)
        content = content.replace(b"\r\n", b"\n")
    return _Blob(path, mode.decode(), _hashed(content, git))


def _own_files(migration: Migration, project: Project, tree: WorkTree) -> Iterable[str]:
    """Yield what leakseal itself wrote: references, ledger, and a store that lies in the tree."""
    paths = [references.PATH.decode(), references.EXAMPLE.decode()]
    years = sorted(os.listdir(project.ledger)) if os.path.isdir(project.ledger) else []
    paths += [f".leakseal/ledger/{year}/{migration.run}.jsonl" for year in years]
    store = urlsplit(migration.plan.store)
    if store.scheme == "sops":
        file = os.path.join(project.top, unquote(store.netloc + store.path))
        paths.append(os.path.relpath(file, project.top))
    return [path for path in paths if path[:3] != "../" and tree.exists(as_bytes(path))]


def _written(path: str, tree: WorkTree, git: Git) -> _Blob:
    return _Blob(path, _NEW, _hashed(tree.read(as_bytes(path)), git))


def _hashed(content: bytes, git: Git) -> str:
    return git.run("hash-object", "-w", "--stdin", stdin=content).decode().strip()


def _commit(blobs: list[_Blob], project: Project, message: str) -> str:
    head = project.repository.head()
    assert head is not None
    with tempfile.TemporaryDirectory(prefix="leakseal-") as folder:
        environ = {**os.environ, "GIT_INDEX_FILE": os.path.join(folder, "index")}
        environ.pop("GIT_DIR", None)
        git = Git(project.repository.git_dir, project.top, environ=environ, hook=True)
        git.run("read-tree", "HEAD")
        _stage(blobs, git)
        tree = git.run("write-tree").decode().strip()
    name, email = committer(project.top)
    zone = time.strftime("%z")
    line = f"{_plain(name)} <{_plain(email)}> {int(time.time())} {zone}"
    text = f"tree {tree}\nparent {head.hex()}\nauthor {line}\ncommitter {line}\n\n{message}"
    git = project.repository.git
    made = git.run("hash-object", "-w", "-t", "commit", "--stdin", stdin=as_bytes(text))
    return made.decode().strip()


def _plain(name: str) -> str:
    return "".join(c for c in name if c not in "<>\n\0").strip() or "unknown"


def _stage(blobs: Iterable[_Blob], git: Git) -> None:
    blobs = list(blobs)
    width = max((len(blob.id) for blob in blobs), default=40)
    lines = [
        f"{blob.mode if blob.id else '0'} {blob.id or '0' * width}\t{blob.path}\0" for blob in blobs
    ]
    git.run("update-index", "-z", "--add", "--index-info", stdin=as_bytes("".join(lines)))


def _message(plan: Plan) -> str:
    moved = [e for e in plan.entries if any(p.action != "refuse" for p in e.places)]
    return (
        f"Move {amount(len(moved), 'secrets')} out of the code\n\n"
        f"They stand in {plan.store}. {references.PATH.decode()} says which variable\n"
        "gets its value from where; `leakseal run -- COMMAND` starts a program with them.\n"
    )
