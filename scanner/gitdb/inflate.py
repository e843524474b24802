"""Inflates one zlib stream out of a buffer, never past the size it is said to have."""

import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, cast

from scanner.gitdb.damage import DamageError, OversizeError
from scanner.gitdb.files import Buffer

# A state of isal is dearer to make than one of zlib and pays off on longer streams only.
_ISAL_FROM = 4096
_PIECE = 1 << 20


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes | memoryview, max_length: int = ..., /) -> bytes: ...


def _accelerated() -> tuple[Callable[[], _Inflater], type[Exception]] | None:
    try:
        from isal import igzip_lib, isal_zlib  # noqa: PLC0415 - optional
    except ImportError:
        return None
    return isal_zlib.decompressobj, cast("type[Exception]", igzip_lib.IsalError)


def _one_call() -> tuple[Callable[[memoryview, int, int], bytes], tuple[type[Exception], ...]]:
    try:
        from isal import igzip_lib, isal_zlib  # noqa: PLC0415 - optional
    except ImportError:
        return zlib.decompress, (zlib.error,)
    return isal_zlib.decompress, (zlib.error, cast("type[Exception]", igzip_lib.IsalError))


_ISAL = _accelerated()
_LONG, BROKEN = _one_call()
AT_ONCE = zlib.decompress, _LONG
"""Inflate short and long results in one call. They know no limit, so only for short streams."""
SHORT_RESULT = 256
SHORT_STREAM = 1 << 16
"""A stream of this many bytes inflates to 64 MiB at most, whatever it says."""


def inflate(buffer: Buffer | memoryview, start: int, stop: int, size: int) -> tuple[bytes, int]:
    """Return the `size` bytes that the stream at `start` holds, and the offset where it ends.

    `stop` is where the stream is expected to end; a longer one is followed to its end. Raises
    DamageError if the stream is damaged, cut short, or holds more or fewer bytes than `size`.
    """
    if _ISAL and stop - start >= _ISAL_FROM:
        with suppress(_ISAL[1]):  # zlib has the last word on what is damaged
            return _inflate(_ISAL[0](), buffer, start, stop, size)
    try:
        return _inflate(zlib.decompressobj(), buffer, start, stop, size)
    except zlib.error as error:
        raise DamageError(f"compressed data is damaged: {error}") from None


def inflate_whole(stream: memoryview, size: int) -> bytes:
    """Return the `size` bytes that a stream holds, given from its first byte to its last.

    Raises DamageError as `inflate` does, and if anything follows the stream.
    """
    if len(stream) > SHORT_STREAM:
        data, end = inflate(stream, 0, len(stream), size)
        whole = end == len(stream)
    else:
        try:
            data = AT_ONCE[size >= SHORT_RESULT](stream, zlib.MAX_WBITS, size)
        except BROKEN as error:
            raise DamageError(f"compressed data is damaged: {error}") from None
        # A stream ends with a checksum of its content, so what is not its end shows by that.
        whole = zlib.adler32(data) == int.from_bytes(stream[-4:], "big")
    if len(data) != size or not whole:
        raise DamageError(f"holds more or fewer than the {size} bytes it declares")
    return data


def prefix(data: bytes, length: int) -> bytes:
    """Return up to `length` bytes from the beginning of the zlib stream `data`.

    Raises DamageError if it is not one.
    """
    try:
        return zlib.decompressobj().decompress(data, length)
    except zlib.error as error:
        raise DamageError(f"compressed data is damaged: {error}") from None


def skim(buffer: Buffer, start: int, size: int, limit: int) -> int:
    """Return the offset where the stream at `start` ends, holding little of it in memory.

    Raises DamageError as `inflate` does, and if `size` is over `limit`.
    """
    if size > limit:
        raise OversizeError(f"{size} bytes")
    engine = zlib.decompressobj()
    total = 0
    position = start
    try:
        while not engine.eof and total <= size:
            piece = engine.unconsumed_tail
            if not piece:
                piece = buffer[position : position + _PIECE]
                if not piece:
                    raise DamageError("compressed data is cut short")
                position += len(piece)
            total += len(engine.decompress(piece, _PIECE))
    except zlib.error as error:
        raise DamageError(f"compressed data is damaged: {error}") from None
    if total != size:
        raise DamageError(f"holds more or fewer than the {size} bytes it declares")
    return position - len(engine.unused_data)


def _inflate(
    engine: _Inflater, buffer: Buffer | memoryview, start: int, stop: int, size: int
) -> tuple[bytes, int]:
    position = min(max(start, stop), start + _PIECE, len(buffer))
    data = engine.decompress(buffer[start:position], size + 1)
    if not engine.eof:
        data, position = _follow(engine, buffer, position, size, data)
    if len(data) != size:
        raise DamageError(f"holds more or fewer than the {size} bytes it declares")
    return data, position - len(engine.unused_data)


def _follow(
    engine: _Inflater, buffer: Buffer | memoryview, position: int, size: int, data: bytes
) -> tuple[bytes, int]:
    """Feed the rest of a stream in pieces, until it ends or has given too much."""
    parts = [data]
    total = len(data)
    while not engine.eof and total <= size:
        piece: bytes | memoryview = engine.unconsumed_tail
        if not piece:
            piece = buffer[position : position + _PIECE]
            if not piece:
                raise DamageError("compressed data is cut short")
            position += len(piece)
        parts.append(engine.decompress(piece, size + 1 - total))
        total += len(parts[-1])
    return b"".join(parts), position
