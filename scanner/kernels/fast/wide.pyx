# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Finds runs of UTF-16 and UTF-32 text in binary content (see `scanner.kernels.pure.wide`)."""

from cpython.bytes cimport PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport free, realloc

cdef enum:
    SHORTEST = 8

ctypedef const unsigned char* bytes_t

# 0 for zero, 1 for a character of text, and so much for anything else that no sum is 1.
cdef bytes CLASSES = bytes([
    0 if byte == 0 else 1 if byte in b"\t\n\r" or 32 <= byte < 127 or byte >= 160 else 2
    for byte in range(256)
])


def runs(bytes data, Py_ssize_t width):
    """Return start and end of each run in units of `width` (see `scanner.kernels.pure.wide`)."""
    if width != 2 and width != 4:
        raise ValueError("no such width")
    cdef bytes_t d = data, classes = <bytes_t>CLASSES
    cdef Py_ssize_t size = PyBytes_GET_SIZE(data), start = 0, end = 0, used = 0, room = 0
    cdef Py_ssize_t* found = NULL
    cdef Py_ssize_t* more
    try:
        while True:
            # The constants let the compiler make one loop for each width.
            if width == 2:
                start = _start(d, size, end, 2, classes)
            else:
                start = _start(d, size, end, 4, classes)
            if start < 0:
                return PyBytes_FromStringAndSize(<char*>found, used * sizeof(Py_ssize_t))
            end = _end(d, size, start, width, classes)
            if used + 2 > room:
                room = 2 * room + 64
                more = <Py_ssize_t*>realloc(found, room * sizeof(Py_ssize_t))
                if more == NULL:
                    raise MemoryError
                found = more
            found[used] = start
            found[used + 1] = end
            used += 2
    finally:
        free(found)


cdef inline Py_ssize_t _start(
    bytes_t d, Py_ssize_t size, Py_ssize_t at, Py_ssize_t width, bytes_t classes
) noexcept nogil:
    """Return where the first run from `at` on begins, or -1."""
    cdef Py_ssize_t length = (SHORTEST - 1) * width + 1, i
    cdef int kinds
    while size - at >= length:
        # A run from `at` has all of its kinds of bytes in its last unit; what has not is in no run.
        i = at + length - width
        kinds = classes[d[i]] + classes[d[i + 1]]
        if width == 4:
            kinds += classes[d[i + 2]] + classes[d[i + 3]]
        if kinds != 1:
            at = i + 1
            continue
        while i > at and classes[d[i - 1]] == classes[d[i - 1 + width]]:
            i -= 1
        while classes[d[i]] != 1:
            i += 1
        if i == at:
            return at
        at = i
    return -1


cdef inline Py_ssize_t _end(
    bytes_t d, Py_ssize_t size, Py_ssize_t at, Py_ssize_t width, bytes_t classes
) noexcept nogil:
    """Return the end of the run that begins at `at`."""
    cdef Py_ssize_t k
    while at < size and classes[d[at]] == 1:
        for k in range(at + 1, at + width):
            if k == size or d[k]:
                return at + 1
        at += width
    return at
