cdef class Visitor:
    cpdef object first(self, Py_ssize_t row, bytes data)
    cpdef tuple next(self, Py_ssize_t row, bytes base, object state, bytes delta)
