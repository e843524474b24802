"""Opens files that may be anything: only regular files are read, and nothing can block."""

import mmap
import os
import stat

Buffer = bytes | mmap.mmap

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_MAP_FROM = 1 << 20


def read_regular(path: str, limit: int) -> bytes:
    """Return the first `limit` bytes of a regular file; a symbolic link is followed.

    Raises OSError, also when the file is not a regular one.
    """
    descriptor, _ = _open(path)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit)


def map_regular(path: str) -> Buffer:
    """Return the whole content of a regular file, memory-mapped if it is longer than 1 MiB.

    Raises OSError, also when the file is not a regular one.
    """
    descriptor, size = _open(path)
    with os.fdopen(descriptor, "rb") as file:
        if size <= _MAP_FROM:
            return file.read(_MAP_FROM)
        return mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)


def forget(buffer: Buffer) -> None:
    """Let go of the pages of a mapped file that were read; they are read again when needed."""
    if isinstance(buffer, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        buffer.madvise(mmap.MADV_DONTNEED)


def _open(path: str) -> tuple[int, int]:
    # Opening a device can already do something, so look first; a name can change, so look again.
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(f"{path} is not a regular file")
    descriptor = os.open(path, _FLAGS)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is not a regular file")
    return descriptor, status.st_size
