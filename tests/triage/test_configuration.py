"""What a project's own settings make of the rules, and what is wrong with some."""

import os

import pace
import pytest

from scanner.errors import UsageError
from scanner.model import Severity
from scanner.rulepack import samples
from scanner.rulepack.pack import builtin
from scanner.triage import configuration
from scanner.triage.settings_file import NAME

RULE = """
  - id: acme-key
    name: Acme key
    kind: api-key
    provider: Acme
    severity: high
    keywords: [acme_live_]
    pattern: '{{left}}acme_live_[a-z]{20}{{right}}'
    remediation: https://acme.example/keys
"""
BOMB = "&a [x, x, x, x, x, x, x, x]"  # eight to the eighth
for before, name in zip("abcdefg", "bcdefgh", strict=True):
    BOMB = f"&{name} [{BOMB}{f', *{before}' * 7}]"
DEEP = f"{'(' * 900}acme_live_{')' * 900}["


def read(tmp_path, text):
    path = tmp_path / NAME
    path.write_text(text)
    return configuration.read(str(path), builtin())


def rules(found):
    return {rule.id: rule for rule in found.pack.rules}


def test_an_empty_file_changes_nothing(tmp_path):
    assert read(tmp_path, "").pack == builtin()


def test_a_rule_is_added(tmp_path):
    found = read(tmp_path, f"rules:\n  add:{RULE}")
    assert rules(found)["acme-key"].severity is Severity.HIGH
    assert found.pack.digest != builtin().digest


def test_a_rule_is_changed_and_says_why(tmp_path):
    text = """
rules:
  extend:
  - id: generic-password
    keywords: [Geheim]
    severity: critical
    reason: German names
"""
    found = read(tmp_path, text)
    rule = rules(found)["generic-password"]
    assert rule.severity is Severity.CRITICAL
    assert "geheim" in rule.keywords
    assert "password" in rule.keywords
    assert found.notes == (("generic-password", "was changed: German names"),)


def test_a_rule_is_switched_off_and_says_why(tmp_path):
    found = read(tmp_path, "rules: {disable: [{id: generic-password, reason: too much}]}")
    assert "generic-password" not in rules(found)
    assert found.notes == (("generic-password", "was switched off: too much"),)


