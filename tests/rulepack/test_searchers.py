"""Patterns that are searched for, in both engines, on text and on what is none."""

import pytest

from scanner.errors import RuleError
from scanner.rulepack.searchers import any_of, engine_name, is_utf8, searcher


def spans(pattern, text, engine="re2"):
    return [*searcher(pattern, engine).spans(text, utf8=is_utf8(text))]


@pytest.mark.parametrize("engine", ["python", "re2"])
def test_matches_come_one_after_the_other(engine):
    assert spans("ab+", b"ab abb b abbb", engine) == [(0, 2), (3, 6), (9, 13)]
    assert spans("x*", b"aaxxaa", engine) == [(2, 4)]


def test_a_character_of_utf8_is_one_character():
    text = "key=äöü;".encode()
    assert spans("=(...);", text) == [(3, 11)]
    assert spans("=(.{6});", text) == []


def test_what_is_no_utf8_is_read_byte_by_byte():
    text = "key=äöü;".encode("latin-1")
    assert spans("=(...);", text) == [(3, 8)]


def test_groups_by_number_and_name():
    found = searcher("(a)(?P<secret>b)?", "re2")
    assert (found.groups, found.names) == (2, {"secret": 2})
    assert found.parts(b"xab") == [(1, 3), (1, 2), (2, 3)]
    assert found.parts(b"xa") == [(1, 2), (1, 2), (-1, -1)]
    assert found.parts(b"x") == []


def test_any_of_several():
    found = any_of(("^a", "b$"), "re2")
    assert [found.found(text) for text in (b"ax", b"xb", b"xax")] == [True, True, False]


@pytest.mark.parametrize("engine", ["python", "re2"])
def test_any_of_several_that_do_not_go_together(engine):
    found = any_of(("(?P<a>x+)y", "(?i)^(?P<a>KEY)"), engine)
    assert [found.found(text) for text in (b"xxy", b"key", b"x")] == [True, True, False]
    assert found.parts(b"key xxy")[0] == (0, 3)
    assert found.parts(b"xy key")[0] == (0, 2)
    assert found.parts(b"") == []
    if engine == "python":
        found = any_of(("(a)b", r"(c)\1"), engine)
        assert [found.found(text) for text in (b"ab", b"cc", b"ca")] == [True, True, False]


@pytest.mark.parametrize(
    ("engine", "pattern"),
    [
        ("re2", "(?=a)"),
        ("re2", r"(a)\1"),
        ("re2", "a++"),
        ("re2", "("),
        ("python", "("),
        ("re2", "a{2000}"),
    ],
)
def test_patterns_that_are_refused(engine, pattern):
    with pytest.raises(RuleError, match="pattern is invalid: "):
        searcher(pattern, engine)


def test_a_pattern_has_only_so_many_groups():
    with pytest.raises(RuleError, match="more than 100 groups"):
        searcher("(" * 20_000 + "a" + ")" * 20_000, "re2")


def test_engines_have_names_with_versions():
    assert engine_name("python") == "python"
    assert engine_name("re2").startswith("re2 1.")
