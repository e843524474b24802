"""Files that decide what is reported: they count only if whoever runs this put them there."""

import os
import stat

from scanner.errors import UsageError


def named(path: str, most: int) -> bytes:
    """Return the content of a file that the user named, links followed.

    Raises UsageError if it cannot be read or is larger than `most` bytes.
    """
    try:
        with open(path, "rb") as file:
            return _bounded(path, file.read(most + 1), most)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def own(path: str, most: int) -> bytes | None:
    """Return the same; None if `path` is no regular file that belongs to whoever runs this."""
    try:
        with open(path, "rb", opener=_not_followed) as file:
            if not _is_own(os.fstat(file.fileno())):
                return None
            return _bounded(path, file.read(most + 1), most)
    except OSError as error:
        if not os.path.isfile(path) or os.path.islink(path):
            return None
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _bounded(path: str, content: bytes, most: int) -> bytes:
    if len(content) > most:
        raise UsageError(f"{path} is larger than {most >> 20} MiB")
    return content


def _not_followed(path: str, flags: int) -> int:
    """Open a file without following a symbolic link, or waiting for a pipe's other end."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _is_own(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and (os.name != "posix" or found.st_uid == os.geteuid())
