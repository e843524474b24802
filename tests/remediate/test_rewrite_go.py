import pytest
from rewrite_once import between, content, once

from scanner.remediate.rewrite.code.go import LANGUAGE

HEAD = 'package a\n\nimport "os"\n\n'
TAKEN = 'the name "os" means something else in this file or its package'


@pytest.mark.parametrize(
    ("source", "expected", "name"),
    [
        ('var pw = "sample-horses"', "var pw = {}", "pw"),
        ("var a, pw string = b, `sample-horses`", "var a, pw string = b, {}", "pw"),
        ('var (\n\tpw = "sample-horses"\n)', "var (\n\tpw = {}\n)", "pw"),
        ('var pw Token = "sample-horses"', "var pw Token = Token({})", "pw"),
        ('var pw x.Token = "sample-horses"', "var pw x.Token = x.Token({})", "pw"),
        ('var pw []byte = []byte("sample-horses")', "var pw []byte = []byte({})", "pw"),
        ('func f() { pw := "sample-horses" }', "func f() { pw := {} }", "pw"),
        ('func f() { a, pw := "b", "sample-horses" }', 'func f() { a, pw := "b", {} }', "pw"),
        ('func f() { a.pw = "sample-horses" }', "func f() { a.pw = {} }", "pw"),
        ('var a = T{Pw: "sample-horses"}', "var a = T{Pw: {}}", "Pw"),
        ('var a = map[string]string{"pw": "sample-horses"}', None, "pw"),
        ('func f() { g("a", "sample-horses") }', 'func f() { g("a", {}) }', ""),
        ('var a = "Bearer sample-horses"', 'var a = "Bearer " + {}', "a"),
        ("var a = `a\nsample-horses\nb`", "var a = `a\n` + {} + `\nb`", "a"),
        ('var a = []byte("Bearer sample-horses")', 'var a = []byte("Bearer " + {})', "a"),
        ('var a = "a sample-horses"[1:]', 'var a = ("a " + {})[1:]', "a"),
        (
            'func f() { switch b { case "sample-horses": } }',
            "func f() { switch b { case {}: } }",
            "",
        ),
    ],
)
def test_a_secret_in_a_string(source: str, expected: str | None, name: str) -> None:
    outcome = once(LANGUAGE, (HEAD + source + "\n").encode())
    assert not isinstance(outcome, str), outcome
    expected = expected or source.replace('"sample-horses"', "{}")
    assert outcome.content.decode() == HEAD + expected.replace("{}", 'os.Getenv("APP_X")') + "\n"
    assert (outcome.value, outcome.name) == (b"sample-horses", name)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("package a\n", 'package a\n\nimport "os"\n'),
        ("package a // b\n", 'package a // b\n\nimport "os"\n'),
        ("package a\r\n", 'package a\r\n\r\nimport "os"\r\n'),
        ("package a; ", 'package a; import "os"; '),
        ('package a\n\nimport "fmt"\n', 'package a\n\nimport "fmt"\nimport "os"\n'),
        ('package a\nimport "fmt"; ', 'package a\nimport "fmt"; import "os"; '),
        (
            'package a\nimport (\n\t"fmt" // b\n)\n',
            'package a\nimport (\n\t"fmt" // b\n\t"os"\n)\n',
        ),
        (
            'package a\nimport (\n\t"fmt"\n\t"sync"\n)\n',
            'package a\nimport (\n\t"fmt"\n\t"os"\n\t"sync"\n)\n',
        ),
        (
            'package a\nimport (\n\t"fmt"\n\n\t"b.org/c"\n)\n',
            'package a\nimport (\n\t"fmt"\n\t"os"\n\n\t"b.org/c"\n)\n',
        ),
        ('package a\nimport ("fmt")\n', 'package a\nimport ("fmt"; "os")\n'),
        ('package a\n// #x\nimport "C"\n', 'package a\n// #x\nimport "C"\nimport "os"\n'),
        ('package a\nimport _ "os"\n', 'package a\nimport _ "os"\nimport "os"\n'),
        ("package a\nimport ()\n", 'package a\n\nimport "os"\nimport ()\n'),
    ],
)
def test_where_the_import_goes(before: str, after: str) -> None:
    done = content(LANGUAGE, f'{before}var a = "sample-horses"\n'.encode())
    assert done == f'{after}var a = os.Getenv("APP_X")\n'.encode()


def test_an_import_under_another_name() -> None:
    source = b'package a\nimport sys "os"\nvar a, os = "sample-horses", 1\n'
    expected = b'package a\nimport sys "os"\nvar a, os = sys.Getenv("APP_X"), 1\n'
    assert content(LANGUAGE, source) == expected


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('const a = "sample-horses"', "it is a const, whose value the compiler has to know"),
        ('import "sample-horses"', "it is in an import"),
        (
            'type A struct { B string `c:"sample-horses"` }',
            "it is a key or another name that cannot",
        ),
        ('var a = map[string]int{"sample-horses": 1}', "it is a key or another name that cannot"),
        ('var a Token = "b sample-horses"', "its parts cannot be joined"),
        ('import "b.org/os"\nvar a = "sample-horses"', TAKEN),
        ('import os "b"\nvar a = "sample-horses"', TAKEN),
        ('func f(os int) string { return "sample-horses" }', TAKEN),
        ('func f() { os := 1; g("sample-horses", os.B) }', TAKEN),
        ('func f() { g("sample-horses", os.B) }', TAKEN),
    ],
)
def test_refusals(source: str, reason: str) -> None:
    outcome = once(LANGUAGE, f"package a\n{source}\n".encode())
    assert isinstance(outcome, str)
    assert outcome.startswith(reason)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (r'"\x41\102\u0043\U0001F600\a\""', 'ABC😀\a"'.encode()),
        (r'"\xff"', b"\xff"),
        ("`a\r\n\\n`", b"a\n\\n"),
    ],
)
def test_escapes(raw: str, value: bytes) -> None:
    source = f'package a\nimport "os"\nvar a = {raw}\n'.encode()
    start = source.index(raw.encode())
    outcome = between(LANGUAGE, source, start, start + len(raw))
    assert not isinstance(outcome, str), outcome
    assert outcome.value == value
