"""A directory that belongs to the user alone, and the files in it.

It is held open by descriptor where the system can, so that what was checked is what is used.
"""

import os
import stat
import weakref
from collections.abc import Iterator
from contextlib import closing, suppress

from scanner.cache.place import Refused

DRAFT = ".draft"


def _flags(*names: str) -> int:
    """Return the open flags of these names, as far as this system has them."""
    flags = 0
    for name in names:
        flags |= getattr(os, name, 0)
    return flags


_DIRECTORY = _flags("O_RDONLY", "O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC")
_READ = _flags("O_RDONLY", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")
_CREATE = _flags("O_WRONLY", "O_CREAT", "O_EXCL", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY")
# Windows has neither; there, the access lists of the user's profile do this work.
_BY_DESCRIPTOR = os.open in os.supports_dir_fd
_HAS_OWNERS = hasattr(os, "geteuid")
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Folder:
    """A private directory; no symbolic link in it is followed."""

    def __init__(self, path: str, descriptor: int | None) -> None:
        """Use the directory at `path`, held open as `descriptor` if the system can do that."""
        self.path = path
        self._at = descriptor
        self._prefix = path + os.sep if descriptor is None else ""
        if descriptor is not None:
            weakref.finalize(self, os.close, descriptor)

    def read(self, name: str, largest: int) -> bytes | None:
        """Return a file's content, and mark the file as used now.

        None if the file is not as `write` leaves it: over `largest` bytes, not the user's own, or
        open to others. Raises OSError if there is none, or if it is not a regular file.
        """
        handle = os.open(self._prefix + name, _READ, dir_fd=self._at)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise OSError("not a regular file")
            if status.st_size > largest or not _private(status):
                return None
            with suppress(OSError):  # a file system that is read only
                os.utime(handle if os.utime in os.supports_fd else self._prefix + name)
            return os.read(handle, status.st_size)
        finally:
            os.close(handle)

    def write(self, name: str, content: bytes, *, replace: bool = True) -> None:
        """Write a file of mode 0600, whole or not at all; raises OSError.

        Without `replace`, a file that is there already stays: of several processes the first wins.
        """
        draft = os.urandom(8).hex() + DRAFT
        try:
            handle = os.open(self._prefix + draft, _CREATE, 0o600, dir_fd=self._at)
            with open(handle, "wb") as file:
                file.write(content)
            if replace or not self._link(draft, name):
                self._rename(draft, name)
        finally:
            with suppress(OSError):
                os.unlink(self._prefix + draft, dir_fd=self._at)

    def _rename(self, old: str, new: str) -> None:
        prefix = self._prefix
        os.replace(prefix + old, prefix + new, src_dir_fd=self._at, dst_dir_fd=self._at)

    def _link(self, old: str, new: str) -> bool:
        """Give a file a second name unless that is taken; False where there are no hard links."""
        prefix = self._prefix
        try:
            os.link(prefix + old, prefix + new, src_dir_fd=self._at, dst_dir_fd=self._at)
        except FileExistsError:
            return True
        except OSError:
            return False
        return True

    def remove(self, name: str) -> bool:
        """Remove a regular file, and tell whether it is gone by this; anything else stays."""
        path = self._prefix + name
        try:
            status = os.stat(path, dir_fd=self._at, follow_symlinks=False)
            if not stat.S_ISREG(status.st_mode):
                return False
            os.unlink(path, dir_fd=self._at)
        except OSError:
            return False
        return True

    def files(self) -> Iterator[tuple[str, os.stat_result]]:
        """Yield name and status of each regular file; raises OSError."""
        with closing(_Listing(self.path, self._at)) as listing, os.scandir(listing.target) as found:
            for entry in found:
                with suppress(OSError):  # somebody else removed it meanwhile
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode):
                        yield entry.name, status


class _Listing:
    """What to list: a descriptor of its own, as its position must not be anyone else's."""

    def __init__(self, path: str, at: int | None) -> None:
        self.target: int | str = path if at is None else os.open(".", _DIRECTORY, dir_fd=at)

    def close(self) -> None:
        if isinstance(self.target, int):
            os.close(self.target)


def open_folder(root: str, name: str, *, create: bool) -> Folder | None:
    """Open the directory `name` in `root`, both the user's own; make them if asked to.

    None if there is none. Raises Refused if one of them is somebody else's, can be written by
    others, is a symbolic link, or cannot be made.
    """
    path = os.path.join(root, name)
    try:
        if create:
            os.makedirs(root, 0o700, exist_ok=True)
        outer = _checked(root)
        if outer is not None:
            os.close(outer)
        if create:
            with suppress(FileExistsError):
                os.mkdir(path, 0o700)
        return Folder(path, _checked(path, narrow=True))
    except FileNotFoundError:
        if create:
            raise Refused(f"{path} cannot be made") from None
        return None
    except OSError as error:
        raise Refused(f"{path} cannot be used: {error.strerror}") from None


def _checked(path: str, *, narrow: bool = False) -> int | None:
    """Return a descriptor of a directory that is the user's own, None where there are none.

    With `narrow`, what others may read is closed to them. Raises Refused or OSError.
    """
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        raise Refused(f"{path} is a symbolic link; name the directory itself")
    if not stat.S_ISDIR(status.st_mode):
        raise Refused(f"{path} is not a directory")
    if not _BY_DESCRIPTOR:
        return None
    descriptor = os.open(path, _DIRECTORY)
    try:
        status = os.fstat(descriptor)
        if status.st_uid != os.geteuid():
            raise Refused(f"{path} belongs to someone else")
        if status.st_mode & _OTHERS_WRITE:
            raise Refused(f"{path} can be written by others; chmod go-w it")
        if narrow and status.st_mode & _OTHERS:
            os.fchmod(descriptor, 0o700)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _private(status: os.stat_result) -> bool:
    if not _HAS_OWNERS:
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & _OTHERS
