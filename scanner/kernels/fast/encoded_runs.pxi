# The search of base64 and hexadecimal runs.

cdef struct Run:
    bint is_hex
    Py_ssize_t start
    Py_ssize_t end
    Py_ssize_t stop


cdef struct Spoilt:
    Py_ssize_t length
    Py_ssize_t until


cdef bint _runs(
    bytes_t d, Py_ssize_t size, Py_ssize_t low, Py_ssize_t high, Found* found
) noexcept nogil:
    cdef Py_ssize_t done = low, plain, start, end, least
    cdef Spoilt spoilt
    cdef Run run
    spoilt.length = spoilt.until = 0
    while True:
        plain = _stretch(d, done, high)
        if plain < 0:
            return True
        # The run around it.
        start = plain
        if plain > 0 and KIND[d[plain - 1]] & CODE and not KIND[d[plain - 1]] & PLAIN:
            least = max(done, plain - LONGEST_LINE)
            while start > least and KIND[d[start - 1]] & CODE:
                start -= 1
        end = plain + LEAST_RUN
        while end < size and KIND[d[end]] & CODE:
            end += 1
        if start > 0 and d[start - 1] == c"\\" and (
            d[start] == c"n" or d[start] == c"r" or d[start] == c"t"
        ):
            start += 1
        done = end
        if LEAST <= end - start < SHORTEST_LINE and not _decodable(
            d, size, start, end, False, &spoilt, &run
        ):
            pass
        elif _line(d, size, start, end, &spoilt, &run, &done):
            if not (
                _add(&found[run.is_hex], run.start)
                and _add(&found[run.is_hex], run.end)
                and _add(&found[run.is_hex], run.stop)
            ):
                return False
            done = run.stop


