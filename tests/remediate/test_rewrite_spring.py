import pytest
from hypothesis import given
from hypothesis import strategies as st
from rewrite_once import SECRET, content, once

from scanner.remediate.rewrite.config import properties_file
from scanner.remediate.rewrite.config.spring import LANGUAGE
from scanner.remediate.rewrite.edit import Refusal


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"spring:\n  pw: sample-horses\n", b"spring:\n  pw: ${APP_X}\n"),
        (b"spring:\n  pw: 'sample-horses'\n", b"spring:\n  pw: '${APP_X}'\n"),
        (b"spring: {pw: sample-horses}\n", b'spring: {pw: "${APP_X}"}\n'),
        (b"u: jdbc:pg://h/d?password=sample-horses\n", b"u: ${APP_X}\n"),
        (
            b"u: jdbc:pg://${H}/d?password=sample-horses\n",
            b"u: jdbc:pg://${H}/d?password=${APP_X}\n",
        ),
        (b"---\na=b: sample-horses\n", b"---\na=b: ${APP_X}\n"),
        (b"a.pw=sample-horses\n", b"a.pw=${APP_X}\n"),
        (b"a.pw = sample-horses", b"a.pw = ${APP_X}"),
        (b"a=1\r\nb: sample-horses\r\nc d\r\n", b"a=1\r\nb: ${APP_X}\r\nc d\r\n"),
        (b"# x\n\na.pw=Bearer sample-horses\n", b"# x\n\na.pw=Bearer ${APP_X}\n"),
        (b"a=1\n# sample-horses\n", b"a=1\n# [REDACTED]\n"),
        (b"a=1\n! sample-horses\\\nb=2\n", b"a=1\n! [REDACTED]\\\nb=2\n"),
        (b"a=p://u:sample-horses@${h}/d\n", b"a=p://u:${APP_X}@${h}/d\n"),
    ],
)
def test_a_placeholder_takes_the_place_of_the_secret_alone(source: bytes, expected: bytes) -> None:
    assert content(LANGUAGE, source) == expected


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (rb"a\=b\:c", b"a=b:c"),
        (rb"a\u0041\\", b"aA\\"),
        (b"one\\\n   two", b"onetwo"),
        (b"one\\\r\n\ttwo", b"onetwo"),
        (rb"\ud83d\ude00", "😀".encode()),
    ],
)
def test_escapes_of_properties_are_undone(raw: bytes, value: bytes) -> None:
    outcome = once(LANGUAGE, b"x=1\na.pw=" + raw + b"\nz=2\n", raw)
    assert not isinstance(outcome, str)
    assert outcome.value == value
    assert outcome.content == b"x=1\na.pw=${APP_X}\nz=2\n"
    assert (outcome.name, outcome.environment) == ("a.pw", "APP_X")


@pytest.mark.parametrize(
    ("source", "secret", "reason"),
    [
        ("a.pw=sample-horses-ä\n".encode(), "sample-horses-ä".encode(), "escapes"),
        (b"a.pw=\\ud83dsample-horses\n", b"\\ud83dsample-horses", "escapes"),
        (b"a=1\nsample-horses=1\n", SECRET, "no value"),
        (b"a=\\u00\nb=sample-horses\n", SECRET, "well-formed"),
        (b"a=${sample-horses}\n", b"${sample-horses}", "refers to"),
    ],
)
def test_what_is_not_clear_is_refused(source: bytes, secret: bytes, reason: str) -> None:
    answer = once(LANGUAGE, source, secret)
    assert isinstance(answer, str)
    assert reason in answer


def test_a_file_that_maven_turns_into_yaml_is_read_by_lines() -> None:
    source = b"info:\n  version: @project.version@\npw: 'sample-horses'\n"
    assert content(LANGUAGE, source) == source.replace(SECRET, b"${APP_X}")


def escaped(text: str) -> str:
    """Write a value as java.util.Properties.store does."""
    marks = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f", " ": "\\ "}
    units = text.encode("utf-16-be")
    chars = [chr(int.from_bytes(units[i : i + 2])) for i in range(0, len(units), 2)]
    return "".join(
        marks.get(c) or (f"\\{c}" if c in "=:#!" else c if " " < c < "\x7f" else f"\\u{ord(c):04X}")
        for c in chars
    )


@given(
    st.dictionaries(
        st.text("ab.=: \\é", min_size=1),
        st.text(st.characters(exclude_categories=("Cs",)), min_size=1),
        min_size=1,
    )
)
def test_every_value_that_java_would_store_is_read_back(entries: dict[str, str]) -> None:
    lines = [f"{escaped(key)}={escaped(value)}" for key, value in entries.items()]
    content = "\n".join(lines).encode()
    position = 0
    for line, (key, value) in zip(lines, entries.items(), strict=True):
        left = position + len(escaped(key)) + 1
        position += len(line)
        field = properties_file.find(content, left, position)
        assert not isinstance(field, Refusal)
        assert (field.left, field.right, field.name) == (left, position, key)
        assert field.decode(content[left:position]) == value
        position += 1
