# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Reads trees (see `scanner.kernels.pure.trees`)."""

from array import array

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memchr, memcmp, memcpy

ctypedef const unsigned char* bytes_t

cdef enum:
    RECENT = 1 << 16


cdef class Reader:
    """Collects what trees name."""

    cdef public list names
    cdef public list foreign
    cdef bytes _ids, _flags
    cdef frozenset _wanted
    cdef Py_ssize_t _count
    cdef int _hash_size
    cdef unsigned int _fanout[257]
    cdef unsigned int* _edges
    cdef Py_ssize_t _room, _used
    cdef unsigned int* _slots
    cdef unsigned int* _hashes
    cdef Py_ssize_t _slot_count
    cdef unsigned long long* _recent_keys
    cdef unsigned int* _recent_rows
    cdef bytearray _marked
    cdef unsigned int _seed

    def __cinit__(self, bytes ids, int hash_size, bytes flags, frozenset wanted):
        self.names = []
        self.foreign = []
        self._ids, self._flags, self._wanted = ids, flags, wanted
        self._hash_size = hash_size
        self._marked = bytearray()
        # Python draws it anew for each process, so nobody can make up names that collide.
        self._seed = <unsigned int>(hash(b"names") & 0xFFFFFFFF)
        if hash_size < 20 or len(ids) % hash_size or len(flags) * hash_size != len(ids):
            raise ValueError("ids and flags do not fit")
        self._count = len(flags)
        cdef Py_ssize_t i
        cdef bytes_t p = ids
        for i in range(257):
            self._fanout[i] = 0
        for i in range(self._count):
            self._fanout[p[i * hash_size] + 1] += 1
        for i in range(256):
            self._fanout[i + 1] += self._fanout[i]
        self._slot_count = 1 << 12
        self._slots = <unsigned int*>calloc(self._slot_count, sizeof(unsigned int))
        self._recent_keys = <unsigned long long*>calloc(RECENT, sizeof(unsigned long long))
        self._recent_rows = <unsigned int*>calloc(RECENT, sizeof(unsigned int))
        if self._slots == NULL or self._recent_keys == NULL or self._recent_rows == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self._edges)
        free(self._slots)
        free(self._hashes)
        free(self._recent_keys)
        free(self._recent_rows)

    @property
    def edges(self):
        return PyBytes_FromStringAndSize(<char*>self._edges, self._used * sizeof(unsigned int))

    def read(self, Py_ssize_t tree, bytes data):
        cdef bytes_t p = data
        cdef bytes_t stop
        cdef Py_ssize_t size = PyBytes_GET_SIZE(data), at = 0, name_at, after, row
        cdef Py_ssize_t last = size - self._hash_size
        cdef int digits
        cdef bint is_tree, is_link
        cdef Py_ssize_t name
        while at < last:
            name_at = at
            digits = 0
            while name_at < size and p[name_at] != 32 and digits < 11:
                name_at += 1
                digits += 1
            if name_at >= size or p[name_at] != 32:
                break
            is_tree = p[at] == 52
            is_link = digits == 6 and memcmp(p + at, b"160000", 6) == 0
            name_at += 1
            stop = <bytes_t>memchr(p + name_at, 0, size - name_at)
            if stop == NULL or stop - p >= last:
                break
            after = (stop - p) + 1
            name = self._number(p + name_at, after - 1 - name_at)
            row = -1 if is_link else self._row(p + after)
            if is_link:
                if self._marked[name]:
                    self.foreign.append((tree, name, data[after : after + self._hash_size], b"160000"))
            elif row < 0:
                self.foreign.append(
                    (tree, name, data[after : after + self._hash_size], data[at : name_at - 1])
                )
            elif is_tree or self._flags_at(row) or self._marked[name]:
                self._edge(tree, row, name * 2 + is_tree)
            at = after + self._hash_size
        return at == size

    cdef bint _flags_at(self, Py_ssize_t row):
        return (<bytes_t>PyBytes_AS_STRING(self._flags))[row] != 0

    cdef int _edge(self, Py_ssize_t tree, Py_ssize_t row, Py_ssize_t name) except -1:
        cdef unsigned int* new
        cdef Py_ssize_t room
        if self._used + 3 > self._room:
            room = max(2 * self._room, 3 << 10)
            new = <unsigned int*>realloc(self._edges, room * sizeof(unsigned int))
            if new == NULL:
                raise MemoryError
            self._edges, self._room = new, room
        self._edges[self._used] = <unsigned int>tree
        self._edges[self._used + 1] = <unsigned int>row
        self._edges[self._used + 2] = <unsigned int>name
        self._used += 3
        return 0

    cdef Py_ssize_t _row(self, bytes_t name) noexcept:
        """Return the row of an id, or -1."""
        cdef unsigned long long key
        memcpy(&key, name, 8)
        cdef Py_ssize_t slot = key & (RECENT - 1), low, high, middle
        cdef bytes_t ids = <bytes_t>PyBytes_AS_STRING(self._ids)
        cdef int order
        if self._recent_keys[slot] == key and self._recent_rows[slot]:
            middle = self._recent_rows[slot] - 1
            if memcmp(ids + middle * self._hash_size, name, self._hash_size) == 0:
                return middle
        low, high = self._fanout[name[0]], self._fanout[name[0] + 1]
        while low < high:
            middle = (low + high) // 2
            order = memcmp(ids + middle * self._hash_size, name, self._hash_size)
            if order < 0:
                low = middle + 1
            elif order > 0:
                high = middle
            else:
                self._recent_keys[slot] = key
                self._recent_rows[slot] = <unsigned int>(middle + 1)
                return middle
        return -1

    cdef Py_ssize_t _number(self, bytes_t name, Py_ssize_t size) except -1:
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
                known = <bytes>self.names[i]
                if PyBytes_GET_SIZE(known) == size and memcmp(
                    PyBytes_AS_STRING(known), name, size
                ) == 0:
                    return i
            slot = (slot + 1) & (self._slot_count - 1)
        i = len(self.names)
        if (i + 1) * 2 > self._slot_count or self._hashes == NULL:
            self._grow()
            slot = key & (self._slot_count - 1)
            while self._slots[slot]:
                slot = (slot + 1) & (self._slot_count - 1)
        known = PyBytes_FromStringAndSize(<const char*>name, size)
        self.names.append(known)
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
        for i in range(len(self.names)):
            slot = hashes[i] & (count - 1)
            while slots[slot]:
                slot = (slot + 1) & (count - 1)
            slots[slot] = <unsigned int>(i + 1)
        free(self._slots)
        self._slots, self._slot_count = slots, count
        return 0


