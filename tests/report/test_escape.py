import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.report.escape import LONGEST, as_bytes, as_text, visible


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"plain/name.txt", "plain/name.txt"),
        ("Zoë/名前.txt".encode(), "Zoë/名前.txt"),
        (b"a\x1b[31mb", r"a\x1b[31mb"),
        (b"a\nb\rc\td\0", r"a\x0ab\x0dc\x09d\x00"),
        ("\u202egnp.exe".encode(), r"\u202egnp.exe"),
        ("\u2028\u00a0\x9b".encode(), r"\u2028\u00a0\u009b"),
        ("\U000e0041".encode(), r"\U000e0041"),
        (b"\xff\xc3(", r"\xff\xc3("),
        (b"##[error]x", r"\x23#[error]x"),
        (
            b"a/##vso[task.setvariable variable=PATH]b",
            r"a/\x23#vso[task.setvariable variable=PATH]b",
        ),
        (b"###teamcity[x]", r"#\x23#teamcity[x]"),
        (b"::stop-commands::x", r"\x3a:stop-commands::x"),
        (b"so ::add-mask::e it is", r"so \x3a:add-mask::e it is"),
        (b"std::vector ## 2", "std::vector ## 2"),
    ],
)
def test_visible_escapes_what_a_terminal_acts_upon(raw, shown):
    assert visible(raw) == shown


def test_visible_cuts_what_is_too_long_and_says_so():
    assert visible(b"x" * (LONGEST + 1234)) == "x" * LONGEST + "… (1234 more characters)"


@given(st.binary(max_size=80))
def test_visible_is_one_printable_line_and_keeps_every_byte(raw):
    shown = visible(raw, longest=1000)
    assert shown.isprintable()
    if b"\\" not in raw:
        assert unescaped(shown) == raw


def unescaped(shown):
    def value(match):
        return (
            bytes([int(match[1], 16)]) if match[1] else chr(int(match[2] or match[3], 16)).encode()
        )

    return re.sub(rb"\\x(..)|\\u(....)|\\U(........)", value, shown.encode())


@given(st.text(st.characters(exclude_categories=[]), max_size=20))
def test_as_bytes_takes_every_string(text):
    raw = as_bytes(text)
    as_text(raw).encode()
    if not re.search("[\ud800-\udfff]", text):
        assert raw.decode() == text


def test_as_bytes_gives_back_bytes_that_surrogateescape_stands_in_for():
    assert as_bytes(b"a\xff".decode("utf-8", "surrogateescape")) == b"a\xff"
