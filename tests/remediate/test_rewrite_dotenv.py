import subprocess
from pathlib import Path

import pytest
from rewrite_once import content, once

from scanner.remediate.rewrite.config.dotenv import LANGUAGE


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"A=1\nPW=sample-horses\nB=2\n", b"A=1\nB=2\n"),
        (b"A=1\r\nexport PW = 'sample-horses' # old\r\nB=2\r\n", b"A=1\r\nB=2\r\n"),
        (b"A=1\nPW=sample-horses", b"A=1\n"),
        (b'PW="one\nsample-horses\n"\nB=2\n', b"B=2\n"),
        (b"PW=p://u:sample-horses@h/d # x\nB=2\n", b"B=2\n"),
        (b"U=p://u:sample-horses@${H}/d\n", b"U=p://u:${APP_X}@${H}/d\n"),
        (b"A=1\n# PW=sample-horses\n", b"A=1\n# PW=[REDACTED]\n"),
        (b"A=1 # sample-horses\n", b"A=1 # [REDACTED]\n"),
        (b"\xef\xbb\xbf# x\nPW=sample-horses\nB=2\n", b"\xef\xbb\xbf# x\nB=2\n"),
        (b"\xef\xbb\xbfPW=sample-horses\nB=2\n", b"\xef\xbb\xbfB=2\n"),
        (b"not a line\nPW=sample-horses\n", b"not a line\n"),
    ],
)
def test_the_line_is_taken_out(source: bytes, expected: bytes) -> None:
    assert content(LANGUAGE, source) == expected


def test_the_variable_keeps_the_name_that_programs_ask_for() -> None:
    outcome = once(LANGUAGE, b"export DB_PASSWORD=sample-horses\n")
    assert not isinstance(outcome, str)
    assert (outcome.name, outcome.environment) == ("DB_PASSWORD", "DB_PASSWORD")
    assert "from the environment" in outcome.note


@pytest.mark.parametrize(
    "line",
    [
        "PW=sample-horses",
        "export PW=sample-horses   # a remark",
        "PW=sample-horses#no-remark",
        "PW='sample-horses \\n $HOME # x'",
        'PW="sample-horses \\"\\\\ \\$HOME # x"',
        'PW="sample-horses\n two lines"',
        "PW='sample-horses\n two lines'",
    ],
)
def test_the_value_is_what_a_shell_reads(line: str, tmp_path: Path) -> None:
    (tmp_path / "env").write_text(f"A=1\n{line}\n")
    read = ["bash", "-c", '. ./env && printf %s "$PW"']
    shell = subprocess.run(read, cwd=tmp_path, capture_output=True, check=True)
    outcome = once(LANGUAGE, f"A=1\n{line}\n".encode())
    assert not isinstance(outcome, str)
    assert outcome.value == shell.stdout


def test_line_ends_in_double_quotes_are_undone() -> None:
    outcome = once(LANGUAGE, b'KEY="sample-horses\\nrest\\n"\n')
    assert not isinstance(outcome, str)
    assert outcome.value == b"sample-horses\nrest\n"


@pytest.mark.parametrize(
    ("source", "secret", "reason"),
    [
        (b"PW=correct$horse\n", b"correct$horse", "single quotes"),
        (b"sample-horses\n", b"sample-horses", "neither"),
        (b"PW=`sample-horses`\n", b"sample-horses", "neither"),
        (b"PW=sample-horses\0\n", b"sample-horses", "UTF-16"),
    ],
)
def test_what_programs_differ_on_is_refused(source: bytes, secret: bytes, reason: str) -> None:
    answer = once(LANGUAGE, source, secret)
    assert isinstance(answer, str)
    assert reason in answer
