import pytest
from rewrite_once import between, content, once

from scanner.remediate.rewrite.code.python import LANGUAGE
from scanner.remediate.rewrite.content import Wanted, change
from scanner.remediate.rewrite.edit import Literal

REFERENCE = 'os.environ["APP_X"]'


@pytest.mark.parametrize(
    ("source", "expected", "value", "name"),
    [
        ('password = "sample-horses"', f"password = {REFERENCE}", "sample-horses", "password"),
        ("a: str = 'sample-horses'", f"a: str = {REFERENCE}", "sample-horses", "a"),
        ("a = u'sample-horses'", f"a = {REFERENCE}", "sample-horses", "a"),
        ("c.token = r'sample-horses'", f"c.token = {REFERENCE}", "sample-horses", "token"),
        ("d['pw'] = 'sample-horses'", f"d['pw'] = {REFERENCE}", "sample-horses", "pw"),
        ("f('a', pw='sample-horses')", f"f('a', pw={REFERENCE})", "sample-horses", "pw"),
        ("x = {'api-key': 'sample-horses'}", f"x = {{'api-key': {REFERENCE}}}", None, "api-key"),
        ("def f(pw='sample-horses'): pass", f"def f(pw={REFERENCE}): pass", None, "pw"),
        (
            "def f(pw: str = 'sample-horses'): pass",
            f"def f(pw: str = {REFERENCE}): pass",
            None,
            "pw",
        ),
        ("a, b = 'user', 'sample-horses'", f"a, b = 'user', {REFERENCE}", None, "b"),
        ("a = b = 'sample-horses'", f"a = b = {REFERENCE}", None, "b"),
        ("a = SecretStr('sample-horses')", f"a = SecretStr({REFERENCE})", None, "a"),
        ("a = connect('user', 'sample-horses')", f"a = connect('user', {REFERENCE})", None, ""),
        ("os.putenv('PW', 'sample-horses')", f"os.putenv('PW', {REFERENCE})", None, "PW"),
        ("(a := 'sample-horses')", f"(a := {REFERENCE})", None, "a"),
        ("@f('sample-horses')\ndef g(): pass", f"@f({REFERENCE})\ndef g(): pass", None, ""),
        ("a = b'sample-horses'", f"a = {REFERENCE}.encode()", "sample-horses", "a"),
        (
            "a = 'postgres://u:sample-horses@h/d'",
            f"a = {REFERENCE}",
            "postgres://u:sample-horses@h/d",
            "a",
        ),
        (
            "a = 'Server=h;User Id=u;Password=sample-horses;'",
            f"a = {REFERENCE}",
            "Server=h;User Id=u;Password=sample-horses;",
            "a",
        ),
        ("a = 'Bearer sample-horses'", f"a = 'Bearer ' + {REFERENCE}", "sample-horses", "a"),
        ("a = 'a sample-horses b'", f"a = 'a ' + {REFERENCE} + ' b'", "sample-horses", "a"),
        ("a = 'sample-horses b'", f"a = {REFERENCE} + ' b'", "sample-horses", "a"),
        ("a = rb'\\d sample-horses'", f"a = rb'\\d ' + {REFERENCE}.encode()", "sample-horses", "a"),
        (
            "a = 'a sample-horses'.encode()",
            f"a = ('a ' + {REFERENCE}).encode()",
            "sample-horses",
            "a",
        ),
        ("a = 'a sample-horses' % b", f"a = ('a ' + {REFERENCE}) % b", "sample-horses", "a"),
        ("a = b + 'a sample-horses'", f"a = b + 'a ' + {REFERENCE}", "sample-horses", "a"),
        (
            "a = f'Bearer {b} sample-horses'",
            "a = f'Bearer {b} {os.environ[\"APP_X\"]}'",
            "sample-horses",
            "a",
        ),
        (
            'a = f"Bearer {b} sample-horses {{}}"',
            "a = f\"Bearer {b} {os.environ['APP_X']} {{}}\"",
            "sample-horses",
            "a",
        ),
        ("a = f'sample-horses'", f"a = {REFERENCE}", "sample-horses", "a"),
        ("a = f'{f(\"sample-horses\")}'", "a = f'{f(os.environ[\"APP_X\"])}'", None, "a"),
        ("a = ('b ' 'sample-horses')", f"a = ('b ' + {REFERENCE})", "sample-horses", "a"),
        ("a = ('sample-horses'\n ' b')", f"a = ({REFERENCE} +\n ' b')", "sample-horses", "a"),
        ("a = ('p://u:' 'sample-horses')", f"a = ({REFERENCE})", "p://u:sample-horses", "a"),
        ("a = '\\nsample-horses\\n'", f"a = {REFERENCE}", "\nsample-horses\n", "a"),
    ],
)
def test_a_secret_in_a_string(source: str, expected: str, value: str | None, name: str) -> None:
    head = "import os\n"
    outcome = once(LANGUAGE, (head + source).encode())
    assert not isinstance(outcome, str), outcome
    assert outcome.content.decode() == head + expected
    assert (outcome.value.decode(), outcome.name) == (value or "sample-horses", name)
    assert (outcome.environment, outcome.note) == ("APP_X", "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "import os\n\n"),
        (
            "#!/usr/bin/python\n# coding: utf-8\n",
            "#!/usr/bin/python\n# coding: utf-8\nimport os\n\n",
        ),
        ("import sys\n", "import os\nimport sys\n"),
        ('"""Doc."""\n', '"""Doc."""\n\nimport os\n'),
        ('"""Doc."""\n\nimport sys\n', '"""Doc."""\n\nimport os\nimport sys\n'),
        (
            "from __future__ import annotations\nx = 1\n",
            "from __future__ import annotations\n\nimport os\nx = 1\n",
        ),
        ('"""D."""\nfrom __future__ import a; import b\n', None),
        ("import os.path\n", "import os.path\n"),
        ("import sys, os\n", "import sys, os\n"),
        ("from os import path\n", "import os\nfrom os import path\n"),
        ("import os as o\n", "import os\nimport os as o\n"),
        ("if x:\n    import os\n", "import os\n\nif x:\n    import os\n"),
        ("\ufeffimport sys\n", "\ufeffimport os\nimport sys\n"),
        ("import sys\r\n", "import os\r\nimport sys\r\n"),
    ],
)
def test_where_the_import_goes(before: str, after: str | None) -> None:
    done = content(LANGUAGE, before.encode() + b"a = 'sample-horses'")
    expected = (
        '"""D."""\nfrom __future__ import a; import b\n\nimport os\n' if after is None else after
    )
    assert done == expected.encode() + f"a = {REFERENCE}".encode()


