"""Filter expressions: what they mean, what is refused, and that nothing takes long."""

import pace
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.filters import holds
from scanner.errors import RuleError
from scanner.rulepack import samples
from scanner.rulepack.expression import check, parse

RANDOM = samples.expand("<<alnum 24>>").encode()
FINDING = {
    "secret": b"Abc123example",
    "match": b"key = 'Abc123example'",
    "line": b"  key = 'Abc123example'  # test",
    "rule_id": b"acme-key",
    "description": b"Acme key",
    "entropy": 3.5,
    "fragment_raw": b"first\n  key = 'Abc123example'  # test\nlast",
    "match_start_idx": 8,
    "match_end_idx": 29,
    "match_line_start_idx": 6,
    "match_line_end_idx": 37,
}


@pytest.mark.parametrize(
    "text",
    [
        "true",
        'finding["secret"] contains "123"',
        "finding.secret startsWith 'Abc'",
        'finding["secret"] endsWith `example`',
        'finding["secret"].contains("123")',
        'entropy(finding["secret"]) > 3.0 && filter.entropy(finding["secret"]) <= 4',
        'containsAny(finding["secret"], ["none", "example"])',
        r'matchesAny(finding["line"], [`^nothing$`, `#\s*test`])',
        r'finding["match"] matches "key\\s*="',
        'matchesAny(finding["secret"], [r"""^A.c"""])',
        "not false and !(1 > 2) or false",
        'finding["rule_id"] in ["other", "acme-key"]',
        'finding["rule_id"] not in ["other"]',
        'len(finding["secret"]) == 13',
        'lower(finding["secret"])[0:3] == "abc"',
        'finding["secret"][3:6] + "!" == "123!"',
        "2 + 3 * 4 - 6 / 2 == 11 && 7 % 4 == 3",
        '1 > 2 ? false : upper("a") == "A"',
        'nil ?? "x" == "x"',
        'let a = finding["secret"]; let n = len(a); n > 10 && a[n - 7:] == "example"',
        'findMatch(finding["secret"], `\\d+`) == "123"',
        'countOf(finding["secret"], "0123456789") == 3',
        'findMatch("abc", ["x", "b."]) == "bc" && findMatch("abc", []) == ""',
        "(true && true) && true && (false || false || true)",
        "false" + " || false" * 3000 + " || true",
        'hasPrefix("abc", "ab") && hasSuffix("abc", "bc") && indexOf("abc", "c") == 2',
        '/* why */ finding["fragment_raw"][max(finding["match_start_idx"] - 8, 0):'
        'finding["match_start_idx"]] == "first\\n  " // so',
    ],
)
def test_true(text):
    assert holds(text, FINDING)


@pytest.mark.parametrize(
    "text",
    [
        "false",
        "nil",
        '"a text"',
        'finding["secret"] > 3',
        "1 / 0 == 1",
        "[[1]] == [[1]]",
        'finding["secret"][0:(999999999999999999 * 999999999999999999)] == "Abc123example"',
        "999999999999999999 + 9999999999999999.0 * 999999999999999999 > 0",
        '!"text"',
        '"a" || true',
        "[1][5] == 1",
        "entropy(3) > 1",
        'matchesAny(finding["secret"], [])',
        'containsAny(finding["secret"], ["ABC"])',  # the text is lowered, the words are not
    ],
)
def test_not_true(text):
    assert not holds(text, FINDING)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not understood at its end"),
        ("1 +", "not understood at its end"),
        ("(1", "not understood at its end"),
        ("1 2", "not understood at '2'"),
        ("finding[$]", "not understood at"),
        ("exec('x')", "the function exec is not known"),
        ("len()", "len takes 1 arguments"),
        ("x == 1", "x is not known in a filter"),
        ('finding["token"] == ""', "finding has no 'token' here"),
        ('attributes["path"] == ""', "attributes is not known"),
        ('matchesAny("a", finding["line"])', "have to be written out"),
        ('matchesAny("a", ["("])', "pattern is invalid"),
        ('"a" matches finding["line"]', "has to be written out"),
        ("(" * 100 + "1" + ")" * 100, "nested more than"),
        ("!" * 100 + "true", "nested more than"),
        ("[" + "1," * 20_000 + "]", "more than"),
        ('"' + "a" * 300_000 + '"', "longer than"),
        ("9" * 5000 + " == 1", "a number has more than 18 digits"),
        ("1" + "+1" * 3000 + " == 1", "steps more than 150 deep"),
        ('""' + "[0]" * 3000 + " == 1", "steps more than 150 deep"),
        ("true" + " ?? true" * 3000, "steps more than 150 deep"),
        ("/* " * 80_000, "not understood at '/"),
        ('matchesAny("a", "a")', "have to be written out"),
    ],
)
def test_refused(text, reason):
    with pytest.raises(RuleError, match=reason):
        check(text)


def test_words_are_told_from_random_texts():
    random, words = (
        FINDING | {"secret": RANDOM},
        FINDING | {"secret": b"personalAccessToken"},
    )
    assert holds('failsTokenEfficiency(finding["secret"])', words)
    assert not holds('failsTokenEfficiency(finding["secret"])', random)


def test_a_whole_content_is_not_searched_again_and_again():
    huge = FINDING | {"fragment_raw": b"a" * (1 << 26)}

    def work():
        for _ in range(50):
            assert not holds('matchesAny(finding["fragment_raw"], [`a+b`])', huge)
            assert not holds('finding["fragment_raw"][1:] contains "b"', huge)
            assert holds('len(finding["fragment_raw"]) > 1000', huge)

    assert pace.cost(work) < 200


def test_what_refers_to_itself_does_not_grow_without_bound():
    numbers = "".join(f"let a{n + 1} = a{n} * a{n}; " for n in range(50))
    both = "let a{1} = [a{0}, a{0}]; let b{1} = [b{0}, b{0}]; "
    lists = "".join(both.format(n, n + 1) for n in range(25))

    def work():
        assert not holds(f"let a0 = 999; {numbers} a50 > 1", FINDING)
        assert not holds(f"let a0 = 1; let b0 = 1; {lists} a25 == b25", FINDING)

    assert pace.cost(work) < 200


@given(st.text(alphabet='finding["secret"] &|!()<=>+-*/%?:;,.`\'ab1', max_size=60))
def test_any_text_is_understood_or_refused(text):
    try:
        check(text)
    except RuleError:
        return
    assert holds(text, FINDING) in (True, False)


def test_places_in_the_text_are_kept():
    text = '(finding["a"] == 1 || 2 > 1) && true'
    tree = parse(text)
    first, second = tree.args
    assert text[first.start : first.end] == '(finding["a"] == 1 || 2 > 1)'
    assert text[second.start : second.end] == "true"
