"""What edges lead to (see `scanner.kernels.pure.trees`)."""

from array import array

cdef enum:
    EDGE = 12  # bytes


def leading_to(bytes edges, bytes flags, bytes marked):
    """Keep the edges that lead to what matters (see `scanner.kernels.pure.trees.leading_to`)."""
    cdef const unsigned int* e = <const unsigned int*>PyBytes_AS_STRING(edges)
    cdef Py_ssize_t count = PyBytes_GET_SIZE(edges) // 12, i, kept = 0
    cdef Py_ssize_t rows = len(flags), names = len(marked), row, top = 0
    reached = bytearray(flags)
    cdef unsigned char[::1] r = reached
    cdef bytes_t m = marked
    if count >= <Py_ssize_t>NONE:
        raise ValueError("there are more edges than can be numbered")
    # By row, the last edge to it plus one; by edge, the one before it; the rows to go on from.
    last, before = array("I", bytes(4 * rows)), array("I", bytes(4 * count))
    waiting = array("I", bytes(4 * rows))
    cdef unsigned int[::1] l = last
    cdef unsigned int[::1] b = before
    cdef unsigned int[::1] w = waiting
    for i in range(count):
        if e[3 * i] >= rows or e[3 * i + 1] >= rows or e[3 * i + 2] >> 1 >= names:
            raise ValueError("an edge leads nowhere")
        b[i] = l[e[3 * i + 1]]
        l[e[3 * i + 1]] = <unsigned int>(i + 1)
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
    for i in range(count):
        kept += r[e[3 * i + 1]] != 0 or m[e[3 * i + 2] >> 1] != 0
    cdef bytes result = PyBytes_FromStringAndSize(NULL, kept * EDGE)
    cdef char* out = PyBytes_AS_STRING(result)
    for i in range(count):
        if r[e[3 * i + 1]] or m[e[3 * i + 2] >> 1]:
            memcpy(out, e + 3 * i, EDGE)
            out += EDGE
    return result


cdef _check(bytes edges, Py_ssize_t rows):
    """Raise ValueError unless all edges are between rows, and not too many to be numbered."""
    cdef const unsigned int* e = <const unsigned int*>PyBytes_AS_STRING(edges)
    cdef Py_ssize_t count = PyBytes_GET_SIZE(edges) // 12, i
    if count >= <Py_ssize_t>NONE:
        raise ValueError("there are more edges than can be numbered")
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
    last, before = array("I", bytes(4 * rows)), array("I", bytes(4 * total))
    waiting = array("I", bytes(4 * rows))
    cdef unsigned int[::1] l = last
    cdef unsigned int[::1] b = before
    cdef unsigned int[::1] w = waiting
    _check(edges, rows)
    for i in range(total):
        b[i] = l[e[3 * i]]
        l[e[3 * i]] = <unsigned int>(i + 1)
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