def test_an_import_further_down_is_too_late() -> None:
    done = content(LANGUAGE, b"a = 'sample-horses'\nimport os\n")
    assert done == f"import os\n\na = {REFERENCE}\nimport os\n".encode()


@pytest.mark.parametrize(
    "source",
    [
        "os = 1\na = 'sample-horses'",
        "from x import os\na = 'sample-horses'",
        "import x as os\na = 'sample-horses'",
        "def f(os):\n    return 'sample-horses'",
        "def os():\n    return 'sample-horses'",
        "class os:\n    a = 'sample-horses'",
        "for os in x:\n    a = 'sample-horses'",
        "def f():\n    a = 'sample-horses'\n    import os\n",
    ],
)
def test_another_os_is_refused(source: str) -> None:
    assert once(LANGUAGE, source.encode()) == 'the name "os" means something else in this file'


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("a = {'sample-horses': 1}", "it is a key or another name that cannot be an expression"),
        ("match a:\n    case 'sample-horses': pass", "it is in a pattern of match"),
        ("match a:\n    case {'b': ['sample-horses']}: pass", "it is in a pattern of match"),
        ("a: Literal['sample-horses'] = b", "it is in a type annotation"),
        ("a = f'''{b('''sample-horses''')}'''", "Python cannot parse it: line 1"),
        ("a = f'{b(f\"sample-horses {c}\")}'", "in which both kinds of quotes are taken"),
        ("a = sample-horses", "it is not in a string, or in several"),
        ("a = sample_horses", "it is not in a string, or in several"),
        ("print 'sample-horses'", "Python cannot parse it: line 1"),
    ],
)
def test_refusals(source: str, reason: str) -> None:
    secret = b"sample_horses" if "sample_horses" in source else b"sample-horses"
    outcome = once(LANGUAGE, source.encode(), secret)
    assert isinstance(outcome, str)
    assert reason in outcome


