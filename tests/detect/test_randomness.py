import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.randomness import entropy, looks_random, surprise


@given(st.binary(max_size=200))
def test_any_bytes_can_be_measured(text):
    assert 0 <= entropy(text) <= 8
    assert surprise(text) >= 0
    assert looks_random(text) in (True, False)


@pytest.mark.parametrize(
    "text",
    [
        b"getUserAccountById",
        b"org.springframework.security.oauth2",
        b"my_secret_token_name",
        b"application/x-www-form-urlencoded",
        b"correcthorsebatterystaple",
        b"AccessControlAllowOrigin",
        b"some-long-kebab-case-name",
        b"x509certificate",
        b"aaaaaaaaaaaaaaaaaaaaaaaa",
        b"1234123412341234",
    ],
)
def test_written_text_is_not_random(text):
    assert not looks_random(text)


@pytest.mark.parametrize(
    "alphabet", [string.ascii_letters + string.digits, "0123456789abcdef", string.ascii_lowercase]
)
def test_nearly_all_generated_tokens_look_random(alphabet):
    source = random.Random(7)
    tokens = ["".join(source.choices(alphabet, k=32)).encode() for _ in range(500)]
    assert sum(map(looks_random, tokens)) >= 495
