import pytest
from rewrite_once import between, once

from scanner.remediate.rewrite.code.rust import LANGUAGE

OWNED = 'std::env::var("APP_X").expect("APP_X is not set")'
BORROWED = f"&*{OWNED}"
BYTES = f"&*{OWNED}.into_bytes()"
TOO_SHORT = "a text read from the environment would not live long enough there"


@pytest.mark.parametrize(
    ("source", "expected", "name"),
    [
        ('let pw = "sample-horses";', f"let pw = {BORROWED};", "pw"),
        ('let pw: &str = "sample-horses";', f"let pw: &str = {BORROWED};", "pw"),
        ('let pw = r#"sample-horses"#;', f"let pw = {BORROWED};", "pw"),
        ('let pw: String = "sample-horses".into();', f"let pw: String = {OWNED}.into();", "pw"),
        ('let pw = "sample-horses".to_string();', f"let pw = {OWNED}.to_string();", "pw"),
        ('let pw = String::from("sample-horses");', f"let pw = String::from({OWNED});", "pw"),
        ('a(A { pw: "sample-horses".to_owned() });', f"a(A {{ pw: {OWNED}.to_owned() }});", "pw"),
        ('a("sample-horses");', f"a({BORROWED});", ""),
        ('a::b("sample-horses", c).d();', f"a::b({BORROWED}, c).d();", ""),
        ('a.set("pw", "sample-horses");', f'a.set("pw", {BORROWED});', "pw"),
        ('if a == "sample-horses" {}', f"if a == {BORROWED} {{}}", ""),
        ('let pw = b"sample-horses";', f"let pw = {BYTES};", "pw"),
        ('a(b"sample-horses");', f"a({BYTES});", ""),
        ('let pw = b"sample-horses".to_vec();', f"let pw = {OWNED}.into_bytes().to_vec();", "pw"),
        ('let a = "Bearer sample-horses";', f'let a = &*format!("Bearer {{}}", {OWNED});', "a"),
        (
            'let a = "b sample-horses c".to_string();',
            f'let a = format!("b {{}} c", {OWNED}).to_string();',
            "a",
        ),
        ('a(r#"b "c" sample-horses"#);', f'a(&*format!(r#"b "c" {{}}"#, {OWNED}));', ""),
    ],
)
def test_a_secret_in_a_string(source: str, expected: str, name: str) -> None:
    outcome = once(LANGUAGE, f"fn f() {{ {source} }}\n".encode())
    assert not isinstance(outcome, str), outcome
    assert outcome.content.decode() == f"fn f() {{ {expected} }}\n"
    assert (outcome.value, outcome.name) == (b"sample-horses", name)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('const A: &str = "sample-horses";', "it is a const, whose value the compiler has to know"),
        ('static A: &str = "sample-horses";', "it is static, whose value the compiler has to know"),
        ('#[a = "sample-horses"]\nfn f() {}', "it is in an attribute, which takes constants only"),
        ('#![a(b = "sample-horses")]', "it is in an attribute, which takes constants only"),
        ('fn f() { a!("sample-horses"); }', "it is in a macro, which may need it as it stands"),
        ('fn f() { match a { "sample-horses" => b, _ => c } }', "it is in a pattern"),
        ('fn f() -> &\'static str { "sample-horses" }', TOO_SHORT),
        ('fn f() { let a: &\'static str = "sample-horses"; }', TOO_SHORT),
        ('fn f() { let a: &[u8; 13] = b"sample-horses"; }', TOO_SHORT),
        ('fn f() { let a = Some("sample-horses"); }', TOO_SHORT),
        ('fn f() { let a = A { b: "sample-horses" }; }', TOO_SHORT),
        ('fn f() { a = "sample-horses"; }', TOO_SHORT),
        ('fn f() { let a = "sample-horses".as_bytes(); }', TOO_SHORT),
        ('fn f() { a("{b} sample-horses"); }', "it is a part of bytes, or of text with braces"),
        ('fn f() { a(b"b sample-horses"); }', "it is a part of bytes, or of text with braces"),
        ('fn f() { a(c"sample-horses"); }', "the string is written in a way"),
    ],
)
def test_refusals(source: str, reason: str) -> None:
    outcome = once(LANGUAGE, source.encode())
    assert isinstance(outcome, str)
    assert outcome.startswith(reason)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (r'"\x41\u{1F600}\t\'\"\\"', "A😀\t'\"\\"),
        ('"a\\\n    b\\\r\n  c\r\nd"', "abc\nd"),
        (r'br"a\n"', r"a\n"),
    ],
)
def test_escapes(raw: str, value: str) -> None:
    source = f"fn f() {{ a({raw}); }}".encode()
    start = source.index(raw.encode())
    outcome = between(LANGUAGE, source, start, start + len(raw))
    assert not isinstance(outcome, str), outcome
    assert outcome.value.decode() == value
