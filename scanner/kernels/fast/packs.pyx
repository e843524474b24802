# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Lays out a pack's delta forest (see `scanner.kernels.pure.packs`)."""

from array import array

from libc.stdlib cimport free, malloc
from libc.string cimport memcmp, memset

cdef enum:
    OFS_DELTA = 6
    REF_DELTA = 7
    FIXED = 6000

cdef unsigned long long LARGEST = 1ULL << 32


def by_offset(offsets):
    """Return the order of offsets (see `scanner.kernels.pure.packs.by_offset`)."""
    cdef const unsigned long long[::1] keys = offsets
    cdef Py_ssize_t count = len(offsets), i, place
    cdef int shift
    cdef unsigned int[::1] source = array("I", range(count))
    result = array("I", bytes(4 * count))
    cdef unsigned int[::1] target = result
    cdef unsigned int[::1] swapped
    cdef Py_ssize_t* starts = <Py_ssize_t*>malloc(65537 * sizeof(Py_ssize_t))
    if starts == NULL:
        raise MemoryError
    try:
        for shift in (0, 16, 32):
            memset(starts, 0, 65537 * sizeof(Py_ssize_t))
            for i in range(count):
                starts[((keys[i] >> shift) & 0xFFFF) + 1] += 1
            for i in range(65536):
                starts[i + 1] += starts[i]
            for i in range(count):
                place = (keys[source[i]] >> shift) & 0xFFFF
                target[starts[place]] = source[i]
                starts[place] += 1
            swapped = source
            source = target
            target = swapped
    finally:
        free(starts)
    order = array("I", bytes(source))
    ascending = array("Q", bytes(8 * count))
    cdef unsigned long long[::1] sorted_keys = ascending
    for i in range(count):
        sorted_keys[i] = keys[source[i]]
    return order, ascending


def plant(const unsigned char[::1] pack, offsets, int hash_size, bytes ids, order):
    """Read all heads and link deltas to bases (see `scanner.kernels.pure.packs.plant`)."""
    cdef const unsigned long long[::1] at = offsets
    cdef const unsigned int[::1] index = order
    cdef Py_ssize_t count = len(order), row, base, low, high, middle
    cdef const unsigned char* names = ids
    kinds = bytearray(count)
    starts, sizes = array("Q", bytes(8 * count)), array("Q", bytes(8 * count))
    child, sibling = array("i", [-1]) * count, array("i", [-1]) * count
    bases = array("i", [-1]) * count
    costs = array("q", bytes(8 * count))
    cdef unsigned char[::1] k = kinds
    cdef unsigned long long[::1] s = starts
    cdef unsigned long long[::1] z = sizes
    cdef int[::1] c = child
    cdef int[::1] n = sibling
    cdef int[::1] b = bases
    cdef Py_ssize_t position, stop, found
    cdef unsigned long long size, distance
    cdef unsigned char code
    cdef int kind, shift
    if len(offsets) != count + 1 or count > 0x7FFFFFFF or len(ids) != count * hash_size:
        return None
    for row in range(count - 1):
        if memcmp(names + row * hash_size, names + (row + 1) * hash_size, hash_size) >= 0:
            return None
    if at[count] > <unsigned long long>len(pack):
        return None
    inverse = array("I", bytes(4 * count))
    cdef unsigned int[::1] rows = inverse
    for row in range(count):
        if index[row] >= count:
            return None
        rows[index[row]] = row
    named = set()
    for row in range(count):
        position = at[row]
        stop = at[row + 1]
        if position < 12 or stop <= position or at[row + 1] > at[count]:
            return None
        code = pack[position]
        position += 1
        kind = (code >> 4) & 7
        size = code & 15
        shift = 4
        while code & 0x80:
            if position >= stop or shift > 53:
                return None
            code = pack[position]
            position += 1
            size |= <unsigned long long>(code & 0x7F) << shift
            shift += 7
        if kind == OFS_DELTA:
            if position >= stop:
                return None
            code = pack[position]
            position += 1
            distance = code & 0x7F
            while code & 0x80:
                if position >= stop or distance > 1 << 50:
                    return None
                code = pack[position]
                position += 1
                distance = ((distance + 1) << 7) | (code & 0x7F)
            if distance == 0 or distance > at[row]:
                return None
            # Most bases are not far, so look near the entry first.
            low, high, steps = row, row, 1
            while low > 0 and at[low] > at[row] - distance:
                high = low
                low = max(0, row - steps)
                steps *= 4
            while low < high:
                middle = (low + high) // 2
                if at[middle] < at[row] - distance:
                    low = middle + 1
                else:
                    high = middle
            if low >= row or at[low] != at[row] - distance:
                return None
            base = low
        elif kind == REF_DELTA:
            if stop - position <= hash_size:
                return None
            found = _find(names, count, hash_size, &pack[position])
            if found < 0:
                return None
            position += hash_size
            base = rows[found]
            named.add(base)
        elif 1 <= kind <= 4:
            base = -1
        else:
            return None
        if position >= stop:
            return None
        k[row], s[row], z[row] = kind, position, size
        b[row] = base
        if base >= 0:
            n[row] = c[base]
            c[base] = row
    if not _add_costs(at, z, b, costs):
        return None
    return kinds, starts, sizes, child, sibling, bases, named, costs


cdef bint _add_costs(
    const unsigned long long[::1] at, unsigned long long[::1] z, int[::1] b, long long[::1] costs
) except -1:
    """Add up the cost of everything that grows from each root; False if bases go in a circle."""
    cdef Py_ssize_t count = len(b), row, known, steps
    cdef int root
    roots = array("i", [-1]) * count
    cdef int[::1] r = roots
    for row in range(count):
        known, steps = row, 0
        while r[known] < 0 and b[known] >= 0:
            known = b[known]
            steps += 1
            if steps > count:
                return False
        root = <int>known if r[known] < 0 else r[known]
        # Each entry learns its root once, or a long chain would be walked from each of its links.
        known = row
        while known >= 0 and r[known] < 0:
            r[known] = root
            known = b[known]
        costs[root] += (
            FIXED + <long long>(min(z[root], LARGEST) >> 2) + 8 * <long long>(at[row + 1] - at[row])
        )
    return True


def rows(bytes ids, int hash_size, bytes names):
    """Find ids (see `scanner.kernels.pure.packs.rows`)."""
    cdef const unsigned char* p = ids
    cdef const unsigned char* w = names
    cdef Py_ssize_t count = len(ids) // hash_size, wanted = len(names) // hash_size, i
    result = array("i", bytes(4 * wanted))
    cdef int[::1] r = result
    for i in range(wanted):
        r[i] = <int>_find(p, count, hash_size, w + i * hash_size)
    return result


cdef Py_ssize_t _find(
    const unsigned char* names, Py_ssize_t count, int hash_size, const unsigned char* name
) noexcept nogil:
    """Return the place of a name in sorted names, or -1."""
    cdef Py_ssize_t low = 0, high = count, middle
    cdef int order
    while low < high:
        middle = (low + high) // 2
        order = memcmp(names + middle * hash_size, name, hash_size)
        if order < 0:
            low = middle + 1
        elif order > 0:
            high = middle
        else:
            return middle
    return -1
