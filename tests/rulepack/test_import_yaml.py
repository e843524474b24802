"""YAML rules of Nosey Parker and Kingfisher; packs that are written and put together."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scanner.detect.engine import Engine
from scanner.errors import RuleError
from scanner.model import Allow, Confidence, Part
from scanner.rulepack import load, samples
from scanner.rulepack.imported import read, write
from scanner.rulepack.imported.result import EVERY_CONTENT, rule
from scanner.rulepack.pack import builtin, make

TOKEN = samples.expand("7<<lowernum 15>>")
RULES = r"""
rules:
- name: Acme token
  id: np.acme.1
  pattern: |
    (?x)(?i)
    acme            # the provider
    (?: \s | _ )? token
    \s* [=:] \s*
    ( [a-z0-9]{16} )
    \b
  min_entropy: 2.5
  confidence: high
  categories: [api, secret]
  references: [https://acme.example/tokens]
  description: A token of Acme.
  examples: ['ACME token: %s']
  negative_examples: ['ACME token: short']
"""


@pytest.fixture
def imported(tmp_path):
    """Return a function that reads rules, given as text."""

    def imported(text, name="rules.yml"):
        path = tmp_path / name
        path.write_text(text)
        (found,) = read.read(str(path))
        return found

    return imported


def found(made, content):
    matches = Engine(read.together(make(()), [made])[0]).findings(content.encode()).matches
    return [(m.rule.id, m.secret.reveal().decode()) for m in matches]


def notes(made):
    return [tuple(note) for note in made.notes]


def test_a_verbose_pattern(imported):
    made = imported(RULES % TOKEN)
    (one,) = made.rules
    assert one.pattern == r"(?i)acme(?:\s|_)?token\s*[=:]\s*([a-z0-9]{16})\b"
    assert (one.name, one.confidence, one.keywords) == ("Acme token", Confidence.HIGH, ("token",))
    assert made.notes == ()
    assert made.examples == {"np.acme.1": (f"ACME token: {TOKEN}",)}
    assert found(made, f"Acme_Token = {TOKEN}") == [("np.acme.1", TOKEN)]
    assert found(made, "acme token = aaaaaaaabbbbbbbb") == []


def test_what_a_secret_must_have(imported):
    text = RULES % TOKEN + (
        "  pattern_requirements:\n    min_digits: 2\n    min_uppercase: 1\n"
        "    ignore_if_contains: [DEMO]\n    checksum: {actual: x}\n"
    )
    made = imported(text)
    assert notes(made) == [("ignored", "np.acme.1", "pattern_requirements.checksum is not known")]
    digits, lower = samples.expand("<<digits 6>>"), samples.expand("<<lower 8>>")
    secret = digits + "AB" + lower
    assert found(made, f"acme token: {secret}") == [("np.acme.1", secret)]
    few, demo = f"1{'ABCDEFG'}{lower}", f"{digits}AB{'demo'}{lower[:4]}"
    for wanting in (few, secret.lower(), demo):
        assert found(made, f"acme token: {wanting}") == []


def test_parts_that_are_not_reported(imported):
    hidden = (
        RULES.replace("np.acme.1", "np.acme.2").replace("acme  ", "corp  ") + "  visible: false\n"
    )
    text = RULES % TOKEN + "  depends_on_rule:\n  - rule_id: np.acme.2\n    variable: ID\n"
    text += (hidden % TOKEN).replace("\nrules:\n", "")
    made = imported(text)
    assert [(r.silent, r.companions) for r in made.rules] == [(False, ()), (True, ())]
    assert found(made, f"corp token: {TOKEN}") == []
    made = imported(text.replace("visible: false", "visible: true"))
    assert made.rules[0].companions == ("np.acme.2",)


def test_the_group_called_token_is_the_secret(imported):
    text = r"rules: [{name: a, id: a.1, pattern: '(corp) key (?<TOKEN>[a-z0-9]{16})'}]"
    assert found(imported(text), f"corp key {TOKEN}") == [("a.1", TOKEN)]


def test_what_is_not_understood_is_named(imported):
    text = """
    colour: red
    rules:
    - {name: a, id: a.1, pattern: '(?<=x)y'}
    - {name: b, id: b.1, pattern: 'abcd'}
    - {name: b, id: b.1, pattern: 'abc'}
    - {name: c, id: c.1, pattern: '\\b[0-9]{40}\\b', validation: {type: Http}, strange: 1}
    """
    assert notes(imported(text)) == [
        ("refused", "a.1", "(?<= is no group of RE2, which cannot look around"),
        ("refused", "b.1", "another rule before it has this id"),
        ("differs", "c.1", EVERY_CONTENT),
        ("ignored", "c.1", "validation: nothing is sent to a provider"),
        ("ignored", "c.1", "strange is not known"),
        ("ignored", "rules.yml", "colour is not known"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rules: [{name: a, pattern: b}]", "rule 1 has no id"),
        ("rules: [{id: a.1, pattern: b, pattern_requirements: 3}]", "must be a table"),
        ("rules: [x]", "rules 1 must be a table"),
        ("[]", "must be a mapping with a list"),
        ("rules: [", "not YAML"),
        ("rules: {add: 1}", "must be a list of rules"),
    ],
)
def test_files_that_cannot_be_used(imported, text, reason):
    with pytest.raises(RuleError, match=reason):
        imported(text)


def test_a_directory_holds_many_files(tmp_path):
    (tmp_path / "b.yml").write_text(RULES % TOKEN)
    (tmp_path / "a.toml").write_text("[[rules]]\nid = 'a'\nregex = 'abc'\n")
    (tmp_path / "c.txt").write_text("")
    assert [each.rules[0].id for each in read.read(str(tmp_path))] == ["a", "np.acme.1"]
    with pytest.raises(RuleError, match=r"are read from \.toml"):
        read.read(str(tmp_path / "c.txt"))
    (tmp_path / "none").mkdir()
    with pytest.raises(RuleError, match="no rule file is in this directory"):
        read.read(str(tmp_path / "none"))


def test_an_imported_rule_replaces_the_built_in_one(imported):
    made = imported(RULES.replace("np.acme.1", "github-personal-token") % TOKEN)
    pack, said = read.together(builtin(), [made])
    (one,) = (r for r in pack.rules if r.id == "github-personal-token")
    assert one.method == "search"
    assert [tuple(note) for note in said] == [
        ("differs", "github-personal-token", "replaces the built-in rule of this id")
    ]
    pack, said = read.together(make([]), [made, made])
    assert len(pack.rules) == 1
    assert [note.code for note in said] == ["refused"]


def again(pack):
    text = write.text(pack.rules, pack.allow, "made\nfor a test")
    assert text.startswith("# made\n# for a test\nrules:")
    contents = load.contents("pack.yaml", yaml.safe_load(text))
    return make([source.rule for source in contents.sources], contents.allow)


def test_a_written_pack_is_read_as_it_was(imported):
    toml = """
    [[rules]]
    id = "a"
    regex = '''(?i)"key'\\s*:\\t#é([a-z]{3}){0,9}$'''
    keywords = ["Ab", "x: y", "no"]
    path = '''\\.env$'''
    entropy = 3.25
    [[rules.required]]
    id = "b"
    withinLines = 3
    [[rules.allowlists]]
    condition = "AND"
    description = "a: reason"
    paths = ['''^a/b''']
    commits = ["0123456789abcdef0123456789abcdef01234567"]
    regexTarget = "line"
    regexes = ['''x\\n''', "#"]
    stopwords = ["no", "1e3"]
    [[rules]]
    id = "b"
    regex = "b{3}"
    skipReport = true
    filter = 'entropy(finding["secret"]) < 2.0 && matchesAny(finding["line"], [`["x]`])'
    [[rules]]
    id = "c"
    path = "c$"
    """
    pack = read.together(make(()), [imported(toml, "rules.toml")])[0]
    assert len(pack.rules) == 3
    assert again(pack) == pack


TEXTS = st.text(min_size=1, max_size=12).filter(lambda text: text == text.strip())


@given(TEXTS, st.lists(TEXTS, max_size=3), TEXTS, st.booleans())
def test_any_texts_come_back(name, words, reason, every):
    made = rule("id", "ab[cd]{2}", name=name, keywords=tuple(w.lower() for w in words))
    made = made._replace(required=(Part("b", 1),), within=20)
    allow = Allow(reason, ("id",), words=(*words, "w"), every=every)
    pack = make([made], [allow])
    assert again(pack) == pack


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("method: sniff", "method must be one of"),
        ("engine: pcre", "engine must be one of"),
        ("engine: re2", "needs the method search or file"),
        ("path: '(a+)+$'", "more than 16384 bytes"),
        ("method: search", "keyword|pattern"),
        ("required: [a]", "a required part has a rule"),
    ],
)
def test_our_own_rules_say_what_is_wrong_with_them(tmp_path, field, reason):
    text = "rules: [{id: a, name: b, kind: api-key, provider: c, severity: low, remediation: d, "
    pattern = "" if field == "method: search" else "pattern: a, "
    (tmp_path / "own.yaml").write_text(text + pattern + "keywords: [abc], " + field + "}]")
    with pytest.raises(RuleError, match=reason):
        read.read(str(tmp_path / "own.yaml"))


def test_json_is_read_as_json(tmp_path):
    path = tmp_path / "rules.json"
    path.write_text(r'{"rules": [{"id": "a", "name": "\ud83d\ude00", "pattern": "acme_[a-z]{9}"}]}')
    ((made,),) = [each.rules for each in read.read(str(path))]
    assert made.name == "😀"
    for text, said in (
        ("[1", "not JSON: Expecting ',' delimiter, line 1"),
        ("[" * 100_000, "nested too deep"),
        ("9" * 5000, "a number is too large"),
        ("[NaN]", "a number is too large, or none"),
        ('["\\ud800"]', "half a character"),
    ):
        path.write_text(text)
        with pytest.raises(RuleError, match=f"rules.json: .*{said}"):
            read.read(str(path))


def test_of_a_project_s_settings_only_rules_are_taken(tmp_path):
    path = tmp_path / ".leakseal.yaml"
    path.write_text("rules: {disable: [{id: a, reason: b}]}\nallow: [{paths: [a], reason: b}]\n")
    (made,) = read.read(str(path))
    assert [(note.code, note.detail.partition(" ")[0]) for note in made.notes] == [
        ("ignored", "allow"),
        ("ignored", "rules.disable"),
    ]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("{reason: a}", "asks for nothing"),
        ("{words: [a], colour: red}", "must be a mapping with some of"),
        ("{words: 3}", "words must be a list of texts"),
        ("{patterns: ['(a+)+$']}", "more than 16384 bytes"),
        ("{patterns: ['(?=a)'], engine: re2}", "pattern is invalid"),
        ("{patterns: [a], target: file}", "target must be one of"),
        ("{filter: 'x ='}", "not understood"),
        ("{filter: [a]}", "filter must be a text"),
        ("{words: ['']}", "a word is empty"),
        ("{words: [[a]]}", "words must be a list of texts"),
        ("{words: [a], every: 'no'}", "every must be true or false"),
        ("{commits: [''], paths: [a]}", "fewer than 7 digits"),
        ("{commits: [abc]}", "fewer than 7 digits"),
        ("{words: [a], engine: perl}", "engine must be one of"),
    ],
)
def test_our_own_allow_entries_say_what_is_wrong_with_them(tmp_path, entry, reason):
    (tmp_path / "own.yaml").write_text(f"kind: api-key\nrules: []\nallow: [{entry}]\n")
    with pytest.raises(RuleError, match=f"own.yaml: allow entry 1: .*{reason}"):
        read.read(str(tmp_path / "own.yaml"))
