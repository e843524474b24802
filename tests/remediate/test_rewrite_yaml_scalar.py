"""Spans and values of YAML scalars, against what PyYAML loads."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rewrite_once import between

from scanner.remediate.rewrite.config.plain_yaml import LANGUAGE
from scanner.remediate.rewrite.config.yaml_scalar import Document, Scalar, decoded, read, within
from scanner.remediate.rewrite.edit import Edit, Refusal

TEXT = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=("Cc", "Cs"),
        exclude_characters="\u2028\u2029\ufeff\ufffe\uffff",
    )
    | st.sampled_from("'\"\\:#-&*!|>%@`{}[],\n\t "),
    max_size=20,
)
KEY = st.text("abcxyz_", min_size=1, max_size=5)
TREE = st.recursive(
    TEXT,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(KEY, inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)
STYLE = st.sampled_from([None, "'", '"', "|", ">"])


def written(documents: list[Any], style: str | None, flow: bool | None, crlf: bool) -> bytes:
    text = yaml.dump_all(
        documents,
        Dumper=yaml.SafeDumper,
        default_style=style,
        default_flow_style=flow,
        allow_unicode=True,
        sort_keys=False,
        line_break="\r\n" if crlf else "\n",
    )
    return text.encode()


def leaves(node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from leaves(value, (*path, number))
    else:
        yield path, node


def loaded(content: bytes) -> dict[tuple[str | int, ...], Any]:
    documents = yaml.load_all(content, Loader=yaml.BaseLoader)
    return dict(leaves(list(documents), ()))


def values(document: Document | Refusal) -> list[Scalar]:
    assert isinstance(document, Document)
    return [scalar for scalar in document.scalars if not scalar.is_key]


@given(
    st.lists(TREE, min_size=1, max_size=2),
    STYLE,
    st.sampled_from([None, True, False]),
    st.booleans(),
)
def test_every_value_is_what_pyyaml_loads(
    documents: list[Any], style: str | None, flow: bool | None, crlf: bool
) -> None:
    content = written(documents, style, flow, crlf)
    found = {scalar.path: scalar.value for scalar in values(read(content))}
    assert found == loaded(content)


@given(
    st.lists(TREE, min_size=1, max_size=2),
    STYLE,
    st.sampled_from([None, True, False]),
    st.booleans(),
    st.booleans(),
    st.data(),
)
def test_an_edit_changes_one_leaf_and_no_other_byte(
    documents: list[Any], style: str | None, flow: bool | None, crlf: bool, bom: bool, data: Any
) -> None:
    content = b"\xef\xbb\xbf" * bom + written(documents, style, flow, crlf)
    scalars = [s for s in values(read(content)) if content[s.left : s.right].strip()]
    if not scalars:
        return
    scalar = data.draw(st.sampled_from(scalars))
    literal = LANGUAGE.locate(content, scalar.left, scalar.right)
    assert not isinstance(literal, Refusal)
    assert literal.value.reveal().decode() == scalar.value
    rewrite = LANGUAGE.replace(content, literal, "APP_X")
    assert not isinstance(rewrite, Refusal)
    (edit,) = rewrite.edits
    assert (edit.start, edit.end) == (scalar.start, scalar.end)
    after = content[: edit.start] + edit.text + content[edit.end :]
    assert loaded(after) == loaded(content) | {scalar.path: "REPLACE_WITH_APP_X"}


@given(TEXT.filter(lambda text: "\n" not in text), TEXT.filter(lambda text: "\n" not in text))
@settings(max_examples=200)
def test_a_part_is_replaced_in_every_style_of_one_line(before: str, after: str) -> None:
    for style in ("'", '"'):
        text = f"{before}sample-horses{after}"
        content = yaml.dump(
            {"k": text, "z": 1}, Dumper=yaml.SafeDumper, default_style=style, width=9999
        ).encode()
        start = content.index(b"sample-horses")
        document = read(content)
        assert isinstance(document, Document)
        scalar = document.at(start, start + 13)
        assert scalar is not None
        assert decoded(content[scalar.left : scalar.right], scalar.style) == text
        edit = within(content, scalar, start, start + 13, b"a'b\"c\\d")
        assert isinstance(edit, Edit)
        changed = content[: edit.start] + edit.text + content[edit.end :]
        assert loaded(changed)[(0, "k")] == f"{before}a'b\"c\\d{after}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"k: x sample-horses y\n", b"k: x SET y\n"),
        (b"k: [x sample-horses y]\n", b"k: [x SET y]\n"),
        (b"k: |\n  x sample-horses\n  y\n", b"k: |\n  x SET\n  y\n"),
        (b"k: >\n  x sample-horses\n  y\n", b"k: >\n  x SET\n  y\n"),
        (b"k: |  # sample-horses\n  y\n", b"k: |  # [REDACTED]\n  y\n"),
        (b"k: v # sample-horses\n", b"k: v # [REDACTED]\n"),
        (b"# sample-horses\nk: v\n", b"# [REDACTED]\nk: v\n"),
        (b"k: &a !!str sample-horses\n", b"k: &a !!str SET\n"),
    ],
)
def test_parts_and_comments(source: bytes, expected: bytes) -> None:
    start = source.index(b"sample-horses")
    outcome = between(LANGUAGE, source, start, start + 13)
    assert not isinstance(outcome, str)
    assert outcome.content == expected.replace(b"SET", b"REPLACE_WITH_APP_X")


@pytest.mark.parametrize("unit", [b"[", b"{a: ", b"- ", b"? ", b"#", b"'", b"&a "])
def test_hostile_files_are_refused_soon(unit: bytes) -> None:
    content = unit * 100_000 + b"sample-horses"
    answer = LANGUAGE.locate(content, len(content) - 13, len(content))
    assert isinstance(answer, Refusal) or unit == b"#"


def test_a_file_of_many_values_is_refused() -> None:
    answer = read(b"- a\n" * 200_001)
    assert isinstance(answer, Refusal)
    assert "too many values" in answer.reason
