import pytest
from rewrite_once import between, content, once

from scanner.remediate.rewrite.code.ruby import LANGUAGE

REFERENCE = 'ENV.fetch("APP_X")'


@pytest.mark.parametrize(
    ("source", "expected", "name"),
    [
        ("PW = 'sample-horses'", "PW = {}", "PW"),
        ('@pw ||= "sample-horses".freeze', "@pw ||= {}.freeze", "pw"),
        ("a.pw = 'sample-horses'", "a.pw = {}", "pw"),
        ("a[:pw] = 'sample-horses'", "a[:pw] = {}", "pw"),
        ("a, pw = 'b', 'sample-horses'", "a, pw = 'b', {}", "pw"),
        ("f a, pw: 'sample-horses'", "f a, pw: {}", "pw"),
        ("f(:pw => 'sample-horses')", "f(:pw => {})", "pw"),
        ("def f(a, pw = 'sample-horses'); end", "def f(a, pw = {}); end", "pw"),
        ("def f(pw: 'sample-horses'); end", "def f(pw: {}); end", "pw"),
        ("a = %q(sample-horses)", "a = {}", "a"),
        ("a = %{sample-horses}", "a = {}", "a"),
        ("a = 'Bearer sample-horses'", "a = 'Bearer ' + {}", "a"),
        ("f 'a sample-horses', b", "f 'a ' + {}, b", ""),
        ("a = 'b sample-horses'.upcase", "a = ('b ' + {}).upcase", "a"),
        ('a = "Bearer sample-horses"', 'a = "Bearer #{{}}"', "a"),
        ('a = "#{b} sample-horses #@c"', 'a = "#{b} #{{}} #@c"', "a"),
        ("a = %Q(b #{c} sample-horses)", "a = %Q(b #{c} #{{}})", "a"),
        ("a = `b -p sample-horses`", "a = `b -p #{{}}`", "a"),
        ("a = 'b ' 'sample-horses'", "a = 'b ' + {}", "a"),
        ("case a when 'sample-horses' then b end", "case a when {} then b end", ""),
    ],
)
def test_a_secret_in_a_string(source: str, expected: str, name: str) -> None:
    outcome = once(LANGUAGE, source.encode())
    assert not isinstance(outcome, str), outcome
    assert outcome.content.decode() == expected.replace("{}", REFERENCE, 1)
    assert (outcome.value, outcome.name) == (b"sample-horses", name)


@pytest.mark.parametrize(
    ("begin", "body", "value"),
    [
        ("<<E", "  -BEGIN\n  a\\t\n  -END\nE", "  -BEGIN\n  a\t\n  -END\n"),
        ("<<-'E'", "  -BEGIN\n  a\\t\n  -END\n  E", "  -BEGIN\n  a\\t\n  -END\n"),
        ("<<~E", "  -BEGIN\n    a\n\n  -END\nE", "-BEGIN\n  a\n\n-END\n"),
        ('<<~"E".strip', "  -BEGIN\n  -END\n  E", "-BEGIN\n-END\n"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_key_in_a_heredoc(begin: str, body: str, value: str, line_end: str) -> None:
    source = f"key = {begin}\n{body}\nf(1)\n".replace("\n", line_end).encode()
    outcome = between(LANGUAGE, source, source.index(b"-BEGIN"), source.index(b"-END") + 4)
    assert not isinstance(outcome, str), outcome
    rest = ".strip" if begin.endswith(".strip") else ""
    assert outcome.content.decode() == f"key = {REFERENCE}{rest}\nf(1)\n".replace("\n", line_end)
    assert (outcome.value.decode(), outcome.name) == (value, "key")


def test_a_part_of_a_heredoc() -> None:
    source = b"a = <<E\npw: sample-horses\nE\n"
    assert content(LANGUAGE, source) == f"a = <<E\npw: #{{{REFERENCE}}}\nE\n".encode()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("a = { 'sample-horses' => 1 }", "it is a key or another name that cannot"),
        ("a = %w[sample-horses b]", "it is not in a string"),
        ("a = :'sample-horses'", "it is not in a string"),
        ("a = /sample-horses/", "it is not in a string"),
        ("case a\nin 'sample-horses' then b\nend", "it is a key or another name that cannot"),
        ("case a\nin [['sample-horses']] then b\nend", "it is a key or another name that cannot"),
        ("a => { b: 'sample-horses' }", "it is a key or another name that cannot"),
        ("a = `sample-horses`", None),
        ("a = <<'E'\npw: sample-horses\nE\n", "it is a part of a heredoc"),
        ("a = <<~E\n  pw: sample-horses\nE\n", "it is a part of a heredoc"),
        ("f(<<A, <<B)\nsample-horses\nA\nb\nB\n", "the string is written in a way"),
        ('a = "sample-horses\\C-a"', "its escapes cannot be undone"),
        ("x = 1\n__END__\nsample-horses\n", "it is not in a string"),
    ],
)
def test_refusals(source: str, reason: str | None) -> None:
    outcome = once(LANGUAGE, source.encode())
    if reason is None:  # the name of a command
        assert not isinstance(outcome, str)
        assert outcome.content == f"a = `#{{{REFERENCE}}}`".encode()
    else:
        assert isinstance(outcome, str)
        assert outcome.startswith(reason)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (r'"\x41\102\u0043\u{44 45}\e\s\q\""', 'ABCDE\x1b q"'),
        (r"'a\n\'\\'", "a\\n'\\"),
        (r"%q(a\)\'(b))", "a)\\'(b)"),
        ('"a\\\nb"', "ab"),
        ('"a\r\nb"', "a\nb"),
    ],
)
def test_escapes(raw: str, value: str) -> None:
    source = f"a = {raw}\n".encode()
    outcome = between(LANGUAGE, source, 4, len(source) - 1)
    assert not isinstance(outcome, str), outcome
    assert outcome.value.decode() == value
