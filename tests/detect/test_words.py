import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.words import is_word, worded, words_share


@pytest.mark.parametrize("word", [b"password", b"tiger", b"settings", b"jenkins", b"parsed"])
def test_known_words(word):
    assert is_word(word)


@pytest.mark.parametrize(
    "text",
    [b"getHTTPResponse", b"correcthorsebatterystaple", b"pgPassword", b"open_sesame", b"admin123"],
)
def test_texts_made_of_words(text):
    assert worded(text) >= 0.8


@pytest.mark.parametrize("size", [6, 8, 12, 20, 40])
def test_letters_drawn_at_random_make_no_words(size):
    source = random.Random(11)
    texts = ["".join(source.choices(string.ascii_lowercase, k=size)) for _ in range(400)]
    assert sum(worded(text.encode()) > 0.5 for text in texts) <= 4


def test_the_share_counts_digits_too():
    assert words_share(b"admin") == 1.0
    assert words_share(b"admin12345") == 0.5
    assert words_share(b"--") == 0.0


@given(st.binary(max_size=300))
def test_shares_of_any_bytes(text):
    assert 0.0 <= words_share(text) <= worded(text) <= 1.0