cdef Py_ssize_t _stretch(bytes_t d, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
    """Return where the first stretch of letters and digits begins that is long enough, or -1."""
    cdef Py_ssize_t at, back, least
    while high - low >= SEEN and not may_have_stretch(d + low):
        low += SEEN - LEAST_RUN + 1
    at = low + LEAST_RUN - 1
    while at < high:
        # None begins before `at` - 17.
        if not KIND[d[at]] & PLAIN:
            at += LEAST_RUN
            continue
        least = at - LEAST_RUN
        back = at - 1
        while back > least and KIND[d[back]] & PLAIN:
            back -= 1
        if back == least:
            return least + 1
        at = back + LEAST_RUN
    return -1


cdef bint _line(
    bytes_t d, Py_ssize_t size, Py_ssize_t start, Py_ssize_t end, Spoilt* spoilt, Run* run,
    Py_ssize_t* done,
) noexcept nogil:
    """Judge a run that may be the first line of a block; `done` is where to go on if it is none."""
    cdef Py_ssize_t last
    if _base64(d, size, start, end, True, run) or _hex(d, size, start, end, spoilt, run):
        return True
    if end - start >= SHORTEST_LINE:
        done[0] = _block_end(d, size, start, end, &last)
        if done[0] > end or end - start > WITHIN:
            return False
    return _piece(d, size, start, end, True, spoilt, run)


cdef bint _decodable(
    bytes_t d, Py_ssize_t size, Py_ssize_t start, Py_ssize_t end, bint padded, Spoilt* spoilt,
    Run* run,
) noexcept nogil:
    return (
        _base64(d, size, start, end, padded, run)
        or _hex(d, size, start, end, spoilt, run)
        or _piece(d, size, start, end, padded, spoilt, run)
    )


cdef bint _base64(
    bytes_t d, Py_ssize_t size, Py_ssize_t start, Py_ssize_t end, bint padded, Run* run
) noexcept nogil:
    """Judge what starts at `start` as base64, of which padding counts if `padded`."""
    cdef unsigned char head[LEAST_RUN + 2]
    cdef Py_ssize_t length = end - start, at = start, i, last
    cdef int used = 0
    cdef unsigned int value
    if length < LEAST:
        if not padded or length < LEAST_RUN or end + LEAST - length > size:
            return False
        for i in range(LEAST - length):
            if d[end + i] != c"=":
                return False
    length = min(length, HEAD)
    while length >= 4:
        value = SIX[d[at]] << 18 | SIX[d[at + 1]] << 12 | SIX[d[at + 2]] << 6 | SIX[d[at + 3]]
        head[used] = value >> 16
        head[used + 1] = value >> 8 & 255
        head[used + 2] = value & 255
        used += 3
        at += 4
        length -= 4
    if length >= 2:
        value = SIX[d[at]] << 12 | SIX[d[at + 1]] << 6
        if length == 3:
            value |= SIX[d[at + 2]]
        head[used] = value >> 10
        head[used + 1] = value >> 2 & 255
        used += length - 1
    if _judge(head, used) == NEITHER:
        return False
    run.is_hex = False
    run.start = start
    run.end = end
    run.stop = _block_end(d, size, start, end, &last)
    return True


cdef bint _hex(
    bytes_t d, Py_ssize_t size, Py_ssize_t start, Py_ssize_t end, Spoilt* spoilt, Run* run
) noexcept nogil:
    """Judge what starts at `start` as hexadecimal."""
    cdef unsigned char head[HEAD_HEX]
    cdef Py_ssize_t line, stop, last, other
    cdef int i
    if end - start < LEAST_HEX:
        return False
    for i in range(HEAD_HEX):
        if not KIND[d[start + 2 * i]] & KIND[d[start + 2 * i + 1]] & DIGIT:
            return False
        head[i] = FOUR[d[start + 2 * i]] << 4 | FOUR[d[start + 2 * i + 1]]
    if _judge(head, HEAD_HEX) == NEITHER:
        return False
    line = start + LEAST_HEX
    while line < end and KIND[d[line]] & DIGIT:
        line += 1
    run.is_hex = True
    run.start = start
    run.end = run.stop = line
    if line < end or (start < spoilt.until and end - start == spoilt.length):
        return True
    stop = _block_end(d, size, start, end, &last)
    # Of an odd number of digits the last is left out; only the last line can be odd.
    for other in range(start, stop - ((stop - last) & 1)):
        if (
            KIND[d[other]] & (CODE | DIGIT) == CODE
            and (other == 0 or d[other - 1] != c"\\")
        ):
            spoilt.length = end - start
            spoilt.until = min(last, other)
            return True
    run.stop = stop
    return True


cdef bint _piece(
    bytes_t d, Py_ssize_t size, Py_ssize_t start, Py_ssize_t end, bint padded, Spoilt* spoilt,
    Run* run,
) noexcept nogil:
    """Judge what begins further on in a run, after a character that is not in the alphabet."""
    cdef Py_ssize_t within = min(end, start + WITHIN), at, stop = start
    while True:
        at = _stretch(d, stop, within)
        if at < 0:
            break
        stop = at + LEAST_RUN
        while stop < within and KIND[d[stop]] & PLAIN:
            stop += 1
        if at > start and _base64(d, size, at, end, padded, run):
            return True
    stop = start
    while end - start > LEAST_HEX:
        at = _digits(d, stop, within)
        if at < 0:
            break
        stop = at + LEAST_HEX
        while stop < within and KIND[d[stop]] & DIGIT:
            stop += 1
        if at > start and _hex(d, size, at, stop, spoilt, run):
            return True
    return False


cdef Py_ssize_t _digits(bytes_t d, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
    """Return where the first stretch of hexadecimal digits begins that is long enough, or -1."""
    cdef Py_ssize_t at = low + LEAST_HEX - 1, back, least
    while at < high:
        least = at - LEAST_HEX
        back = at
        while back > least and KIND[d[back]] & DIGIT:
            back -= 1
        if back == least:
            return least + 1
        at = back + LEAST_HEX
    return -1
