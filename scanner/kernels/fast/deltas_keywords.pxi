# The automaton is bound by the wait for each step's row, so four parts of a text are read abreast.
# Each but the first is read as if nothing came before it; what did come before makes a difference
# only until both readings are in one state, mostly a few bytes later.

cdef enum:
    LONGEST = 512  # bytes of a part
    SHORTEST = 8


cdef struct _Ends:
    # Where a keyword ends, counted from where its part begins, and the state there.
    unsigned int count
    unsigned int ends[LONGEST]
    unsigned int states[LONGEST]


cdef class Keywords:
    """A keyword automaton as a table, and what it found."""

    cdef bytes _classes
    cdef const unsigned int[::1] _table
    cdef const unsigned int[::1] _starts
    cdef const unsigned int[::1] _words
    cdef unsigned int _first, _width
    # The end and the number of each keyword.
    cdef Py_ssize_t* _hits
    cdef Py_ssize_t _hits_room, _hits_used
    cdef _Ends _second, _third, _fourth

    def __cinit__(
        self, table, bytes classes, starts, words, unsigned int first, unsigned int width, reach
    ):
        self._table = table
        self._classes = classes
        self._starts = starts
        self._words = words
        self._first = first
        self._width = width
        _check(self._table, classes, self._starts, self._words, first, width)

    def __dealloc__(self):
        free(self._hits)

    cdef int _find(self, bytes_t data, Py_ssize_t low, Py_ssize_t high) except -1:
        """Note the keywords that lie between `low` and `high`."""
        cdef unsigned int state = 0
        cdef Py_ssize_t size
        while high - low >= 4 * SHORTEST:
            size = min((high - low) // 4, LONGEST)
            self._abreast(data, low, size, &state)
            low += 4 * size
        return self._read(data, low, high, &state)

    cdef int _read(
        self, bytes_t data, Py_ssize_t low, Py_ssize_t high, unsigned int* state
    ) except -1:
        cdef const unsigned int* table = &self._table[0]
        cdef bytes_t classes = <bytes_t>self._classes
        cdef unsigned int at = state[0], first = self._first
        cdef Py_ssize_t i
        for i in range(low, high):
            at = table[at + classes[data[i]]]
            if at >= first:
                self._push_hits(i + 1, at)
        state[0] = at
        return 0

    cdef int _abreast(
        self, bytes_t data, Py_ssize_t low, Py_ssize_t size, unsigned int* state
    ) except -1:
        """Read four parts of `size` bytes each; `state` is the one before and then after them."""
        cdef const unsigned int* table = &self._table[0]
        cdef bytes_t classes = <bytes_t>self._classes
        cdef bytes_t p = data + low, q = p + size, r = q + size, s = r + size
        cdef unsigned int a = state[0], b = 0, c = 0, d = 0, first = self._first
        cdef Py_ssize_t i
        self._second.count = self._third.count = self._fourth.count = 0
        for i in range(size):
            a = table[a + classes[p[i]]]
            b = table[b + classes[q[i]]]
            c = table[c + classes[r[i]]]
            d = table[d + classes[s[i]]]
            if a >= first:
                self._push_hits(low + i + 1, a)
            if b >= first:
                _note(&self._second, i + 1, b)
            if c >= first:
                _note(&self._third, i + 1, c)
            if d >= first:
                _note(&self._fourth, i + 1, d)
        a = self._join(data, low + size, size, a, &self._second, b)
        a = self._join(data, low + 2 * size, size, a, &self._third, c)
        state[0] = self._join(data, low + 3 * size, size, a, &self._fourth, d)
        return 0

    cdef unsigned int _join(
        self, bytes_t data, Py_ssize_t low, Py_ssize_t size, unsigned int state, _Ends* noted,
        unsigned int last,
    ) except? 0xFFFFFFFF:
        """Note the keywords of a part that `state` came before, and return the state after it.

        `noted` and `last` are what reading it found as if nothing came before.
        """
        cdef const unsigned int* table = &self._table[0]
        cdef bytes_t classes = <bytes_t>self._classes
        cdef unsigned int afresh = 0, first = self._first, i = 0, k
        while state != afresh:
            if i == size:
                return state
            state = table[state + classes[data[low + i]]]
            afresh = table[afresh + classes[data[low + i]]]
            i += 1
            if state >= first:
                self._push_hits(low + i, state)
        for k in range(noted.count):
            if noted.ends[k] > i:
                self._push_hits(low + noted.ends[k], noted.states[k])
        return last

    cdef int _push_hits(self, Py_ssize_t end, unsigned int state) except -1:
        cdef unsigned int accepting = (state - self._first) // self._width
        cdef Py_ssize_t used, i
        for i in range(self._starts[accepting], self._starts[accepting + 1]):
            used = self._hits_used
            if used + 2 > self._hits_room:
                self._hits = _room(self._hits, &self._hits_room, used + 2)
            self._hits[used] = end
            self._hits[used + 1] = self._words[i]
            self._hits_used = used + 2
        return 0


cdef inline void _note(_Ends* noted, Py_ssize_t end, unsigned int state) noexcept nogil:
    noted.ends[noted.count] = <unsigned int>end
    noted.states[noted.count] = state
    noted.count += 1


cdef _check(
    const unsigned int[::1] table, bytes classes, const unsigned int[::1] starts,
    const unsigned int[::1] words, unsigned int first, unsigned int width,
):
    """Raise ValueError unless every step of the automaton stays inside of its tables."""
    cdef Py_ssize_t size = len(table), i
    if width < 1 or len(classes) != 256 or max(classes) >= width:
        raise ValueError("a byte's class is no column of the table")
    if not size or size % width or first % width or first > size:
        raise ValueError("the table leads outside of itself")
    for i in range(size):
        if table[i] >= size:
            raise ValueError("the table leads outside of itself")
        if table[i] % width:
            raise ValueError("the table leads into the middle of a row")
    if len(starts) != (size - first) // width + 1 or max(starts) > len(words):
        raise ValueError("the words do not belong to the table")
