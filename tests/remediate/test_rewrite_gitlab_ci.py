import pytest
import yaml
from rewrite_once import SECRET, content, once

from scanner.remediate.rewrite.config.gitlab_ci import LANGUAGE


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"variables:\n  PW: sample-horses # x\n  B: c\n", b"variables:\n  B: c\n"),
        (b"variables:\n  B: c\n  PW: 'sample-horses'\nj: {}\n", b"variables:\n  B: c\nj: {}\n"),
        (b"variables:\n  B: c\n  PW: |\n    sample-horses\n    b\n", b"variables:\n  B: c\n"),
        (b"j:\n  variables:\n    PW: sample-horses\n", b"j:\n  variables:\n    {}\n"),
        (b"variables:\n  U: p://u:sample-horses@$H/d\n", b"variables:\n  U: p://u:${APP_X}@$H/d\n"),
        (b"j:\n  script:\n  - a sample-horses\n", b'j:\n  script:\n  - a "${APP_X}"\n'),
        (b"j:\n  script: a 'x sample-horses'\n", b"j:\n  script: a 'x '\"${APP_X}\"''\n"),
        (b"j:\n  script: [a sample-horses]\n", b'j:\n  script: ["a \\"${APP_X}\\""]\n'),
        (b"j:\n  script:\n  - sample-horses a\n", b'j:\n  script:\n  - "\\"${APP_X}\\" a"\n'),
        (b"j:\n  script:\n  - - a sample-horses\n", b'j:\n  script:\n  - - a "${APP_X}"\n'),
        (
            b"j:\n  before_script:\n  - |\n    # sample-horses\n",
            b"j:\n  before_script:\n  - |\n    # [REDACTED]\n",
        ),
        (b"# sample-horses\nj: {}\n", b"# [REDACTED]\nj: {}\n"),
    ],
)
def test_a_variable_of_the_project_takes_its_place(source: bytes, expected: bytes) -> None:
    changed = content(LANGUAGE, source)
    assert changed == expected
    assert yaml.safe_load(changed)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (b"variables:\n  PW: a$$sample-horses\n", "PW"),
        (b"j:\n  script:\n  - a sample-horses\n", "APP_X"),
    ],
)
def test_the_note_names_the_variable(source: bytes, name: str) -> None:
    outcome = once(LANGUAGE, source)
    assert not isinstance(outcome, str)
    assert outcome.value in (b"a$sample-horses", SECRET)
    assert outcome.environment == ""
    assert outcome.note == f"add {name} to the project's CI/CD variables, masked and protected"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"j:\n  image: x/sample-horses\n", "only scripts"),
        (b"variables:\n  PW:\n    value: sample-horses\n", "only scripts"),
        (b"variables: {PW: sample-horses, B: c}\n", "braces"),
        (b"variables:\n  PW: &x sample-horses\n  B: *x\n", "anchor"),
        (b"j:\n  script:\n  - cat <<E sample-horses\n", "here-document"),
    ],
)
def test_where_no_variable_can_be_named_is_refused(source: bytes, reason: str) -> None:
    answer = once(LANGUAGE, source)
    assert isinstance(answer, str)
    assert reason in answer
