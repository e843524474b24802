"""Files that two processes may change at once and that a crash must leave whole.

What is written is on the disk before it takes the name of the old file, so a reader sees the old
file or the new one. `draft` is the name in between; whatever an interrupted write left there is
removed by the next one.
"""

import errno
import hashlib
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from scanner.report.escape import visible
from scanner.vault.store import RefusedError, StoreError

if sys.platform != "win32":
    import fcntl

_PATIENCE = 30.0  # seconds; a write takes a fraction of one
_PAUSE = 0.01
_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))


def read(path: str, largest: int, *, follow: bool = False) -> bytes | None:
    """Return the content of a regular file, None if there is no file.

    Raises RefusedError if it may not be read, and StoreError for anything else than a regular file
    of at most `largest` bytes. A symbolic link is followed only if asked to: a file that is to be
    replaced must not be one, as the link would be replaced and not what it leads to.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _FLAGS
    if follow:
        flags &= ~getattr(os, "O_NOFOLLOW", 0)
    try:
        handle = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        if os.path.islink(path):
            raise StoreError(f"{visible(path)} is a symbolic link; name the file itself") from None
        raise refusal(path, "read", error) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise StoreError(f"{visible(path)} is not a regular file")
    with open(handle, "rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise StoreError(f"{visible(path)} is larger than {largest >> 20} MiB")
    return content


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Keep every other process that asks for it away from the folder of `path`.

    The lock is on the folder, which stays when the file is replaced, and ends with the process.
    Raises RefusedError if the folder cannot be opened, StoreError if another process keeps it.
    """
    if sys.platform == "win32":
        raise StoreError(f"{visible(path)} cannot be locked on Windows; write to it from WSL")
    folder = os.path.dirname(path)
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise refusal(folder, "opened", error) from None
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StoreError(
                    f"another process has kept {visible(folder)} locked for {_PATIENCE:.0f} s; "
                    "try again when it has ended"
                ) from None
            time.sleep(_PAUSE)
        except OSError as error:
            raise refusal(folder, "locked", error) from None
        else:
            return


def replace(path: str, content: bytes, mode: int = 0o600) -> None:
    """Make `content` the file at `path`, whole or not at all, under the lock of `locked`.

    It keeps the permissions of the file that is there; without one they are `mode`. Raises
    RefusedError; then the file is what it was, unless the message says that it was written.
    """
    folder, name = os.path.split(path)
    draft = os.path.join(folder, _draft(name))
    try:
        with suppress(FileNotFoundError):
            os.unlink(draft)
        _write(draft, content, _permissions(path, mode))
        os.replace(draft, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(draft)
        raise refusal(path, "written", error) from None
    try:
        sync_folder(folder)
    except OSError as error:
        raise RefusedError(
            f"{visible(path)} was written, but may not outlive a power cut: {error.strerror}"
        ) from None


def _draft(name: str) -> str:
    """Return a short name for the draft of a file, the same each time."""
    return f".leakseal-{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}.draft"


def _permissions(path: str, otherwise: int) -> int:
    try:
        return stat.S_IMODE(os.lstat(path).st_mode) & 0o777
    except FileNotFoundError:
        return otherwise


def _write(draft: str, content: bytes, mode: int) -> None:
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
    with open(handle, "wb") as file:
        file.write(content)
        file.flush()
        if hasattr(os, "fchmod"):
            os.fchmod(handle, mode)
        os.fsync(handle)
    with open(draft, "rb") as file:
        if file.read() != content:
            raise OSError(errno.EIO, "it does not read back as it was written")


def sync_folder(folder: str) -> None:
    """Put the names in `folder` on the disk, as they are; raise OSError if it cannot be done."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows cannot open a folder
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path: str, mode: int = 0o777) -> None:
    """Make the folder at `path` and those above it, where they are missing; raise RefusedError."""
    try:
        os.makedirs(path, mode=mode, exist_ok=True)
    except OSError as error:
        raise refusal(path, "made", error) from None


def refusal(path: str, verb: str, error: OSError) -> RefusedError:
    """Return what to raise when the system refuses to have `path` `verb`: read, written, made."""
    return RefusedError(f"{visible(path)} cannot be {verb}: {error.strerror}")