def renumbered(bytes edges, numbers):
    """Number names anew (see `scanner.kernels.pure.trees.renumbered`)."""
    cdef Py_ssize_t count = PyBytes_GET_SIZE(edges) // 12, i
    cdef const unsigned int[::1] new = numbers
    cdef bytes result = PyBytes_FromStringAndSize(PyBytes_AS_STRING(edges), count * 12)
    cdef unsigned int* e = <unsigned int*>PyBytes_AS_STRING(result)
    for i in range(count):
        if e[3 * i + 2] >> 1 >= <size_t>len(numbers):
            raise IndexError("a name has no number")
        e[3 * i + 2] = 2 * new[e[3 * i + 2] >> 1] + (e[3 * i + 2] & 1)
    return result


def leading_to(bytes edges, bytes flags, bytes marked):
    """Keep the edges that lead to what matters (see `scanner.kernels.pure.trees.leading_to`)."""
    cdef const unsigned int* e = <const unsigned int*>PyBytes_AS_STRING(edges)
    cdef Py_ssize_t count = PyBytes_GET_SIZE(edges) // 12, i, kept = 0
    cdef Py_ssize_t rows = len(flags), names = len(marked), row, top = 0
    reached = bytearray(flags)
    cdef unsigned char[::1] r = reached
    cdef bytes_t m = marked
    # By row, the last edge to it plus one; by edge, the one before it; the rows to go on from.
    last, before = array("Q", bytes(8 * rows)), array("Q", bytes(8 * count))
    waiting = array("I", bytes(4 * rows))
    cdef unsigned long long[::1] l = last
    cdef unsigned long long[::1] b = before
    cdef unsigned int[::1] w = waiting
    for i in range(count):
        if e[3 * i] >= rows or e[3 * i + 1] >= rows or e[3 * i + 2] >> 1 >= names:
            raise ValueError("an edge leads nowhere")
        b[i] = l[e[3 * i + 1]]
        l[e[3 * i + 1]] = i + 1
        if m[e[3 * i + 2] >> 1]:
            r[e[3 * i]] = 1
    for row in range(rows):
        if r[row]:
            w[top] = <unsigned int>row
            top += 1
    while top:
        top -= 1
        i = l[w[top]]
        while i:
            row = e[3 * (i - 1)]
            if not r[row]:
                r[row] = 1
                w[top] = <unsigned int>row
                top += 1
            i = b[i - 1]
    result = array("I")
    for i in range(count):
        if r[e[3 * i + 1]] or m[e[3 * i + 2] >> 1]:
            result.append(e[3 * i])
            result.append(e[3 * i + 1])
            result.append(e[3 * i + 2])
    return result.tobytes()


