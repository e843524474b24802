# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Reads trees (see `scanner.kernels.pure.trees`).

Of a tree made by a delta only those entries are read that are not, as a whole, in one copy of
entries of its base; what the others come to is known.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport free, malloc, qsort, realloc
from libc.string cimport memchr, memcmp, memcpy

from scanner.kernels.fast.walk cimport Visitor

ctypedef const unsigned char* bytes_t

cdef enum:
    OBJECT = 200  # bytes that an object of Python takes, about

cdef unsigned int NONE = 0xFFFFFFFF

include "copies.pxi"
include "trees_names.pxi"
include "trees_graph.pxi"
include "trees_versions.pxi"


@cython.final
@cython.no_gc
@cython.freelist(64)
cdef class Entries:
    """Where the entries of a tree are, and which of them came to something."""

    cdef Reader _reader
    # The offset of each entry and of the end of the last; then the entry and number of each edge.
    cdef unsigned int* _at
    cdef unsigned int* _its
    cdef unsigned int* _numbers
    cdef Py_ssize_t _count, _edges
    cdef unsigned int _tree
    # Of what is foreign: entry, number of name, id and mode.
    cdef list _foreign
    cdef Py_ssize_t _held

    def __dealloc__(self):
        if self._reader is not None:
            self._reader._held -= self._held
        free(self._at)


