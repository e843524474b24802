cimport cython

@cython.locals(i=Py_ssize_t, state=Py_ssize_t, hits=list)
cpdef list keyword_hits(
    const unsigned char[::1] data, const unsigned int[::1] table, const unsigned char[::1] classes,
    Py_ssize_t first_accepting)
