import pytest
from rewrite_once import SECRET, content, once

from scanner.remediate.rewrite.config.terraform import LANGUAGE

DECLARED = b'\nvariable "app_x" {\n  type      = string\n  sensitive = true\n}\n'


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            b'resource "a" "b" {\n  pw = "sample-horses" # x\n}\n',
            b'resource "a" "b" {\n  pw = var.app_x # x\n}\n',
        ),
        (
            b'provider "a" {\n  e = { "PW" = "sample-horses" }\n}\n',
            b'provider "a" {\n  e = { "PW" = var.app_x }\n}\n',
        ),
        (b'locals {\n  u = "p://u:sample-horses@h/d"\n}\n', b"locals {\n  u = var.app_x\n}\n"),
        (
            b'locals {\n  u = "Bearer sample-horses"\n}\n',
            b'locals {\n  u = "Bearer ${var.app_x}"\n}\n',
        ),
        (
            b'locals {\n  u = "p://u:sample-horses@${h}/d"\n}\n',
            b'locals {\n  u = "p://u:${var.app_x}@${h}/d"\n}\n',
        ),
        (
            b"locals {\n  u = <<E\npw=sample-horses\nE\n}\n",
            b"locals {\n  u = <<E\npw=${var.app_x}\nE\n}\n",
        ),
        (b'locals {\n  u = f("sample-horses")\n}\n', b"locals {\n  u = f(var.app_x)\n}\n"),
        (
            b'locals {\n  u = "a ${f("sample-horses")}"\n}\n',
            b'locals {\n  u = "a ${f(var.app_x)}"\n}\n',
        ),
    ],
)
def test_a_variable_takes_the_place_of_the_secret_and_is_declared(
    source: bytes, expected: bytes
) -> None:
    assert content(LANGUAGE, source) == expected + DECLARED


def test_line_ends_stay_those_of_the_file() -> None:
    source = b'\xef\xbb\xbflocals {\r\n  u = "sample-horses"\r\n}'
    expected = b"\xef\xbb\xbflocals {\r\n  u = var.app_x\r\n}\r\n"
    assert content(LANGUAGE, source) == expected + DECLARED.replace(b"\n", b"\r\n")


def test_a_variable_that_is_declared_is_not_declared_again() -> None:
    source = b'variable "app_x" {}\nlocals {\n  u = "sample-horses"\n}\n'
    assert content(LANGUAGE, source) == b'variable "app_x" {}\nlocals {\n  u = var.app_x\n}\n'


@pytest.mark.parametrize(
    ("source", "expected", "name"),
    [
        (
            b'variable "pw" {\n  default = "sample-horses"\n}\n',
            b'variable "pw" {\n  sensitive = true\n}\n',
            "pw",
        ),
        (
            b'variable "pw" {\n  sensitive = true\n  default   = "sample-horses"\n}\n',
            b'variable "pw" {\n  sensitive = true\n}\n',
            "pw",
        ),
        (b'a = 1\npw = "sample-horses"\nb = 2\n', b"a = 1\nb = 2\n", "pw"),
    ],
)
def test_a_given_value_is_left_to_the_environment(
    source: bytes, expected: bytes, name: str
) -> None:
    outcome = once(LANGUAGE, source)
    assert not isinstance(outcome, str)
    assert (outcome.content, outcome.name) == (expected, name)
    assert (outcome.value, outcome.environment) == (SECRET, f"TF_VAR_{name}")
    assert "state" in outcome.note


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (rb"a\"b\\c\n", b'a"b\\c\n'),
        (rb"\u00e9\U0001F600", "é😀".encode()),
        (b"a$${b}%%{c}", b"a${b}%{c}"),
    ],
)
def test_escapes_are_undone(raw: bytes, value: bytes) -> None:
    outcome = once(LANGUAGE, b'locals {\n  u = "' + raw + b'"\n}\n', raw)
    assert not isinstance(outcome, str)
    assert outcome.value == value


def test_a_comment_is_redacted() -> None:
    for mark in (b"#", b"//", b"/*"):
        end = b" */" if mark == b"/*" else b""
        source = b"locals {} " + mark + b" sample-horses" + end + b"\n"
        assert content(LANGUAGE, source) == source.replace(SECRET, b"[REDACTED]")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (
            b'terraform {\n  backend "s3" {\n    key = "sample-horses"\n  }\n}\n',
            "no variables here",
        ),
        (b'module "a" {\n  source = "git::https://u:sample-horses@h"\n}\n', "no variables here"),
        (b'resource "a" "sample-horses" {}\n', "label"),
        (b'locals {\n  u = { "sample-horses" = 1 }\n}\n', "key"),
        (b'pw = ["sample-horses"]\n', "more than a string"),
        (b'variable "a" {\n  default = ["sample-horses"]\n}\n', "default"),
        (b'variable "a" {\n  description = "sample-horses"\n}\n', "default"),
        (b"locals {\n  u = sample-horses\n}\n", "not in a string"),
        (b'locals {\n  u = "sample-horses"\n', "well-formed"),
    ],
)
def test_what_takes_no_variable_is_refused(source: bytes, reason: str) -> None:
    answer = once(LANGUAGE, source)
    assert isinstance(answer, str)
    assert reason in answer
