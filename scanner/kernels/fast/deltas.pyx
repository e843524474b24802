# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Applies git deltas and searches only the lines they change (see `scanner.kernels.pure.deltas`)."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport free, qsort
from libc.string cimport memchr, memcmp, memcpy

from scanner.kernels.fast.encoded cimport joined, places
from scanner.kernels.fast.walk cimport Visitor

cdef enum:
    ODD = 1
    ENCODED = 2

ctypedef const unsigned char* bytes_t

include "copies.pxi"
include "deltas_keywords.pxi"


cdef class Search(Keywords):
    """A keyword automaton, ready to run over contents and over what deltas change in them."""

    cdef Py_ssize_t _reach
    # Child offset, base offset and length of each copy; start and end of each region.
    cdef Py_ssize_t* _copies
    cdef Py_ssize_t _copies_room, _copies_used
    cdef Py_ssize_t* _regions
    cdef Py_ssize_t _regions_room, _regions_used
    cdef int _flags

    def __cinit__(
        self, table, bytes classes, starts, words, unsigned int first, unsigned int width,
        Py_ssize_t reach,
    ):
        self._reach = reach

    def __dealloc__(self):
        free(self._copies)
        free(self._regions)

    def whole(self, bytes data):
        cdef Py_ssize_t size = PyBytes_GET_SIZE(data)
        self._begin()
        self._copies_used = 0
        self._flags = ODD if _is_odd(data, size) or memchr(<bytes_t>data, 0, size) != NULL else 0
        self._push_region(0, size)
        self._find(data, 0, size)
        if places(data, 0, size) is not None:
            self._flags |= ENCODED
        return self._change() if self._hits_used or self._flags else None

    cpdef bytes apply(self, bytes base, bytes delta, Py_ssize_t limit):
        return _made(
            base, delta, limit, &self._copies, &self._copies_room, &self._copies_used
        )

    cpdef tuple grow(self, bytes base, bytes delta, Py_ssize_t limit, bint tracked):
        cdef bytes data = self.apply(base, delta, limit)
        cdef bytes_t out = data
        cdef Py_ssize_t size = PyBytes_GET_SIZE(data)
        self._begin()
        self._mark(base, PyBytes_GET_SIZE(base), out, size)
        self._flags = ODD if _is_odd(out, size) else 0
        cdef Py_ssize_t i, low, high
        for i in range(0, self._regions_used, 2):
            low, high = self._regions[i], self._regions[i + 1]
            if memchr(out + low, 0, high - low) != NULL:
                self._flags |= ODD
            if not self._flags & ENCODED and self._may_be_encoded(data, out, size, low, high):
                self._flags |= ENCODED
            self._find(out, low, high)
        return data, self._change() if tracked or self._hits_used or self._flags else None

    cdef bint _may_be_encoded(
        self, bytes data, bytes_t p, Py_ssize_t size, Py_ssize_t low, Py_ssize_t high
    ) except -1:
        if low and p[low - 1] != 10 or high < size and p[high - 1] != 10:
            return True
        return places(data, low, high) is not None

    cdef _begin(self):
        self._hits_used = 0
        self._regions_used = 0

    cdef object _change(self):
        return (
            _packed(self._copies, self._copies_used),
            _packed(self._regions, self._regions_used),
            _packed(self._hits, self._hits_used),
            self._flags,
        )

    cdef int _mark(
        self, bytes_t base, Py_ssize_t base_size, bytes_t data, Py_ssize_t size
    ) except -1:
        """Note as regions what has changed, grown to whole lines."""
        cdef Py_ssize_t i, first = 0, start = 0, base_end = 0, low, high, child, origin, length
        for i in range(0, self._copies_used + 3, 3):
            # `start` to `child` is new; what precedes it, from `first` on, ends at `base_end` in
            # the base.
            if i < self._copies_used:
                child, origin = self._copies[i], self._copies[i + 1]
            else:
                child, origin = size, base_size
            if start != child or base_end != origin:
                low, high = start, child
                if start and (data[start - 1] != 10 or child == size):
                    low = _line_start(data, start - 1, self._reach)
                if child < size and (
                    not child or data[child - 1] != 10 or not origin or base[origin - 1] != 10
                ):
                    high = _line_end(data, child, size, self._reach)
                # A block of encoded lines counts as one line, whether it was one or has become one.
                while low > first and (
                    joined(data, size, low) or joined(base, base_size, base_end - (start - low))
                ):
                    low = max(first, _line_start(data, low - 1, size))
                length = self._copies[i + 2] if i < self._copies_used else 0
                while high < child + length and (
                    joined(data, size, high) or joined(base, base_size, origin + (high - child))
                ):
                    high = min(child + length, _line_end(data, high, size, size))
                if low < high:
                    self._push_region(low, high)
            if i < self._copies_used:
                first = child
                start = child + self._copies[i + 2]
                base_end = origin + self._copies[i + 2]
        return 0

    cdef int _push_region(self, Py_ssize_t low, Py_ssize_t high) except -1:
        cdef Py_ssize_t used = self._regions_used
        if used and low <= self._regions[used - 1]:
            if high > self._regions[used - 1]:
                self._regions[used - 1] = high
            if low < self._regions[used - 2]:
                self._regions[used - 2] = low
            return 0
        if used + 2 > self._regions_room:
            self._regions = _room(self._regions, &self._regions_room, used + 2)
        self._regions[used] = low
        self._regions[used + 1] = high
        self._regions_used = used + 2
        return 0


