# Blocks of lines of one length, and where one may go on over a line break.


cdef Py_ssize_t _block_end(
    bytes_t d, Py_ssize_t size, Py_ssize_t start, Py_ssize_t end, Py_ssize_t* last
) noexcept nogil:
    """Return the end of the block whose first line is given, and where its last line begins."""
    cdef Py_ssize_t length = end - start, gap, line, stop
    last[0] = start
    if length & 3 or not SHORTEST_LINE <= length <= LONGEST_LINE:
        return end
    gap = _gap(d, size, end)
    if gap == 0:
        return end
    line = end
    while True:
        if line + gap > size or memcmp(d + line, d + end, gap) != 0:
            return line
        stop = _code_end(d, min(size, line + gap + length + 1), line + gap)
        if stop - line - gap != length:
            break
        last[0] = line + gap
        line = stop
    if stop - line - gap < length and _ends_block(d, size, line + gap, stop):
        last[0] = line + gap
        return stop
    return line


cdef Py_ssize_t _gap(bytes_t d, Py_ssize_t size, Py_ssize_t at) noexcept nogil:
    """Return the length of the line break, as it is or escaped, with the blanks after it."""
    cdef Py_ssize_t stop = at, most
    if at < size and d[at] == c"\\":
        if at + 3 < size and d[at + 1] == c"r" and d[at + 2] == c"\\" and d[at + 3] == c"n":
            stop = at + 4
        elif at + 1 < size and d[at + 1] == c"n":
            stop = at + 2
        else:
            return 0
    else:
        if stop < size and d[stop] == c"\r":
            stop += 1
        if stop >= size or d[stop] != c"\n":
            return 0
        stop += 1
    most = min(size, stop + INDENTATION)
    while stop < most and KIND[d[stop]] & BLANK:
        stop += 1
    return stop - at


cdef Py_ssize_t _code_end(bytes_t d, Py_ssize_t most, Py_ssize_t at) noexcept nogil:
    while at < most and KIND[d[at]] & CODE:
        at += 1
    return at


cdef bint _ends_block(
    bytes_t d, Py_ssize_t size, Py_ssize_t start, Py_ssize_t stop
) noexcept nogil:
    """Tell whether the run from `start` to `stop` may be the last line of a block."""
    cdef int i
    if stop == start or stop - start > LONGEST_LAST:
        return False
    if stop - start >= 2 and d[start] == c"-" and d[start + 1] == c"-":
        return False
    for i in range(2):
        if stop < size and d[stop] == c"=":
            stop += 1
    return stop >= size or KIND[d[stop]] & AFTER


def block_lines(bytes data not None, Py_ssize_t start, Py_ssize_t end):
    """Return whole lines, grown until no block can lie across one of their ends."""
    cdef bytes_t d = data
    cdef Py_ssize_t size = PyBytes_GET_SIZE(data)
    cdef const void* found
    start = max(start, 0)
    end = min(end, size)
    while joined(d, size, start):
        start -= 1
        while start > 0 and d[start - 1] != c"\n":
            start -= 1
    while joined(d, size, end):
        found = memchr(d + end, c"\n", size - end)
        end = size if found == NULL else <bytes_t>found - d + 1
    return start, end


cdef bint joined(bytes_t d, Py_ssize_t size, Py_ssize_t at) noexcept nogil:
    """Tell whether a block may go on from the line before `at`, a line's start, to that at it."""
    cdef Py_ssize_t stop, first, second, line, most, begin, plain
    if not 0 < at < size or d[at - 1] != c"\n":
        return False
    stop = at - 1 - (at >= 2 and d[at - 2] == c"\r")
    if stop < SHORTEST_LINE or not KIND[d[stop - 1]] & CODE:
        return False
    line = at
    most = min(size, at + INDENTATION)
    while line < most and KIND[d[line]] & BLANK:
        line += 1
    if line == size or not KIND[d[line]] & CODE:
        return False
    first = _width(d, stop)
    if first < SHORTEST_LINE:
        return False
    second = _code_end(d, min(size, line + LONGEST_LINE + 1), line) - line
    if second < SHORTEST_LINE or second & 3 or second > first:
        if second >= first & ~3 or not _ends_block(d, size, line, line + second):
            return False
    plain = 0
    for begin in range(stop - first, stop):
        plain = plain + 1 if KIND[d[begin]] & PLAIN else 0
        if plain == LEAST_RUN:
            return True
    # No block begins in such a line, but one may go through it.
    begin = stop - first
    most = max(0, begin - INDENTATION)
    while begin > most and KIND[d[begin - 1]] & BLANK:
        begin -= 1
    if first & 3 or begin == 0 or d[begin - 1] != c"\n":
        return False
    return _width(d, begin - 1 - (begin >= 2 and d[begin - 2] == c"\r")) >= first


cdef Py_ssize_t _width(bytes_t d, Py_ssize_t stop) noexcept nogil:
    """Return how many characters of the alphabet end at `stop`, at most a longest line's."""
    cdef Py_ssize_t start = stop, least = max(0, stop - LONGEST_LINE)
    while start > least and KIND[d[start - 1]] & CODE:
        start -= 1
    return stop - start
