import pytest
from rewrite_once import between, once

from scanner.remediate.rewrite.code.javascript import LANGUAGES


@pytest.mark.parametrize(
    ("source", "expected", "name"),
    [
        ("const pw = 'sample-horses';", "const pw = {};", "pw"),
        ('let a, pw = "sample-horses"', "let a, pw = {}", "pw"),
        ("c.pw = `sample-horses`;", "c.pw = {};", "pw"),
        ("c['api-key'] ??= 'sample-horses';", "c['api-key'] ??= {};", "api-key"),
        ("f({'api-key': 'sample-horses'});", "f({'api-key': {}});", "api-key"),
        ("f({pw: 'sample-horses'});", "f({pw: {}});", "pw"),
        ("class A { static pw = 'sample-horses' }", "class A { static pw = {} }", "pw"),
        ("function f(pw = 'sample-horses') {}", "function f(pw = {}) {}", "pw"),
        ("const {pw = 'sample-horses'} = x;", "const {pw = {}} = x;", "pw"),
        ("const pw = new Secret('sample-horses');", "const pw = new Secret({});", "pw"),
        ("m.set('pw', 'sample-horses');", "m.set('pw', {});", "pw"),
        ("f('sample-horses', a);", "f({}, a);", ""),
        ("export default 'sample-horses';", "export default {};", ""),
        ("x = a ? 'sample-horses' : b;", "x = a ? {} : b;", "x"),
        ("x = 'a sample-horses b';", "x = 'a ' + {} + ' b';", "x"),
        ("x = 'sample-horses b'.length;", "x = ({} + ' b').length;", "x"),
        ("x = `${a} sample-horses`;", "x = `${a} ${{}}`;", "x"),
        ("x = a + ' sample-horses' + b;", "x = a + ' ' + {} + b;", "x"),
        ("x = `${f('sample-horses')}`;", "x = `${f({})}`;", "x"),
        ("switch (a) { case 'sample-horses': b() }", "switch (a) { case {}: b() }", ""),
    ],
)
@pytest.mark.parametrize(
    ("language", "reference"),
    [
        ("javascript", "process.env.APP_X"),
        ("typescript", "process.env.APP_X!"),
        ("tsx", "process.env.APP_X!"),
    ],
)
def test_a_secret_in_a_string(
    language: str, reference: str, source: str, expected: str, name: str
) -> None:
    outcome = once(LANGUAGES[language], source.encode())
    assert not isinstance(outcome, str), outcome
    assert outcome.content.decode() == expected.replace("{}", reference, 1)
    assert (outcome.value, outcome.name) == (b"sample-horses", name)
    assert outcome.note == ""


@pytest.mark.parametrize("language", ["javascript", "tsx"])
def test_an_attribute_of_markup(language: str) -> None:
    mark = "!" if language == "tsx" else ""
    outcome = once(LANGUAGES[language], b"const a = <A token='sample-horses' b={1} />;")
    assert not isinstance(outcome, str), outcome
    expected = f"const a = <A token={{process.env.APP_X{mark}}} b={{1}} />;"
    assert (outcome.content.decode(), outcome.name) == (expected, "token")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (r"'\x41\u0042\u{1F600}\103'", "AB😀C"),
        (r"'\ud83d\ude00'", "😀"),
        (r"'\a\q\'\"\\'", "aq'\"\\"),
        ("'a\\\nb\\\r\nc'", "abc"),
        ("`a\r\nb\rc`", "a\nb\nc"),
        (r"`\`\${x}`", "`${x}"),
    ],
)
def test_escapes(raw: str, value: str) -> None:
    source = f"x = {raw};".encode()
    outcome = between(LANGUAGES["javascript"], source, 5, len(source) - 2)
    assert not isinstance(outcome, str), outcome
    assert outcome.value.decode() == value


@pytest.mark.parametrize(
    ("language", "source", "reason"),
    [
        ("javascript", "import a from 'sample-horses';", "it is in an import"),
        ("javascript", "export * from 'sample-horses';", "it is a key or another name"),
        ("javascript", "a = {'sample-horses': 1};", "it is a key or another name"),
        ("javascript", "class A { 'sample-horses' = 1 }", "it is a key or another name"),
        ("javascript", "class A { 'sample-horses'() {} }", "it is a key or another name"),
        ("javascript", "sql`a sample-horses ${b}`;", "a function reads the parts"),
        ("javascript", "a = <p title='a sample-horses'/>;", "it is a part of an attribute"),
        ("javascript", "a = <p>sample-horses</p>;", "it is not in a string"),
        ("javascript", "a = /sample-horses/;", "it is not in a string"),
        ("javascript", "a = `${sample-horses}`;", "it is in code inside a string"),
        ("typescript", "type A = { b: 'sample-horses' };", "it is in a type"),
        ("typescript", "let a: 'sample-horses';", "it is in a type"),
        ("typescript", "const a: 'b' = 'sample-horses';", "its type allows nothing but this text"),
        ("typescript", "const a = 'sample-horses' as const;", "it is constant"),
        ("typescript", "enum A { B = 'sample-horses' }", "it is the value of an enum member"),
        ("typescript", "declare module 'sample-horses' {}", "it is a key or another name"),
        ("typescript", "interface A { 'sample-horses': string }", "it is a key or another name"),
    ],
)
def test_refusals(language: str, source: str, reason: str) -> None:
    outcome = once(LANGUAGES[language], source.encode())
    assert isinstance(outcome, str)
    assert outcome.startswith(reason)


def test_a_string_that_is_no_text_is_refused() -> None:
    source = b"a = 'sample-horses\\ud800';"
    reason = between(LANGUAGES["javascript"], source, 5, len(source) - 2)
    assert reason == "its escapes cannot be undone, or the secret ends within one"
    latin = "a = 'cörrect';".encode("latin-1")
    assert between(LANGUAGES["javascript"], latin, 5, len(latin) - 2) == reason


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_key_in_a_template(line_end: bytes) -> None:
    source = line_end.join([b"const k = `", b"-----BEGIN X-----", b"a", b"-----END X-----", b"`;"])
    start, end = source.index(b"--"), source.index(b"END X") + 10
    outcome = between(LANGUAGES["javascript"], source, start, end)
    assert not isinstance(outcome, str), outcome
    assert outcome.value == b"\n-----BEGIN X-----\na\n-----END X-----\n"
    assert outcome.content == b"const k = process.env.APP_X;"


def test_a_key_that_is_joined_from_lines() -> None:
    source = b'const k = "-----BEGIN\\n" +\n  "a\\n" + // b\n  "-----END\\n";'
    outcome = between(LANGUAGES["javascript"], source, 11, source.index(b"END") + 3)
    assert not isinstance(outcome, str), outcome
    assert outcome.value == b"-----BEGIN\na\n-----END\n"
    assert outcome.content == b"const k = process.env.APP_X;"


def test_code_for_a_browser_is_refused() -> None:
    source = b'const key = "sample-horses";\nwindow.maps = load(key);\n'
    outcome = once(LANGUAGES["javascript"], source)
    assert isinstance(outcome, str)
    assert "browser" in outcome
