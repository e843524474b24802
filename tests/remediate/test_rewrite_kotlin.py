import pytest
from rewrite_once import between, once

from scanner.remediate.rewrite.code.kotlin import LANGUAGE


@pytest.mark.parametrize(
    ("source", "expected", "name"),
    [
        ('val pw = "sample-horses"', "val pw = {}", "pw"),
        ('private var pw: String? = "sample-horses"', "private var pw: String? = {}", "pw"),
        ('fun f() { this.pw = "sample-horses" }', "fun f() { this.pw = {} }", "pw"),
        ('val a = mapOf("pw" to "sample-horses")', 'val a = mapOf("pw" to {})', "pw"),
        ('val a = f(b, pw = "sample-horses")', "val a = f(b, pw = {})", "pw"),
        (
            'fun f(a: Int, pw: String = "sample-horses") {}',
            "fun f(a: Int, pw: String = {}) {}",
            "pw",
        ),
        ('class A(val pw: String = "sample-horses")', "class A(val pw: String = {})", "pw"),
        ('val pw by lazy { "sample-horses" }', "val pw by lazy { {} }", "pw"),
        ('val a = "Bearer sample-horses"', 'val a = "Bearer ${{}}"', "a"),
        ('val a = "$b ${c} sample-horses \\$d"', 'val a = "$b ${c} ${{}} \\$d"', "a"),
        ('val a = """a "b" sample-horses"""', 'val a = """a "b" ${{}}"""', "a"),
        ('val a = """sample-horses""".trim()', "val a = {}.trim()", "a"),
        ('val a = b + "sample-horses"', "val a = b + {}", "a"),
    ],
)
def test_a_secret_in_a_string(source: str, expected: str, name: str) -> None:
    outcome = once(LANGUAGE, f"package a\n\n{source}\n".encode())
    assert not isinstance(outcome, str), outcome
    written = expected.replace("{}", 'System.getenv("APP_X")', 1)
    assert outcome.content.decode() == f"package a\n\n{written}\n"
    assert (outcome.value, outcome.name) == (b"sample-horses", name)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (r'"\u0041\t\$b\\\'"', "A\t$b\\'"),
        ('"$ 1$2"', "$ 1$2"),
        (r'"""a\n$"""', r"a\n$"),
        ('"""\r\na\r\n"""', "\na\n"),
    ],
)
def test_escapes(raw: str, value: str) -> None:
    source = f"package a\nval b = {raw}\n".encode()
    start = source.index(b'"')
    outcome = between(LANGUAGE, source, start, start + len(raw))
    assert not isinstance(outcome, str), outcome
    assert outcome.value.decode() == value


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('const val A = "sample-horses"', "it is a const, whose value the compiler has to know"),
        (
            'object A { private const val B: String = "sample-horses" }',
            "it is a const, whose value the compiler has to know",
        ),
        ('@A("sample-horses") class B', "it is in an annotation, which takes constants only"),
        ('val a = "$sample-horses ${sample-horses}"', "it is in code inside a string"),
    ],
)
def test_refusals(source: str, reason: str) -> None:
    assert once(LANGUAGE, f"package a\n{source}\n".encode()) == reason


def test_a_name_in_the_secret_is_code() -> None:
    assert once(LANGUAGE, b'val a = "pa$word1"\n', b"pa$word1") == "it is in code inside a string"
