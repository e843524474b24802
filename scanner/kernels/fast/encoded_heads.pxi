# Whether the first bytes of what was decoded are worth more than a look.


def readable(bytes head not None):
    """Return True for text, False for bytes worth unfolding further, None for anything else."""
    cdef int judged = _judge(head, PyBytes_GET_SIZE(head))
    return None if judged == NEITHER else judged == READABLE


cdef int _judge(bytes_t head, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t i
    cdef int strange = 0
    cdef unsigned char kinds = 0
    for i in range(size):
        kinds |= KIND[head[i]]
        strange += not KIND[head[i]] & TEXT
    if _further(head, size):
        return FURTHER
    if strange <= STRANGE or (not kinds & CONTROL and _utf_8(head, size)):
        return READABLE
    return NEITHER


cdef bint _further(bytes_t h, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t at
    cdef int i
    if size < 3:
        return False
    if KIND[h[0]] & TEXT and h[1] == 0 or h[0] == 0 and KIND[h[1]] & TEXT:
        if size >= 12:
            at = h[0] == 0
            i = 0
            while i < 12 and KIND[h[i + at]] & TEXT and h[i + 1 - at] == 0:
                i += 2
            if i == 12:
                return True
        return False
    if h[0] == 0x1F:
        return h[1] == 0x8B and h[2] == 8
    if size < 4:
        return False
    if h[0] == 0xFE:
        if h[1] == 0xED:
            return h[2] == 0xFE and h[3] == 0xED
        return h[1] == 0xFF and h[2] == 0 and KIND[h[3]] & TEXT
    if h[0] == 0xFF:
        return h[1] == 0xFE and KIND[h[2]] & TEXT and h[3] == 0
    if h[0] == 0xCE:
        return h[1] == 0xCE and h[2] == 0xCE and h[3] == 0xCE
    if h[0] == 0xFD:
        return size >= 6 and memcmp(h, b"\xfd7zXZ\x00", 6) == 0
    if h[0] == c"P":
        return memcmp(h, b"PK\x03\x04", 4) == 0
    if h[0] == c"B":
        return (
            size >= 10 and h[1] == c"Z" and h[2] == c"h" and c"1" <= h[3] <= c"9"
            and memcmp(h + 4, b"1AY&SY", 6) == 0
        )
    if h[0] == c"o":
        return size >= 15 and memcmp(h, b"openssh-key-v1\x00", 15) == 0
    if h[0] == 0x30:
        if 0x20 <= h[1] < 0x80:
            at = 2
        elif h[1] == 0x81:
            at = 3
        elif h[1] == 0x82:
            at = 4
        else:
            return False
        return (
            at + 4 <= size and h[at] == 2 and h[at + 1] == 1 and h[at + 2] <= 3
            and (h[at + 3] == 2 or h[at + 3] == 4 or h[at + 3] == 0x30)
        )
    return False


cdef bint _utf_8(bytes_t h, Py_ssize_t size) noexcept nogil:
    """Tell whether this is UTF-8 of text, maybe cut off in a character."""
    cdef Py_ssize_t at = 0
    while at < size:
        if KIND[h[at]] & TEXT:
            at += 1
        elif 0xC2 <= h[at] < 0xE0 and _continued(h, size, at, 1):
            at += 2
        elif 0xE0 <= h[at] < 0xF0 and _continued(h, size, at, 2):
            at += 3
        elif 0xF0 <= h[at] < 0xF5 and _continued(h, size, at, 3):
            at += 4
        else:
            break
    if size - at > 3:
        return False
    while at < size:
        if h[at] < 0x80:
            return False
        at += 1
    return True


cdef bint _continued(bytes_t h, Py_ssize_t size, Py_ssize_t at, int count) noexcept nogil:
    cdef int i
    if at + count >= size:
        return False
    for i in range(1, count + 1):
        if h[at + i] & 0xC0 != 0x80:
            return False
    return True
