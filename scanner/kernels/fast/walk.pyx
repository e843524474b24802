# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Walks what grows from one whole entry of a pack (see `scanner.kernels.pure.walk`)."""

from zlib import adler32

from cpython.buffer cimport PyBUF_READ
from cpython.bytes cimport PyBytes_GET_SIZE
from cpython.memoryview cimport PyMemoryView_FromMemory

cdef enum:
    ASKING = 0xFF
    ADLER = 4  # bytes of the checksum that ends a stream

ctypedef const unsigned char* bytes_t


cdef class Visitor:
    """What is done with the objects of a family."""

    cpdef object first(self, Py_ssize_t row, bytes data):
        raise NotImplementedError

    cpdef tuple next(self, Py_ssize_t row, bytes base, object state, bytes delta):
        raise NotImplementedError


cdef class Forest:
    """The entries of a pack by row: where their streams are, and which are made from which."""

    cdef const unsigned char[::1] _view
    cdef const unsigned long long[::1] _starts
    cdef const unsigned long long[::1] _offsets
    cdef const unsigned long long[::1] _sizes
    cdef const int[::1] _child
    cdef const int[::1] _sibling
    cdef object _inflate, _derive, _short, _long, _adler32
    cdef Py_ssize_t _short_result, _short_stream

    def __init__(self, view, starts, offsets, sizes, links, derive, inflate, at_once, bounds):
        self._view, self._starts, self._offsets, self._sizes = view, starts, offsets, sizes
        self._child, self._sibling = links
        self._derive, self._inflate = derive, inflate
        self._short, self._long = at_once
        self._short_result, self._short_stream = bounds
        self._adler32 = adler32
        cdef Py_ssize_t count = len(sizes), row
        if (
            len(starts) != count
            or len(offsets) != count + 1
            or len(self._child) != count
            or len(self._sibling) != count
        ):
            raise ValueError("the tables do not fit one another")
        for row in range(count):
            if not (
                self._offsets[row] <= self._starts[row] <= self._offsets[row + 1] <= len(self._view)
            ):
                raise ValueError("an entry is outside of the pack")
            if not (-1 <= self._child[row] < count and -1 <= self._sibling[row] < count):
                raise ValueError("an entry is linked to none")

    cdef bytes _inflated(self, Py_ssize_t row):
        cdef Py_ssize_t start = self._starts[row], length = self._offsets[row + 1] - start
        cdef Py_ssize_t size = self._sizes[row]
        if not length:
            return self._inflate(memoryview(b""), size)
        cdef bytes_t end = &self._view[start] + length
        stream = PyMemoryView_FromMemory(<char*>&self._view[start], length, PyBUF_READ)
        if length > self._short_stream or length < ADLER:
            return self._inflate(stream, size)
        cdef bytes data = (self._short if size < self._short_result else self._long)(
            stream, 15, size
        )
        cdef unsigned int expected = (
            <unsigned int>end[-4] << 24 | <unsigned int>end[-3] << 16
            | <unsigned int>end[-2] << 8 | end[-1]
        )
        if PyBytes_GET_SIZE(data) != size or <unsigned int>self._adler32(data) != expected:
            return self._inflate(stream, size)
        return data

    def descend(
        self, Py_ssize_t root, Visitor visitor, Py_ssize_t budget, late, needed, named, check
    ):
        """Walk everything that grows from `root`, depth first; return the bytes of pack read."""
        cdef const unsigned char[::1] flags = needed
        cdef bint all_needed = needed is None, any_named = bool(named)
        cdef Py_ssize_t row = root, at, after, held = 0, dropped = 0, steps = 0
        cdef Py_ssize_t walked, count = len(self._sizes)
        cdef bytes data, made
        cdef object state, kept
        cdef list frames = []
        cdef tuple frame
        if not 0 <= root < count or not all_needed and len(flags) != count:
            raise ValueError("no such entry")
        data = self._inflated(root)
        state = visitor.first(root, data)
        if any_named and root in named:
            check(root, data)
        walked = self._offsets[root + 1] - self._offsets[root]
        at = self._child[root]
        while True:
            while at >= 0:
                if not all_needed and not flags[at]:
                    at = self._sibling[at]
                    continue
                frame = visitor.next(at, data, state, self._inflated(at))
                made, kept = <bytes?>frame[0], frame[1]
                walked += self._offsets[at + 1] - self._offsets[at]
                steps += 1
                if not steps & ASKING and late():
                    return walked
                if any_named and at in named:
                    check(at, made)
                after = self._sibling[at]
                if self._child[at] >= 0:
                    if after >= 0:
                        frames.append((row, after, state, data))
                        held += len(data)
                        while held > budget and dropped < len(frames):
                            frame = frames[dropped]
                            held -= len(<bytes>frame[3])
                            frames[dropped] = (frame[0], frame[1], frame[2], None)
                            dropped += 1
                    row, data, state, at = at, made, kept, self._child[at]
                else:
                    at = after
            if not frames:
                return walked
            frame = frames.pop()
            row, at, state = frame[0], frame[1], frame[2]
            dropped = min(dropped, len(frames))
            if frame[3] is None:
                data = self._derive(row)
            else:
                data = frame[3]
                held -= len(data)
