import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import RuleError
from scanner.rulepack import samples


@given(st.sampled_from(sorted(samples.ALPHABETS)), st.integers(0, 200))
def test_random_parts_have_the_length_and_alphabet_asked_for(alphabet, size):
    text = samples.expand(f"<<{alphabet} {size}>>")
    assert len(text) == size
    assert set(text) <= set(samples.ALPHABETS[alphabet])


def test_the_same_template_gives_the_same_text():
    assert samples.expand("k=<<hex 32>>") == samples.expand("k=<<hex 32>>")
    assert samples.expand("k=<<hex 32>>") != samples.expand("j=<<hex 32>>")


def test_parts():
    assert samples.expand("a<<>>b") == "ab"
    assert base64.b64decode(samples.expand("<<b64 user:[[digits 4]]>>"))[:5] == b"user:"
    token = samples.expand("<<checksum abc_ 30>>")
    assert token == "abc_" + token[4:34] + samples.checksum(token[4:34])
    assert samples.expand("<<jwt>>").count(".") == 2
    assert base64.b64decode(samples.expand("<<der 40>>"))[:2] == b"\x30\x82"


@pytest.mark.parametrize("part", ["nothing 3", "hex", "hex many", "checksum a"])
def test_unknown_parts_are_refused(part):
    with pytest.raises(RuleError):
        samples.expand(f"<<{part}>>")
