"""Configurations of gitleaks and betterleaks, read from files."""

import pytest

from scanner.detect.engine import Engine
from scanner.errors import RuleError
from scanner.model import Allow, Part
from scanner.rulepack import samples
from scanner.rulepack.imported import read
from scanner.rulepack.imported.result import EVERY_CONTENT
from scanner.rulepack.pack import builtin, make

TOKEN = samples.expand("<<alnum 20>>")
OTHER = samples.expand("x<<alnum 20>>")[1:]


@pytest.fixture
def imported(tmp_path):
    """Return a function that reads a configuration, given as text."""

    def imported(text, name="rules.toml"):
        path = tmp_path / name
        path.write_text(text)
        (found,) = read.read(str(path))
        return found

    return imported


def found(imported, content, base=()):
    pack, _ = read.together(make(base), [imported])
    matches = Engine(pack).findings(content.encode()).matches
    return [(m.rule.id, m.secret.reveal().decode()) for m in matches]


def notes(imported, code):
    return [(subject, detail) for c, subject, detail in imported.notes if c == code]


RULE = """
[[rules]]
id = "acme"
description = "An Acme key"
regex = '''acme[_-]key\\s*=\\s*"?([A-Za-z0-9]{20})'''
keywords = ["ACME"]
"""


def test_a_rule_finds_its_first_group(imported):
    made = imported(RULE)
    (rule,) = made.rules
    assert (rule.name, rule.keywords, rule.engine, rule.method) == (
        "An Acme key",
        ("acme",),
        "re2",
        "search",
    )
    assert found(made, f'x\nacme_key = "{TOKEN}"') == [("acme", TOKEN)]
    assert found(made, f'acm_key = "{TOKEN}"') == []


def test_the_group_of_the_secret_may_be_named_by_number(imported):
    text = RULE.replace("acme[_-]key", "(acme)[_-](key)")
    line = f"acme-key={TOKEN}"
    assert found(imported(text), line) == [("acme", "acme")]
    assert found(imported(text + "secretGroup = 3\n"), line) == [("acme", TOKEN)]
    refused = imported(text + "secretGroup = 4\n")
    assert notes(refused, "refused") == [("acme", "there is no group 4, only 3")]


def test_the_first_group_with_text_counts(imported):
    text = "[[rules]]\nid = 'k'\nregex = '''key:(\\d{9})?([a-z]{9})?'''\n"
    assert found(imported(text), "key:abcdefghi") == [("k", "abcdefghi")]


def test_line_breaks_around_a_match_do_not_belong_to_it(imported):
    text = "[[rules]]\nid = 'k'\nregex = '''\\s*tok_[a-z0-9]{9}\\n'''\n"
    assert found(imported(text), "\n\ntok_a1b2c3d4e\n\n") == [("k", "tok_a1b2c3d4e")]


def test_entropy_has_to_be_above_the_threshold(imported):
    text = "[[rules]]\nid = 'k'\nregex = '''key=([a-z]{8})'''\nentropy = 2.0\n"
    assert found(imported(text), "key=aabbccdd") == []
    assert found(imported(text), "key=aabbccde") == [("k", "aabbccde")]


def test_a_rule_without_keywords_gets_them_from_its_pattern(imported):
    made = imported(RULE.replace('keywords = ["ACME"]', ""))
    assert made.rules[0].keywords == ("acme-key", "acme_key")
    assert notes(made, "differs") == []


def test_a_rule_is_searched_for_everywhere_if_nothing_stands_in_every_match(imported):
    made = imported("[[rules]]\nid = 'hex'\nregex = '''\\b[0-9a-f]{32}\\b'''\n")
    assert notes(made, "differs") == [("hex", EVERY_CONTENT)]
    assert Engine(read.together(make(()), [made])[0]).reads_all
    secret = samples.expand("<<hex 32>>")
    assert found(made, secret) == [("hex", secret)]


def test_a_keyword_of_two_characters_still_has_to_be_there(imported):
    text = "[[rules]]\nid = 'q'\nregex = '''[a-z]{3}[~-][a-z]{3}'''\nkeywords = ['Q~']\n"
    assert found(imported(text), "abq~xyz") == [("q", "abq~xyz")]
    assert found(imported(text), "abq-xyz") == []
    assert found(imported(text), "abq-xyz and q~") == [("q", "abq-xyz")]


