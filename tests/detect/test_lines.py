from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.lines import positions

PIECES = st.lists(st.sampled_from([b"\r", b"\n", b"a", "é".encode()])).map(b"".join)


def reference(data, offset):
    before = data[:offset].replace(b"\r\n", b"\n")
    # A CR whose LF is still to come has ended the line.
    before = before.replace(b"\r", b"\n")
    last = before.rpartition(b"\n")[2]
    return before.count(b"\n") + 1, len(last.decode("utf-8", "ignore")) + 1


@given(PIECES, st.lists(st.integers(0, 30)))
def test_equals_counting_from_the_start(data, offsets):
    text = data.decode()
    starts = [len(text[:n].encode()) for n in range(len(text) + 1)]
    chosen = sorted({starts[min(n, len(starts) - 1)] for n in offsets})
    # Between CR and LF there is no character to point at.
    chosen = [n for n in chosen if data[n - 1 : n + 1] != b"\r\n" or n == 0]
    assert list(positions(data, chosen)) == [reference(data, n) for n in chosen]
