import pytest
from rewrite_once import between, once

from scanner.remediate.rewrite.code.csharp import LANGUAGE

REFERENCE = 'System.Environment.GetEnvironmentVariable("APP_X")'


@pytest.mark.parametrize(
    ("source", "expected", "name"),
    [
        ('static readonly string Pw = "sample-horses";', "static readonly string Pw = {};", "Pw"),
        ('string Pw { get; } = "sample-horses";', "string Pw { get; } = {};", "Pw"),
        ('void F() { var pw = "sample-horses"; }', "void F() { var pw = {}; }", "pw"),
        ('void F() { this.pw = "sample-horses"; }', "void F() { this.pw = {}; }", "pw"),
        ('void F() { G(pw: "sample-horses"); }', "void F() { G(pw: {}); }", "pw"),
        ('A a = new A { Pw = "sample-horses" };', "A a = new A { Pw = {} };", "Pw"),
        ('D a = new D { ["pw"] = "sample-horses" };', 'D a = new D { ["pw"] = {} };', "pw"),
        ('void F() { a.Add("pw", "sample-horses"); }', 'void F() { a.Add("pw", {}); }', "pw"),
        ('string a = @"sample-horses";', "string a = {};", "a"),
        ('string a = """sample-horses""";', "string a = {};", "a"),
        ('string a = $"sample-horses";', "string a = {};", "a"),
        ('string a = "b sample-horses";', 'string a = "b " + {};', "a"),
        ('string a = @"b ""c"" sample-horses";', 'string a = @"b ""c"" " + {};', "a"),
        ('string a = $"{b} sample-horses";', 'string a = $"{b} {{}}";', "a"),
        ('string a = $@"{b} sample-horses";', 'string a = $@"{b} " + {};', "a"),
        ('int a = "b sample-horses".Length;', 'int a = ("b " + {}).Length;', "a"),
    ],
)
def test_a_secret_in_a_string(source: str, expected: str, name: str) -> None:
    outcome = once(LANGUAGE, f"class X {{ {source} }}".encode())
    assert not isinstance(outcome, str), outcome
    position = expected.rindex("{}")
    written = expected[:position] + REFERENCE + expected[position + 2 :]
    assert outcome.content.decode() == f"class X {{ {written} }}"
    assert (outcome.value, outcome.name) == (b"sample-horses", name)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ('"""\n    -BEGIN\n      a\n    -END\n    """', "-BEGIN\n  a\n-END"),
        ('""""\n  -BEGIN\n\n  -END\n\n  """"', "-BEGIN\n\n-END\n"),
        ('@"-BEGIN\na\n-END\n"', "-BEGIN\na\n-END\n"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_key_over_several_lines(raw: str, value: str, line_end: str) -> None:
    source = f"class A {{ string K = {raw}; }}".replace("\n", line_end).encode()
    outcome = between(LANGUAGE, source, source.index(b"-BEGIN"), source.index(b"-END") + 4)
    assert not isinstance(outcome, str), outcome
    assert outcome.content.decode() == f"class A {{ string K = {REFERENCE}; }}"
    assert outcome.value.decode() == value.replace("\n", line_end)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('const string A = "sample-horses";', "it is a const"),
        ('void F() { const string A = "sample-horses"; }', "it is a const"),
        ('[A("sample-horses")] int B;', "it is in an attribute"),
        ('[A(B = "sample-horses")] int C;', "it is in an attribute"),
        ('void F(string a = "sample-horses") {}', "it is the default of a parameter"),
        ('void F() { switch (a) { case "sample-horses": break; } }', "it is in a pattern"),
        ('int A => b switch { "sample-horses" => 1 };', "it is in a pattern"),
        ('bool A => b is "sample-horses";', "it is in a pattern"),
        ('byte[] A = "sample-horses"u8.ToArray();', "the string is written in a way"),
        ('string A = """\n  b sample-horses\n  """;', "it is a part of a raw string"),
    ],
)
def test_refusals(source: str, reason: str) -> None:
    outcome = once(LANGUAGE, f"class X {{ {source} }}".encode())
    assert isinstance(outcome, str)
    assert outcome.startswith(reason)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (r'"\x41g\u0042\U0001F600\e\""', 'AgB😀\x1b"'),
        ('@"a\\n""b"""', 'a\\n"b"'),
        ('$"a{{b}}\\n"', "a{b}\n"),
        ('"""a"b\\n"""', 'a"b\\n'),
    ],
)
def test_escapes(raw: str, value: str) -> None:
    source = f"class A {{ string B = {raw}; }}".encode()
    start = source.index(raw.encode())
    outcome = between(LANGUAGE, source, start, start + len(raw))
    assert not isinstance(outcome, str), outcome
    assert outcome.value.decode() == value
