"""What the edges that versions of trees share lead to (see `scanner.kernels.pure.trees.leading`).

An edge is there once, however many versions have it. Those that have it are the tree it came with
and what grows from that by deltas, as far as it is not gone.
"""


def leading(parts, bytes flags, bytes marked):
    """Return the edges that matter (see `scanner.kernels.pure.trees.leading`)."""
    cdef Versions versions = Versions(len(flags), len(marked))
    for changes, edges, numbers in parts:
        versions.add(changes, edges, numbers)
    return versions.leading(flags, marked)


cdef struct Version:
    unsigned int tree
    # Where its change is.
    unsigned int change
    # The last of those made from it, and the one before it made from the same, both plus one.
    unsigned int made
    unsigned int sibling


@cython.final
cdef class Versions:
    """Trees with the edges that each has, told by what it changes in those of its base."""

    cdef Py_ssize_t _rows, _names
    # In the order in which they were read, so that those that grow from one are near one another.
    cdef Version* _all
    cdef Py_ssize_t _all_room, _count
    # By tree, the number of its version plus one.
    cdef unsigned int[::1] _version
    # Tree, base, number of edges that are gone and of new ones, then the edges that are gone.
    cdef unsigned int* _changes
    cdef Py_ssize_t _changes_room, _changes_used
    # By edge: row, name, the version it came with, and the edge to the same row before it plus one.
    cdef unsigned int* _edges
    cdef Py_ssize_t _room, _used
    cdef unsigned int[::1] _last
    # What is known to matter: rows, those that are still to be gone on from, edges told already.
    cdef unsigned char[::1] _reached
    cdef unsigned int[::1] _waiting
    cdef Py_ssize_t _top
    cdef unsigned char[::1] _told
    cdef unsigned int[::1] _stack
    # Three numbers an edge of a tree, in the order they were found.
    cdef unsigned int* _found
    cdef Py_ssize_t _found_room, _found_used

    def __cinit__(self, Py_ssize_t rows, Py_ssize_t names):
        self._rows, self._names = rows, names
        self._version, self._last = _zeros(rows), _zeros(rows)

    def __dealloc__(self):
        free(self._all)
        free(self._changes)
        free(self._edges)
        free(self._found)

    cdef int add(self, bytes changes, bytes edges, numbers) except -1:
        """Take in what one reader has told; raises ValueError if it makes no sense."""
        cdef const unsigned int[::1] new = numbers
        cdef const unsigned int* e = <const unsigned int*>PyBytes_AS_STRING(edges)
        cdef Py_ssize_t count = PyBytes_GET_SIZE(edges) // 8, first = self._used // 4, i
        cdef Py_ssize_t at = self._changes_used, number = first, before = self._count
        cdef Py_ssize_t stop = at + PyBytes_GET_SIZE(changes) // 4
        cdef unsigned int* c
        if first + count >= <Py_ssize_t>NONE or stop >= <Py_ssize_t>NONE:
            raise ValueError("there are more edges than can be numbered")
        if stop > self._changes_room:
            self._changes = _larger(self._changes, &self._changes_room, stop)
        if self._used + 4 * count > self._room:
            self._edges = _larger(self._edges, &self._room, self._used + 4 * count)
        if stop > at:
            memcpy(self._changes + at, PyBytes_AS_STRING(changes), 4 * (stop - at))
        while at < stop:
            c = self._changes + at
            if stop - at < 4 or stop - at - 4 < c[2] or first + count - number < c[3]:
                raise ValueError("a change is not whole")
            self._place(c[0], c[1], before, at)
            for i in range(c[2]):
                c[4 + i] += <unsigned int>first
            for i in range(number - first, number - first + c[3]):
                self._edge(new, e[2 * i], e[2 * i + 1])
            number += c[3]
            at += 4 + c[2]
        self._changes_used = stop
        if number != first + count:
            raise ValueError("an edge is in no tree")
        return 0

    cdef int _place(
        self, unsigned int tree, unsigned int base, Py_ssize_t before, Py_ssize_t at
    ) except -1:
        """Let `tree` be made from `base`, not one of the first `before`, by the change at `at`."""
        cdef Version* version
        if tree >= self._rows or self._version[tree]:
            raise ValueError("a change is of no tree, or of one that has its own")
        if 4 * self._count + 4 > self._all_room:
            self._all = <Version*>_larger(
                <unsigned int*>self._all, &self._all_room, 4 * self._count + 4
            )
        version = self._all + self._count
        version.tree, version.change, version.made, version.sibling = tree, <unsigned int>at, 0, 0
        self._count += 1
        self._version[tree] = <unsigned int>self._count
        if base != NONE:
            if base >= self._rows or self._version[base] <= before or base == tree:
                raise ValueError("a tree is made from one that comes after it")
            version.sibling = self._all[self._version[base] - 1].made
            self._all[self._version[base] - 1].made = <unsigned int>self._count
        return 0

    cdef int _edge(
        self, const unsigned int[::1] numbers, unsigned int row, unsigned int name
    ) except -1:
        """Let the last version have a new edge."""
        cdef unsigned int* e = self._edges + self._used
        if row >= self._rows or name >> 1 >= <size_t>len(numbers):
            raise ValueError("an edge leads nowhere")
        e[0], e[1] = row, 2 * numbers[name >> 1] + (name & 1)
        e[2] = <unsigned int>(self._count - 1)
        if e[1] >> 1 >= self._names:
            raise ValueError("a name has no number")
        e[3] = self._last[row]
        self._used += 4
        self._last[row] = <unsigned int>(self._used // 4)
        return 0

    cdef bytes leading(self, bytes flags, bytes marked):
        cdef bytes_t f = flags, m = marked
        cdef Py_ssize_t row, i, count = self._used // 4
        self._reached, self._told = bytearray(self._count), bytearray(count)
        self._waiting, self._stack = _zeros(self._rows), _zeros(self._count)
        self._top = self._found_used = 0
        for row in range(self._rows):
            if f[row]:
                self._waiting[self._top] = <unsigned int>row
                self._top += 1
        for i in range(self._count):
            self._reached[i] = f[self._all[i].tree] != 0
        for i in range(count):
            if m[self._edges[4 * i + 1] >> 1]:
                self._tell(i)
        while self._top:
            self._top -= 1
            i = self._last[self._waiting[self._top]]
            while i:
                self._tell(i - 1)
                i = self._edges[4 * (i - 1) + 3]
        return self._sorted()

    cdef int _tell(self, Py_ssize_t number) except -1:
        """Find an edge in all versions that have it."""
        cdef unsigned int at, made
        cdef unsigned int* e = self._edges + 4 * number
        cdef unsigned int* found
        cdef Py_ssize_t depth = 1
        if self._told[number]:
            return 0
        self._told[number] = 1
        self._stack[0] = e[2]
        while depth:
            depth -= 1
            at = self._stack[depth]
            if self._found_used + 3 > self._found_room:
                self._found = _larger(self._found, &self._found_room, self._found_used + 3)
            found = self._found + self._found_used
            found[0], found[1], found[2] = self._all[at].tree, e[0], e[1]
            self._found_used += 3
            if not self._reached[at]:
                self._reached[at] = 1
                self._waiting[self._top] = self._all[at].tree
                self._top += 1
            made = self._all[at].made
            while made:
                if not self._is_gone(made - 1, number):
                    self._stack[depth] = made - 1
                    depth += 1
                made = self._all[made - 1].sibling
        return 0

    cdef bint _is_gone(self, unsigned int at, Py_ssize_t number) noexcept:
        """Tell whether a version does not have an edge that the one it is made from has."""
        cdef const unsigned int* c = self._changes + self._all[at].change
        cdef Py_ssize_t i = _lowest(c + 4, c[2], number)
        return i < c[2] and c[4 + i] == number

    cdef bytes _sorted(self):
        """Return what was found by tree, name and row."""
        cdef Py_ssize_t i, count = self._found_used // 3, tree
        cdef bytes result = PyBytes_FromStringAndSize(NULL, EDGE * count)
        cdef unsigned int* out = <unsigned int*>PyBytes_AS_STRING(result)
        ends = array("Q", bytes(8 * (self._rows + 1)))
        cdef unsigned long long[::1] end = ends
        for i in range(count):
            end[self._found[3 * i] + 1] += 1
        for tree in range(self._rows):
            end[tree + 1] += end[tree]
        for i in range(count):
            tree = self._found[3 * i]
            memcpy(out + 3 * end[tree], self._found + 3 * i, EDGE)
            end[tree] += 1
        i = 0
        for tree in range(self._rows):
            if <Py_ssize_t>end[tree] - i > 1:
                qsort(out + 3 * i, end[tree] - i, EDGE, _by_name)
            i = end[tree]
        return result


cdef int _by_name(const void* one, const void* other) noexcept nogil:
    cdef const unsigned int* a = <const unsigned int*>one
    cdef const unsigned int* b = <const unsigned int*>other
    if a[2] != b[2]:
        return 1 if a[2] > b[2] else -1
    return (a[1] > b[1]) - (a[1] < b[1])


cdef unsigned int[::1] _zeros(Py_ssize_t count):
    return array("I", bytes(4 * count))
