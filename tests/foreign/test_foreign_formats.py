"""Files of other tools: told by what is in them, read in part where they are odd."""

import json
from itertools import pairwise

import elsewhere
import pytest
from elsewhere import Shop
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import UsageError
from scanner.foreign.known import Exclusion, Foreign
from scanner.foreign.recognise import read
from scanner.foreign.settings_entries import missing


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return Shop(tmp_path_factory.mktemp("formats") / "shop")


@pytest.fixture
def taken(tmp_path):
    def of(content, name="file", tool=""):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(str(path), tool, frozenset(("github-app-token",)))

    return of


def places(foreign):
    return {(known.path, known.line) for known in foreign.known}


HERE = {("deploy.sh", 3), ("conf/app.env", 2), ("src/old.py", 1)}
MADE = {
    "gitleaks": elsewhere.gitleaks_report,
    "detect-secrets": elsewhere.detect_secrets_baseline,
    "trufflehog": elsewhere.trufflehog_report,
    "kingfisher": elsewhere.kingfisher_report,
}


@pytest.mark.parametrize("tool", MADE)
def test_a_report_is_told_by_its_content(shop, taken, tool):
    found = taken(MADE[tool](shop), "without-a-name")
    assert found.tool == tool
    assert {(k.path.removeprefix("./"), k.line) for k in found.known} == HERE


def test_byte_order_marks_and_utf_16_are_read(shop, taken):
    for encoding in ("utf-8-sig", "utf-16"):
        assert places(taken(elsewhere.gitleaks_report(shop).encode(encoding))) == HERE


def test_ignores_have_commits_or_not_and_backslashes(taken):
    found = taken(f"{'a' * 40}:a\\b.txt:jwt:3\nc d.txt:private-key:1\n# x:y:1\n")
    assert [(k.commit, k.path, k.rule, k.line) for k in found.known] == [
        ("a" * 40, "a/b.txt", "jwt", 3),
        ("", "c d.txt", "private-key", 1),
    ]
    assert taken("", ".betterleaksignore").tool == "betterleaks"
    assert taken("# none\n", ".gitleaksignore") == Foreign("gitleaks", ".gitleaksignore")
    assert taken("no\na:b:1\n", ".gitleaksignore").untaken[0].label == "line 1"


def test_what_betterleaks_says_of_attributes_counts(taken):
    entry = {"RuleID": "jwt", "StartLine": 2, "Secret": "x", "Fingerprint": "f"}
    entry["Attributes"] = {"path": "a.txt", "git.sha": "b" * 40}
    found = taken(json.dumps([entry]), "betterleaks.json")
    assert found.tool == "betterleaks"
    assert (found.known[0].path, found.known[0].commit) == ("a.txt", "b" * 40)


def test_an_empty_report_knows_nothing(taken):
    assert taken("[]", "gl.json") == Foreign("gitleaks", "gl.json")
    assert taken('{"findings": [], "plugins_used": [], "results": {}}').known == ()


def test_lines_of_a_log_between_findings_are_passed_over(shop, taken):
    log = "🐷 Unearthing secrets\n" + elsewhere.trufflehog_report(shop) + '{"level": "info"}\n'
    assert places(taken("{}\n" + log)) == HERE


def test_parts_of_a_credential_are_kept_as_values_and_never_shown(taken):
    entry = json.dumps(
        {
            "SourceMetadata": {"Data": {"Filesystem": {"file": "/x/a.ini", "line": 2}}},
            "DetectorName": "AWS",
            "Verified": True,
            "Raw": "an-id",
            "RawV2": "an-id:a-long-secret",
        }
    )
    found = taken(entry)
    known = found.known[0]
    assert [value.reveal() for value in known.values] == [b"an-id", b"an-id:a-long-secret"]
    assert "an-id" not in repr(found)
    assert found.notes == ("verified there as live: 1; rotate them",)


