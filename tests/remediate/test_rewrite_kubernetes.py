import pytest
from rewrite_once import SECRET, content, once

from scanner.remediate.rewrite.config.kubernetes import LANGUAGE

POD = b"kind: Pod\nspec:\n  containers:\n  - name: c\n    env:\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            b"    - name: PW\n      value: sample-horses # x\n    - name: B\n      value: b\n",
            b"    - name: PW\n      valueFrom:\n        secretKeyRef:\n          name: app-x\n"
            b"          key: value # x\n    - name: B\n      value: b\n",
        ),
        (
            b"      - value: 'sample-horses'\n        name: PW",
            b"      - valueFrom:\n          secretKeyRef:\n            name: app-x\n"
            b"            key: value\n        name: PW",
        ),
        (
            b"    - name: PW\n      value: |\n        sample-horses\n        end\n    - name: B\n",
            b"    - name: PW\n      valueFrom:\n        secretKeyRef:\n          name: app-x\n"
            b"          key: value\n    - name: B\n",
        ),
        (
            b"    - {name: PW, value: sample-horses}\n",
            b'    - {name: PW, "valueFrom": {"secretKeyRef": {"name": "app-x", "key": "value"}}}\n',
        ),
        (
            b'    - {"value":"sample-horses"}\n',
            b'    - {"valueFrom": {"secretKeyRef": {"name": "app-x", "key": "value"}}}\n',
        ),
        (b"    - name: PW\n      # sample-horses\n", b"    - name: PW\n      # [REDACTED]\n"),
    ],
)
def test_a_variable_is_taken_from_a_secret(source: bytes, expected: bytes) -> None:
    assert content(LANGUAGE, POD + source) == POD + expected


def test_line_ends_stay_those_of_the_file() -> None:
    source = (POD + b"    - name: PW\n      value: sample-horses\n").replace(b"\n", b"\r\n")
    changed = content(LANGUAGE, source)
    assert isinstance(changed, bytes)
    assert changed.count(b"\n") == changed.count(b"\r\n") == source.count(b"\n") + 3


def test_the_whole_value_is_stored_and_the_note_says_where_it_has_to_be() -> None:
    outcome = once(LANGUAGE, POD + b"    - name: AUTH\n      value: Bearer sample-horses\n")
    assert not isinstance(outcome, str)
    assert (outcome.value, outcome.name, outcome.environment) == (
        b"Bearer sample-horses",
        "AUTH",
        "",
    )
    assert "Secret app-x" in outcome.note


@pytest.mark.parametrize(
    ("source", "secret", "value", "expected"),
    [
        (
            b"kind: Secret\nstringData:\n  a: sample-horses # x\n  b: c\n",
            SECRET,
            SECRET,
            b"kind: Secret\nstringData:\n  b: c\n",
        ),
        (
            b"kind: Secret\nstringData:\n  b: c\ndata:\n  a: eHl6eHl6\n  d: QQ==",
            b"eHl6eHl6",
            b"xyzxyz",
            b"kind: Secret\nstringData:\n  b: c\ndata:\n  d: QQ==",
        ),
        (
            b"kind: List\nitems:\n- kind: Secret\n  data:\n    a: |\n      eHl6\n      eHl6\n"
            b"    d: QQ==\n",
            b"eHl6\n      eHl6",
            b"xyzxyz",
            b"kind: List\nitems:\n- kind: Secret\n  data:\n    d: QQ==\n",
        ),
    ],
)
def test_an_entry_of_a_secret_is_taken_out(
    source: bytes, secret: bytes, value: bytes, expected: bytes
) -> None:
    outcome = once(LANGUAGE, source, secret)
    assert not isinstance(outcome, str)
    assert (outcome.value, outcome.name) == (value, "a")
    assert outcome.content == expected
    assert "migrate emit" in outcome.note


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"kind: Secret\nstringData:\n  a: sample-horses\n", "only entry"),
        (b"kind: Secret\nstringData: {a: sample-horses, b: c}\n", "braces"),
        (b"kind: Secret\ndata:\n  a: sample-horses\n  b: c\n", "base64"),
        (b"kind: Secret\nstringData:\n  a: &x sample-horses\n  b: *x\n", "anchor"),
        (b"kind: ConfigMap\ndata:\n  a: sample-horses\n", "ConfigMap"),
        (POD + b"    - name: A\n      value: $(B)sample-horses\n", "other variables"),
        (b"kind: Pod\nspec:\n  containers:\n  - args: [--pw=sample-horses]\n", "$(NAME)"),
        (b"sample-horses\n", "$(NAME)"),
    ],
)
def test_where_no_reference_can_stand_is_refused(source: bytes, reason: str) -> None:
    answer = once(LANGUAGE, source)
    assert isinstance(answer, str)
    assert reason in answer
