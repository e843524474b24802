# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Finds where encoded text stands (see `scanner.kernels.pure.encoded`)."""

from cpython.bytes cimport PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport free, realloc
from libc.string cimport memchr, memcmp, strncmp

ctypedef const unsigned char* bytes_t

cdef extern from *:
    """
    #if defined(__SSE2__) || defined(_M_X64)
    #include <emmintrin.h>
    #include <stdint.h>
    /* One bit for each of 16 bytes: whether it is a letter or digit. */
    static inline uint64_t leakseal_plain(const unsigned char *at) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)at);
        __m128i letter = _mm_sub_epi8(
            _mm_or_si128(bytes, _mm_set1_epi8(32)), _mm_set1_epi8('a'));
        __m128i digit = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
        letter = _mm_cmpeq_epi8(letter, _mm_min_epu8(letter, _mm_set1_epi8(25)));
        digit = _mm_cmpeq_epi8(digit, _mm_min_epu8(digit, _mm_set1_epi8(9)));
        return (uint64_t)_mm_movemask_epi8(_mm_or_si128(letter, digit));
    }
    /* Whether 18 letters and digits in a row are among 64 bytes. */
    static inline int leakseal_stretch(const unsigned char *at) {
        uint64_t plain = leakseal_plain(at) | leakseal_plain(at + 16) << 16
            | leakseal_plain(at + 32) << 32 | leakseal_plain(at + 48) << 48;
        plain &= plain >> 1;
        plain &= plain >> 2;
        plain &= plain >> 4;
        plain &= plain >> 8;
        return (plain & plain >> 2) != 0;
    }
    #else
    static inline int leakseal_stretch(const unsigned char *at) { return 1; }
    #endif
    """
    bint may_have_stretch "leakseal_stretch"(bytes_t at) nogil

cdef enum:
    LEAST = 20
    LEAST_RUN = 18
    SEEN = 64  # bytes that are tested at once for a stretch of as many letters and digits
    LEAST_HEX = 32
    HEAD = 24
    HEAD_HEX = 16  # bytes
    SHORTEST_LINE = 60
    LONGEST_LINE = 1024
    LONGEST_LAST = 1023
    INDENTATION = 64
    WITHIN = 2048
    STRANGE = 2
    # What a byte may be.
    PLAIN = 1  # a letter or digit
    CODE = 2  # of an alphabet of base64
    DIGIT = 4  # hexadecimal
    TEXT = 8
    BLANK = 16
    AFTER = 32  # may follow the last line of a block
    CONTROL = 64  # ASCII that is not in text
    # What a run's head may be.
    NEITHER = 0
    READABLE = 1
    FURTHER = 2

cdef unsigned char KIND[256]
cdef unsigned char SIX[256]  # value in base64
cdef unsigned char FOUR[256]  # value in hexadecimal


cdef struct Found:
    long long* items
    Py_ssize_t used
    Py_ssize_t room


include "encoded_blocks.pxi"
include "encoded_heads.pxi"
include "encoded_runs.pxi"
include "encoded_escapes.pxi"


cpdef object places(bytes data, Py_ssize_t start, Py_ssize_t end):
    """Return where encoded text begins in `data[start:end]`; None, quickly, if there is none."""
    cdef bytes_t d = data
    cdef Py_ssize_t size = PyBytes_GET_SIZE(data)
    cdef Found found[5]
    cdef int kind
    cdef bint complete
    for kind in range(5):
        found[kind].items = NULL
        found[kind].used = found[kind].room = 0
    start = max(start, 0)
    end = min(end, size)
    if start >= end:
        return None
    try:
        complete = (
            _runs(d, size, start, end, found)
            and _percent(d, start, end, &found[2])
            and _backslash(d, start, end, &found[3])
            and _html(d, start, end, &found[4])
        )
        if not complete:
            raise MemoryError
        if not (
            found[0].used or found[1].used or found[2].used or found[3].used or found[4].used
        ):
            return None
        return (
            _packed(&found[0]), _packed(&found[1]), _packed(&found[2]), _packed(&found[3]),
            _packed(&found[4]),
        )
    finally:
        for kind in range(5):
            free(found[kind].items)


cdef bytes _packed(Found* found):
    return PyBytes_FromStringAndSize(<char*>found.items, found.used * sizeof(long long))


cdef bint _add(Found* found, Py_ssize_t position) noexcept nogil:
    """Append a position; False if there is no memory for it."""
    cdef Py_ssize_t room
    cdef void* items
    if found.used == found.room:
        room = found.room * 2 if found.room else 16
        items = realloc(found.items, room * sizeof(long long))
        if items == NULL:
            return False
        found.items = <long long*>items
        found.room = room
    found.items[found.used] = position
    found.used += 1
    return True


cdef void _fill():
    cdef int i
    cdef unsigned char byte
    cdef bytes name
    for i, byte in enumerate(
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
    ):
        SIX[byte] = i if i < 64 else i - 2
        KIND[byte] |= CODE | PLAIN if i < 62 else CODE
    for i, byte in enumerate(b"0123456789abcdefABCDEF"):
        FOUR[byte] = i if i < 16 else i - 6
        KIND[byte] |= DIGIT
    for i in range(128):
        KIND[i] |= TEXT if 32 <= i < 127 or i in (9, 10, 13) else CONTROL
    for byte in b" \t":
        KIND[byte] |= BLANK
    for byte in b" \t\n\r\f\v\\\"'`<,;)]}":
        KIND[byte] |= AFTER
    for name in (<bytes>NAMES).strip(b";").split(b";"):
        NAMED[_shape(name, len(name))] = True


_fill()
