# The search of percent-encoding, backslash escapes and HTML entities.

cdef bint NAMED[256]  # what `_shape` gives for any of NAMES

# The WHATWG's named character references that stand for ASCII.
cdef const char* NAMES = (
    b";AMP;DiacriticalGrave;GT;Hat;LT;NewLine;QUOT;Tab;UnderBar;VerticalLine;amp;apos;ast;bsol;colon"
    b";comma;commat;dollar;equals;excl;fjlig;grave;gt;lbrace;lbrack;lcub;lowbar;lpar;lsqb;lt;midast"
    b";num;percnt;period;plus;quest;quot;rbrace;rbrack;rcub;rpar;rsqb;semi;sol;verbar;vert;"
)


cdef unsigned char _shape(bytes_t name, Py_ssize_t length) noexcept nogil:
    return (name[0] + 3 * name[length - 1] + 5 * length) & 255


cdef bint _ascii(unsigned char high, unsigned char low) noexcept nogil:
    """Tell whether two digits stand for an ASCII character that text has."""
    if c"2" <= high <= c"7":
        return KIND[low] & DIGIT != 0
    return high == c"0" and (low == c"9" or low | 32 == c"a" or low | 32 == c"d")


cdef bint _percent(bytes_t d, Py_ssize_t low, Py_ssize_t high, Found* found) noexcept nogil:
    cdef bytes_t mark = d + low
    cdef bytes_t end = d + high
    while True:
        mark = <bytes_t>memchr(mark, c"%", end - mark)
        if mark == NULL:
            return True
        if end - mark < 3:
            return True
        if _ascii(mark[1], mark[2]) or (
            end - mark >= 6
            and c"c" <= mark[1] | 32 <= c"f" and KIND[mark[1]] & KIND[mark[2]] & DIGIT
            and mark[3] == c"%"
            and (mark[4] == c"8" or mark[4] == c"9" or c"a" <= mark[4] | 32 <= c"b")
            and KIND[mark[4]] & KIND[mark[5]] & DIGIT
        ):
            if not _add(found, mark - d):
                return False
        mark += 1


cdef bint _backslash(bytes_t d, Py_ssize_t low, Py_ssize_t high, Found* found) noexcept nogil:
    cdef bytes_t mark = d + low
    cdef bytes_t end = d + high
    while True:
        mark = <bytes_t>memchr(mark, c"\\", end - mark)
        if mark == NULL:
            return True
        if end - mark < 4:
            return True
        if (
            mark[1] == c"x" and _ascii(mark[2], mark[3])
            or mark[1] == c"u" and end - mark >= 6 and (
                mark[2] == c"0" and mark[3] == c"0" and _ascii(mark[4], mark[5])
                or mark[2] == c"{" and _braces(mark + 3, end)
            )
            or mark[1] == c"U" and end - mark >= 10 and memcmp(mark + 2, b"000000", 6) == 0
            and _ascii(mark[8], mark[9])
        ):
            if not _add(found, mark - d):
                return False
        mark += 1


cdef bint _braces(bytes_t at, bytes_t end) noexcept nogil:
    cdef int zeros = 0
    # Up to four zeros, of which the last may be the first of the two digits.
    while zeros <= 4 and end - at > 3 and at[0] == c"0" and at[2] != c"}":
        zeros += 1
        at += 1
    return zeros <= 4 and end - at >= 3 and at[2] == c"}" and _ascii(at[0], at[1])


cdef bint _html(bytes_t d, Py_ssize_t low, Py_ssize_t high, Found* found) noexcept nogil:
    cdef bytes_t mark = d + low
    cdef bytes_t end = d + high
    while True:
        mark = <bytes_t>memchr(mark, c"&", end - mark)
        if mark == NULL:
            return True
        if end - mark < 4:
            return True
        if mark[1] == c"#":
            if _number(mark + 2, end) and not _add(found, mark - d):
                return False
        elif KIND[mark[1]] & PLAIN and _name(mark + 1, end) and not _add(found, mark - d):
            return False
        mark += 1


cdef bint _number(bytes_t at, bytes_t end) noexcept nogil:
    """Tell whether a number that ends in a semicolon is that of an ASCII character of text."""
    cdef int base = 10, most = 7, digits = 0
    cdef unsigned int value = 0
    if at[0] | 32 == c"x":
        at += 1
        base, most = 16, 6
    while digits <= most and at < end and KIND[at[0]] & DIGIT and FOUR[at[0]] < base:
        value = value * base + FOUR[at[0]]
        digits += 1
        at += 1
    return (
        1 <= digits <= most and at < end and at[0] == c";"
        and (32 <= value < 128 or value == 9 or value == 10 or value == 13)
    )


cdef bint _name(bytes_t at, bytes_t end) noexcept nogil:
    cdef Py_ssize_t length = 0
    cdef const char* name = NAMES
    while length <= 16 and length < end - at and KIND[at[length]] & PLAIN:
        length += 1
    if not 2 <= length <= 16 or length == end - at or at[length] != c";":
        return False
    if not NAMED[_shape(at, length)]:
        return False
    while name[1] != 0:
        if strncmp(name + 1, <const char*>at, length + 1) == 0:
            return True
        name += 1
        while name[0] != c";":
            name += 1
    return False
