import pytest
from rewrite_once import between, once

from scanner.remediate.rewrite.code.java import LANGUAGE

REFERENCE = 'System.getenv("APP_X")'


@pytest.mark.parametrize(
    ("source", "expected", "name"),
    [
        ('String pw = "sample-horses";', "String pw = {};", "pw"),
        ('void f() { this.pw = "sample-horses"; }', "void f() { this.pw = {}; }", "pw"),
        ('void f() { p.put("db.pw", "sample-horses"); }', 'void f() { p.put("db.pw", {}); }', "pw"),
        ('void f() { g("a", "sample-horses"); }', 'void f() { g("a", {}); }', ""),
        ('String[] pw = {"a", "sample-horses"};', 'String[] pw = {"a", {}};', "pw"),
        ('String a = "a sample-horses";', 'String a = "a " + {};', "a"),
        ('int a = "a sample-horses".length();', 'int a = ("a " + {}).length();', "a"),
        ('String a = b + " sample-horses" + c;', 'String a = b + " " + {} + c;', "a"),
        ('byte[] a = "sample-horses".getBytes();', "byte[] a = {}.getBytes();", "a"),
        ('String a = """\n  a\n  """ + "sample-horses";', None, "a"),
    ],
)
def test_a_secret_in_a_string(source: str, expected: str | None, name: str) -> None:
    outcome = once(LANGUAGE, f"class A {{ {source} }}".encode())
    assert not isinstance(outcome, str), outcome
    expected = expected or source.replace('"sample-horses"', "{}")
    assert outcome.content.decode() == "class A { " + expected.replace("{}", REFERENCE, 1) + " }"
    assert (outcome.value, outcome.name, outcome.note) == (b"sample-horses", name, "")


def test_a_constant_that_may_be_needed_as_one_has_a_note() -> None:
    outcome = once(LANGUAGE, b'class A { static final String A = "sample-horses"; }')
    assert not isinstance(outcome, str)
    assert "annotations and case labels" in outcome.note


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (r"\u0041\u0042\101\7\s\'\"\\", "ABA\7 '\"\\"),
        (r"\\u0041", "\\u0041"),
        (r"\ud83d\ude00\t", "😀\t"),
        ("p://u:p@h", "p://u:p@h"),
    ],
)
def test_escapes(body: str, value: str) -> None:
    source = f'class A {{ String a = "{body}"; }}'.encode()
    start = source.index(b'"') + 1
    outcome = between(LANGUAGE, source, start, start + len(body.encode()))
    assert not isinstance(outcome, str), outcome
    assert outcome.value.decode() == value


@pytest.mark.parametrize(
    ("block", "value"),
    [
        ("\n    -BEGIN\n    a\n    -END\n    ", "-BEGIN\na\n-END\n"),
        ("\n    -BEGIN\n      a\n    -END\n  ", "  -BEGIN\n    a\n  -END\n"),
        ("   \n    -BEGIN  \n\n    a\n    -END", "-BEGIN\n\na\n-END"),
        ("\n    -BEGIN\\\n    a\\n\n    -END\n    ", "-BEGINa\n\n-END\n"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_key_in_a_text_block(block: str, value: str, line_end: str) -> None:
    source = f'class A {{ String k = """{block}"""; }}'.replace("\n", line_end).encode()
    outcome = between(LANGUAGE, source, source.index(b"-BEGIN"), source.index(b"-END") + 4)
    assert not isinstance(outcome, str), outcome
    assert outcome.content.decode() == f"class A {{ String k = {REFERENCE}; }}"
    assert outcome.value.decode() == value


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('@A("sample-horses") class B {}', "it is in an annotation, which takes constants only"),
        (
            '@A(b = {"sample-horses"}) class B {}',
            "it is in an annotation, which takes constants only",
        ),
        (
            '@interface A { String b() default "sample-horses"; }',
            "it is the default of an annotation",
        ),
        (
            'class A { void f() { switch (b) { case "sample-horses": c(); } } }',
            "it is in a case label, which takes constants only",
        ),
        (
            'class A { int a = switch (b) { case "sample-horses" -> 1; default -> 2; }; }',
            "it is in a case label, which takes constants only",
        ),
        ('class A { String b = """\n a sample-horses\n """; }', "it is a part of a text block"),
        (
            'class A { String b = "sample-horses \\u0022"; }',
            r"it has quotes or line ends written as \u…",
        ),
    ],
)
def test_refusals(source: str, reason: str) -> None:
    assert once(LANGUAGE, source.encode()) == reason
