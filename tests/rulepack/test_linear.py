import re

import pytest

from scanner.detect import structure
from scanner.errors import RuleError
from scanner.rulepack import linear, load, macros


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+b",
        r"(?:a|aa){1,100}c{1,100}(?:a|aa){1,100}a{1,100}x",
        r"a{0,200}a{0,200}a{0,200}b",
        r"(?:x{1,50}){1,50}y",
        r"[a-z]+",
        r"(?:[a-z]{1,20},?){1,80}!",
        r"a{1,99999}",
        r"(?:a\r?\n){1,9}+",
        r"x(?P<y>ab)?+z",
        r"(.{0,255})(.{0,255})(.{0,255})x",
        r"(?:(?:a{0,200}))(?:b?|c)a{0,200}(?>d?)a{0,200}x",
        r"(?:ab{0,255})?b{0,255}b{0,255}x",
        r"(?:.{0,200}|q).{0,200}.{0,200}x",
        r"(?:,a{0,20}a{0,20}){0,40}x",
        r"(?:ab{0,9}|b){0,200}x",
        r"(?>(?:a|aa){1,100}b)",
        r"x(?=(?:a{1,9}){1,99}b)",
    ],
)
def test_unbounded_or_ambiguous_patterns_are_refused(pattern):
    with pytest.raises(RuleError):
        linear.check(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"ghp_[A-Za-z0-9]{36}",
        r"key\s{0,10}=\s{0,10}[a-z]{1,64};",
        r"(?:[a-z]{1,20},){1,40}!",
        r"a{0,200}+b{0,200}c",
        r"(?>(?:a\r?\n){1,9})",
        r"(?i:secret)[\w.\-]{0,40}+[ \t]{0,20}[=:][ \t]{0,20}[^\s]{8,200}",
        r"(?:\\{0,3}[\"'`]|[\])}]){0,9}x",
        r"(?:2-)?(?:[0-9]{9,14}-){1,3}[A-Za-z0-9]{20,64}",
    ],
)
def test_bounded_patterns_are_accepted(pattern):
    linear.check(pattern)


def test_reach_tells_width_and_lines():
    assert linear.check("abc{2,5}").width == 7
    assert not linear.check(r"a[ \t]b.c").multiline
    assert linear.check(r"a\sb").multiline
    assert linear.check(r"(?s)a.b").multiline
    assert linear.check(r"a[^b]c").multiline
    assert not linear.check(r"a(?=\n)").multiline


def test_not_a_pattern():
    with pytest.raises(RuleError, match="invalid"):
        linear.check("(")
    with pytest.raises(RuleError, match="invalid"):
        linear.check("é")


def test_macros_are_expanded_and_valid():
    for name in macros.MACROS:
        re.compile(macros.expand("{{" + name + "}}").encode())
    with pytest.raises(RuleError, match="unknown macro"):
        macros.expand("{{nothing}}")


RULE = """
rules:
  - id: a-rule
    name: A rule
    kind: api-key
    provider: Nobody
    severity: high
    keywords: [abc_]
    pattern: 'abc_[0-9]{8}'
    remediation: https://example.com/
    examples: [x, y]
    counterexamples: [x, y]
"""


def written(tmp_path, text):
    (tmp_path / "pack.yaml").write_text(text)
    return str(tmp_path)


def test_a_pack_is_loaded(tmp_path):
    (source,) = load.directory(written(tmp_path, RULE))
    assert source.rule.id == source.rule.family == "a-rule"
    assert source.reach.width == 12


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("severity: high", "severity: awful", "severity must be one of"),
        ("kind: api-key", "kind: other", "kind must be"),
        ("[abc_]", "[ab]", "3 to 64"),
        ("    name: A rule\n", "", "name is missing"),
        ("provider: Nobody", "provider: Nobody\n    colour: red", "unknown field colour"),
        ("[0-9]{8}", "[0-9]+", "bound every repeat"),
        ("examples: [x, y]\n    counter", "examples: [x]\n    counter", "at least two examples"),
        ("rules:", "rools:", "list `rules`"),
        ("- id: a-rule", "- [", "not YAML"),
        ("- id: a-rule", "- id: !!python/object/apply:os.system [id]", "not YAML"),
        ("pattern: 'abc_[0-9]{8}'", "method: magic", "method must be"),
        ("id: a-rule", "id: [a]", "id must be a text"),
        ("severity: high", "severity: high\n    lead: .inf", "a number is too large, or none"),
        ("severity: high", "severity: high\n    lead: 100000", "from 0 to 1024"),
        ("severity: high", "severity: high\n    within: -1", "from 0 to"),
        ("severity: high", "severity: high\n    silent: 'no'", "true or false"),
        ("severity: high", "severity: high\n    checks: jwt", "a list of texts"),
        ("severity: high", "severity: high\n    checks: [jwp]", "there is no check jwp; there are"),
        ("keywords: [abc_]", "keywords: abc_", "a list of texts"),
        ("keywords: [abc_]", "keywords:", "keywords is missing"),
        ("[0-9]{8}", "(" * 900 + ")" * 900, "nested too deep"),
    ],
)
def test_a_bad_pack_is_refused_by_name(tmp_path, old, new, message):
    assert old in RULE
    with pytest.raises(RuleError, match=message) as caught:
        load.directory(written(tmp_path, RULE.replace(old, new)))
    assert "pack.yaml" in str(caught.value)


def test_the_names_of_checks_are_those_that_there_are():
    assert structure.CHECKS.keys() == load.CHECKS


def test_a_rule_defined_twice_is_refused(tmp_path):
    with pytest.raises(RuleError, match="twice"):
        load.directory(written(tmp_path, RULE + RULE.split("rules:\n")[1]))


@pytest.mark.parametrize(
    ("pattern", "before", "after", "one_line"),
    [
        (r"abc[0-9]{1,20}", 0, 23, True),
        (r"(?<![a-z])(?<=xyz)abc", 4, 3, True),
        (r"abc(?=(?:x(?!yy)){1,9}\Z)z", 0, 4 + 9 + 2, True),
        (r"abc(?=\n{1,9})", 0, 3 + 9, False),
        (r"(?P<a>b)?(?(a)c(?!dd)|e)", 0, 2 + 2, True),
        (r"abc\s", 0, 4, False),
        (r"abc$", 0, 3, False),
    ],
)
def test_how_far_a_pattern_looks(pattern, before, after, one_line):
    assert linear.sight(pattern) == (before + 2, after + 2, one_line)


def test_an_assertion_without_bound_looks_anywhere():
    assert linear.sight("abc(?=.*x)") is None