cdef class Changed(Visitor):
    """Evaluates objects by what deltas change in them (see `scanner.kernels.pure.deltas`)."""

    cdef Search _search
    cdef object _whole, _changed, _same
    cdef bytes _prefix, _kinds
    cdef dict _known
    cdef Py_ssize_t _longest
    cdef Py_ssize_t _limit
    cdef readonly Py_ssize_t count
    cdef readonly Py_ssize_t size

    def __init__(
        self, Search search, Py_ssize_t limit, whole, changed, same, bytes prefix, bytes kinds,
        dict known, Py_ssize_t longest,
    ):
        self._search, self._limit = search, limit
        self._whole, self._changed, self._same, self._prefix = whole, changed, same, prefix
        self._kinds, self._known, self._longest = kinds, known, longest

    cpdef object first(self, Py_ssize_t row, bytes data):
        return self._whole(row, data)

    cpdef tuple next(self, Py_ssize_t row, bytes base, object state, bytes delta):
        cdef tuple grown = self._search.grow(base, delta, self._limit, state is not None)
        cdef bytes data = grown[0]
        if grown[1] is not None and (state is not None or not self._is_quiet(data)):
            return data, self._changed(row, data, state, grown[1])
        cdef Py_ssize_t size = PyBytes_GET_SIZE(data), length = PyBytes_GET_SIZE(self._prefix)
        if size >= length and not memcmp(
            PyBytes_AS_STRING(data), PyBytes_AS_STRING(self._prefix), length
        ):
            self._same(row, data)
        else:
            self.count += 1
            self.size += size
        return data, None

    cdef bint _is_quiet(self, bytes data) except -1:
        """Tell whether it is known that nothing of what was just searched matters."""
        cdef Search search = self._search
        cdef Py_ssize_t size = PyBytes_GET_SIZE(data), start = 0, end = 0, i
        cdef object value
        if search._flags:
            return False
        for i in range(0, search._hits_used, 2):
            if search._hits[i + 1] >= PyBytes_GET_SIZE(self._kinds):
                raise ValueError("no such word")
            if (<bytes_t>PyBytes_AS_STRING(self._kinds))[search._hits[i + 1]] & 2:
                return False
            if search._hits[i] <= end:
                continue
            if not _line(data, size, search._hits[i], self._longest, &start, &end):
                return False
            value = self._known.get(data[start:end])
            if value is None or value:
                return False
        return True


cdef class Each(Visitor):
    """Takes every object in full (see `scanner.kernels.pure.deltas`)."""

    cdef Search _search
    cdef object _take
    cdef Py_ssize_t _limit

    def __init__(self, Search search, Py_ssize_t limit, take):
        self._search, self._limit, self._take = search, limit, take

    cpdef object first(self, Py_ssize_t row, bytes data):
        return self._take(row, data, None)

    cpdef tuple next(self, Py_ssize_t row, bytes base, object state, bytes delta):
        cdef bytes data = self._search.apply(base, delta, self._limit)
        return data, self._take(row, data, state)


include "deltas_commits.pxi"


cdef object _packed(Py_ssize_t* values, Py_ssize_t count):
    return PyBytes_FromStringAndSize(<char*>values, count * sizeof(Py_ssize_t))


