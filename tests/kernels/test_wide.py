"""Both kernels find the same runs of wide text, and those are what their definition says."""

import re
from array import array

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.kernels.pure import wide as pure

fast = pytest.importorskip("scanner.kernels.fast.wide")

PIECES = st.one_of(
    st.binary(max_size=6),
    st.integers(0, 40).map(bytes),
    st.sampled_from([b"A", b"\0A", b"A\0", b"A\0\0\0", b"\xe9", b"\x80", b"\x01", b"\r\n"]),
    st.builds(
        lambda text, codec: text.encode(codec),
        st.text(st.sampled_from("aZ~ \t\n\xa0\xff\u0100\x7f"), min_size=6, max_size=20),
        st.sampled_from(["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]),
    ),
)
TEXTS = st.lists(PIECES, max_size=14).map(b"".join)
TEXT = rb"[\t\n\r -~\xa0-\xff]"


def defined(data, width):
    zeros = rb"\0{%d}" % (width - 1)
    pattern = rb"(?:%b%b){7}%b(?:%b%b)*(?:%b)?" % (TEXT, zeros, TEXT, zeros, TEXT, zeros)
    return [match.span() for match in re.finditer(pattern, data)]


@given(TEXTS, st.sampled_from([2, 4]))
@example(b"A\0" * 7 + b"A", 2)
@example(b"A\0" * 7, 2)
@example(b"A\0" * 8 + b"\0", 2)
@example(b"\0\0\0A" * 8, 4)
@example(b"A\0\0\0" * 8 + b"\0", 4)
@example(b"A\0\0\0" * 7 + b"A\0\0", 4)
def test_runs(data, width):
    expected = array("q", [at for span in defined(data, width) for at in span]).tobytes()
    assert pure.runs(data, width) == expected
    assert fast.runs(data, width) == expected


@pytest.mark.parametrize("kernel", [pure, fast])
@pytest.mark.parametrize("width", [-2, 0, 1, 3, 8])
def test_other_widths_are_refused(kernel, width):
    with pytest.raises(ValueError, match="width"):
        kernel.runs(b"A\0" * 20, width)
