"""Takes commits, most of which hold nothing but their links (see `scanner.kernels.pure.deltas`)."""

from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE, PyByteArray_Resize


cdef class Commits(Visitor):
    """Takes commits, and counts and links those with nothing to show itself."""

    cdef Search _search
    cdef object _take
    cdef Py_ssize_t _limit, _hash_size
    cdef readonly Py_ssize_t count
    cdef readonly Py_ssize_t size
    cdef bytearray _rows, _ids

    def __init__(self, Search search, Py_ssize_t limit, take, Py_ssize_t hash_size):
        self._search, self._limit, self._take = search, limit, take
        self._hash_size = hash_size
        self._rows, self._ids = bytearray(), bytearray()

    @property
    def links(self):
        return bytes(self._rows), bytes(self._ids)

    cpdef object first(self, Py_ssize_t row, bytes data):
        if self._search.whole(data) is not None or not self._linked(row, data):
            self._take(row, data)
        else:
            self.count += 1
            self.size += PyBytes_GET_SIZE(data)

    cpdef tuple next(self, Py_ssize_t row, bytes base, object state, bytes delta):
        cdef bytes data = self._search.apply(base, delta, self._limit)
        self.first(row, data)
        return data, None

    cdef bint _linked(self, Py_ssize_t row, bytes data) except -1:
        """Note tree and parents of a commit; False if it is not as git writes them."""
        cdef bytes_t p = data
        cdef Py_ssize_t size = PyBytes_GET_SIZE(data), digits = 2 * self._hash_size, i
        cdef Py_ssize_t parents = 0, at = 5 + digits + 1, step = 7 + digits + 1
        cdef unsigned char* id
        cdef unsigned int* its
        if size < at or memcmp(p, b"tree ", 5) or not _is_id(p + 5, digits):
            return False
        while (
            size - at >= step and not memcmp(p + at, b"parent ", 7) and _is_id(p + at + 7, digits)
        ):
            parents += 1
            at += step
        if not _is_rest(p + at, size - at):
            return False
        cdef Py_ssize_t before = PyByteArray_GET_SIZE(self._ids)
        PyByteArray_Resize(self._ids, before + (1 + parents) * self._hash_size)
        id = <unsigned char*>PyByteArray_AS_STRING(self._ids) + before
        at = 5
        for i in range(1 + parents):
            _decode(p + at, digits, id)
            id += self._hash_size
            at += step
        before = PyByteArray_GET_SIZE(self._rows)
        PyByteArray_Resize(self._rows, before + 2 * sizeof(unsigned int))
        its = <unsigned int*>(PyByteArray_AS_STRING(self._rows) + before)
        its[0], its[1] = <unsigned int>row, <unsigned int>parents
        return True


cdef inline int _digit(unsigned char code) noexcept nogil:
    """Return the value of a hexadecimal digit as git writes it, or -1."""
    if 48 <= code <= 57:
        return code - 48
    return code - 87 if 97 <= code <= 102 else -1


cdef bint _is_id(bytes_t p, Py_ssize_t digits) noexcept nogil:
    """Tell whether there are so many digits, and a line break."""
    cdef Py_ssize_t i
    for i in range(digits):
        if _digit(p[i]) < 0:
            return False
    return p[digits] == 10


cdef _decode(bytes_t p, Py_ssize_t digits, unsigned char* id):
    cdef Py_ssize_t i
    for i in range(0, digits, 2):
        id[i // 2] = <unsigned char>(_digit(p[i]) << 4 | _digit(p[i + 1]))


cdef bint _is_rest(bytes_t p, Py_ssize_t size) noexcept nogil:
    """Tell whether what follows the parents of a commit is its author, and no more links."""
    cdef Py_ssize_t at = 0
    cdef const void* found
    if size < 7 or memcmp(p, b"author ", 7):
        return False
    while at < size and p[at] != 10:
        if size - at >= 5 and not memcmp(p + at, b"tree ", 5):
            return False
        if size - at >= 7 and not memcmp(p + at, b"parent ", 7):
            return False
        found = memchr(p + at, 10, size - at)
        if found == NULL:
            break
        at = (<bytes_t>found - p) + 1
    return True