cdef bint _is_odd(bytes_t data, Py_ssize_t size) noexcept nogil:
    """Tell whether content begins or ends as archives and wide text without zero bytes may."""
    if size < 2:
        return False
    if data[0] == 0xFF and data[1] == 0xFE or data[0] == 0xFE and data[1] == 0xFF:
        return True
    if data[0] == 0x1F and data[1] == 0x8B or data[0] == 0x42 and data[1] == 0x5A:
        return True
    if data[0] == 0x50 and data[1] == 0x4B:
        return True
    if size >= 22 and data[size - 22] == 0x50 and data[size - 21] == 0x4B:
        return True
    return size >= 262 and memcmp(data + 257, b"ustar", 5) == 0


cdef Py_ssize_t _line_start(bytes_t data, Py_ssize_t at, Py_ssize_t reach) noexcept nogil:
    """Return where the line with byte `at` begins, at most `reach` bytes before it."""
    cdef Py_ssize_t lowest = at - reach if at > reach else 0
    while at > lowest and data[at - 1] != 10:
        at -= 1
    return at


cdef Py_ssize_t _line_end(
    bytes_t data, Py_ssize_t at, Py_ssize_t size, Py_ssize_t reach
) noexcept nogil:
    """Return the offset after the line with byte `at`, at most `reach` bytes after it."""
    cdef Py_ssize_t length = min(size - at, reach)
    cdef const void* found = memchr(data + at, 10, length)
    return at + length if found == NULL else (<bytes_t>found - data) + 1


cdef class Places:
    """Where places of a base stand in a content made from it: number, start and end of each."""

    cdef Py_ssize_t* found
    cdef Py_ssize_t count, _room

    def __dealloc__(self):
        free(self.found)

    cdef int push(self, Py_ssize_t number, Py_ssize_t start, Py_ssize_t end) except -1:
        if 3 * self.count + 3 > self._room:
            self.found = _room(self.found, &self._room, 3 * self.count + 3)
        self.found[3 * self.count] = number
        self.found[3 * self.count + 1] = start
        self.found[3 * self.count + 2] = end
        self.count += 1
        return 0


cdef Places _carried(
    const Py_ssize_t* p, Py_ssize_t count, Py_ssize_t stride, bint spans, bytes copies,
    bytes regions,
):
    """Carry the records at `p`: their first number is a start, the second an end if they span."""
    cdef const Py_ssize_t* c = <const Py_ssize_t*>PyBytes_AS_STRING(copies)
    cdef const Py_ssize_t* r = <const Py_ssize_t*>PyBytes_AS_STRING(regions)
    cdef Py_ssize_t kinds = PyBytes_GET_SIZE(copies) // (3 * sizeof(Py_ssize_t))
    cdef Py_ssize_t marked = PyBytes_GET_SIZE(regions) // (2 * sizeof(Py_ssize_t))
    cdef Py_ssize_t i, k, low, high, middle, shift, start, end
    cdef Places found = Places()
    for k in range(kinds):
        shift = c[3 * k] - c[3 * k + 1]
        low, high = 0, count
        while low < high:
            middle = (low + high) // 2
            if p[stride * middle] < c[3 * k + 1]:
                low = middle + 1
            else:
                high = middle
        for i in range(low, count):
            start = p[stride * i]
            if start >= c[3 * k + 1] + c[3 * k + 2]:
                break
            end = p[stride * i + 1] if spans else start + 1
            if end > c[3 * k + 1] + c[3 * k + 2]:
                continue
            start, end = start + shift, end + shift
            low, high = 0, marked
            while low < high:
                middle = (low + high) // 2
                if r[2 * middle + 1] < end:
                    low = middle + 1
                else:
                    high = middle
            if low == marked or r[2 * low] > start:
                found.push(i, start, end)
    return found


def carry(bytes places, bytes copies, bytes regions):
    """Map places by copies (see `scanner.kernels.pure.deltas.carry`)."""
    cdef const Py_ssize_t* p = <const Py_ssize_t*>PyBytes_AS_STRING(places)
    cdef Py_ssize_t count = PyBytes_GET_SIZE(places) // (2 * sizeof(Py_ssize_t)), k
    cdef Places found = _carried(p, count, 2, True, copies, regions)
    return [
        (found.found[3 * k], found.found[3 * k + 1], found.found[3 * k + 2])
        for k in range(found.count)
    ]


