import pytest
from rewrite_once import SECRET, content, once

from scanner.remediate.rewrite.config.compose import LANGUAGE

PLACED = b"${APP_X:?set APP_X}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"environment:\n  PW: sample-horses\n", b"environment:\n  PW: %s\n"),
        (b"environment:\n  PW: sample-horses # old\n", b"environment:\n  PW: %s # old\n"),
        (b"environment:\n  PW: 'sample-horses'\n", b"environment:\n  PW: '%s'\n"),
        (b'environment:\r\n  PW: "sample-horses"\r\n', b'environment:\r\n  PW: "%s"\r\n'),
        (b"environment:\n  - A=1\n  - PW=sample-horses", b"environment:\n  - A=1\n  - PW=%s"),
        (b"environment: [PW=sample-horses, A=1]\n", b'environment: ["PW=%s", A=1]\n'),
        (b"environment: {PW: sample-horses}\n", b'environment: {PW: "%s"}\n'),
        (b"a: &pw sample-horses\nb: *pw\n", b"a: &pw %s\nb: *pw\n"),
        (b"\xef\xbb\xbfa: sample-horses\n", b"\xef\xbb\xbfa: %s\n"),
        (b"a: >-\n  sample-horses\nb: 1\n", b"a: %s\nb: 1\n"),
        (b"a: p://u:sample-horses@h/d\n", b"a: %s\n"),
        (b"command: [a, --pw=sample-horses]\n", b'command: [a, "--pw=%s"]\n'),
        (b"- U=p://u:sample-horses@h/d\n", b"- U=%s\n"),
        (b"a: p://u:sample-horses@${H}/d\n", b"a: p://u:%s@${H}/d\n"),
        (b"a: run --pw sample-horses $$HOME\n", b"a: run --pw %s $$HOME\n"),
        (b"a: b\n---\na: sample-horses\n", b"a: b\n---\na: %s\n"),
    ],
)
def test_a_reference_takes_the_place_of_the_secret_alone(source: bytes, expected: bytes) -> None:
    assert content(LANGUAGE, source) == expected % PLACED


def test_the_variable_must_be_set_and_nothing_else_has_to_be_done() -> None:
    outcome = once(LANGUAGE, b"db:\n  environment:\n    - PW=sample-horses\n")
    assert not isinstance(outcome, str)
    assert (outcome.value, outcome.name) == (SECRET, "PW")
    assert (outcome.environment, outcome.note) == ("APP_X", "")


def test_a_dollar_written_twice_is_one_in_the_value() -> None:
    outcome = once(LANGUAGE, b"PW: a$$b$$sample-horses\n", b"a$$b$$sample-horses")
    assert not isinstance(outcome, str)
    assert outcome.value == b"a$b$sample-horses"


def test_a_comment_is_redacted() -> None:
    outcome = once(LANGUAGE, b"a: 1 # was sample-horses\nb: 2\n")
    assert not isinstance(outcome, str)
    assert outcome.content == b"a: 1 # was [REDACTED]\nb: 2\n"
    assert (outcome.name, outcome.environment) == ("", "")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"&sample-horses a: 1\n", "neither a value nor in a comment"),
        (b"sample-horses: 1\n", "key"),
        (b"a: !mine sample-horses\n", "tag"),
        (b"a: [sample-horses\n", "not YAML"),
        (b"a: sample-horses\0\n", "UTF-16"),
        ("a: sample-horses ä\n".encode("latin-1"), "UTF-8"),
        (b"a: sample-horses\na: 1\n", "repeats a key"),
        (b"a:\n  one sample-horses\n  two\n", "several lines"),
    ],
)
def test_what_is_not_clear_is_refused(source: bytes, reason: str) -> None:
    answer = once(LANGUAGE, source)
    assert isinstance(answer, str)
    assert reason in answer
    assert SECRET.decode() not in answer


def test_what_reaches_from_a_comment_into_a_value_is_refused() -> None:
    answer = once(LANGUAGE, b"a: 1 # sample-horses\nb: 2\n", b"sample-horses\nb")
    assert answer == "it is neither a value nor in a comment"


def test_a_value_that_compose_expands_is_refused() -> None:
    assert once(LANGUAGE, b"a: sample$horses\n", b"sample$horses") == (
        "it refers to something else already"
    )
