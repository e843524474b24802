"""What a remote is known to have, by the refs of it that are here and by what a push is told."""

import os
from collections.abc import Iterable, Mapping, Set
from typing import NamedTuple

from scanner.gitdb.git import Git
from scanner.gitdb.told import configured
from scanner.sources.updates import Update

_HEAD = "HEAD"
_BY_CUSTOM = frozenset(["main", "master"])
_BRANCHES = b"refs/heads/"


class _Branch(NamedTuple):
    """The last commit of a remote's branch as it is known here, and what the ref stands for."""

    id: str
    lead: str


def tracked(git: Git, remote: str, updates: Iterable[Update] = ()) -> tuple[str, ...]:
    """Return rev-list's arguments for what `remote` is known to have, by its refs that are here.

    For a URL that no remote is configured for, what any remote has counts. What a branch was when
    fetched does not count where `updates` tell that the remote has it no longer, or at another
    commit that is here too. If it lacks its default branch, it is another remote than before, or
    was made anew: then none are returned, as for a name that rev-list would take for a pattern.
    """
    # The user's own settings may have remotes too.
    names = configured(git, r"^remote\.", os.environ)
    remotes = {name.removeprefix("remote.").rpartition(".")[0] for name in names}
    if not remote or remote not in remotes:
        return ("--remotes",)
    here = _branches(git, remote)
    told = {
        os.fsdecode(u.ref.removeprefix(_BRANCHES)): u.old
        for u in updates
        if u.new and u.ref.startswith(_BRANCHES)
    }
    outdated = _outdated(git, here, told)
    gone = {name for name in outdated if not told[name]}
    if set(remote) & set("*?[\\") or not gone.isdisjoint(_defaults(here)):
        return ()
    if _HEAD in here and here[_HEAD].lead in outdated:
        outdated.add(_HEAD)
    others = (name for name in remotes if name.startswith(f"{remote}/"))
    left_out = [*(f"{remote}/{name}" for name in outdated), *(f"{name}/*" for name in others)]
    return (*(f"--exclude={pattern}" for pattern in sorted(left_out)), f"--remotes={remote}")


def _branches(git: Git, remote: str) -> dict[str, _Branch]:
    top = f"refs/remotes/{remote}/"
    form = "--format=%(refname) %(objectname) %(symref)"
    lines = git.run("for-each-ref", form, top).split(b"\n")
    parts = (os.fsdecode(line).split(" ") for line in lines if line)
    return {
        name.removeprefix(top): _Branch(id_, lead.removeprefix(top)) for name, id_, lead in parts
    }


def _outdated(git: Git, here: Mapping[str, _Branch], told: Mapping[str, str]) -> set[str]:
    """Return the branches that are known not to be on the remote what they are here.

    Where the remote has a commit that is not here, somebody else has pushed: most likely on top.
    """
    other = {name: old for name, old in told.items() if name in here and old != here[name].id}
    names = "".join(f"{old}\n" for old in other.values() if old)
    asked = ("cat-file", "--batch-check=%(objectname)")
    lines = git.run(*asked, stdin=names.encode()).decode().splitlines() if names else []
    present = {"", *lines}
    return {name for name, old in other.items() if old in present}


def _defaults(branches: Mapping[str, _Branch]) -> Set[str]:
    """Return which of a remote's branches may be its default one."""
    if _HEAD in branches and branches[_HEAD].lead:
        return {branches[_HEAD].lead}
    return _BY_CUSTOM.intersection(branches) or frozenset(branches)
