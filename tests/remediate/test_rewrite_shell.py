import pytest
from rewrite_once import between, content, once

from scanner.remediate.rewrite.code.shell import LANGUAGE

BARE = "${APP_X:?set APP_X}"
QUOTED = f'"{BARE}"'


@pytest.mark.parametrize(
    ("source", "expected", "name"),
    [
        ('export PW="sample-horses"', f"export PW={QUOTED}", "PW"),
        ("export PW='sample-horses'", f"export PW={QUOTED}", "PW"),
        ("export PW=sample-horses A=b", f"export PW={QUOTED} A=b", "PW"),
        ("PW=$'sample-horses'", f"PW={QUOTED}", "PW"),
        ("PW=sample-horses run", f"PW={QUOTED} run", "PW"),
        ("env PW=sample-horses run", f"env PW={QUOTED} run", "PW"),
        ("local -r PW='sample-horses'", f"local -r PW={QUOTED}", "PW"),
        ("PW=(a 'sample-horses')", f"PW=(a {QUOTED})", "PW"),
        ("run --api-key 'sample-horses'", f"run --api-key {QUOTED}", "api-key"),
        ("run --pw=sample-horses", f"run --pw={QUOTED}", "pw"),
        ("run -psample-horses", f"run -p{QUOTED}", ""),
        ("run 'a sample-horses'", f"run 'a '{QUOTED}", ""),
        ("run 'a sample-horses b'", f"run 'a '{QUOTED}' b'", ""),
        ("run 'sample-horses b'", f"run {QUOTED}' b'", ""),
        ('run "a sample-horses b"', f'run "a {BARE} b"', ""),
        ('run "$a sample-horses $(b)"', f'run "$a {BARE} $(b)"', ""),
        ("run $'a\\tsample-horses'", f"run $'a\\t'{QUOTED}", ""),
        ("A=b\"$c\"'d sample-horses'", f"A=b\"$c\"'d '{QUOTED}", "A"),
        ("A=\"$(run 'sample-horses')\"", f'A="$(run {QUOTED})"', "A"),
        ('A="${PW:-sample-horses}"', f'A="${{PW:-{BARE}}}"', "A"),
        ("A=${PW-samplehorses}", f"A=${{PW-{BARE}}}", "PW"),
        (': ${PW:="sample-horses"}', f": ${{PW:={QUOTED}}}", "PW"),
        ('[ "$a" = sample-horses ]', f'[ "$a" = {QUOTED} ]', ""),
        ("[[ $a == 'sample-horses' ]]", f"[[ $a == {QUOTED} ]]", ""),
        ("run <<<'sample-horses'", f"run <<<{QUOTED}", ""),
        ("cat <<E\nPW=sample-horses\nE", f"cat <<E\nPW={BARE}\nE", "PW"),
        ("cat <<E\nsample-horses\nE", f"cat <<E\n{BARE}\nE", ""),
        ("alias a='b -p sample-horses'", f"alias a='b -p '{QUOTED}", ""),
        ("PIN=1234567", f"PIN={QUOTED}", "PIN"),
    ],
)
def test_a_secret_in_a_word(source: str, expected: str, name: str) -> None:
    secret = next(s for s in ("sample-horses", "samplehorses", "1234567") if s in source)
    outcome = once(LANGUAGE, f"#!/bin/bash\n{source}\n".encode(), secret.encode())
    assert not isinstance(outcome, str), outcome
    assert outcome.content.decode() == f"#!/bin/bash\n{expected}\n"
    assert (outcome.value.decode(), outcome.name) == (secret, name)


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_url_is_taken_as_a_whole(quote: str) -> None:
    outcome = once(LANGUAGE, f"U={quote}p://u:sample-horses@h/d{quote}\n".encode())
    assert not isinstance(outcome, str), outcome
    assert outcome.content.decode() == f"U={QUOTED}\n"
    assert outcome.value == b"p://u:sample-horses@h/d"


def test_the_same_name_on_both_sides() -> None:
    language_of_it = LANGUAGE.locate(b"export A='sample-horses'\n", 10, 23)
    assert not isinstance(language_of_it, str)
    rewritten = LANGUAGE.replace(b"export A='sample-horses'\n", language_of_it, "A")
    assert rewritten.edits[0].text == b'"${A:?set A}"'


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_key_over_several_lines(quote: str) -> None:
    source = f"K={quote}-----BEGIN X-----\na\n-----END X-----\n{quote}\n".encode()
    start, end = source.index(b"-----BEGIN"), source.index(b"END X") + 10
    outcome = between(LANGUAGE, source, start, end)
    assert not isinstance(outcome, str), outcome
    assert outcome.value == b"-----BEGIN X-----\na\n-----END X-----\n"
    assert outcome.content.decode() == f"K={QUOTED}\n"


def test_a_key_in_a_heredoc() -> None:
    source = b"cat > k <<E\n-----BEGIN X-----\na\n-----END X-----\nE\n"
    start, end = source.index(b"-----BEGIN"), source.index(b"END X") + 10
    outcome = between(LANGUAGE, source, start, end)
    assert not isinstance(outcome, str), outcome
    assert outcome.value == b"-----BEGIN X-----\na\n-----END X-----"
    assert outcome.content.decode() == f"cat > k <<E\n{BARE}\nE\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("cat <<'E'\nsample-horses\nE", "nothing is expanded in a heredoc"),
        ("cat <<\\E\nsample-horses\nE", "nothing is expanded in a heredoc"),
        ("sample-horses a", "it is the name of a command"),
        ("[[ $a =~ sample-horses ]]", "it is in a regular expression"),
        ("run {sample-horses,b}", "the shell may expand the word"),
        ("run ~sample-horses", "the shell may expand the word"),
        ("A=${PW:-sample-horses\\ }", "it is quoted"),
    ],
)
def test_refusals(source: str, reason: str) -> None:
    outcome = once(LANGUAGE, source.encode() + b"\n")
    assert isinstance(outcome, str)
    assert outcome.startswith(reason)


def test_a_variable_in_the_secret_is_code() -> None:
    assert once(LANGUAGE, b'A="pa$word1"\n', b"pa$word1") == "it is in code inside a string"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (r'"\$\`\"\\\n"', b'$`"\\\\n'),
        (r"'\n$a'", b"\\n$a"),
        (r"$'\x41\102\u43\t\'\q'", b"ABC\t'\\q"),
        (r"\a\ b\"c", b'a b"c'),
        ("'a'\"b\"c", b"abc"),
        ("'a\r\nb'", b"a\r\nb"),
        ('"\\xff"', b"\\xff"),
    ],
)
def test_escapes(raw: str, value: bytes) -> None:
    source = f"A={raw}\n".encode()
    outcome = between(LANGUAGE, source, 2, len(source) - 1)
    assert not isinstance(outcome, str), outcome
    assert outcome.value == value
    assert outcome.content.decode() == f"A={QUOTED}\n"


def test_bytes_that_are_no_utf_8() -> None:
    assert content(LANGUAGE, b"# \xe9\nA='\xff'\n", b"\xff") == f"# \xe9\nA={QUOTED}\n".encode(
        "latin-1"
    )