def shift(bytes records, Py_ssize_t stride, bytes copies, bytes regions):
    """Move records by copies (see `scanner.kernels.pure.deltas.shift`)."""
    if stride < 1:
        raise ValueError("records have no numbers")
    cdef const Py_ssize_t* p = <const Py_ssize_t*>PyBytes_AS_STRING(records)
    cdef Py_ssize_t count = PyBytes_GET_SIZE(records) // (stride * sizeof(Py_ssize_t)), i, k, by
    if not count:
        return b""
    cdef Places found = _carried(p, count, stride, False, copies, regions)
    cdef bytes moved = PyBytes_FromStringAndSize(NULL, found.count * stride * sizeof(Py_ssize_t))
    cdef Py_ssize_t* m = <Py_ssize_t*>PyBytes_AS_STRING(moved)
    for k in range(found.count):
        i = found.found[3 * k]
        by = found.found[3 * k + 1] - p[i * stride]
        for i in range(i * stride, (i + 1) * stride):
            m[0] = p[i] + by
            m += 1
    return moved


def parted(bytes hits, lengths, bytes kinds):
    """Part hits by the rules that have them (see `scanner.kernels.pure.deltas.parted`)."""
    cdef const Py_ssize_t[::1] size = lengths
    cdef const Py_ssize_t* h = <const Py_ssize_t*>PyBytes_AS_STRING(hits)
    cdef Py_ssize_t count = PyBytes_GET_SIZE(hits) // (2 * sizeof(Py_ssize_t)), i, word
    cdef Py_ssize_t words = PyBytes_GET_SIZE(kinds), near_count = 0, far_count = 0
    cdef bytes_t kind = kinds
    if len(size) != words:
        raise ValueError("there are not as many lengths as words")
    for i in range(count):
        if not 0 <= h[2 * i + 1] < words:
            raise ValueError("no such word")
        near_count += kind[h[2 * i + 1]] & 1
        far_count += kind[h[2 * i + 1]] >> 1 & 1
    if near_count == count and not far_count:
        return hits, b""
    cdef bytes near = PyBytes_FromStringAndSize(NULL, near_count * 2 * sizeof(Py_ssize_t))
    cdef bytes far = PyBytes_FromStringAndSize(NULL, far_count * 3 * sizeof(Py_ssize_t))
    cdef Py_ssize_t* n = <Py_ssize_t*>PyBytes_AS_STRING(near)
    cdef Py_ssize_t* f = <Py_ssize_t*>PyBytes_AS_STRING(far)
    for i in range(count):
        word = h[2 * i + 1]
        if kind[word] & 1:
            n[0], n[1] = h[2 * i], word
            n += 2
        if kind[word] & 2:
            f[0], f[1], f[2] = h[2 * i] - size[word], h[2 * i], word
            f += 3
    _sort(<Py_ssize_t*>PyBytes_AS_STRING(far), far_count)
    return near, far


def by_line(bytes data, bytes hits, dict known, Py_ssize_t longest):
    """Look up the lines of hits (see `scanner.kernels.pure.deltas.by_line`)."""
    cdef const Py_ssize_t* h = <const Py_ssize_t*>PyBytes_AS_STRING(hits)
    cdef Py_ssize_t count = PyBytes_GET_SIZE(hits) // (2 * sizeof(Py_ssize_t)), i
    cdef Py_ssize_t size = PyBytes_GET_SIZE(data), start = 0, end = 0
    cdef bytes line
    cdef object value
    cdef list met = [], unknown = [], left = []
    for i in range(count):
        if not 0 < h[2 * i] <= size:
            raise ValueError("a hit is outside of the content")
        if h[2 * i] <= end:
            continue
        if not _line(data, size, h[2 * i], longest, &start, &end):
            left.append((h[2 * i], h[2 * i + 1]))
            continue
        line = data[start:end]
        value = known.get(line)
        if value is None:
            unknown.append((start, line))
        elif value:
            met.append((start, value))
    return met, unknown, left