@cython.final
cdef class Reader(Visitor):
    """Collects what trees name."""

    cdef readonly list foreign
    cdef readonly list garbled
    cdef readonly Py_ssize_t count, size
    cdef Names _names
    cdef Ids _ids
    cdef bytes _flags
    cdef const unsigned int[::1] _order
    cdef frozenset _repeated
    cdef Py_ssize_t _again, _again_size
    cdef int _hash_size
    cdef Py_ssize_t _limit, _budget, _held
    # Row and name of each edge.
    cdef unsigned int* _edges
    cdef Py_ssize_t _room, _made
    cdef unsigned int* _changes
    cdef Py_ssize_t _changes_room, _changes_used
    # The tree that is being read: what has been read of it, and what came of that.
    cdef bytes _data
    cdef unsigned int _tree
    cdef Py_ssize_t _position, _end, _count
    cdef list _leaving
    cdef unsigned int* _at
    cdef Py_ssize_t _at_room
    # Entry and number of each of its edges.
    cdef unsigned int* _its
    cdef unsigned int* _numbers
    cdef Py_ssize_t _its_room, _numbers_room, _has
    # How many of the base's edges have been passed, and those of them that it does not have.
    cdef Py_ssize_t _passed
    cdef unsigned int* _gone
    cdef Py_ssize_t _gone_room, _gone_count
    cdef Py_ssize_t* _copies
    cdef Py_ssize_t _copies_room, _copies_used

    def __cinit__(
        self, bytes ids, int hash_size, const unsigned int[::1] order, bytes flags,
        frozenset wanted, frozenset repeated, Py_ssize_t limit, Py_ssize_t budget,
    ):
        if hash_size < 20 or len(ids) % hash_size or len(flags) * hash_size != len(ids):
            raise ValueError("ids and flags do not fit")
        self.foreign, self.garbled = [], []
        self._names, self._ids = Names(wanted), Ids(ids, hash_size)
        self._hash_size, self._order, self._flags = hash_size, order, flags
        self._repeated, self._limit, self._budget = repeated, limit, budget

    def __dealloc__(self):
        free(self._edges)
        free(self._changes)
        free(self._at)
        free(self._its)
        free(self._numbers)
        free(self._gone)
        free(self._copies)

    @property
    def names(self):
        return self._names.all

    @property
    def edges(self):
        return PyBytes_FromStringAndSize(<char*>self._edges, 2 * self._made * sizeof(unsigned int))

    @property
    def changes(self):
        return PyBytes_FromStringAndSize(
            <char*>self._changes, self._changes_used * sizeof(unsigned int)
        )

    @property
    def again(self):
        return self._again, self._again_size

    cpdef object first(self, Py_ssize_t row, bytes data):
        return self._read(row, data, None)

    cpdef tuple next(self, Py_ssize_t row, bytes base, object state, bytes delta):
        cdef bytes data = _made(
            base, delta, self._limit, &self._copies, &self._copies_room, &self._copies_used
        )
        return data, self._read(row, data, None if state is None else <Entries?>state)

    cdef Entries _read(self, Py_ssize_t row, bytes data, Entries base):
        cdef Py_ssize_t i, size = PyBytes_GET_SIZE(data), before = self._made
        cdef bint whole = True
        if not 0 <= row < self._order.shape[0]:
            raise IndexError("no such row")
        if base is not None and base._reader is not self:
            base = None
        self._data, self._tree, self._leaving = data, self._order[row], None
        self._position, self._count, self._end = 0, 0, size - self._hash_size
        self._has = self._passed = self._gone_count = 0
        if base is not None:
            for i in range(0, self._copies_used, 3):
                whole = self._carry(
                    base, self._copies[i], self._copies[i + 1], self._copies[i + 2]
                )
                if not whole:
                    break
        if whole and self._until(self._end) and self._position == size:
            self._tally(row, size)
        else:
            self.garbled.append(row)
        self._note(base, self._made - before)
        return self._kept(size)

    cdef int _note(self, Entries base, Py_ssize_t added) except -1:
        """Note what the tree that was read changes in the edges of its base."""
        cdef unsigned int* c
        if base is not None:
            self._pass(base, base._edges)
            if not base._edges:
                base = None
        if base is None and not added:
            return 0
        if self._gone_count > 1:
            qsort(self._gone, self._gone_count, sizeof(unsigned int), _by_number)
        cdef Py_ssize_t size = self._changes_used + 4 + self._gone_count
        if size > self._changes_room:
            self._changes = _larger(self._changes, &self._changes_room, size)
        c = self._changes + self._changes_used
        c[0], c[1] = self._tree, NONE if base is None else base._tree
        c[2], c[3] = <unsigned int>self._gone_count, <unsigned int>added
        if self._gone_count:
            memcpy(c + 4, self._gone, self._gone_count * sizeof(unsigned int))
        self._changes_used = size
        return 0

    cdef int _pass(self, Entries base, Py_ssize_t high) except -1:
        """Do without the edges of the base from those passed to before `high`."""
        cdef Py_ssize_t count = high - self._passed
        if count <= 0:
            return 0
        if self._gone_count + count > self._gone_room:
            self._gone = _larger(self._gone, &self._gone_room, self._gone_count + count)
        memcpy(
            self._gone + self._gone_count, base._numbers + self._passed,
            count * sizeof(unsigned int),
        )
        self._gone_count += count
        self._passed = high
        return 0

    cdef int _tally(self, Py_ssize_t row, Py_ssize_t size) except -1:
        self.count += 1
        self.size += size
        if self._repeated and row in self._repeated:
            self._again += 1
            self._again_size += size
        return 0

    cdef Entries _kept(self, Py_ssize_t size):
        """Return what is known of the tree just read; None if it is too much to keep."""
        cdef Py_ssize_t room = (self._count + 1 + 2 * self._has) * sizeof(unsigned int)
        cdef Py_ssize_t held = room + OBJECT
        if self._leaving is not None:
            held += OBJECT * len(self._leaving)
        if held > self._budget - self._held or size > <Py_ssize_t>0xFFFFFFFF:
            return None
        cdef Entries kept = Entries.__new__(Entries)
        kept._at = <unsigned int*>malloc(room)
        if kept._at == NULL:
            raise MemoryError
        kept._its = kept._at + self._count + 1
        kept._numbers = kept._its + self._has
        if self._count:
            memcpy(kept._at, self._at, self._count * sizeof(unsigned int))
        if self._has:
            memcpy(kept._its, self._its, self._has * sizeof(unsigned int))
            memcpy(kept._numbers, self._numbers, self._has * sizeof(unsigned int))
        kept._at[self._count] = <unsigned int>self._position
        kept._count, kept._edges, kept._tree = self._count, self._has, self._tree
        kept._foreign, kept._reader, kept._held = self._leaving, self, held
        self._held += held
        return kept

    cdef int _until(self, Py_ssize_t stop) except -1:
        """Read entries that begin before `stop`; 0 if one makes no sense."""
        while self._position < stop and self._position < self._end:
            if not self._entry():
                return 0
        return 1

    cdef int _carry(
        self, Entries base, Py_ssize_t child, Py_ssize_t origin, Py_ssize_t length
    ) except -1:
        """Take over what a copy holds whole entries of; 0 if an entry before makes no sense."""
        cdef Py_ssize_t entry, stop = child + length
        if not self._until(child):
            return 0
        entry = _lowest(base._at, base._count + 1, origin + (self._position - child))
        while self._position < stop and self._position < self._end:
            while entry <= base._count and base._at[entry] < origin + (self._position - child):
                entry += 1
            if entry > base._count:
                break
            if base._at[entry] == origin + (self._position - child):
                return self._take_over(
                    base, entry, _lowest(base._at, base._count + 1, origin + length + 1) - 1
                )
            if not self._entry():
                return 0
        return 1

    cdef int _take_over(self, Entries base, Py_ssize_t low, Py_ssize_t high) except -1:
        """Do as if the entries from `low` to before `high` of the base had been read here."""
        cdef Py_ssize_t i, count = high - low
        cdef unsigned int shift = <unsigned int>self._position - base._at[low], entry
        cdef unsigned int* at
        cdef const unsigned int* source
        if self._count + count > self._at_room:
            self._at = _larger(self._at, &self._at_room, self._count + count)
        at, source = self._at + self._count, base._at + low
        for i in range(count):
            at[i] = source[i] + shift
        cdef Py_ssize_t first = _lowest(base._its, base._edges, low)
        cdef Py_ssize_t last = _lowest(base._its, base._edges, high)
        self._pass(base, first)
        for i in range(first, last):
            entry = base._its[i] + <unsigned int>(self._count - low)
            if i >= self._passed:
                self._hold(entry, base._numbers[i])
            else:  # not for the first time
                source = self._edges + 2 * base._numbers[i]
                self._edge(entry, source[0], source[1])
        self._passed = max(self._passed, last)
        if base._foreign is not None:
            self._leave_again(base._foreign, low, high)
        self._position += base._at[high] - base._at[low]
        self._count += count
        return 1

    cdef int _leave_again(self, list foreign, Py_ssize_t low, Py_ssize_t high) except -1:
        cdef Py_ssize_t start = 0, stop = len(foreign), middle, entry
        while start < stop:
            middle = (start + stop) // 2
            if <Py_ssize_t>foreign[middle][0] < low:
                start = middle + 1
            else:
                stop = middle
        for start in range(start, len(foreign)):
            entry, name, id_, mode = foreign[start]
            if entry >= high:
                break
            self._leave(entry + self._count - low, name, id_, mode)
        return 0

    cdef int _leave(self, Py_ssize_t entry, name, bytes id_, bytes mode) except -1:
        self.foreign.append((self._tree, name, id_, mode))
        if self._leaving is None:
            self._leaving = []
        self._leaving.append((entry, name, id_, mode))
        return 0

    cdef int _entry(self) except -1:
        """Read the entry at the position; 0 if it makes no sense."""
        cdef bytes_t p = <bytes_t>PyBytes_AS_STRING(self._data)
        cdef bytes_t stop
        cdef Py_ssize_t at = self._position, name_at = at, after, row, name
        cdef Py_ssize_t size = self._end + self._hash_size
        cdef bint is_tree = p[at] == 52, is_link
        while name_at < size and p[name_at] != 32 and name_at - at < 11:
            name_at += 1
        if name_at >= size or p[name_at] != 32:
            return 0
        is_link = name_at - at == 6 and memcmp(p + at, b"160000", 6) == 0
        name_at += 1
        stop = <bytes_t>memchr(p + name_at, 0, size - name_at)
        if stop == NULL or stop - p >= self._end:
            return 0
        after = (stop - p) + 1
        name = self._names.number(p + name_at, after - 1 - name_at)
        row = -1 if is_link else self._ids.row(p + after)
        if row < 0:
            if not is_link or self._names.wanted(name):
                self._leave(
                    self._count, name,
                    PyBytes_FromStringAndSize(<const char*>p + after, self._hash_size),
                    PyBytes_FromStringAndSize(<const char*>p + at, name_at - 1 - at),
                )
        elif is_tree or (<bytes_t>PyBytes_AS_STRING(self._flags))[row] or self._names.wanted(name):
            self._edge(
                <unsigned int>self._count, <unsigned int>row, <unsigned int>(name * 2 + is_tree)
            )
        if self._count >= self._at_room:
            self._at = _larger(self._at, &self._at_room, self._count + 1)
        self._at[self._count] = <unsigned int>at
        self._count += 1
        self._position = after + self._hash_size
        return 1

    cdef int _edge(self, unsigned int entry, unsigned int row, unsigned int name) except -1:
        """Let an entry have a new edge."""
        if self._made >= <Py_ssize_t>NONE:
            raise OverflowError("there are more edges than can be numbered")
        if 2 * self._made + 2 > self._room:
            self._edges = _larger(self._edges, &self._room, 2 * self._made + 2)
        self._edges[2 * self._made] = row
        self._edges[2 * self._made + 1] = name
        self._hold(entry, <unsigned int>self._made)
        self._made += 1
        return 0

    cdef int _hold(self, unsigned int entry, unsigned int number) except -1:
        if self._has >= self._its_room:
            self._its = _larger(self._its, &self._its_room, self._has + 1)
        if self._has >= self._numbers_room:
            self._numbers = _larger(self._numbers, &self._numbers_room, self._has + 1)
        self._its[self._has] = entry
        self._numbers[self._has] = number
        self._has += 1
        return 0


cdef int _by_number(const void* one, const void* other) noexcept nogil:
    cdef unsigned int a = (<const unsigned int*>one)[0], b = (<const unsigned int*>other)[0]
    return (a > b) - (a < b)


cdef Py_ssize_t _lowest(const unsigned int* values, Py_ssize_t high, Py_ssize_t wanted) noexcept:
    """Return the number of the first of `high` ascending values that is not below `wanted`."""
    cdef Py_ssize_t low = 0, middle
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


cdef unsigned int* _larger(unsigned int* old, Py_ssize_t* room, Py_ssize_t wanted) except NULL:
    cdef Py_ssize_t count = max(wanted, 2 * room[0], 1 << 10)
    cdef unsigned int* new = <unsigned int*>realloc(old, count * sizeof(unsigned int))
    if new == NULL:
        raise MemoryError
    room[0] = count
    return new
