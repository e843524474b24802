"""Puts the guard's hooks into a folder, keeps the hooks that were there, and takes ours out."""

import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from scanner.adopt.hook_manager import advice
from scanner.adopt.hook_script import (
    BEFORE,
    FORWARDED,
    HOOKS,
    forwarding,
    guarding,
    is_ours,
    is_unchanged,
)
from scanner.errors import UsageError
from scanner.report.escape import visible

_LARGEST = 1 << 20  # bytes; more is no hook that anybody wrote
_LEGACY = ".legacy"  # where pre-commit keeps what was there before it


class Change(NamedTuple):
    """A hook to be written, or to be taken out where `script` is None.

    `moves` says that another hook is kept beside it, or put back. `new` is whether git had none.
    """

    path: str
    script: bytes | None
    moves: bool
    new: bool

    @property
    def is_forward(self) -> bool:
        """Whether this hook only runs, or ran, that of the repository."""
        return os.path.basename(self.path) in FORWARDED


def installation(
    folder: str, hooks: Iterable[str], program: str, *, everywhere: bool, own: bool
) -> list[Change]:
    """Return what is to be done so that `hooks` in `folder` run the guard; nothing if they do.

    `own` is whether the folder was made for leakseal: it then also gets the hooks that run a
    repository's own. Raises UsageError where something stands in the way, or another program
    keeps the hooks.
    """
    wanted = {
        hook: guarding(hook, program, everywhere=everywhere, own=own)
        for hook in HOOKS
        if hook in hooks
    }
    forward = forwarding()
    if own:
        others = (*FORWARDED, *HOOKS)
        wanted |= {h: forward for h in others if h not in wanted and not _is_guard(folder, h)}
    changes = []
    for hook, script in wanted.items():
        path = os.path.join(folder, hook)
        there = _content(path)
        if there is not None and is_ours(there):
            if there != script or not os.access(path, os.X_OK):
                _check_lines(path, there, "" if own else f"put them into {hook}{BEFORE} beside it")
                changes.append(Change(path, script, moves=False, new=False))
            continue
        if own and there is not None:
            if script != forward:
                raise UsageError(f"{visible(path)} is not leakseal's; move it away")
            continue  # the user's, and no business of ours
        _check(folder, hook, there)
        changes.append(Change(path, script, moves=there is not None, new=there is None))
    return changes


def removal(folder: str, hooks: Iterable[str], *, own: bool) -> list[Change]:
    """Return what is to be done so that `folder` is as it was before `installation`.

    Raises UsageError where somebody has added lines to one of its hooks.
    """
    chosen = set(hooks)
    forward = forwarding() if own else None
    if own and chosen.issuperset(h for h in HOOKS if _is_guard(folder, h)):
        chosen, forward = {*HOOKS, *FORWARDED}, None
    changes = []
    for hook in (*HOOKS, *FORWARDED):
        for name in (hook, hook + _LEGACY) if hook in chosen else ():
            path = os.path.join(folder, name)
            there = _content(path)
            if there is not None and is_ours(there) and there != forward:
                _check_lines(path, there)
                moves = forward is None and os.path.lexists(os.path.join(folder, hook + BEFORE))
                changes.append(Change(path, forward, moves=moves, new=False))
    return changes


def carried_out(changes: Iterable[Change]) -> Iterator[Change]:
    """Make each change and yield it; raise UsageError for one that cannot be made."""
    for change in changes:
        before = change.path.removesuffix(_LEGACY) + BEFORE
        if not _is_as_planned(change):
            raise UsageError(f"{visible(change.path)} has changed meanwhile; run this again")
        try:
            if change.script is None:
                os.replace(before, change.path) if change.moves else os.unlink(change.path)
            else:
                os.makedirs(os.path.dirname(change.path), exist_ok=True)
                if change.moves:
                    _keep(change.path, before)
                _put(change.path, change.script)
        except OSError as error:
            raise UsageError(
                f"{visible(change.path)} cannot be changed: {error.strerror}"
            ) from None
        yield change


def _is_as_planned(change: Change) -> bool:
    """Tell whether what is there now is of the kind that the change was made for."""
    there = _content(change.path)
    if change.new or there is None:
        return change.new and there is None
    return is_ours(there) != (change.moves and change.script is not None)


def _is_guard(folder: str, hook: str) -> bool:
    there = _content(os.path.join(folder, hook))
    return there is not None and is_ours(there) and there != forwarding()


def _check(folder: str, hook: str, there: bytes | None) -> None:
    """Raise UsageError if `hook` must not be put into `folder`, where `there` is the one it has."""
    better = advice(folder, hook, there or b"")
    if better is not None:
        raise UsageError(better)
    before = os.path.join(folder, hook + BEFORE)
    if os.path.lexists(before) and there is not None:
        raise UsageError(
            f"{visible(before)} is there from an earlier time, and {hook} is not leakseal's;"
            " remove the one of them that is not needed"
        )


def _check_lines(path: str, there: bytes, remedy: str = "") -> None:
    """Raise UsageError if a hook of ours has lines that are not: they would be lost."""
    if not is_unchanged(there):
        raise UsageError(
            f"{visible(path)} was changed since leakseal wrote it, and the changes would be lost;"
            f" {remedy or 'keep them elsewhere'}, remove it, and run this again"
        )


def _content(path: str) -> bytes | None:
    """Return what a hook holds, also through a link, None if there is none or its target is gone.

    Raises UsageError if it is not a regular file or cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return b"" if os.path.islink(path) else None
    except OSError as error:
        raise UsageError(f"{visible(path)} cannot be read: {error.strerror}") from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UsageError(f"{visible(path)} is not a regular file, so it is no hook")
        with open(handle, "rb", closefd=False) as file:
            return file.read(_LARGEST)
    finally:
        os.close(handle)


def _keep(path: str, before: str) -> None:
    """Give a hook its second name; it keeps the first too, where links can be made."""
    try:
        os.link(path, before, follow_symlinks=False)
    except FileExistsError:  # another was kept meanwhile, and must not be lost
        raise
    except (OSError, NotImplementedError):
        os.rename(path, before)


def _put(path: str, script: bytes) -> None:
    """Put an executable file at `path`, whole or not at all; git never sees a half of it."""
    draft = os.path.join(os.path.dirname(path), f".leakseal-{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(draft, flags, 0o755), "wb") as file:
            file.write(script)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        with suppress(OSError):
            os.unlink(draft)