@pytest.mark.parametrize(
    ("allowlist", "secret"),
    [
        ("regexes = ['''^%s''']" % TOKEN[:4], TOKEN),  # noqa: UP031
        ("stopwords = ['%s']" % TOKEN[3:9].upper(), TOKEN),  # noqa: UP031
        ("regexTarget = 'match'\nregexes = ['''acme_key=''']", TOKEN),
        ("regexTarget = 'line'\nregexes = ['''# test$''']", TOKEN),
        ("condition = 'AND'\nstopwords = ['%s']\nregexes = ['''.''']" % TOKEN[:4], TOKEN),  # noqa: UP031
    ],
)
@pytest.mark.parametrize(
    "place", ["[[rules.allowlists]]", "[rules.allowlist]", "[allowlist]", "[[allowlists]]"]
)
def test_what_an_allowlist_says_is_not_reported(imported, allowlist, secret, place):
    made = imported(f"{RULE}\n{place}\n{allowlist}\n")
    assert found(made, f"  acme_key={secret} # test") == []
    assert found(made, f"  acme-key={OTHER}") == [("acme", OTHER)]


def test_all_of_an_allowlist_with_and_has_to_hold(imported):
    made = imported(
        RULE + "[[allowlists]]\ncondition = 'AND'\nstopwords = ['zz']\nregexes = ['.']\n"
    )
    assert found(made, f"acme_key={TOKEN}") == [("acme", TOKEN)]


def test_an_allowlist_may_be_for_some_rules(imported):
    other = RULE.replace("acme", "corp").replace("ACME", "corp")
    text = RULE + other + "[[allowlists]]\ntargetRules = ['corp']\nregexes = ['.']\n"
    content = f"acme_key={TOKEN}\ncorp_key={OTHER}\n"
    assert found(imported(text), content) == [("acme", TOKEN)]


def test_what_asks_for_a_path_too_waits_for_the_place(imported):
    made = imported(
        RULE + "[[allowlists]]\ncondition = 'AND'\npaths = ['''^test/''']\nregexes = ['.']\n"
    )
    pack, _ = read.together(make(()), [made])
    (match,) = Engine(pack).findings(f"acme_key={TOKEN}".encode()).matches
    assert match.waits == (0,)


def test_a_path_alone_reports_nothing_by_content(imported):
    made = imported("[[rules]]\nid = 'p12'\npath = '''(?i)(^|/)\\.keys/[^/]+\\.p12$'''\n")
    (rule,) = made.rules
    assert (rule.method, rule.pattern) == ("file", r"(?i)\.p12$")
    engine = Engine(read.together(make(()), [made])[0])
    assert engine.findings(b".keys/a.p12").matches == ()
    (match,) = engine.named(b".keys/a.P12")
    assert match.secret.reveal() == b"file a.P12"
    assert engine.named(b".keys/a.txt") == ()


def test_required_parts(imported):
    text = (
        RULE
        + "[[rules.required]]\nid = 'id'\nwithinLines = 2\nwithinColumns = 5\n"
        + "[[rules]]\nid = 'id'\nregex = '''acct_[0-9]{6}'''\nkeywords = ['acct_']\n"
        + "skipReport = true\n"
    )
    made = imported(text)
    assert made.rules[0].required == (Part("id", 2, 5),)
    key = f"acme_key={TOKEN}"
    assert found(made, f"acct_123456\n\n{key}") == [("acme", TOKEN)]
    assert found(made, f"acct_123456\n\n\n{key}") == []
    assert found(made, f"      acct_123456\n{key}") == []
    assert found(made, f"     acct_123456\n{key}") == [("acme", TOKEN)]
    assert found(made, key) == []
    assert found(made, "acct_123456") == []


def test_a_required_rule_has_to_be_there(imported):
    made = imported(RULE + "[[rules.required]]\nid = 'id'\n")
    assert made.rules == ()
    assert notes(made, "refused") == [("acme", "it requires id, which is no rule here")]


def test_the_default_rules_are_the_built_in_ones(imported):
    made = imported(
        RULE + "[extend]\nuseDefault = true\ndisabledRules = ['github-personal-token', 'no-such']\n"
    )
    assert notes(made, "differs") == [
        ("rules.toml", "extend.useDefault: the built-in rules stand for the default ones")
    ]
    pack, said = read.together(builtin(), [made])
    assert len(pack.rules) == len(builtin().rules)
    assert "github-personal-token" not in {rule.id for rule in pack.rules}
    assert ("ignored", "no-such", "extend.disabledRules: no built-in rule has this id") in said


