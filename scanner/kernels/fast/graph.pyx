# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Puts commits in an order, and says which can be reached (see `scanner.kernels.pure.graph`)."""

from array import array


cdef unsigned int[::1] _checked(starts, parents, Py_ssize_t count) except *:
    """Return `starts`; raises ValueError unless all that is named is there."""
    cdef const unsigned int[::1] p = parents
    cdef unsigned int[::1] s = starts
    cdef Py_ssize_t n
    if count < 0 or s[0] or s[count] != <size_t>len(parents):
        raise ValueError("the starts do not fit the parents")
    for n in range(count):
        if s[n] > s[n + 1]:
            raise ValueError("the starts do not ascend")
    for n in range(s[count]):
        if p[n] >= <size_t>count:
            raise ValueError("a parent is not there")
    return s


def laid_out(starts, parents):
    """Number commits anew (see `scanner.kernels.pure.graph.laid_out`)."""
    cdef Py_ssize_t count = len(starts) - 1, n, k, new, top = 0
    cdef unsigned int[::1] s = _checked(starts, parents, count)
    cdef const unsigned int[::1] p = parents
    cdef unsigned int[::1] ends = array("I", bytes(4 * (count + 1)))
    cdef unsigned int[::1] children = array("I", bytes(4 * len(parents)))
    cdef unsigned int[::1] waiting = array("I", bytes(4 * count))
    cdef unsigned int[::1] place = array("I", bytes(4 * count))
    order = array("I", bytes(4 * count))
    new_starts, new_parents = array("I", bytes(4 * (count + 1))), array("I", bytes(4 * len(parents)))
    last = array("I", range(count))
    cdef unsigned int[::1] o = order
    cdef unsigned int[::1] ns = new_starts
    cdef unsigned int[::1] np = new_parents
    cdef unsigned int[::1] l = last
    cdef unsigned int child
    for k in range(s[count]):
        ends[p[k] + 1] += 1
    for n in range(count):
        ends[n + 1] += ends[n]
        waiting[n] = s[n + 1] - s[n]
    for n in range(count):
        for k in range(s[n], s[n + 1]):
            children[ends[p[k]]] = <unsigned int>n
            ends[p[k]] += 1
    # From here on the children of a commit begin where those of the one before it end.
    for n in range(count):
        if not waiting[n]:
            o[top] = <unsigned int>n
            top += 1
    new = 0
    while new < top:
        n = o[new]
        new += 1
        for k in range(ends[n - 1] if n else 0, ends[n]):
            child = children[k]
            waiting[child] -= 1
            if not waiting[child]:
                o[top] = child
                top += 1
    sound = top
    for n in range(count):
        if waiting[n]:
            o[top] = <unsigned int>n
            top += 1
    for new in range(count):
        place[o[new]] = <unsigned int>new
    top = 0
    for new in range(count):
        for k in range(s[o[new]], s[o[new] + 1]):
            np[top] = place[p[k]]
            l[np[top]] = <unsigned int>new
            top += 1
        ns[new + 1] = <unsigned int>top
    return order, new_starts, new_parents, last, sound


def mark(starts, parents, tips, bytearray marks, unsigned char value):
    """Mark commits and their ancestors (see `scanner.kernels.pure.graph.mark`)."""
    cdef Py_ssize_t count = len(marks), top = 0, n, k
    if len(starts) != count + 1:
        raise ValueError("there are not as many marks as commits")
    cdef unsigned int[::1] s = _checked(starts, parents, count)
    cdef const unsigned int[::1] p = parents
    cdef const unsigned int[::1] t = tips
    cdef unsigned int[::1] waiting = array("I", bytes(4 * count))
    cdef unsigned char[::1] m = marks
    for k in range(t.shape[0]):
        if t[k] >= <size_t>count:
            raise ValueError("a tip is not there")
        if not m[t[k]]:
            m[t[k]] = value
            waiting[top] = t[k]
            top += 1
    while top:
        top -= 1
        n = waiting[top]
        for k in range(s[n], s[n + 1]):
            if not m[p[k]]:
                m[p[k]] = value
                waiting[top] = p[k]
                top += 1
