"""The ledger's files on disk, `YYYY/RUN.jsonl` in its folder: found, read, and written durably.

The folder is part of a work tree and may come from anyone: no symbolic link in it is followed, and
nothing but plain files is read.
"""

import json
import os
import re
import stat
from contextlib import suppress
from typing import NamedTuple

from scanner.errors import UsageError
from scanner.report.escape import visible

LARGEST = 256 << 20
_NAMES = ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")  # not every system has every one
_PLAIN = sum(getattr(os, name, 0) for name in _NAMES)
_YEAR = re.compile(r"\d{4}")
_RUN = re.compile(r"([0-9A-HJKMNP-TV-Z]{26})\.jsonl")


class LedgerError(UsageError):
    """The ledger cannot be read or written, or the step may not be taken; the message says why."""


class RunFile(NamedTuple):
    """The content of a run's file: its whole lines, and what was only half written after them."""

    lines: list[bytes]
    torn: bytes


def run_files(folder: str) -> dict[str, str]:
    """Return the path of each run's file by its id, oldest first; raise LedgerError."""
    found: dict[str, str] = {}
    for year in listed(folder):
        if _YEAR.fullmatch(year):
            for name in listed(os.path.join(folder, year)):
                match = _RUN.fullmatch(name)
                if match:
                    path = os.path.join(folder, year, name)
                    if match[1] in found:
                        raise LedgerError(f"{visible(path)} is there a second time; remove one")
                    found[match[1]] = path
    return dict(sorted(found.items()))


def listed(folder: str) -> list[str]:
    """Return the names in `folder`, sorted; none if there is no folder. Raises LedgerError."""
    try:
        _refuse_links(folder)
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LedgerError(f"{visible(folder)} cannot be read: {error.strerror}") from None


def read(path: str) -> bytes:
    """Return the content of a plain file of at most LARGEST bytes; raise LedgerError."""
    try:
        _refuse_links(os.path.dirname(path))
        with open(os.open(path, os.O_RDONLY | _PLAIN), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(0, "it is not a plain file")
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise LedgerError(f"{visible(path)} cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise LedgerError(f"{visible(path)} is larger than {LARGEST >> 20} MiB")
    return content


def parted(content: bytes) -> RunFile:
    """Return `content` in lines; a last one that does not end, or is no JSON, is torn."""
    *lines, torn = content.split(b"\n")
    if lines and not torn and not _is_json(lines[-1]):
        torn = lines.pop() + b"\n"
    return RunFile(lines, torn)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def append(path: str, size: int, line: bytes) -> None:
    """Put `line` at the end of the file at `path`, which has `size` bytes, durably.

    A `size` of 0 makes the file if it is not there. Raises LedgerError; the file is then as it was,
    or ends in half a line if it cannot even be cut.
    """
    flags = os.O_WRONLY | os.O_APPEND | _PLAIN
    try:
        _refuse_links(os.path.dirname(path))
        if size == 0:
            _make_folders(os.path.dirname(path))
            flags |= os.O_CREAT
        handle = os.open(path, flags, 0o644)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or status.st_size != size:
                raise OSError(0, "somebody else has changed it")
            _write(handle, size, line)
        finally:
            os.close(handle)
        if size == 0:
            sync_folder(os.path.dirname(path))
    except OSError as error:
        raise LedgerError(
            f"nothing more was done, as {visible(path)} cannot be written: {error.strerror}"
        ) from None


def _write(handle: int, size: int, line: bytes) -> None:
    if size + len(line) > LARGEST:
        raise OSError(0, f"it would be larger than {LARGEST >> 20} MiB")
    left = memoryview(line)
    try:
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    except OSError:
        with suppress(OSError):
            os.ftruncate(handle, size)
        raise


def put(path: str, content: bytes) -> None:
    """Make or replace a file, durably, whole or not at all; raise LedgerError."""
    draft = path + ".draft"
    with suppress(OSError):
        os.unlink(draft)
    append(draft, 0, content)
    try:
        os.replace(draft, path)
        sync_folder(os.path.dirname(path))
    except OSError as error:
        raise LedgerError(f"{visible(path)} cannot be written: {error.strerror}") from None


def cut(path: str, size: int) -> None:
    """Cut the file at `path` to `size` bytes, durably; raise LedgerError."""
    try:
        handle = os.open(path, os.O_WRONLY | _PLAIN)
        try:
            os.ftruncate(handle, size)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise LedgerError(f"{visible(path)} cannot be repaired: {error.strerror}") from None


def _make_folders(folder: str) -> None:
    """Make `folder` and those above it that are missing; each is on disk when this returns."""
    missing = []
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for path in reversed(missing):
        with suppress(FileExistsError):
            os.mkdir(path)
        sync_folder(os.path.dirname(path))


def sync_folder(folder: str) -> None:
    """Make the names in `folder` durable, where the system can; raises OSError."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refuse_links(folder: str) -> None:
    """Raise OSError if `folder`, or one of the two that it lies in, is not a plain folder."""
    for _ in range(3):  # the year, the ledger, and .leakseal
        with suppress(FileNotFoundError):
            if not stat.S_ISDIR(os.lstat(folder).st_mode):
                raise OSError(0, "a folder on the way is a symbolic link or a file")
        folder = os.path.dirname(folder)