def test_a_file_extends_another(imported, tmp_path):
    base = RULE.replace('keywords = ["ACME"]', 'keywords = ["ACME"]\nentropy = 1.0')
    base += RULE.replace("acme", "corp") + RULE.replace("acme", "gone")
    (tmp_path / "base.toml").write_text(base + "[allowlist]\nstopwords = ['zzz']\n")
    made = imported(
        "[extend]\npath = 'base.toml'\ndisabledRules = ['gone', 'never']\n"
        "[[rules]]\nid = 'acme'\ndescription = 'Ours'\nkeywords = ['more']\n"
        "[[rules.allowlists]]\nstopwords = ['yyy']\n"
    )
    rules = {rule.id: rule for rule in made.rules}
    assert rules.keys() == {"acme", "corp"}
    assert (rules["acme"].name, rules["acme"].keywords) == ("Ours", ("more", "acme"))
    assert rules["acme"].min_entropy == 1.0
    assert [(a.rules, a.words) for a in made.allow] == [(("acme",), ("yyy",)), ((), ("zzz",))]
    assert ("never", "extend.disabledRules: there is no such rule") in notes(made, "ignored")


def test_files_extend_each_other_only_so_deep(imported, tmp_path):
    for number in range(4):
        text = (
            RULE.replace('"acme"', f'"acme-{number}"') + f"[extend]\npath = '{number + 1}.toml'\n"
        )
        (tmp_path / f"{number}.toml").write_text(text)
    (made,) = read.read(str(tmp_path / "0.toml"))
    assert [rule.id for rule in made.rules] == ["acme-2", "acme-1", "acme-0"]
    assert notes(made, "ignored") == [("2.toml", "extend.path: more than 2 files deep")]


def test_what_is_not_known_is_named(imported):
    made = imported(
        "title = 'x'\nextra = 1\n"
        + RULE
        + "colour = 'red'\nvalidate = 'http.get(1)'\ntags = ['a']\n"
        + "[extend]\nurl = 'https://acme.example/rules'\n"
    )
    assert notes(made, "ignored") == [
        ("rules.toml", "extend.url: rules are not fetched from elsewhere"),
        ("acme", "validate: nothing is sent to a provider"),
        ("acme", "colour is not known"),
        ("rules.toml", "extra is not known"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[rules]\n", "not TOML"),
        ("rules = 1\n", "must be a table"),
        ("[[rules]]\nregex = 'a'\n", "rule 1 has no id"),
        (RULE + "[extend]\npath = 'x'\nuseDefault = true\n", "both path and useDefault"),
        (RULE + "[extend]\npath = 'absent.toml'\n", "absent.toml: No such file"),
        (RULE + "[extend]\npath = '/dev/tty'\n", "tty: "),
        (RULE + "[extend]\npath = '/dev/null'\n", "null: no regular file"),
        (RULE + "[allowlist]\ndescription = 'nothing'\n", "asks for nothing"),
        (RULE + "[allowlist]\nregexes = ['(']\n", "pattern is invalid"),
        (RULE + "[allowlist]\nregexTarget = 'file'\nregexes = ['a']\n", "target must be one of"),
        (RULE + "[allowlist]\ncondition = 'XOR'\nregexes = ['a']\n", "must be AND or OR"),
        (RULE + "entropy = 'high'\n[allowlist]\npaths = 3\n", "must be a list of texts"),
        (RULE + "entropy = nan\n", "rules.toml: a number is too large, or none"),
        (RULE + "secretGroup = inf\n", "a number is too large, or none"),
        (RULE + f"secretGroup = 0x{'f' * 5000}\n", "a number is too large, or none"),
        (RULE + f"secretGroup = {'9' * 5000}\n", "a number is too large, or none"),
        (f"a = {'[' * 5000}", "nested too deep"),
        (RULE + "[allowlist]\nstopwords = ['']\n", "a word is empty"),
        (RULE + "[allowlist]\ncommits = ['']\n", "a commit id has fewer than 7 digits"),
        (RULE + "[[rules]]\nid = [1]\n", "rules 2: id must be a text"),
    ],
)
def test_files_that_cannot_be_used(imported, text, reason):
    with pytest.raises(RuleError, match=reason):
        imported(text)


