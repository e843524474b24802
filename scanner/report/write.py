"""Puts a report into a file, whole or not at all, for its owner's eyes only."""

import os
import secrets
import stat
from contextlib import suppress

from scanner.errors import UsageError
from scanner.report.escape import visible


def write(path: str, text: str) -> None:
    """Replace the file at `path` by one of mode 0600 that holds `text` in UTF-8.

    Readers see the old file or the whole new one. What stands at `path` is never written into: a
    symbolic link, a directory or a device there is refused, as is a place that cannot be written.

    Raises UsageError, in one line, when the file cannot be written.
    """
    # Short, since a name may already be as long as the file system allows.
    draft = os.path.join(os.path.dirname(path), f".leakseal-{secrets.token_hex(8)}")
    content = text.encode("utf-8")
    try:
        _refuse_all_but_files(path)
        _write_new(draft, content)
        os.replace(draft, path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise _failed(path, error) from None
    finally:
        with suppress(OSError, ValueError):
            os.unlink(draft)


def check(path: str) -> None:
    """Raise UsageError, as `write` would, if a file at `path` cannot be written."""
    draft = os.path.join(os.path.dirname(path), f".leakseal-{secrets.token_hex(8)}")
    try:
        _refuse_all_but_files(path)
        _write_new(draft, b"")
    except (OSError, ValueError) as error:
        raise _failed(path, error) from None
    finally:
        with suppress(OSError, ValueError):
            os.unlink(draft)


def _failed(path: str, error: OSError | ValueError) -> UsageError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return UsageError(f"cannot write the report to {visible(path)}: {reason}")


def _refuse_all_but_files(path: str) -> None:
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise OSError(0, _KINDS.get(stat.S_IFMT(mode), "it is not a regular file"))


_KINDS = {
    stat.S_IFDIR: "it is a directory",
    stat.S_IFLNK: "it is a symbolic link; name the file itself",
}


def _write_new(path: str, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):  # not every system has every flag
        flags |= getattr(os, name, 0)
    with open(os.open(path, flags, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
