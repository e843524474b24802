"""Tar archives: ustar, pax and GNU.

Format: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual,
"Basic Tar Format".
"""

import re
from collections.abc import Iterator

from scanner.detect.archives.budget import Budget
from scanner.detect.archives.names import label
from scanner.detect.archives.stream import copy
from scanner.detect.views.view import View

_BLOCK = 512
_MAGIC, _MAGIC_AT = b"ustar", 257
_LONG_NAME, _PAX, _SPARSE = b"L", b"xX", b"S"
_NO_FILE = b"123456gK"  # links, devices, directories, pipes, settings, a link's long target
_NO_DATA = b"123456"
_PAX_WITHIN = 64 << 10  # bytes of an extended header that are read
_PAX_NAME = re.compile(rb"[0-9] path=([^\n]{1,4096})\n")
_PAX_SIZE = re.compile(rb"[0-9] size=([0-9]{1,18})\n")


def untar(content: bytes, budget: Budget) -> Iterator[View]:
    """Yield the regular files of an archive; skip what cannot be read up to the next header."""
    position = 0
    long_name, long_size = b"", -1
    while 0 <= position <= len(content) - _BLOCK:
        header = content[position : position + _BLOCK]
        size = _number(header[124:136]) if long_size < 0 else long_size
        if size < 0 or not _sound(header):
            if header.strip(b"\0"):
                budget.remark("archive-corrupt", "tar: damaged header")
            position = _next(content, position + _BLOCK)
            long_name, long_size = b"", -1
            continue
        kind = header[156:157]
        start = position + _BLOCK
        if kind == _SPARSE and header[482]:
            start = _after_map(content, start)
        end = start if kind in _NO_DATA else start + size
        position = start + (end - start + _BLOCK - 1) // _BLOCK * _BLOCK
        if kind == _LONG_NAME:
            long_name = content[start : min(end, start + _PAX_WITHIN)].rstrip(b"\0")
        elif kind in _PAX:
            long_name, long_size = _extended(content[start : min(end, start + _PAX_WITHIN)])
        elif kind not in _NO_FILE and end > start:
            if not budget.admit():
                return
            name = f"tar:{label(long_name or _name(header), 'latin-1')}"
            if data := copy(content, start, end, name, budget):
                yield View(data, name, start, start + len(data))
        if kind not in b"LKxX":
            long_name, long_size = b"", -1
    if position > (len(content) + _BLOCK - 1) // _BLOCK * _BLOCK:
        budget.remark("archive-corrupt", "tar: cut short")


def _after_map(content: bytes, start: int) -> int:
    """Return where the data of a sparse file starts, after the further blocks with its map."""
    while content[start + 504 : start + 505].strip(b"\0"):
        start += _BLOCK
    return start + _BLOCK


def _number(field: bytes) -> int:
    """Return a number in octal digits or, after a byte 0x80, in binary; -1 if it is neither."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    if digits.translate(None, b"01234567"):
        return -1
    return int(digits or b"0", 8)


def _sound(header: bytes) -> bool:
    """Tell whether the checksum is right; older members of an archive need not have the mark."""
    summed = header[:148] + b" " * 8 + header[156:]  # its own field counts as spaces
    total = sum(summed)
    signed = total - 256 * sum(byte >= 0x80 for byte in summed)  # some writers summed signed bytes
    return _number(header[148:156]) in (total, signed)


def _next(content: bytes, position: int) -> int:
    """Return where the next block with a header's mark starts, or -1."""
    mark = content.find(_MAGIC, position + _MAGIC_AT)
    while mark >= 0 and (mark - _MAGIC_AT) % _BLOCK:
        mark = content.find(_MAGIC, mark + 1)
    return mark - _MAGIC_AT if mark >= 0 else -1


def _name(header: bytes) -> bytes:
    name = header[:100].partition(b"\0")[0]
    prefix = header[345:500].partition(b"\0")[0]
    return prefix + b"/" + name if prefix and header[262:263] == b"\0" else name


def _extended(records: bytes) -> tuple[bytes, int]:
    """Return path and size from a pax extended header; empty and -1 where it does not say."""
    name, size = _PAX_NAME.search(records), _PAX_SIZE.search(records)
    return name[1] if name else b"", int(size[1]) if size else -1