def test_settings_do_not_change_the_digest_unless_rules_change(tmp_path):
    found = read(tmp_path, "allow: [{paths: ['*.snap'], reason: snapshots}]")
    assert found.pack.digest == builtin().digest
    assert found.allow[0].reason == "snapshots"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "must be a mapping"),
        ("version: 2", "version must be 1"),
        ("ruls: {}", "unknown field ruls; is rules meant?"),
        ("allow: []\nversion: 1\nallow: []", "a key stands there twice, line 3"),
        ("allow:\n- {reason: x, paths: [a], paths: [b]}", "a key stands there twice, line 2"),
        ("rules: {drop: []}", "unknown field drop"),
        ("rules: {disable: [{id: generic-password}]}", "entry 1 of disable needs a reason"),
        ("rules: {disable: [{reason: x}]}", "needs the id of a rule"),
        ("rules: {disable: [{id: generic-pasword, reason: x}]}", "is generic-password meant?"),
        ("rules: {disable: [{id: zzz, reason: x}]}", "leakseal rules list"),
        ("rules: {extend: [{id: generic-password, reason: x, severity: huge}]}", "must be one of"),
        ("rules: {extend: [{id: generic-password, reason: x, keywords: [ab]}]}", "keyword"),
        ("rules: {extend: [{id: generic-password, reason: x, pattern: y}]}", "unknown field"),
        (f"rules:\n  add:{RULE.replace('acme-key', 'generic-password')}", "extend it"),
        (f"rules:\n  add:{RULE.replace('{20}', '*')}", "bound every repeat"),
        ("rules: {add: {}}", "must be a list"),
        ("allow: [{paths: ['*.snap']}]", "entry 1 of allow needs a reason"),
        ("allow: [{reason: everything}]", "needs one of rules, paths, commits, fingerprints"),
        ("allow: [{paths: ['/'], reason: x}]", "is no glob"),
        ("allow: [{commits: [abc], reason: x}]", "is no commit id"),
        ("allow: [{rules: [nope], paths: [a], reason: x}]", "there is no rule nope"),
        ("allow: {}", "must be a list"),
        ("a: [b", "not YAML: did not find expected ',' or ']', line 2"),
        ("allow: &a [*a]", "too much together"),
        ("!!python/object/apply:os.system [true]", "not YAML"),
        ("version: true", "version must be 1"),
        ("version: 2024-13-45", "a value is none of the type that it is written as"),
        ("a: !!timestamp x", "a value is none of the type"),
        ("a: !!bool x", "a value is none of the type"),
        ("a: !!int ''", "a value is none of the type"),
        (f"version: {'9' * 5000}", "a value is none of the type"),
        (f"version: 0x{'f' * 5000}", "a number is too large"),
        ("version: .nan", "a number is too large, or none"),
        (f"allow: [{{reason: {BOMB}, paths: [a]}}]", "too much together"),
        ("allow: [{reason: [a], paths: [a]}]", "entry 1 of allow needs a reason"),
        ("allow: [{reason: x, commits: [0123456]}]", "in quotes if they are digits"),
        ("allow: [{reason: x, commits: [12345678]}]", "in quotes if they are digits"),
        ("rules: {extend: [{id: generic-password, reason: x, min_entropy: a}]}", "a number"),
        ("rules: {extend: [{id: generic-password, reason: x, remediation: [a]}]}", "a text"),
        (f"rules:\n  add:{RULE}    lead: 2000\n", "lead must be a number from 0 to 1024"),
        (f"rules:\n  add:{RULE.replace('[acme_live_]', 'acme_live_')}", "must be a list of texts"),
        (f"rules:\n  add:{RULE}    required: [{{lines: 5}}]\n", "a required part has a rule"),
        (f"rules:\n  add:{RULE.replace('acme_live_[', DEEP)}", "nested too deep"),
    ],
)
def test_mistakes_are_named(tmp_path, text, said):
    with pytest.raises(UsageError, match=r"\.leakseal\.yaml") as error:
        read(tmp_path, text)
    assert said in str(error.value)


@pytest.mark.parametrize("text", ["a: !{} b", "a: *{}", "{}: &{} [", "a: !!int '{}'", "'{}"])
def test_a_mistake_does_not_quote_what_may_be_a_secret(tmp_path, text):
    secret = samples.expand("<<alnum 24>>")
    with pytest.raises(UsageError) as error:
        read(tmp_path, text.replace("{}", secret))
    assert secret not in str(error.value)


@pytest.mark.parametrize("text", ["[" * 500_000, "{a: " * 200_000, "- " * 500_000, "? " * 500_000])
def test_a_deep_file_is_refused(tmp_path, text):
    def work():
        with pytest.raises(UsageError, match=r"(nested more than 100|maximum nesting).*, line 1"):
            read(tmp_path, text)

    assert pace.cost(work) < 200


def test_a_large_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        read(tmp_path, "#" * (1 << 20) + "\n")


def test_only_a_regular_file_of_ones_own_counts(tmp_path):
    path = tmp_path / NAME
    path.write_text("")
    link = tmp_path / "link"
    link.symlink_to(path)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert configuration.read_own(str(path), builtin()).pack == builtin()
    for other in (link, pipe, tmp_path, tmp_path / "none", tmp_path / "none" / "none"):
        assert configuration.read_own(str(other), builtin()) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_does_not_count(tmp_path):
    path = tmp_path / NAME
    path.write_text("")
    os.chown(path, 12345, -1)
    assert configuration.read_own(str(path), builtin()) is None