def test_filters_of_detect_secrets(shop, taken):
    filters = [
        {"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": [r"^a/", r"\w+x"]},
        {"path": "detect_secrets.filters.regex.should_exclude_line", "pattern": ["nope"]},
        {"path": "detect_secrets.filters.regex.should_exclude_secret", "pattern": ["nope"]},
        {"path": "detect_secrets.filters.wordlist.should_exclude_secret", "file_name": "words"},
        {"path": "file://own.py::is_ours"},
        {"path": "detect_secrets.filters.heuristic.is_lock_file"},
    ]
    plugins = [{"name": "Own", "path": "file://own.py"}, {"name": "JwtTokenDetector"}]
    found = taken(
        elsewhere.detect_secrets_baseline(shop, filters_used=filters, plugins_used=plugins)
    )
    assert found.exclusions == (Exclusion("files ^a/", "", ("/a/**",)),)
    assert {(u.label, u.why.split(" ", 1)[0]) for u in found.untaken} == {
        ("plugin Own", "that"),
        (r"files \w+x", "globs"),
        ("a pattern for line", "a"),
        ("a pattern for secret", "a"),
        ("words of words", "a"),
        ("filter file://own.py::is_ours", "that"),
    }


def test_filters_of_old_detect_secrets(shop, taken):
    old = elsewhere.detect_secrets_baseline(shop, exclude={"files": "^a/", "lines": "x"})
    assert taken(old).exclusions[0].paths == ("/a/**",)
    assert taken(elsewhere.detect_secrets_baseline(shop, exclude_regex="^b/")).exclusions


def test_an_old_baseline_of_kingfisher(taken):
    found = taken(
        "ExactFindings:\n  matches:\n  - filepath: a.rb\n    fingerprint: 8c\n    linenum: 5\n"
    )
    assert (found.tool, places(found)) == ("kingfisher", {("a.rb", 5)})


def test_settings_of_ggshield_old_and_new(taken):
    new = taken(
        "version: 2\nexit_zero: true\nsecret:\n  ignored_paths: [docs/, '*.md', /a/b.c, x/**/y]\n"
        "  ignored_detectors: [Generic Password]\n  ignored_matches:\n"
        f"  - {{name: one, match: {'a' * 64}}}\n  - {{match: in clear}}\n"
    )
    globs = [glob for exclusion in new.exclusions for glob in exclusion.paths]
    assert globs == ["**/docs/**", "**/?*.md", "/a/b.c", "**/x/**/y"]
    assert {untaken.label for untaken in new.untaken} == {"detector Generic Password", "exit_zero"}
    assert [known.signature for known in new.known] == ["a" * 64, ""]
    assert [value.reveal() for value in new.known[1].values] == [b"in clear"]
    old = taken(f"paths-ignore: ['docs/']\nmatches-ignore: ['{'b' * 64}']\nall-policies: true\n")
    assert old.exclusions[0].paths == ("**/docs/**",)
    assert old.known[0].signature == "b" * 64


def test_the_cache_of_ggshield(taken):
    content = {"last_found_secrets": [{"match": "c" * 64, "name": "x"}, {"match": 1}, 2]}
    found = taken(json.dumps(content), ".cache_ggshield")
    assert (found.tool, [k.signature for k in found.known]) == ("ggshield", ["c" * 64])


CONFIGURATION = r"""
[extend]
useDefault = true
[[rules]]
id = "acme"
regex = '''acme_[a-z]{20}'''
  [[rules.allowlists]]
  paths = ['''^docs/''']
[[rules]]
id = "github-app-token"
  [[rules.allowlists]]
  paths = ['''^lib/''']
[[allowlists]]
description = "fixtures"
paths = ['''^fixtures/''', '''\w+/x''']
commits = ["0123456789abcdef", "release-1"]
regexes = ['''EXAMPLE$''']
stopwords = ["changeme"]
[[allowlists]]
condition = "AND"
paths = ['''^conf/''']
commits = ["0123456789abcdef"]
[[allowlists]]
condition = "AND"
paths = ['''^conf/''']
regexes = ['''x''']
"""


