import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scanner.vault.sops.layout import layout
from scanner.vault.sops.scalars import plain, quoted, real
from scanner.vault.store import IntegrityError

LINE_ENDS = "\x85\u2028\u2029"  # PyYAML does not always write these as it reads them
TEXT = st.text(st.characters(codec="utf-8", exclude_characters=LINE_ENDS), max_size=12)
STYLES = st.sampled_from([None, "'", '"', "|"])
TREES = st.recursive(
    TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def leaves(tree: object) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    inner = tree.values() if isinstance(tree, dict) else tree
    return [leaf for branch in inner for leaf in leaves(branch)]


@given(st.dictionaries(TEXT, TREES, max_size=4), STYLES, st.booleans())
def test_every_value_is_found_where_it_stands(
    tree: dict[str, object], style: str | None, flow: bool
) -> None:
    options = {"default_style": style, "default_flow_style": flow}
    text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, **options)
    found = layout(text)
    assert [leaf.text for leaf in found.leaves] == leaves(tree)
    assert list(found.keys) == list(tree)
    for leaf in found.leaves:
        if leaf.inline:
            assert yaml.safe_load(text[leaf.start : leaf.end]) == leaf.text


@given(st.text())
def test_quoted_text_is_a_string_on_one_line(text: str) -> None:
    line = f"{quoted(text)}: {quoted(text)}\n"
    assert yaml.safe_load(line) == {text: text}
    (leaf,) = layout(line).leaves
    assert (leaf.text, leaf.string, leaf.inline) == (text, True, True)
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize(
    ("scalar", "words", "string"),
    [
        ("yes", "yes", True),
        ("True", "True", False),
        ("~", None, False),
        ("0x1F", "31", False),
        ("017", "15", False),
        ("08", "8", False),
        ("1_000", "1000", False),
        ("1e3", "1000", False),
        ("1.50", "1.5", False),
        ("-.INF", "-Inf", False),
        ("1e400", "+Inf", False),
        ("2024-1-2", "2024-01-02T00:00:00Z", False),
        ("2024-01-02 03:04:05.50", "2024-01-02T03:04:05.5Z", False),
        ("2024-01-02T03:04:05", "2024-01-02T03:04:05", True),
        ("12:30:45", "12:30:45", True),
        ("9" * 400, "+Inf", False),
        ("0x" + "f" * 30, "0x" + "f" * 30, True),
    ],
)
def test_unquoted_scalars(scalar: str, words: str | None, string: bool) -> None:
    assert plain(scalar) == (words, string)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_reals_have_no_exponent_and_lose_nothing(number: float) -> None:
    shown = real(repr(number))
    assert float(shown) == number
    assert "e" not in shown
    assert not shown.endswith((".0", "."))


def test_giants_end_early() -> None:
    start = time.thread_time()
    with pytest.raises(IntegrityError, match="past the 200000 values"):
        layout("a: [" + "b," * 250_000 + "]\n")
    with pytest.raises(IntegrityError, match=r"levels deep|not YAML"):
        layout("[" * (1 << 20))
    with pytest.raises(IntegrityError, match="alias"):
        layout("a: &a [x]\nb: [*a]\n", aliases=True)
    assert time.thread_time() - start < 20
