"""Quoting of variables in scripts, against what bash makes of it."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.remediate.rewrite.config import shell_quotes

SECRET = "sample-horses"
ODD = "a  b*'\"$HOME`x`\\ c"  # a value that no context may touch


def printed(script: str) -> bytes:
    arguments = ["bash", "-c", f"X=$0\nset --\nshow() {{ printf '<%s>' \"$@\"; }}\n{script}", ODD]
    return subprocess.run(arguments, capture_output=True, check=True, timeout=60).stdout


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("show sample-horses", f"<{ODD}>"),
        ("show a=sample-horses/b", f"<a={ODD}/b>"),
        ('show "it\'s sample-horses"', f"<it's {ODD}>"),
        ("show 'a \"sample-horses\"'", f'<a "{ODD}">'),
        ("show a\\'sample-horses", f"<a'{ODD}>"),
        ('show "a\\"sample-horses"', f'<a"{ODD}>'),
        ('A=sample-horses\nshow "$A"', f"<{ODD}>"),
        ("# it's\nshow sample-horses", f"<{ODD}>"),
        ("show a#b 'sample-horses'", f"<a#b><{ODD}>"),
        ('show "a # b" sample-horses', f"<a # b><{ODD}>"),
        ("show \"$(show 'sample-horses')\"", f"<<{ODD}>>"),
        ('show "$(show sample-horses)"', f"<<{ODD}>>"),
        ("true;# it's\nshow sample-horses", f"<{ODD}>"),
        ("(show 'b)'; show sample-horses)", f"<b)><{ODD}>"),
        ("case a in a) show sample-horses;; esac", f"<{ODD}>"),
        ("show ${Y:-it} sample-horses", f"<it><{ODD}>"),
        ("show `show b` 'sample-horses'", f"<<b>><{ODD}>"),
        ('read -r b <<<"a\'"; show sample-horses', f"<{ODD}>"),
    ],
)
def test_a_variable_is_one_word_with_any_value(script: str, expected: str) -> None:
    before, after = script.split(SECRET)
    reference = shell_quotes.quoted("${X}", shell_quotes.context(before))
    assert reference is not None
    assert printed(before + reference + after) == expected.encode()


@pytest.mark.parametrize(
    ("before", "where"),
    [
        ("a # ", shell_quotes.COMMENT),
        ("#", shell_quotes.COMMENT),
        ("cat <<E\n", shell_quotes.UNCLEAR),
        ("cat <<-'E'\n", shell_quotes.UNCLEAR),
        ("a $'", shell_quotes.UNCLEAR),
        ("a ${{ secrets['b'] }} ", shell_quotes.PLAIN),
        ("a '${{ secrets.B }}", shell_quotes.SINGLE),
    ],
)
def test_what_no_shell_expands(before: str, where: str) -> None:
    assert shell_quotes.context(before) == where
    if where in (shell_quotes.COMMENT, shell_quotes.UNCLEAR):
        assert shell_quotes.quoted("${X}", where) is None


WORDS = st.sampled_from(
    ["a", " ", "\n", "'b c'", '"d e"', "\\'", '\\"', " #f'\n", "$(echo g)", '"$(echo "h i")"']
)


@given(st.lists(WORDS, max_size=8), st.sampled_from(["", "'", '"']))
@settings(max_examples=25, deadline=None)
def test_the_context_is_that_of_bash(words: list[str], where: str) -> None:
    before = "show " + "".join(words).replace("\n", "\nshow ") + where
    assert shell_quotes.context(before) == where
    reference = shell_quotes.quoted("${X}", where) or ""
    assert printed(f"{before}{reference}{where}") == printed(f'{before}{where}"$X"')


def test_names_and_constants() -> None:
    assert shell_quotes.assigned("export DB_PW='") == "DB_PW"
    assert shell_quotes.assigned("login ") == ""
    assert shell_quotes.constant("a$b", shell_quotes.SINGLE)
    assert not shell_quotes.constant("a$b", shell_quotes.DOUBLE)
