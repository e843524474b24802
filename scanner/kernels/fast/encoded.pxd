cpdef object places(bytes data, Py_ssize_t start, Py_ssize_t end)

cdef bint joined(const unsigned char* d, Py_ssize_t size, Py_ssize_t at) noexcept nogil
