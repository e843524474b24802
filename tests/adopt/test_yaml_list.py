"""Entries are added to lists in YAML text, and nothing else changes."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scanner.adopt.yaml_list import appended

ENTRY = ["repo: new", "hooks:", "- id: a"]
MEANT = {"repo": "new", "hooks": [{"id": "a"}]}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "L:\n- repo: new\n  hooks:\n  - id: a\n"),
        ("# c", "# c\nL:\n- repo: new\n  hooks:\n  - id: a\n"),
        ("x: 1", "x: 1\nL:\n- repo: new\n  hooks:\n  - id: a\n"),
        ("L:\n- a\n# c\nx: 1\n", "L:\n- a\n- repo: new\n  hooks:\n  - id: a\n# c\nx: 1\n"),
        ("L:\n- [a,\n  b]\n", "L:\n- [a,\n  b]\n- repo: new\n  hooks:\n  - id: a\n"),
        ("L:\n- {a: 1\n  }", "L:\n- {a: 1\n  }\n- repo: new\n  hooks:\n  - id: a\n"),
        (
            "L:\n   - a: |\n      x\n",
            "L:\n   - a: |\n      x\n   - repo: new\n     hooks:\n     - id: a\n",
        ),
        ("L:\n- &x a\n- *x\n", "L:\n- &x a\n- *x\n- repo: new\n  hooks:\n  - id: a\n"),
        ("L:\r\n- a\r\n", "L:\r\n- a\r\n- repo: new\r\n  hooks:\r\n  - id: a\r\n"),
        ("---\nL:\n- !x a\n", "---\nL:\n- !x a\n- repo: new\n  hooks:\n  - id: a\n"),
    ],
)
def test_an_entry_goes_after_the_last_one(before, after):
    assert appended(before, "L", ENTRY) == after


@pytest.mark.parametrize(
    "text",
    [
        "L: []\n",
        "L:\n",
        "L: text\n",
        "{L: [a]}\n",
        "- a\n",
        "text\n",
        "x: 1\n...\n",
        "x: 1\n---\ny: 1\n",
        "L: [a\n",
        "x: 1\rL:\r- a\r",
        "x: \x00\n",
        "L:\n- a\n" + "- a\n" * 100_000,
        "[" * 5000,
    ],
)
def test_what_cannot_be_done_surely_is_not_done(text):
    assert appended(text, "L", ENTRY) is None


@given(st.dictionaries(st.text(max_size=5), VALUES), st.lists(VALUES), st.booleans())
def test_whatever_a_file_says_it_says_afterwards(others, entries, indented):
    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow=False, indentless=False):
            return super().increase_indent(flow, indentless and not indented)

    said = others | {"L": entries}
    text = yaml.dump(said, Dumper=Dumper, allow_unicode=True, default_flow_style=False)
    changed = appended(text, "L", ENTRY)
    if changed is not None:
        assert yaml.safe_load(changed) == yaml.safe_load(text) | {
            "L": [*yaml.safe_load(text)["L"], MEANT]
        }
        removed = [line for line in text.split("\n") if line not in changed.split("\n")]
        assert removed == []


@given(st.text(st.sampled_from("L:-[]{} \n|>#&*ab'\"!?"), max_size=40))
def test_odd_text_is_changed_rightly_or_not_at_all(text):
    changed = appended(text, "L", ENTRY)
    if changed is not None:
        assert yaml.compose(changed) is not None
        loaded = yaml.load(changed, Loader=yaml.BaseLoader) if "!" not in text else None
        assert loaded is None or loaded["L"][-1] == MEANT
