"""Decompression in steps, from a stretch of content, within a budget."""

import re
import zlib
from collections.abc import Callable
from time import perf_counter
from typing import Any

from scanner.detect.archives.budget import Budget

_CHUNK = 256 << 10  # bytes that come out in one step
_FIRST_FEED, _LARGEST_FEED = 1 << 10, 64 << 10  # bytes that go in
_LZMA_MEMORY = 128 << 20
_SLACK = 1 << 10  # bytes by which data may be longer compressed than not, at most 1/256 aside
_ZEROS = re.compile(rb"\x00*+")


def _accelerated() -> Any:
    try:
        from isal import isal_zlib  # noqa: PLC0415 - optional
    except ImportError:
        return None
    return isal_zlib


_isal = _accelerated()


class Stream:
    """Compressed data in `content` from `start` to at most `end`; `position` is read next."""

    __slots__ = (
        "_admit",
        "_checksum",
        "_content",
        "_decompressor",
        "_end",
        "_feed",
        "_magic",
        "_new",
        "eof",
        "errors",
        "position",
        "start",
    )

    def __init__(
        self,
        new: Callable[[], Any],
        errors: tuple[type[Exception], ...],
        content: bytes,
        start: int,
        end: int,
        checksum: int | None = None,
    ) -> None:
        """Read with decompressors that `new` makes and that raise `errors` on damaged data.

        `checksum` is the CRC-32 that deflate data has, unpacked, if it is known.
        """
        self.errors: tuple[type[Exception], ...] = (*errors, EOFError)
        self.eof = False
        self.start = self.position = start
        self._checksum = checksum
        self._content = content
        self._end = end
        self._new = new
        self._decompressor = new()
        self._feed = _FIRST_FEED
        self._magic = b""
        self._admit: Callable[[], bool] | None = None

    def follow(self, magic: bytes, admit: Callable[[], bool]) -> None:
        """Also read streams that come after and begin with `magic`, as long as `admit` allows."""
        self._magic, self._admit = magic, admit

    def at_once(self, limit: int) -> bytes:
        """Return all of the data, read much faster, or none if it has to be read step by step.

        That is for short data of which the checksum is known and right: all else, whatever may be
        the matter with it, is for `read` to judge. Nothing may have been read yet.
        """
        size = self._end - self.start
        if _isal is None or self._checksum is None or size > limit + limit // 256 + _SLACK:
            return b""
        decompressor = _isal.decompressobj(-zlib.MAX_WBITS)
        try:
            with memoryview(self._content)[self.start : self._end] as fed:
                data: bytes = decompressor.decompress(fed, limit + 1)
        except _isal.error:
            return b""
        # It takes some data that zlib finds damaged, but then the checksum is wrong.
        if not decompressor.eof or len(data) > limit or _isal.crc32(data) != self._checksum:
            return b""
        self.position = self._end - len(decompressor.unused_data)
        self.eof = True
        return data

    def read(self, limit: int) -> bytes:
        """Return at least one and at most `limit` bytes, or none at the end of the data.

        Raises one of `errors` where the data is damaged, EOFError where it is cut short.
        """
        while not self.eof:
            last = min(self.position + self._feed, self._end)
            hungry = getattr(self._decompressor, "needs_input", True)
            fed = self._content[self.position : last] if hungry else b""
            chunk: bytes = self._decompressor.decompress(fed, limit)
            # zlib hands back what it did not need; the others keep it.
            tail = getattr(self._decompressor, "unconsumed_tail", b"")
            self.position += len(fed) - len(tail)
            self._feed = min(2 * self._feed, _LARGEST_FEED)
            if self._decompressor.eof:
                self.position -= len(self._decompressor.unused_data)
                self._next()
            elif not chunk and not fed and hungry:
                raise EOFError("cut short")
            if chunk:
                return chunk
        return b""

    def _next(self) -> None:
        match = _ZEROS.match(self._content, self.position, self._end)
        after = match.end() if match else self.position
        if self._admit and self._content.startswith(self._magic, after) and self._admit():
            self.position = after
            self._decompressor = self._new()
            self._feed = _FIRST_FEED
        else:
            self.eof = True


def gunzip(content: bytes, start: int, end: int) -> Stream:
    """Return a stream of gzip data."""
    return Stream(lambda: zlib.decompressobj(31), (zlib.error,), content, start, end)


def inflate(content: bytes, start: int, end: int, checksum: int | None = None) -> Stream:
    """Return a stream of deflate data without a header; `checksum` is its CRC-32 when unpacked."""
    return Stream(lambda: zlib.decompressobj(-15), (zlib.error,), content, start, end, checksum)


def bunzip(content: bytes, start: int, end: int) -> Stream | None:
    """Return a stream of bzip2 data, or None if this Python was built without it."""
    try:
        from bz2 import BZ2Decompressor  # noqa: PLC0415 - rarely needed
    except ImportError:
        return None
    return Stream(BZ2Decompressor, (OSError, ValueError), content, start, end)


def unxz(content: bytes, start: int, end: int) -> Stream | None:
    """Return a stream of xz data, or None if this Python was built without it.

    What needs more than 128 MiB of memory counts as damaged.
    """
    try:
        import lzma  # noqa: PLC0415 - rarely needed
    except ImportError:
        return None

    def new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, _LZMA_MEMORY)

    return Stream(new, (lzma.LZMAError,), content, start, end)


def drain(stream: Stream | None, name: str, budget: Budget, magic: bytes = b"") -> bytes:
    """Return what `stream` gives, as far as it is sound and `budget` allows.

    Streams that come after it and begin with `magic` are read as well, if it is given. What stops
    the reading early is recorded in `budget`.
    """
    if stream is None:
        budget.remark("archive-corrupt", f"{name}: this Python was built without its decompressor")
        return b""
    if magic:
        stream.follow(magic, budget.admit)
    started = perf_counter()
    whole = stream.at_once(budget.unquestioned()) if budget.in_time() else b""
    budget.take(len(whole), perf_counter() - started)
    chunks = [whole]
    taken = len(whole)
    while budget.in_time() and budget.credible(name, stream.position - stream.start, taken):
        room = budget.room(taken)
        started = perf_counter()
        try:
            chunk = stream.read(min(_CHUNK, room) or 1)
        except stream.errors as error:
            budget.remark("archive-corrupt", f"{name}: {error}")
            break
        finally:
            budget.take(0, perf_counter() - started)
        if not chunk:
            break
        if not room:
            budget.full(name)
            break
        chunks.append(chunk)
        taken += len(chunk)
        budget.take(len(chunk), 0)
    return b"".join(chunks)


def copy(content: bytes, start: int, end: int, name: str, budget: Budget) -> bytes:
    """Return a member that is stored as it is, as far as `content` and `budget` reach."""
    if end > len(content):
        budget.remark("archive-corrupt", f"{name}: cut short")
        end = len(content)
    last = min(end, start + max(budget.room(0), 0))
    if last < end:
        budget.full(name)
    budget.take(max(last - start, 0), 0)
    return content[start:last]
