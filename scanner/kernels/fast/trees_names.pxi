"""Numbers for names, and rows for ids."""

from libc.stdlib cimport calloc


@cython.final
cdef class Names:
    """Numbers names in the order they are met."""

    cdef list all
    cdef frozenset _wanted
    cdef bytearray _marked
    cdef unsigned int* _slots
    cdef unsigned int* _hashes
    cdef Py_ssize_t _slot_count
    cdef unsigned int _seed

    def __cinit__(self, frozenset wanted):
        self.all = []
        self._wanted = wanted
        self._marked = bytearray()
        # Python draws it anew for each process, so nobody can make up names that collide.
        self._seed = <unsigned int>(hash(b"names") & 0xFFFFFFFF)
        self._slot_count = 1 << 12
        self._slots = <unsigned int*>calloc(self._slot_count, sizeof(unsigned int))
        if self._slots == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self._slots)
        free(self._hashes)

    cdef inline bint wanted(self, Py_ssize_t number):
        return self._marked[number]

    cdef Py_ssize_t number(self, bytes_t name, Py_ssize_t size) except -1:
        """Return the number of a name, a new one if it was not met before."""
        cdef unsigned int key = self._seed
        cdef Py_ssize_t i
        for i in range(size):
            key = (key ^ name[i]) * 16777619
        cdef Py_ssize_t slot = key & (self._slot_count - 1)
        cdef bytes known
        while self._slots[slot]:
            i = self._slots[slot] - 1
            if self._hashes[i] == key:
                known = <bytes>self.all[i]
                if PyBytes_GET_SIZE(known) == size and memcmp(
                    PyBytes_AS_STRING(known), name, size
                ) == 0:
                    return i
            slot = (slot + 1) & (self._slot_count - 1)
        i = len(self.all)
        if (i + 1) * 2 > self._slot_count or self._hashes == NULL:
            self._grow()
            slot = key & (self._slot_count - 1)
            while self._slots[slot]:
                slot = (slot + 1) & (self._slot_count - 1)
        known = PyBytes_FromStringAndSize(<const char*>name, size)
        self.all.append(known)
        self._marked.append(known in self._wanted)
        self._hashes[i] = key
        self._slots[slot] = <unsigned int>(i + 1)
        return i

    cdef int _grow(self) except -1:
        cdef Py_ssize_t count = self._slot_count * 4, i, slot
        cdef unsigned int* slots = <unsigned int*>calloc(count, sizeof(unsigned int))
        cdef unsigned int* hashes = <unsigned int*>realloc(
            self._hashes, (count // 2 + 1) * sizeof(unsigned int)
        )
        if hashes != NULL:
            self._hashes = hashes
        if slots == NULL or hashes == NULL:
            free(slots)
            raise MemoryError
        for i in range(len(self.all)):
            slot = hashes[i] & (count - 1)
            while slots[slot]:
                slot = (slot + 1) & (count - 1)
            slots[slot] = <unsigned int>(i + 1)
        free(self._slots)
        self._slots, self._slot_count = slots, count
        return 0


@cython.final
cdef class Ids:
    """Finds ids among sorted ones by their first bits."""

    cdef bytes _ids
    cdef int _hash_size, _shift
    cdef unsigned int* _before

    def __cinit__(self, bytes ids, int hash_size):
        cdef Py_ssize_t count = len(ids) // hash_size, i, heads = 1 << 8
        cdef bytes_t p = ids
        self._ids, self._hash_size, self._shift = ids, hash_size, 24
        while heads * 4 < count and self._shift > 8:
            heads *= 2
            self._shift -= 1
        self._before = <unsigned int*>calloc(heads + 1, sizeof(unsigned int))
        if self._before == NULL:
            raise MemoryError
        for i in range(count):
            self._before[self._head(p + i * hash_size) + 1] += 1
        for i in range(heads):
            self._before[i + 1] += self._before[i]

    def __dealloc__(self):
        free(self._before)

    cdef inline unsigned int _head(self, bytes_t id) noexcept nogil:
        return (
            <unsigned int>id[0] << 24 | <unsigned int>id[1] << 16
            | <unsigned int>id[2] << 8 | id[3]
        ) >> self._shift

    cdef Py_ssize_t row(self, bytes_t id) noexcept:
        """Return the row of an id, or -1."""
        cdef unsigned int head = self._head(id)
        cdef Py_ssize_t low = self._before[head], high = self._before[head + 1], middle
        cdef bytes_t ids = <bytes_t>PyBytes_AS_STRING(self._ids)
        cdef int order
        while low < high:
            middle = (low + high) // 2
            order = memcmp(ids + middle * self._hash_size, id, self._hash_size)
            if order < 0:
                low = middle + 1
            elif order > 0:
                high = middle
            else:
                return middle
        return -1
