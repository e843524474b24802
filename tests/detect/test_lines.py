from hypothesis import example, given
from hypothesis import strategies as st

from scanner.detect.lines import positions

PIECES = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", "é".encode()])).map(b"".join)


def reference(data, offset):
    before = data[:offset].replace(b"\r\n", b"\n")
    # A CR whose LF is still to come is the last character of its line.
    if data[offset - 1 : offset + 1] == b"\r\n":
        before = before[:-1] + b"x"
    before = before.replace(b"\r", b"\n")
    last = before.rpartition(b"\n")[2]
    return before.count(b"\n") + 1, len(last.decode("utf-8", "ignore")) + 1


@example(b"a\r\nb", [1, 2, 3])
@given(PIECES, st.lists(st.integers(0, 30)))
def test_equals_counting_from_the_start(data, offsets):
    text = data.decode()
    starts = [len(text[:n].encode()) for n in range(len(text) + 1)]
    chosen = sorted({starts[min(n, len(starts) - 1)] for n in offsets})
    assert list(positions(data, chosen)) == [reference(data, n) for n in chosen]
