"""Whatever text a program holds, the value that is stored is that text, and the program gets it."""

import json
import os
import re
import shlex
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from scanner.remediate.rewrite.content import Wanted, change
from scanner.remediate.rewrite.edit import Literal, Rewrite
from scanner.remediate.rewrite.languages import named

# NUL cannot be in an environment, and of a half of a surrogate pair no language makes UTF-8.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
PLAIN = st.text(st.characters(codec="ascii", exclude_characters="\0\\\"'`{}$#\r\n"), min_size=1)


def replaced(language: str, before: str, raw: str, after: str, head: int = 1) -> tuple[bytes, str]:
    """Return the stored value of the literal `raw`, whose text begins at `head`, and the file."""
    content = (before + raw + after).encode("utf-8", "surrogateescape")
    start = len(before.encode()) + head
    end = len(content) - len(after.encode()) - (head > 0)
    found = named(language)
    literal = found.locate(content, start, end)
    assert isinstance(literal, Literal), literal
    done = change(content, found, [Wanted(literal, "LEAKSEAL_X")])
    assert isinstance(done.rewrites[0], Rewrite), done.rewrites[0]
    return literal.value.reveal(), done.content.decode("utf-8", "surrogateescape")


def evaluated(source: str, value: bytes) -> object:
    names: dict[str, object] = {}
    with patch.dict(os.environ, {"LEAKSEAL_X": os.fsdecode(value)}):
        exec(source, names)
    return names["x"]


@given(TEXT)
@example("\\")
@example("'\"'''\"\"\"\r\n")
def test_python(text: str) -> None:
    value, source = replaced("python", "x = ", repr(text), "\n")
    assert value == text.encode()
    assert evaluated(source, value) == text


@given(TEXT)
@example('"\\')
def test_python_over_several_lines(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r")
    value, source = replaced("python", "x = ", f'"""\n{escaped}\n"""', "\n", 3)
    assert value == f"\n{text}\n".encode()
    assert evaluated(source, value) == f"\n{text}\n"


@given(TEXT)
def test_python_bytes(text: str) -> None:
    value, source = replaced("python", "x = ", repr(text.encode()), "\n", 2)
    assert value == text.encode()
    assert evaluated(source, value) == text.encode()


@given(PLAIN, PLAIN, PLAIN, st.sampled_from(["", "r", "b", "f", "fr"]), st.sampled_from("'\""))
def test_python_in_part(left: str, secret: str, right: str, prefix: str, quote: str) -> None:
    content = f"x = {prefix}{quote}{left} {secret} {right}{quote}\n".encode()
    start = 5 + len(prefix) + len(left) + 1
    language = named("python")
    literal = language.locate(content, start, start + len(secret))
    assert isinstance(literal, Literal), literal
    done = change(content, language, [Wanted(literal, "LEAKSEAL_X")]).content
    value = literal.value.reveal()
    assert evaluated(done.decode(), value) == evaluated(content.decode(), value)


@given(TEXT)
def test_javascript(text: str) -> None:
    value, source = replaced("javascript", "x = ", json.dumps(text), ";\n")
    assert value == text.encode()
    assert source == "x = process.env.LEAKSEAL_X;\n"


@given(TEXT)
def test_a_javascript_template(text: str) -> None:
    raw = "`" + re.sub(r"([\\`$\r])", lambda m: "\\r" if m[0] == "\r" else "\\" + m[0], text) + "`"
    value, source = replaced("typescript", "x = ", raw, ";\n")
    assert value == text.encode()
    assert source == "x = process.env.LEAKSEAL_X!;\n"


@given(TEXT)
def test_java(text: str) -> None:
    value, source = replaced("java", "class A { String x = ", json.dumps(text), "; }")
    assert value == text.encode()
    assert source == 'class A { String x = System.getenv("LEAKSEAL_X"); }'


@given(st.binary(min_size=1).filter(lambda raw: 0 not in raw))
def test_go(raw: bytes) -> None:
    literal = '"' + "".join(f"\\x{byte:02x}" for byte in raw) + '"'
    value, source = replaced("go", 'package a\nimport "os"\nvar x = ', literal, "\n")
    assert value == raw
    assert source == 'package a\nimport "os"\nvar x = os.Getenv("LEAKSEAL_X")\n'


@given(TEXT.filter(lambda text: "`" not in text and "\r" not in text and "\ufeff" not in text))
def test_go_in_raw_quotes(text: str) -> None:
    value, _ = replaced("go", "package a\nvar x = ", f"`{text}`", "\n")
    assert value == text.encode()


@given(st.binary(min_size=1).filter(lambda raw: 0 not in raw))
def test_a_shell_in_single_quotes(raw: bytes) -> None:
    text = os.fsdecode(raw.replace(b"'", b""))
    if text:
        value, source = replaced("shell", "x=", f"'{text}'", "\n")
        assert value == os.fsencode(text)
        assert source == 'x="${LEAKSEAL_X:?set LEAKSEAL_X}"\n'


@given(TEXT)
@example("a'b")
@example("0")
def test_a_shell_word_of_several_quotes(text: str) -> None:
    raw = shlex.quote(text)
    value, source = replaced("shell", "run ", raw, "\n", int(raw[0] == "'"))
    assert value == text.encode()
    assert source == 'run "${LEAKSEAL_X:?set LEAKSEAL_X}"\n'


@given(TEXT)
def test_a_shell_in_double_quotes(text: str) -> None:
    raw = re.sub(r'([\\"`$])', r"\\\1", text)
    value, source = replaced("shell", "run ", f'"{raw}"', "\n")
    assert value == text.encode()
    assert source == 'run "${LEAKSEAL_X:?set LEAKSEAL_X}"\n'
