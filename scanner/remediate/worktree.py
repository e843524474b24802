"""Files of the working tree: read, replaced and removed without leaving the tree.

A path comes from a report or a plan, which may lie, so every folder on the way is looked at: what
leads out of the tree through a link is refused, as is what is no plain file.
"""

import os
import stat

from scanner.errors import UsageError
from scanner.report.escape import visible
from scanner.vault import durable

LARGEST = 4 << 20
_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # no link, no waiting pipe


class UnfitFileError(UsageError):
    """A file cannot be rewritten: it is gone, a link, too large, or lies outside of the tree."""


class WorkTree:
    """The files below `top`, by paths in bytes relative to it, parts joined by `/`."""

    def __init__(self, top: str) -> None:
        """Take the real path of the work tree."""
        self._top = os.path.realpath(os.fsencode(top))

    def exists(self, path: bytes) -> bool:
        """Tell whether something is there, whatever it is."""
        return os.path.lexists(os.path.join(self._top, path))

    def read(self, path: bytes) -> bytes:
        """Return the content of a file; raise UnfitFileError, which says why, if it is none."""
        full = self._full(path)
        try:
            handle = os.open(full, os.O_RDONLY | _PLAIN)
        except FileNotFoundError:
            raise UnfitFileError(f"{visible(path)} is no longer there") from None
        except OSError as error:
            raise UnfitFileError(f"{visible(path)} cannot be read: {error.strerror}") from None
        try:  # opening a directory works; to make a file of it does not
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise UnfitFileError(f"{visible(path)} is no plain file")
            if status.st_nlink > 1:
                raise UnfitFileError(
                    f"{visible(path)} has {status.st_nlink} names (hard links): the others would "
                    "keep the secret; remove them first"
                )
            with os.fdopen(handle, "rb", closefd=False) as file:
                content = file.read(LARGEST + 1)
        finally:
            os.close(handle)
        if len(content) > LARGEST:
            raise UnfitFileError(f"{visible(path)} is larger than {LARGEST >> 20} MiB")
        return content

    def mode(self, path: bytes) -> int:
        """Return the permissions of a file; raise UnfitFileError if there is none."""
        full = self._full(path)
        try:
            return stat.S_IMODE(os.lstat(full).st_mode)
        except OSError as error:
            raise UnfitFileError(f"{visible(path)} cannot be read: {error.strerror}") from None

    def replace(self, path: bytes, content: bytes, mode: int = 0o644) -> None:
        """Put `content` in place of a file, whole and durably; a file that is new has `mode`.

        Raises RefusedError if it cannot be done; the old file is then untouched.
        """
        full = self._full(path)
        durable.make_folder(os.fsdecode(os.path.dirname(full)))
        durable.replace(os.fsdecode(full), content, mode)

    def remove(self, path: bytes) -> None:
        """Remove a file; raise RefusedError if it cannot be."""
        full = os.fsdecode(self._full(path))
        try:
            os.unlink(full)
            durable.sync_folder(os.path.dirname(full))
        except OSError as error:
            raise durable.refusal(os.fsdecode(path), "removed", error) from None

    def _full(self, path: bytes) -> bytes:
        parts = path.split(b"/")
        if not path or b"\0" in path or any(p in (b"", b".", b"..") for p in parts):
            raise UnfitFileError(f"{visible(path)} is no path of a file in the work tree")
        if any(part.lower() == b".git" for part in parts):
            raise UnfitFileError(f"{visible(path)} belongs to git itself")
        folder = os.path.join(self._top, *parts[:-1])
        if os.path.realpath(folder) != folder.rstrip(b"/"):
            raise UnfitFileError(f"{visible(path)} is reached through a symbolic link")
        for depth in range(1, len(parts)):
            inner = os.path.join(self._top, *parts[:depth])
            if os.path.lexists(os.path.join(inner, b".git")):
                raise UnfitFileError(f"{visible(path)} is in another repository; plan it there")
        full = os.path.join(folder, parts[-1])
        if os.path.islink(full):
            raise UnfitFileError(f"{visible(path)} is a symbolic link")
        return full
