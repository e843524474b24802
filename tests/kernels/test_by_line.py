"""Lines with keywords are looked up once each, whatever their length and whatever ends them."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import occurrences, table

from scanner.kernels.pure import deltas as pure

fast = pytest.importorskip("scanner.kernels.fast.deltas")

WORDS = (b"key", b"akey", b"y-", b"far")
KINDS = bytes((1, 1, 1, 2))
TEXTS = st.lists(
    st.sampled_from((b"key", b"aKEY", b"y-", b"far", b"\n", b"\n", b"x", b"x" * 9, b"\r\n")),
    max_size=14,
).map(b"".join)


def packed(rows):
    return array("q", [number for row in rows for number in row]).tobytes()


@given(
    data=TEXTS,
    known=st.dictionaries(TEXTS, st.sampled_from(((), ("mark",)))),
    longest=st.integers(1, 30),
)
def test_both_look_up_the_same(data, known, longest):
    lines = data.splitlines(keepends=True) if b"\r" not in data else data.split(b"\n")
    known |= dict.fromkeys(lines[::2], ())
    hits = list(occurrences(WORDS, data))
    met, unknown, left = pure.by_line(data, packed(hits), known, longest)
    assert fast.by_line(data, packed(hits), known, longest) == (met, unknown, left)
    covered = set()
    for start, line in unknown:
        assert data.startswith(line, start)
        assert not start or data[start - 1 : start] == b"\n"
        assert line.endswith(b"\n") or start + len(line) == len(data)
        assert b"\n" not in line[:-1]
        assert line not in known
        covered.update(range(start + 1, start + len(line) + 1))
    for start, its in met:
        end = data.find(b"\n", start) + 1 or len(data)
        assert known[data[start:end]] == its == ("mark",)
    assert set(left) <= set(hits)
    assert not covered & {end for end, _ in left}


@given(base=TEXTS, data=TEXTS, known=st.sets(TEXTS), marked=st.sets(TEXTS), tracked=st.booleans())
def test_both_pass_over_the_same(base, data, known, marked, tracked):
    whole = bytes((len(base), len(data)))
    for at in range(0, len(data), 100):
        piece = data[at : at + 100]
        whole += bytes((len(piece),)) + piece
    lines = dict.fromkeys((*known, *data.split(b"\n"), *(x + b"\n" for x in data.split(b"\n"))), ())
    lines |= dict.fromkeys(marked, ("mark",))
    seen = []
    for kernel, search in (
        (pure, pure.Search(lambda text: occurrences(WORDS, text), 1 << 20)),
        (fast, fast.Search(*table(WORDS), 1 << 20)),
    ):
        calls = []

        def changed(row, content, state, change, calls=calls):
            calls.append((row, content, state, change))
            return "new"

        def same(row, content, calls=calls):
            calls.append((row, content))

        visitor = kernel.Changed(search, 1 << 20, None, changed, same, b"x", KINDS, lines, 40)
        made = visitor.next(3, base, "old" if tracked else None, whole)
        seen.append((made, calls, visitor.count, visitor.size))
    assert seen[0] == seen[1]
    (content, state), calls, count, _ = seen[0]
    assert content == data
    assert (state is None) == (not calls or len(calls[0]) == 2)
    assert count == (not calls)
    if tracked:
        assert state == "new"


@pytest.mark.parametrize("twin", [pure, fast])
@pytest.mark.parametrize("end", [0, -1, 5, 1 << 40])
def test_hits_outside_are_refused(twin, end):
    with pytest.raises(ValueError, match="outside"):
        twin.by_line(b"key\n", packed([(end, 0)]), {}, 10)
