import subprocess
from pathlib import Path

import pytest
from rewrite_once import SECRET, content, once

from scanner.remediate.rewrite.config.dockerfile import LANGUAGE

FROM = b"# syntax=docker/dockerfile:1\nFROM x\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"ENV PW=sample-horses\nCMD a", b"CMD a"),
        (b"ENV PW sample-horses and more\nCMD a", b"CMD a"),
        (b"env PW='sample-horses' A=1\n", b"env A=1\n"),
        (b'ENV A="1 2" PW=sample-horses B=3\n', b'ENV A="1 2" B=3\n'),
        (b"ENV A=1 \\\r\n    PW=sample-horses \\\r\n    B=3\r\n", b"ENV A=1 \\\r\n    B=3\r\n"),
        (b"ENV PW=sample-horses \\\n    # note\n    B=3\n", b"ENV B=3\n"),
        (b"ENV A=1 \\\n    PW=sample-horses\nCMD a\n", b"ENV A=1\nCMD a\n"),
        (b"ARG PW=sample-horses\n", b""),
        (b"ENV PW=sample-horses\nCMD a $PW\n", b"CMD a $PW\n"),
        (b"# sample-horses\nCMD a\n", b"# [REDACTED]\nCMD a\n"),
        (b"RUN a \\\n  # sample-horses\n  && b\n", b"RUN a \\\n  # [REDACTED]\n  && b\n"),
        (b'CMD a "sample-horses"\n', b'CMD a "${APP_X:?set APP_X}"\n'),
    ],
)
def test_the_image_no_longer_holds_it(source: bytes, expected: bytes) -> None:
    assert content(LANGUAGE, FROM + source) == FROM + expected


def test_the_variable_of_an_env_keeps_its_name() -> None:
    outcome = once(LANGUAGE, FROM + b'ENV A=1 DB_PASSWORD="sample-horses \\"x\\""\n')
    assert not isinstance(outcome, str)
    assert (outcome.value, outcome.name) == (b'sample-horses "x"', "DB_PASSWORD")
    assert outcome.environment == "DB_PASSWORD"
    assert "-e DB_PASSWORD" in outcome.note


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"RUN a -u b:sample-horses c\n", b'RUN %s a -u b:"%s" c\n'),
        (b'RUN a "b sample-horses"\n', b'RUN %s a "b %s"\n'),
        (
            b"RUN a && \\\n  # it's\n  b 'sample-horses'\n",
            b"RUN %s a && \\\n  # it's\n  b ''\"%s\"''\n",
        ),
        (b"RUN\\\n a sample-horses\n", b'RUN %s \\\n a "%s"\n'),
        (b"RUN --network=none a sample-horses\n", b'RUN %s --network=none a "%s"\n'),
    ],
)
def test_a_command_reads_a_mounted_file(source: bytes, expected: bytes) -> None:
    mount, read = b"--mount=type=secret,id=app_x,required=true", b"$(cat /run/secrets/app_x)"
    outcome = once(LANGUAGE, FROM + source)
    assert not isinstance(outcome, str)
    assert outcome.content == FROM + expected % (mount, read)
    assert outcome.environment == "APP_X"
    assert "--secret id=app_x,env=APP_X" in outcome.note


@pytest.mark.parametrize(
    "words", [b"b:sample-horses", b'"it\'s sample-horses"', b"'a \"sample-horses\"'"]
)
def test_a_shell_gets_the_same_words_from_the_file(words: bytes, tmp_path: Path) -> None:
    (tmp_path / "app_x").write_bytes(SECRET)
    command = b"printf '<%s>' " + words
    outcome = once(LANGUAGE, FROM + b"RUN " + command)
    assert not isinstance(outcome, str)
    mounted = outcome.content.splitlines()[-1].split(b" ", 2)[2]
    mounted = mounted.replace(b"/run/secrets", bytes(tmp_path))
    expected = subprocess.check_output([b"sh", b"-c", command])
    assert subprocess.check_output([b"sh", b"-c", mounted]) == expected


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"ENV PW=sample-horses\nRUN a $PW\n", "while the image is built"),
        (b"ARG PW=sample-horses\nENV B=${PW}\n", "while the image is built"),
        (b"ENV PW=$A-sample-horses\n", "other variables"),
        (b"ENV A=1 sample-horses\n", "not the value"),
        (b"LABEL pw=sample-horses\n", "LABEL takes no value"),
        (b'RUN ["a", "sample-horses"]\n', "no shell"),
        (b'RUN --network=none ["a", "sample-horses"]\n', "no shell"),
        (b'CMD ["a", "sample-horses"]\n', "no shell"),
        (b"RUN <<EOF\na sample-horses\nEOF\nCMD a\n", "here-document"),
        (b'SHELL ["powershell"]\nRUN a sample-horses\n', "POSIX"),
        (b"RUN a 'b\nLABEL sample-horses'\n", "LABEL takes no value"),
        (b"FROM sample-horses AS b\n", "FROM takes no value"),
        (b"{{ x }}\nRUN a sample-horses\n", "line 3"),
    ],
)
def test_what_is_not_clear_is_refused(source: bytes, reason: str) -> None:
    answer = once(LANGUAGE, FROM + source)
    assert isinstance(answer, str)
    assert reason in answer


def test_another_escape_character_is_refused() -> None:
    answer = once(LANGUAGE, b"# escape=`\nFROM x\nENV PW=sample-horses\n")
    assert isinstance(answer, str)
    assert "escape character" in answer


def test_a_here_document_does_not_hide_what_follows() -> None:
    source = FROM + b'RUN <<EOF bash\nENV a b\nEOF\nRUN cat <<<"x"\nENV PW=sample-horses\n'
    assert content(LANGUAGE, source) == source.replace(b"ENV PW=sample-horses\n", b"")


def test_an_instruction_that_is_left_empty_is_a_problem() -> None:
    assert LANGUAGE.problem(b"FROM x\nENV \\\n\nCMD a\n") == ""
    assert LANGUAGE.problem(b"FROM x\nENV \\\n\n") == "line 2 has nothing after ENV"
