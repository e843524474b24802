"""Applies a delta and tells what it copied; for every kernel that follows deltas."""

from libc.stdlib cimport realloc
from libc.string cimport memcpy


cdef bytes _made(
    bytes base, bytes delta, Py_ssize_t limit,
    Py_ssize_t** copies, Py_ssize_t* room, Py_ssize_t* used,
):
    """Return what `delta` makes of `base`; `copies` get the numbers of each copy.

    These are its offset in the result, its offset in the base and its length; copies that are
    neighbours in both are one.
    """
    cdef Py_ssize_t position = 0, declared = 0, size = 0
    cdef bytes_t d = delta
    cdef Py_ssize_t end = PyBytes_GET_SIZE(delta)
    if not _size(d, end, &position, &declared) or declared != PyBytes_GET_SIZE(base):
        raise ValueError("delta is for a base of another size")
    if not _size(d, end, &position, &size):
        raise ValueError("delta has no valid size")
    if size > limit:
        raise OverflowError(f"{size} bytes")
    cdef bytes data = PyBytes_FromStringAndSize(NULL, size)
    cdef unsigned char* out = <unsigned char*>PyBytes_AS_STRING(data)
    if not _apply(base, declared, d, position, end, out, size, copies, room, used):
        raise ValueError("delta does not fit its base or its result")
    return data


cdef int _apply(
    bytes_t base, Py_ssize_t base_size, bytes_t d, Py_ssize_t position, Py_ssize_t end,
    unsigned char* out, Py_ssize_t size,
    Py_ssize_t** copies, Py_ssize_t* room, Py_ssize_t* used,
) except -1:
    """Build the child and note its copies; 0 if the delta lies."""
    cdef Py_ssize_t at = 0, offset, length, last = 0
    cdef unsigned char code
    used[0] = 0
    while position < end:
        code = d[position]
        position += 1
        if code & 0x80:
            if end - position < 7 and end - position < (
                (code & 1) + (code >> 1 & 1) + (code >> 2 & 1) + (code >> 3 & 1)
                + (code >> 4 & 1) + (code >> 5 & 1) + (code >> 6 & 1)
            ):
                return 0
            offset = length = 0
            if code & 0x01:
                offset = d[position]
                position += 1
            if code & 0x02:
                offset |= <Py_ssize_t>d[position] << 8
                position += 1
            if code & 0x04:
                offset |= <Py_ssize_t>d[position] << 16
                position += 1
            if code & 0x08:
                offset |= <Py_ssize_t>d[position] << 24
                position += 1
            if code & 0x10:
                length = d[position]
                position += 1
            if code & 0x20:
                length |= <Py_ssize_t>d[position] << 8
                position += 1
            if code & 0x40:
                length |= <Py_ssize_t>d[position] << 16
                position += 1
            if length == 0:
                length = 0x10000
            if length > size - at or length > base_size or offset > base_size - length:
                return 0
            memcpy(out + at, base + offset, length)
            last = used[0]
            if (
                last
                and copies[0][last - 3] + copies[0][last - 1] == at
                and copies[0][last - 2] + copies[0][last - 1] == offset
            ):
                copies[0][last - 1] += length
            else:
                if last + 3 > room[0]:
                    copies[0] = _room(copies[0], room, last + 3)
                copies[0][last] = at
                copies[0][last + 1] = offset
                copies[0][last + 2] = length
                used[0] = last + 3
            at += length
        elif code:
            if code > end - position or code > size - at:
                return 0
            memcpy(out + at, d + position, code)
            position += code
            at += code
        else:
            return 0
    return at == size


cdef bint _size(bytes_t d, Py_ssize_t end, Py_ssize_t* position, Py_ssize_t* value) noexcept nogil:
    cdef int shift = 0
    cdef unsigned char code
    value[0] = 0
    while position[0] < end and shift < 56:
        code = d[position[0]]
        position[0] += 1
        value[0] |= <Py_ssize_t>(code & 0x7F) << shift
        if code < 0x80:
            return True
        shift += 7
    return False


cdef Py_ssize_t* _room(Py_ssize_t* old, Py_ssize_t* room, Py_ssize_t wanted) except NULL:
    cdef Py_ssize_t count = max(wanted, 2 * room[0], 192)
    cdef Py_ssize_t* new = <Py_ssize_t*>realloc(old, count * sizeof(Py_ssize_t))
    if new == NULL:
        raise MemoryError
    room[0] = count
    return new