def test_bytes_that_are_no_text_are_refused() -> None:
    reason = once(LANGUAGE, b"a = b'sample-horses\\xff'", b"sample-horses\\xff")
    assert reason == "its escapes cannot be undone, or the secret ends within one"


def test_half_a_surrogate_pair_is_refused() -> None:
    reason = once(LANGUAGE, b"a = 'sample-horses\\ud800'", b"sample-horses\\ud800")
    assert reason == "its escapes cannot be undone, or the secret ends within one"


def test_a_secret_that_ends_within_an_escape_is_refused() -> None:
    source = b"a = 'x \\x41sample-horses'"
    reason = between(LANGUAGE, source, source.index(b"41"), source.index(b"'", 8))
    assert reason == "its escapes cannot be undone, or the secret ends within one"


def test_a_nul_is_refused() -> None:
    reason = once(LANGUAGE, b"a = 'sample-horses\\0'", b"sample-horses\\0")
    assert reason == "no environment holds it: it is empty, too long or has a NUL"


PEM = "-----BEGIN X-----\nabc\ndef\n-----END X-----"


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (f'"""\n{PEM}\n"""', f"\n{PEM}\n"),
        (f"'''{PEM}\n'''", f"{PEM}\n"),
        ("'" + PEM.replace("\n", "\\n") + "\\n'", f"{PEM}\n"),
        ("(" + "\n ".join(f"'{line}\\n'" for line in PEM.split("\n")) + ")", f"{PEM}\n"),
        ("(" + " +\n ".join(f"'{line}\\n'" for line in PEM.split("\n")) + ")", f"{PEM}\n"),
        ('f"""' + PEM + '"""', PEM),
        ("r'''\n" + PEM + "'''", "\n" + PEM),
    ],
)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_key_over_several_lines(literal: str, value: str, line_end: bytes) -> None:
    source = f"import os\nkey = {literal}\n".encode().replace(b"\n", line_end)
    start, end = source.index(b"-----BEGIN"), source.index(b"END X-----") + 10
    outcome = between(LANGUAGE, source, start, end)
    assert not isinstance(outcome, str), outcome
    assert outcome.value == value.encode()
    assert outcome.content == f"import os\nkey = {REFERENCE}\n".encode().replace(b"\n", line_end)


def test_a_key_that_is_put_together_with_other_values_is_refused() -> None:
    source = b"key = '-----BEGIN\\n' + body + '\\n-----END'\n"
    start, end = source.index(b"-----BEGIN"), source.index(b"END") + 3
    assert between(LANGUAGE, source, start, end) == (
        "it is not in a string, or in several with nothing else between them"
    )


def test_a_docstring_is_redacted() -> None:
    source = b'def f():\n    """Uses sample-horses."""\n'
    assert content(LANGUAGE, source) == b'def f():\n    """Uses [REDACTED]."""\n'


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8"])
def test_a_file_in_another_encoding(encoding: str) -> None:
    source = f"# coding: {encoding}\nb = 'é'\npässword = 'cörrect'\n".encode(encoding)
    outcome = once(LANGUAGE, source, "cörrect".encode(encoding))
    assert not isinstance(outcome, str), outcome
    expected = f"# coding: {encoding}\nimport os\n\nb = 'é'\npässword = {REFERENCE}\n"
    assert outcome.content == expected.encode(encoding)
    assert outcome.value == "cörrect".encode()


@pytest.mark.parametrize("between", [" ", "\n  "])
def test_strings_side_by_side_are_joined_by_one_plus(between: str) -> None:
    source = f"x = ('a' 'sample-one'{between}'sample-two' 'b')".encode()
    wanted = []
    for secret in (b"sample-one", b"sample-two"):
        start = source.index(secret)
        literal = LANGUAGE.locate(source, start, start + len(secret))
        assert isinstance(literal, Literal)
        wanted.append(Wanted(literal, secret.decode()[-3:].upper()))
    changed = change(source, LANGUAGE, wanted).content.decode()
    first, second = 'os.environ["ONE"]', 'os.environ["TWO"]'
    assert changed == f"import os\n\nx = ('a' + {first}{between}+ {second} + 'b')"