def test_allowlists_of_gitleaks(taken):
    found = taken(CONFIGURATION, ".gitleaks.toml")
    assert {(e.reason, e.paths, e.commits, e.rules) for e in found.exclusions} == {
        ("", ("/lib/**",), (), ("github-app-token",)),
        ("fixtures", ("/fixtures/**",), (), ()),
        ("fixtures", (), ("0123456789abcdef",), ()),
        ("", ("/conf/**",), ("0123456789abcdef",), ()),
    }
    assert len(found.untaken) == 6
    assert "leakseal scan --rules" in found.notes[0]


@pytest.mark.parametrize(
    "content",
    [
        *("", "what is this\n", "{}", "[1]", '{"a": 1}', "a: 1\n", "[[rules]\n", "- a\n", "null"),
        *(
            "{",
            "[",
            '[{"RuleID": 1}, {}]',
            "[" * 100_000,
            '{"a":' * 100_000,
            "\x00",
            "a: &a [*a]\n",
        ),
        *("a: {" * 1000, '{"n": ' + "9" * 10_000 + "}", "version: 2\n", "&a : *a"),
        b"\xff\xfe\x00",
        b"\x89PNG\r\n\x1a\n\x00\xff",
    ],
)
def test_what_is_no_such_file_is_refused_in_a_line(taken, content):
    with pytest.raises(UsageError) as caught:
        taken(content)
    assert len(str(caught.value).splitlines()) == 1


def test_references_that_stand_for_too_much_are_refused(taken):
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in pairwise("abcdefghi")]
    with pytest.raises(UsageError):
        taken("\n".join([*lines, "secret: {ignored_paths: *i}"]))


_KEYS = st.sampled_from(
    (
        *("RuleID", "File", "Fingerprint", "StartLine", "Secret", "Commit", "Attributes"),
        *("plugins_used", "results", "filters_used", "path", "pattern", "hashed_secret", "type"),
        *("DetectorName", "SourceMetadata", "Data", "Raw", "rule", "finding", "findings", "line"),
        *("repositories", "version", "secret", "ignored_matches", "ignored_paths", "match"),
        *("last_found_secrets", "ExactFindings", "matches", "is_secret", "exclude", "git_metadata"),
    )
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=30,
)


@given(_JSON, st.sampled_from(("json", "lines", "yaml")))
def test_odd_documents_are_read_or_refused(tmp_path_factory, document, form):
    path = tmp_path_factory.getbasetemp() / "odd"
    text = json.dumps(document)
    path.write_text({"json": text, "lines": text + "\n" + text, "yaml": f"# x\n{text}"}[form])
    try:
        found = read(str(path), "", frozenset())
    except UsageError:
        return
    assert all(isinstance(known.label, str) and known.line >= 0 for known in found.known)


def test_what_is_excluded_already_is_not_said_again():
    text = "allow:\n- paths: ['/a/**', b]\n  reason: x\n- commits: ['0123456']\n  reason: y\n"
    wanted = [
        (Exclusion("", "", ("/a/**", "c")), "one"),
        (Exclusion("", "", ("d", "d/**")), "one"),
        (Exclusion("", "", (), ("0123456",)), "two"),
        (Exclusion("", "", ("e",), (), ("jwt",)), "one"),
        (Exclusion("", "", ("f",), ("0123456",)), "three"),
    ]
    assert missing(text, wanted, {"owner": "ann"}) == [
        {"paths": ["f"], "commits": ["0123456"], "reason": "three", "owner": "ann"},
        {"paths": ["c", "d"], "reason": "one", "owner": "ann"},
        {"paths": ["e"], "rules": ["jwt"], "reason": "one", "owner": "ann"},
    ]


@pytest.mark.parametrize("text", ["- a", "allow: 1", "a: ["])
def test_settings_that_are_none_are_refused(text):
    with pytest.raises(UsageError):
        missing(text, [(Exclusion("", "", ("a",)), "x")], {})
