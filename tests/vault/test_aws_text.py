"""Values and facts as the text that AWS keeps; needs neither boto3 nor a server."""

from hypothesis import example, given
from hypothesis import strategies as st

from scanner.vault.aws import tags
from scanner.vault.aws.parameter_text import MARK, as_bytes, as_text


@given(st.binary() | st.text().map(str.encode) | st.text("{}x").map(str.encode))
@example(MARK.encode())
def test_every_value_comes_back_from_its_text(value: bytes) -> None:
    text = as_text(value)
    assert as_bytes(text) == value
    assert "{{" not in text
    assert text == "" or text.isprintable() or not text.startswith(MARK)


@given(st.text())
@example(MARK)
@example(MARK + "eA==")
def test_text_of_others_is_taken_as_it_is(text: str) -> None:
    assert as_bytes(text) == text.encode()


@given(st.dictionaries(st.text("abc_", min_size=1), st.text(max_size=256), max_size=5))
def test_facts_come_back_from_tags(facts: dict[str, str]) -> None:
    kept = tags.tags(facts, {"team": "shop"})
    assert tags.facts(kept) == facts
    for tag in kept:
        key = tag["Key"].removeprefix("leakseal:")
        assert tags.checked_tag(key, tag["Value"]) == tag["Value"]
