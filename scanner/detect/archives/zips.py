"""Zip archives: members by the central directory or, where that is damaged, by their own headers.

Format: PKWARE APPNOTE.TXT 6.3, sections 4.3 to 4.5.
"""

import re
from collections.abc import Iterator
from itertools import islice
from operator import itemgetter
from struct import Struct
from typing import NamedTuple

from scanner.detect.archives.budget import Budget
from scanner.detect.archives.names import label
from scanner.detect.archives.stream import bunzip, copy, drain, inflate
from scanner.detect.views.view import View

_HEADER, _CENTRAL, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08"
_END_MARK, _LOCATOR, _END_64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_END = Struct("<4s4H2LH")
_LOCAL = Struct("<4s5H3L2H")
_RECORD = Struct("<4s6H3L5H2L")
_EXTRA = Struct("<2H")
_LONG = Struct("<Q")
_TWO_LONG = Struct("<2Q")
_LOCATOR_SIZE, _END_64_SIZE = 20, 56
_LONGEST_COMMENT = 0xFFFF
_IN_EXTRA = 0xFFFFFFFF
_ZIP_64 = 1
_NAMES = "cp437"
_ENCRYPTED, _SIZE_FOLLOWS = 1, 8
_STORED, _DEFLATED, _BZIP2 = 0, 8, 12
# A header whose compression method is one that the format names.
_PLAUSIBLE = re.compile(rb"PK\x03\x04.{4}[\x00-\x14\x5d-\x63]\x00", re.DOTALL)


class _Entry(NamedTuple):
    """One member: where its header is, where its `size` compressed bytes start.

    `size` is -1 if it is not known before unpacking; `start` is -1 in the central directory.
    `checksum` is the CRC-32 of what it holds, and may be wrong.
    """

    header: int
    start: int
    flags: int
    method: int
    checksum: int
    size: int
    name: bytes


def find_end(content: bytes) -> int:
    """Return where the end record of a zip archive stands in `content`, or -1."""
    last = len(content) - _END.size
    if content.startswith(_END_MARK, max(last, 0)):
        return last
    low = max(0, last - _LONGEST_COMMENT)
    if content.find(b"\0", low) < 0:  # much faster than the next search, and every record has some
        return -1
    return content.rfind(_END_MARK, low, max(last, 0) + len(_END_MARK))


def unzip(content: bytes, end: int, budget: Budget) -> Iterator[View]:
    """Yield the members of the archive whose end record is at `end` (-1: it has none)."""
    entries = _directory(content, end, budget.members_left + 1)
    if entries is None:
        budget.remark("archive-corrupt", "zip: the central directory is missing or damaged")
        yield from _by_headers(content, budget)
        return
    done = 0
    for entry in sorted(entries, key=itemgetter(0)):
        if entry.name.endswith(b"/") and not entry.size:
            continue
        name = "zip:" + label(entry.name, _NAMES)
        local = _local(content, entry.header)
        if local is None or entry.header < done:
            budget.remark("archive-corrupt", f"{name}: no header, or inside another member")
            continue
        if not budget.admit():
            return
        end = local.start + entry.size
        data, done = _unpack(content, entry, name, local.start, end, budget)
        if data:
            yield View(data, name, local.start, done)


def leads(content: bytes, end: int) -> bool:
    """Tell whether the end record at `end` leads to a central directory."""
    return _directory(content, end, 1) is not None


def _directory(content: bytes, end: int, most: int) -> list[_Entry] | None:
    """Return up to `most` entries, or None if there is no sound directory."""
    if end < 0 or end + _END.size > len(content):
        return None
    _, _, _, _, _, size, offset, _ = _END.unpack_from(content, end)
    locator, end_64 = end - _LOCATOR_SIZE, end - _LOCATOR_SIZE - _END_64_SIZE
    if end_64 >= 0 and content.startswith(_LOCATOR, locator):
        if not content.startswith(_END_64, end_64):
            return None
        size, offset = _TWO_LONG.unpack_from(content, end_64 + 40)
        end = end_64
    start = end - size
    shift = start - offset  # what stands before the archive itself
    if start < 0 or shift < 0:
        return None
    try:
        return list(islice(_records(content, start, end, shift), most))
    except ValueError:
        return None


