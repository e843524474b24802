"""Patterns of other engines, rewritten for RE2; names of groups; keywords in patterns."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import RuleError
from scanner.rulepack.imported.literals import literals
from scanner.rulepack.imported.syntax import of_name, rewritten, with_secret
from scanner.rulepack.searchers import searcher


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("(?x) a b # c\n d", "abd"),
        ("(?xi) a \\  b \\# c", "(?i)a b#c"),
        ("(?x) [a b] [ \\t] (?-x) c d", "[ab][\\t] c d"),
        ("(?x: a b ) c d", "(?:ab) c d"),
        ("a b # c", "a b # c"),
        ("a(?# comment )b", "ab"),
        ("(?<name>x)(?P<other>y)", "(?P<name>x)(?P<other>y)"),
        (r"\u00e9\u{1F600}\Z", r"\x{00e9}\x{1F600}\z"),
        (r"\Qa.b\E+", r"a\.b+"),
        (r"\"\/\-\_", r'"/\-_'),
        ("[[:alnum:]_-]", "[[:alnum:]_-]"),
        ("a{20,1024}", "a{20,1000}a{0,24}"),
        ("(?:ab){1500}?x", "(?:ab){1000,1000}?(?:ab){500,500}?x"),
        ("[ab]{2,2100}", "[ab]{2,1000}[ab]{0,1000}[ab]{0,100}"),
        ("(?x) (?: a | b ) {2}", "(?:a|b){2}"),
    ],
)
def test_rewritten(written, expected):
    assert rewritten(written) == expected
    searcher(expected, "re2")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("(?=a)", r"\(\?=a is no group of RE2"),
        ("(?<!a)b", "is no group of RE2"),
        ("(?>a)", "is no group of RE2"),
        ("(?-u:a)", "the flag -u"),
        ("(?R)a", "the flag R"),
        ("[a-z&&[^b]]", "classes with &&"),
        ("(a", r"lacks a \)"),
        ("a)", r"a \) too many"),
        ("[a", "has no end"),
        ("a\\", "ends in a backslash"),
    ],
)
def test_not_rewritten(written, reason):
    with pytest.raises(RuleError, match=reason):
        rewritten(written)


@pytest.mark.parametrize(
    ("pattern", "group", "expected"),
    [
        ("(a)(?:b)(c)", 2, "(a)(?:b)(?P<secret>c)"),
        (r"\((a)[(](b)", 1, r"\((?P<secret>a)[\(](b)".replace(r"[\(]", "[(]")),
        ("(?P<key>a)(b)", 1, "(?P<secret>a)(b)"),
        ("(?P<secret>a)(b)", 2, "(a)(?P<secret>b)"),
        ("(?P<secret>a)(b)", 0, "(a)(b)"),
        ("(?i:a)(b)", 1, "(?i:a)(?P<secret>b)"),
    ],
)
def test_the_group_of_the_secret_gets_its_name(pattern, group, expected):
    assert with_secret(pattern, group) == expected


def test_there_are_not_so_many_groups():
    with pytest.raises(RuleError, match="no group 2, only 1"):
        with_secret("(a)", 2)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (r"\.env$", r"\.env$"),
        (r"(?i)(^|/)\.ssh/id_(rsa|dsa)$", "(?i)id_(rsa|dsa)$"),
        (r"conf/a\.txt$|\.pem$", r"a\.txt$|\.pem$"),
        (r"[/\\]secrets\.json$", r"secrets\.json$"),
        (r"[/\\]secrets\.json", ""),
        (r"a$|b", ""),
        (r"(?m)a$", ""),
        ("^test/", ""),
        (r"(?:a/)*b{2}\z", r"b{2}\z"),
        (r"conf.*secret.[a-z]$", "[a-z]$"),
        (r"a[!-~]b\.[A-z0-9_.-]+$", r"b\.[A-z0-9_.-]+$"),
        (r"a\Sb\x2fc\Dd$", "d$"),
    ],
)
def test_what_of_a_path_speaks_of_the_name(path, name):
    assert of_name(path) == name


PATH_PARTS = [*"ab/.$|", "[ab]", "[^a]", r"\w", r"\W", "(a|b/)?", "a*", "(?:ab)+"]


@given(
    pattern=st.lists(st.sampled_from(PATH_PARTS), max_size=6).map("".join),
    ends=st.booleans(),
    path=st.text("ab/.", min_size=1, max_size=8),
)
def test_a_pattern_of_a_path_is_never_missed_in_the_name(pattern, ends, path):
    pattern = f"(?:{pattern})$" if ends and "|" in pattern else pattern + "$" * ends
    try:
        whole = searcher(pattern, "re2")
    except RuleError:
        return
    name = of_name(pattern) or "."
    file = path.rpartition("/")[2]
    if file and whole.found(path.encode()):
        assert searcher(name, "re2").found(file.encode())


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("acme_[a-z]{8}", ("acme_",)),
        ("(?i)(ACME|Corp)_key=[0-9]+", ("acme_key=", "corp_key=")),
        (r"\b(A3T|AKIA|ASIA)[A-Z0-9]{16}", ("a3t", "akia", "asia")),
        ("gh[pousr]_[a-z]{9}", ("gho_", "ghp_", "ghr_", "ghs_", "ghu_")),
        ("(?:token|[a-z])x", ()),
        ("(?:token){2}", ("token",)),
        ("(?:token)?", ()),
        ("[a-z]{40}", ()),
        (r"sk\.live\.[a-f]{9}", ("sk.live.",)),
        ("(?P<a>key)(?:-(?:id|no))?=", ("key",)),
        ("a{3}b|(", ()),
    ],
)
def test_texts_that_every_match_holds(pattern, words):
    assert literals(pattern) == words


PATTERNS = st.recursive(
    st.sampled_from(["abc", "Key", "[a-c]", "[xy]", r"\d", ".", "a", "tok", r"\."]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda many: f"(?:{'|'.join(many)})"),
        inner.map(lambda one: f"({one}){{1,2}}"),
        inner.map(lambda one: f"(?:{one})?"),
    ),
    max_leaves=8,
)


@given(PATTERNS, st.data())
def test_every_match_holds_one_of_the_texts(pattern, data):
    words = literals(pattern)
    text = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))
    assert searcher(pattern, "re2").found(text.encode())
    assert not words or any(word in text.lower() for word in words)


@given(st.text(alphabet="ab()[]{}?*+|\\^$.:<>P=!#-,12 \n", max_size=24))
def test_any_text_is_rewritten_or_refused(text):
    for function in (rewritten, of_name, literals):
        try:
            function(text)
        except RuleError:
            continue
