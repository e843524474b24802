import pytest
import yaml
from rewrite_once import content, once

from scanner.remediate.rewrite.config.ansible import LANGUAGE


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"pw: sample-horses\n", b"pw: \"{{ lookup('env', 'APP_X') }}\"\n"),
        (b"pw: 'sample-horses' # x\n", b"pw: \"{{ lookup('env', 'APP_X') }}\" # x\n"),
        (b"pw: [sample-horses, 1]\n", b"pw: [\"{{ lookup('env', 'APP_X') }}\", 1]\n"),
        (b"a: Bearer sample-horses\n", b"a: Bearer {{ lookup('env', 'APP_X') }}\n"),
        (b"a: 'Bearer sample-horses'\n", b"a: 'Bearer {{ lookup(''env'', ''APP_X'') }}'\n"),
        (b"a: sample-horses {{ b }}\n", b"a: \"{{ lookup('env', 'APP_X') }} {{ b }}\"\n"),
        (b"a: |\n  x=sample-horses\n", b"a: |\n  x={{ lookup('env', 'APP_X') }}\n"),
        (
            b"a: p://u:sample-horses@{{ h }}/d\n",
            b"a: p://u:{{ lookup('env', 'APP_X') }}@{{ h }}/d\n",
        ),
        (b"# sample-horses\na: 1\n", b"# [REDACTED]\na: 1\n"),
    ],
)
def test_a_lookup_takes_the_place_of_the_secret_alone(source: bytes, expected: bytes) -> None:
    changed = content(LANGUAGE, source)
    assert changed == expected
    assert yaml.safe_load(changed) is not None


def test_the_environment_is_that_of_ansible_itself() -> None:
    outcome = once(LANGUAGE, b"- hosts: all\n  vars:\n    pw: sample-horses\n")
    assert not isinstance(outcome, str)
    assert (outcome.name, outcome.environment) == ("pw", "APP_X")
    assert "community.hashi_vault" in outcome.note


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"$ANSIBLE_VAULT;1.1;AES256\nsample-horses\n", "encrypted"),
        (b"pw: !vault |\n  sample-horses\n", "tag"),
        (b"when: pw == 'sample-horses'\n", "expression"),
        (b"a: \"{{ x | default('sample-horses') }}\"\n", "inside a template"),
    ],
)
def test_what_takes_no_lookup_is_refused(source: bytes, reason: str) -> None:
    answer = once(LANGUAGE, source)
    assert isinstance(answer, str)
    assert reason in answer