cdef bint _line(
    bytes_t p, Py_ssize_t size, Py_ssize_t at, Py_ssize_t longest, Py_ssize_t* start,
    Py_ssize_t* end,
) noexcept nogil:
    """Find the line with the byte before `at`; False if it is too long, which changes nothing."""
    cdef Py_ssize_t low = max(at - longest, 0), first = at
    cdef const void* found = memchr(p + at - 1, 10, min(size - at + 1, longest + 1))
    if found == NULL and size - at > longest:
        return False
    first = at - 1
    while first > low and p[first - 1] != 10:
        first -= 1
    if first == low and low and p[low - 1] != 10:
        return False
    low = size if found == NULL else (<bytes_t>found - p) + 1
    if low - first > longest:
        return False
    start[0], end[0] = first, low
    return True


def by_window(bytes data, bytes records, windows, dict known):
    """Look up what is around keywords (see `scanner.kernels.pure.deltas.by_window`)."""
    cdef const Py_ssize_t[::1] w = windows
    cdef const Py_ssize_t* r = <const Py_ssize_t*>PyBytes_AS_STRING(records)
    cdef Py_ssize_t count = PyBytes_GET_SIZE(records) // (3 * sizeof(Py_ssize_t)), i
    cdef Py_ssize_t size = PyBytes_GET_SIZE(data), start, end, word, low, high, first
    cdef bytes_t p = data
    cdef const void* found
    cdef tuple key, value
    cdef list met = [], unknown = [], left = []
    for i in range(count):
        start, end, word = r[3 * i], r[3 * i + 1], r[3 * i + 2]
        if not (0 <= start <= end <= size and 0 <= word < w.shape[0] // 3):
            raise ValueError("a keyword is outside of the content")
        if w[3 * word] < 0:
            left.append((end, word))
            continue
        low, high = max(start - w[3 * word], 0), size
        if w[3 * word + 1] < size - start:
            high = max(start + w[3 * word + 1], start)
        if w[3 * word + 2]:
            first = start
            while first > low and p[first - 1] != 10:
                first -= 1
            low = max(low, first - 1)
            found = memchr(p + start, 10, high - start)
            if found != NULL:
                high = (<bytes_t>found - p) + 1
        key = (word, start - low, data[low:high])
        value = known.get(key)
        if value is None:
            unknown.append((start, end, key))
        elif value[1]:
            met.append((start - <Py_ssize_t>value[0], value[1]))
    return met, unknown, left


def carried(bytes records, bytes copies, bytes regions, bytes new):
    """Move records and add new ones (see `scanner.kernels.pure.deltas.carried`)."""
    cdef const Py_ssize_t* p = <const Py_ssize_t*>PyBytes_AS_STRING(records)
    cdef Py_ssize_t count = PyBytes_GET_SIZE(records) // (3 * sizeof(Py_ssize_t)), k
    cdef Py_ssize_t added = PyBytes_GET_SIZE(new) // (3 * sizeof(Py_ssize_t))
    if not count:
        return new
    cdef Places found = _carried(p, count, 3, True, copies, regions)
    cdef Py_ssize_t total = found.count + added
    cdef bytes moved = PyBytes_FromStringAndSize(NULL, total * 3 * sizeof(Py_ssize_t))
    cdef Py_ssize_t* m = <Py_ssize_t*>PyBytes_AS_STRING(moved)
    for k in range(found.count):
        m[3 * k], m[3 * k + 1] = found.found[3 * k + 1], found.found[3 * k + 2]
        m[3 * k + 2] = p[3 * found.found[3 * k] + 2]
    memcpy(m + 3 * found.count, PyBytes_AS_STRING(new), added * 3 * sizeof(Py_ssize_t))
    _sort(m, total)
    return moved


cdef void _sort(Py_ssize_t* records, Py_ssize_t count) noexcept nogil:
    """Sort records of three numbers; they mostly are in order."""
    cdef Py_ssize_t i
    for i in range(1, count):
        if _before(records + 3 * i, records + 3 * i - 3):
            qsort(records, count, 3 * sizeof(Py_ssize_t), &_compare)
            return


cdef bint _before(const Py_ssize_t* one, const Py_ssize_t* other) noexcept nogil:
    cdef int k
    for k in range(3):
        if one[k] != other[k]:
            return one[k] < other[k]
    return False


cdef int _compare(const void* one, const void* other) noexcept nogil:
    if _before(<const Py_ssize_t*>one, <const Py_ssize_t*>other):
        return -1
    return _before(<const Py_ssize_t*>other, <const Py_ssize_t*>one)
