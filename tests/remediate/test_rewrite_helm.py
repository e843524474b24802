import pytest
from rewrite_once import SECRET, content, once

from scanner.remediate.rewrite.config.helm import LANGUAGE


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"db:\n  password: sample-horses\n", b'db:\n  password: ""\n'),
        (b"db: {password: 'sample-horses', a: 1}\n", b'db: {password: "", a: 1}\n'),
        (b"args: [--password=sample-horses]\n", b'args: [""]\n'),
        (b"key: |\n  sample-horses\nb: 1\n", b'key: ""\nb: 1\n'),
        (b"a: 1 # sample-horses\n", b"a: 1 # [REDACTED]\n"),
    ],
)
def test_the_value_is_emptied(source: bytes, expected: bytes) -> None:
    assert content(LANGUAGE, source) == expected


def test_the_note_says_how_to_give_it() -> None:
    outcome = once(LANGUAGE, b"db:\n  users:\n  - my.pw: sample-horses\n")
    assert not isinstance(outcome, str)
    assert (outcome.value, outcome.name, outcome.environment) == (SECRET, "my.pw", "")
    assert "--set-file 'db.users[0].my\\.pw=FILE'" in outcome.note


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"a: {{ .Values.x }}\nb: sample-horses\n", "template"),
        (b"b: 'sample-horses {{ .Values.x }}'\n", "template"),
        (b"conf: |\n  user=a\n  password=sample-horses\n", "longer text"),
    ],
)
def test_templates_and_longer_texts_are_refused(source: bytes, reason: str) -> None:
    answer = once(LANGUAGE, source)
    assert isinstance(answer, str)
    assert reason in answer