cdef _check(bytes edges, Py_ssize_t rows):
    """Raise ValueError unless all edges are between rows."""
    cdef const unsigned int* e = <const unsigned int*>PyBytes_AS_STRING(edges)
    cdef Py_ssize_t count = PyBytes_GET_SIZE(edges) // 12, i
    for i in range(count):
        if e[3 * i] >= rows or e[3 * i + 1] >= rows:
            raise ValueError("an edge leads nowhere")


def spans(bytes edges, Py_ssize_t count):
    """Return where each tree's edges are (see `scanner.kernels.pure.trees.spans`)."""
    cdef const unsigned int* e = <const unsigned int*>PyBytes_AS_STRING(edges)
    cdef Py_ssize_t total = PyBytes_GET_SIZE(edges) // 12, i
    result = array("I", bytes(8 * count))
    cdef unsigned int[::1] at = result
    _check(edges, count)
    for i in range(total):
        if at[2 * e[3 * i] + 1] != i:
            at[2 * e[3 * i]] = <unsigned int>i
        at[2 * e[3 * i] + 1] = <unsigned int>(i + 1)
    return result


def classes(bytes edges, kinds):
    """Sort trees by what they lead to (see `scanner.kernels.pure.trees.classes`)."""
    cdef const unsigned int* e = <const unsigned int*>PyBytes_AS_STRING(edges)
    cdef Py_ssize_t total = PyBytes_GET_SIZE(edges) // 12, rows = len(kinds), i, k
    cdef unsigned int[::1] at = spans(edges, rows)
    result = array("I", kinds)
    cdef unsigned int[::1] found = result
    cdef dict known = {}
    cdef unsigned int following = max(kinds, default=0) + 1, tree, row
    cdef list stack
    entered = bytearray(rows)
    cdef unsigned char[::1] met = entered
    cdef bytes key
    cdef unsigned int* q
    for i in range(total):
        if found[e[3 * i]]:
            continue
        stack = [e[3 * i]]
        while stack:
            tree = stack[len(stack) - 1]
            if not met[tree]:
                # One that was entered before and waits is led to by itself.
                met[tree] = 1
                for k in range(at[2 * tree], at[2 * tree + 1]):
                    row = e[3 * k + 1]
                    if at[2 * row + 1] and not met[row]:
                        stack.append(row)
                continue
            stack.pop()
            if found[tree]:
                continue
            k = at[2 * tree + 1] - at[2 * tree]
            key = PyBytes_FromStringAndSize(NULL, k * 12)
            q = <unsigned int*>PyBytes_AS_STRING(key)
            for k in range(at[2 * tree], at[2 * tree + 1]):
                q[0] = 0
                q[1] = found[e[3 * k + 1]]
                q[2] = e[3 * k + 2]
                q += 3
            found[tree] = known.setdefault(key, following)
            following += found[tree] == following
    return result


def reach(bytes edges, bytearray flags):
    """Flag what edges lead to (see `scanner.kernels.pure.trees.reach`)."""
    cdef const unsigned int* e = <const unsigned int*>PyBytes_AS_STRING(edges)
    cdef Py_ssize_t total = PyBytes_GET_SIZE(edges) // 12, rows = len(flags), i, row, top = 0
    cdef unsigned char[::1] f = flags
    # By row, its last edge plus one; by edge, the one before it; the rows to go on from.
    last, before = array("Q", bytes(8 * rows)), array("Q", bytes(8 * total))
    waiting = array("I", bytes(4 * rows))
    cdef unsigned long long[::1] l = last
    cdef unsigned long long[::1] b = before
    cdef unsigned int[::1] w = waiting
    _check(edges, rows)
    for i in range(total):
        b[i] = l[e[3 * i]]
        l[e[3 * i]] = i + 1
    for row in range(rows):
        if f[row]:
            w[top] = <unsigned int>row
            top += 1
    while top:
        top -= 1
        i = l[w[top]]
        while i:
            row = e[3 * (i - 1) + 1]
            if not f[row]:
                f[row] = 1
                w[top] = <unsigned int>row
                top += 1
            i = b[i - 1]