def test_a_rule_that_cannot_be_used_is_refused_alone(imported):
    made = imported(RULE + "[[rules]]\nid = 'bad'\nregex = '''(?=a)b'''\n[[rules]]\nid = 'none'\n")
    assert [rule.id for rule in made.rules] == ["acme"]
    assert [subject for subject, _ in notes(made, "refused")] == ["bad", "none"]


FILTER = RULE + "filter = '''%s'''\n"


@pytest.mark.parametrize(
    "text",
    [
        'filter.entropy(finding["secret"]) > 1',
        'containsAny(finding["secret"], ["%s"])' % TOKEN[2:8].lower(),  # noqa: UP031
        'let s = finding["secret"]; len(s) == 20 || false',
        'matchesAny(finding["line"], [`^nothing`]) || finding["match"] startsWith "acme"',
        "unknown(1) || true",
        'get(attributes, "git.author_name", "") == "bot" || true',
    ],
)
def test_a_filter_drops_what_it_is_true_of(imported, text):
    assert found(imported(FILTER % text), f"acme_key={TOKEN}") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("unknown(1)", "the function unknown is not known"),
        ('get(attributes, "git.author_name", "") == "bot"', "attributes is not known in a filter"),
        ("1 +", "not understood at its end"),
    ],
)
def test_what_of_a_filter_is_not_understood_hides_nothing(imported, text, reason):
    made = imported(FILTER % text)
    assert found(made, f"acme_key={TOKEN}") == [("acme", TOKEN)]
    ((subject, detail),) = notes(made, "ignored")
    assert subject == "acme"
    assert reason in detail


def test_a_filter_by_path_waits_for_the_place(imported):
    path = 'filter.matchesAny(get(attributes, "path", ""), [`^mocks/`, `\\.snap$`])'
    commit = f'get(attributes, "git.sha", "") in ["{"AB" * 20}"]'
    made = imported(FILTER % f'{path} && len(finding["secret"]) > 3 || {commit}')
    reason = "the filter of acme"
    both = Allow(
        reason,
        ("acme",),
        paths=("^mocks/", r"\.snap$"),
        every=True,
        engine="re2",
        filter='(len(finding["secret"]) > 3)',
    )
    assert made.allow == (both, Allow(reason, ("acme",), commits=("ab" * 20,), engine="re2"))


@pytest.mark.parametrize("commit", ['== ""', 'in ["", "abc"]', '== "abc123"'])
def test_a_filter_by_what_is_no_commit_hides_nothing(imported, commit):
    made = imported(FILTER % f'get(attributes, "git.sha", "") {commit}')
    assert made.allow == ()
    ((_, detail),) = notes(made, "ignored")
    assert detail.startswith("filter: a commit id has fewer than 7 digits, in: ")


def test_a_filter_may_have_many_alternatives(imported):
    many = " || ".join(f'finding["secret"] == "{n}"' for n in range(1200))
    made = imported(FILTER % f'{many} || finding["secret"] == "{TOKEN}"')
    assert notes(made, "ignored") == []
    assert found(made, f"acme_key={TOKEN}") == []
    assert found(made, f"acme_key={OTHER}") == [("acme", OTHER)]


def test_a_filter_that_is_nested_too_deep_hides_nothing(imported):
    made = imported(FILTER % f'finding["secret"] == "{TOKEN}" || {"+".join(["1"] * 500)} == 1')
    assert made.allow == ()
    ((_, detail),) = notes(made, "ignored")
    assert "steps more than 150 deep" in detail
    assert found(made, f"acme_key={TOKEN}") == [("acme", TOKEN)]


def test_the_prefilter_is_for_all_rules(imported):
    made = imported(
        "prefilter = '''matchesAny(attributes[\"path\"] ?? \"\", [`^vendor/`])'''\n"
        + "filter = '''finding[\"secret\"] contains \"zzz\"'''\n"
        + RULE
    )
    first, second = made.allow
    assert (first.rules, first.paths, first.every) == ((), ("^vendor/",), False)
    assert (second.rules, second.filter) == ((), '(finding["secret"] contains "zzz")')


def test_token_efficiency_is_told_otherwise(imported):
    made = imported(RULE + "tokenEfficiency = true\n")
    assert [subject for subject, _ in notes(made, "differs")] == ["rules.toml"]
    assert found(made, f"acme_key={TOKEN}") == [("acme", TOKEN)]
    assert found(made, "acme_key=secretAccessTokenKey") == []
