"""The compiled and the interpreted kernel, and both ways of running the automaton, agree."""

import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import kernels
from scanner.detect.automaton import Automaton, _Dense
from scanner.kernels import _pure


@pytest.fixture(params=["_pure", "_fast"])
def kernel(request):
    try:
        return importlib.import_module(f"scanner.kernels.{request.param}")
    except ImportError:
        pytest.skip("kernels are not compiled here")


WORDS = st.dictionaries(
    st.text("ab-_1é", min_size=1, max_size=5).filter(str.isascii),
    st.tuples(st.integers(0, 9)),
    min_size=1,
    max_size=8,
)
CONTENT = st.lists(st.sampled_from([b"a", b"A", b"b", b"-", b"_", b"1", b"\xe9", b"\n"]))


def naive(words, data):
    lowered = data.lower()
    for start in range(len(data)):
        for word, rules in words.items():
            if lowered.startswith(word.encode(), start):
                yield start, start + len(word), rules


@given(WORDS, CONTENT)
def test_both_automata_find_every_keyword(words, pieces):
    data = b"".join(pieces)
    automaton = Automaton(words)
    expected = sorted(naive(words, data))
    assert sorted(automaton._iterate(data)) == expected
    assert sorted(_Dense(automaton._automaton).hits(data)) == expected


@given(WORDS, CONTENT)
def test_kernels_agree(words, pieces):
    data = b"".join(pieces)
    dense = _Dense(Automaton(words)._automaton)
    arguments = (data, dense._table, dense._classes, dense._first)
    assert kernels.keyword_hits(*arguments) == _pure.keyword_hits(*arguments)


def test_offsets_outside_the_table_are_refused(kernel):
    dense = _Dense(Automaton({"key": (0,)})._automaton)
    with pytest.raises((IndexError, ValueError)):
        kernel.keyword_hits(b"key", dense._table[:3], dense._classes, dense._first)


def test_a_large_content_uses_the_table_when_compiled():
    automaton = Automaton({"needle": (3,)})
    data = b"x" * 70_000 + b"NeeDle" + b"y" * 10
    assert list(automaton.hits(data)) == [(70_000, 70_006, (3,))]
    assert (automaton._dense is not None) == kernels.COMPILED