def _records(content: bytes, start: int, end: int, shift: int) -> Iterator[_Entry]:
    """Yield the entries of a central directory; raises ValueError where it is damaged."""
    while start + _RECORD.size <= end:
        record = _RECORD.unpack_from(content, start)
        name = start + _RECORD.size
        extra = name + record[10]
        extra_end = extra + record[11]
        start = extra_end + record[12]
        if record[0] != _CENTRAL or start > end:
            raise ValueError
        sizes = _sizes((record[9], record[8], record[16]), content[extra:extra_end])
        flags, method, checksum = record[3], record[4], record[7]
        header = sizes[2] + shift
        yield _Entry(header, -1, flags, method, checksum, sizes[1], content[name:extra])
    if start != end:
        raise ValueError


def _sizes(fields: tuple[int, ...], extra: bytes) -> tuple[int, ...]:
    """Return `fields`, those that are all ones replaced in turn by 64-bit values in `extra`."""
    at = 0
    while _IN_EXTRA in fields and at + _EXTRA.size <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, at)
        at += _EXTRA.size
        if kind == _ZIP_64:
            values = _LONG.iter_unpack(extra[at : at + length // 8 * 8])
            return tuple(next(values, (f,))[0] if f == _IN_EXTRA else f for f in fields)
        at += length
    return fields


def _local(content: bytes, header: int) -> _Entry | None:
    """Return the member whose own header is at `header`, or None if there is none."""
    if not content.startswith(_HEADER, header) or header + _LOCAL.size > len(content):
        return None
    _, _, flags, method, _, _, checksum, size, full_size, name_size, extra_size = (
        _LOCAL.unpack_from(content, header)
    )
    name = header + _LOCAL.size
    start = name + name_size + extra_size
    if start > len(content):
        return None
    sizes = _sizes((full_size, size), content[name + name_size : start])
    size = -1 if flags & _SIZE_FOLLOWS else sizes[1]
    return _Entry(header, start, flags, method, checksum, size, content[name : name + name_size])


def _by_headers(content: bytes, budget: Budget) -> Iterator[View]:
    """Yield the members that headers in front of them announce, one after the other."""
    position = 0
    while match := _PLAUSIBLE.search(content, position):
        entry = _local(content, match.start())
        position = match.end()
        if entry is None:
            continue
        if not budget.admit():
            return
        name = "zip:" + label(entry.name, _NAMES)
        end = entry.start + entry.size if entry.size >= 0 else _end_by_mark(content, entry)
        data, reached = _unpack(content, entry, name, entry.start, end, budget)
        position = max(position, reached)
        if data:
            yield View(data, name, entry.start, reached)


def _end_by_mark(content: bytes, entry: _Entry) -> int:
    """Return where a member of unknown size must end; compressed data knows better itself."""
    if entry.method != _STORED:
        return len(content)
    end = content.find(_DESCRIPTOR, entry.start)
    return end if end >= 0 else len(content)


def _unpack(
    content: bytes, entry: _Entry, name: str, start: int, end: int, budget: Budget
) -> tuple[bytes, int]:
    """Return what the member in `content[start:end]` holds, and how far it was read."""
    if entry.flags & _ENCRYPTED:
        budget.remark("archive-encrypted", name)
        return b"", start
    if entry.method == _STORED:
        return copy(content, start, end, name, budget), min(end, len(content))
    if entry.method not in (_DEFLATED, _BZIP2):
        budget.remark("archive-corrupt", f"{name}: compression method {entry.method}")
        return b"", start
    end = min(end, len(content))
    stream = (
        inflate(content, start, end, entry.checksum)
        if entry.method == _DEFLATED
        else bunzip(content, start, end)
    )
    return drain(stream, name, budget), stream.position if stream else start
