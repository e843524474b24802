import pytest
from rewrite_once import between, once

from scanner.remediate.rewrite.code.php import LANGUAGE

REFERENCE = "getenv('APP_X')"


@pytest.mark.parametrize(
    ("source", "expected", "name"),
    [
        ("$pw = 'sample-horses';", "$pw = {};", "pw"),
        ('$this->pw = "sample-horses";', "$this->pw = {};", "pw"),
        ("$a['pw'] = 'sample-horses';", "$a['pw'] = {};", "pw"),
        ("return ['a' => 1, 'pw' => 'sample-horses'];", "return ['a' => 1, 'pw' => {}];", "pw"),
        ("define('PW', 'sample-horses');", "define('PW', {});", "PW"),
        ("$a->login('me', 'sample-horses');", "$a->login('me', {});", ""),
        ("f(a: 1, pw: 'sample-horses');", "f(a: 1, pw: {});", "pw"),
        ("$a = 'Bearer sample-horses';", "$a = 'Bearer ' . {};", "a"),
        ('$a = "Bearer $b sample-horses";', '$a = "Bearer $b " . {};', "a"),
        ('$a = "{$b->c} sample-horses {$d}";', '$a = "{$b->c} " . {} . " {$d}";', "a"),
        ("$a = 'b ' . 'sample-horses c';", "$a = 'b ' . {} . ' c';", "a"),
        ("f('b sample-horses' == $c);", "f(('b ' . {}) == $c);", ""),
        ("$a = match($b) { 'sample-horses' => 1 };", "$a = match($b) { {} => 1 };", ""),
    ],
)
def test_a_secret_in_a_string(source: str, expected: str, name: str) -> None:
    outcome = once(LANGUAGE, f"<p>\n<?php {source}\n".encode())
    assert not isinstance(outcome, str), outcome
    assert outcome.content.decode() == f"<p>\n<?php {expected.replace('{}', REFERENCE, 1)}\n"
    assert (outcome.value, outcome.name) == (b"sample-horses", name)


@pytest.mark.parametrize(
    ("heredoc", "value"),
    [
        ('<<<E\n-BEGIN\na\\t\\"\n-END\nE', '-BEGIN\na\t\\"\n-END'),
        ('<<<"E"\n  -BEGIN\n    a\n\n  -END\n  E', "-BEGIN\n  a\n\n-END"),
        ("<<<'E'\n-BEGIN\na\\t$b\n-END\n\nE", "-BEGIN\na\\t$b\n-END\n"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_key_in_a_heredoc(heredoc: str, value: str, line_end: str) -> None:
    source = f"<?php\n$key = {heredoc};\n".replace("\n", line_end).encode()
    outcome = between(LANGUAGE, source, source.index(b"-BEGIN"), source.index(b"-END") + 4)
    assert not isinstance(outcome, str), outcome
    assert outcome.content.decode() == f"<?php\n$key = {REFERENCE};\n".replace("\n", line_end)
    assert (outcome.value.decode(), outcome.name) == (value.replace("\n", line_end), "key")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("const A = 'sample-horses';", "it is a constant, which takes no function calls"),
        ("class A { const B = 'sample-horses'; }", "it is a constant"),
        ("enum A: string { case B = 'sample-horses'; }", "it is a constant"),
        ("class A { public $b = 'sample-horses'; }", "it is a default value"),
        ("class A { private static ?string $b = 'sample-horses'; }", "it is a default value"),
        ("function f($a = 'sample-horses') {}", "it is a default value"),
        ("function f() { static $a = 'sample-horses'; }", "it is a default value"),
        ("class A { function __construct(private $b = 'sample-horses') {} }", "it is a default"),
        ("#[A('sample-horses')] class B {}", "it is in an attribute"),
        ("$a = ['sample-horses' => 1];", "it is a key or another name"),
        ('$a = "pa${sample-horses}";', "it is in code inside a string"),
        ("$a = <<<E\npw sample-horses\nE;", "it is a part of a heredoc"),
        ("$a = <<<E\n  sample-horses\n  b\n  E;", "it is a part of a heredoc"),
        ("?><p>sample-horses</p>", "it is not in a string"),
        ("$a = `b sample-horses`;", "it is not in a string"),
    ],
)
def test_refusals(source: str, reason: str) -> None:
    outcome = once(LANGUAGE, f"<?php {source}\n".encode())
    assert isinstance(outcome, str)
    assert outcome.startswith(reason)


def test_a_variable_in_the_secret_is_code() -> None:
    source = b'<?php $a = "pa$word1 x";'
    assert once(LANGUAGE, source, b"pa$word1") == "it is in code inside a string"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (r'"\x41\102\u{43}\$\e\q\""', b'ABC$\x1b\\q"'),
        (r"'a\n\'\\'", b"a\\n'\\"),
        (r'"\xff$ 1"', b"\xff$ 1"),
    ],
)
def test_escapes(raw: str, value: bytes) -> None:
    source = f"<?php $a = {raw};".encode()
    outcome = between(LANGUAGE, source, 11, len(source) - 1)
    assert not isinstance(outcome, str), outcome
    assert outcome.value == value
