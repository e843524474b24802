"""Regular expressions over paths as globs: exact, or not at all."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.foreign.path_patterns import globs
from scanner.triage.globs import pattern


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (r"^vendor/", ("/vendor/**",)),
        (r"(^|/)vendor/", ("**/vendor/**",)),
        (r"/vendor/", ("*/**/vendor/**",)),
        (r"^src/[^/]*\.py$", ("/src/*.py",)),
        (r"\.lock$", ("*.lock",)),
        (r"package-lock\.json", ("**package-lock.json**",)),
        (r"(?i)\.md$", ("*.[mM][dD]",)),
        (r"\.(?:png|jpe?g)$", ("*.png", "*.jpeg", "*.jpg")),
        (r"^tests?/.*\.py$", ("/tests/**.py", "/test/**.py")),
        (r"^v\d/", ("/v[0-9]/**",)),
        (r"go.sum$", ("*go?sum",)),
        (r"^what\?\[1\*", ("/what[?][[]1[*]**",)),
    ],
)
def test_what_globs_say_is_translated(expression, expected):
    assert globs(expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        *(r".*", r"", r"^", r"/", r"\w+\.py", r"(a|b)+", r"a{2}", r"^(?!x)", r"(?=x)y", r"x*"),
        *(r"[^a]x", r"[/a]x", r"(unclosed", r"closed)", r"[unclosed", r"a\b", r"\p{L}x", "\\"),
        *(r"a$b", r"a^b", r"^/a", r"a/$", r"é(?i)", r"(?i)é", r"(?s)a", r"a?+b", "[!a]x", r"a\1"),
        *("(" * 40 + "a" + ")" * 40, "(a|b)" * 10, "a" * 2000, r"[^/]*.*a"),
    ],
)
def test_what_globs_do_not_say_is_left(expression):
    assert globs(expression) is None


_ATOMS = (
    "a",
    "b",
    r"\.",
    "/",
    "x",
    ".*",
    "[^/]*",
    "(a|b)",
    "(?:x|/a)",
    "b?",
    "[ab]",
    "(^|/)",
    "a/",
)
_NAMES = st.text("abx.", min_size=1, max_size=3)
_PATHS = st.lists(_NAMES, min_size=1, max_size=4).map("/".join)


@given(
    st.sampled_from(("", "^")),
    st.lists(st.sampled_from(_ATOMS), min_size=1, max_size=5).map("".join),
    st.sampled_from(("", "$")),
    st.lists(_PATHS, min_size=1, max_size=20),
)
def test_globs_match_exactly_where_the_expression_is_found(begin, body, end, paths):
    expression = begin + body + end
    found = globs(expression)
    if found is None:
        return
    compiled = [re.compile(pattern(glob).encode()) for glob in found]
    for path in paths:
        folders = [path[:at] for at, c in enumerate(path) if c == "/"]
        if any(p.match(folder.encode()) for p in compiled for folder in folders):
            continue  # a glob of a directory means what is in it, which narrow looks after
        there = any(p.match(path.encode()) for p in compiled)
        assert there == bool(re.search(expression, path)), path


@given(st.text(r"ab/.*?+^$()|[]\{}1,-", max_size=30))
def test_no_expression_is_too_odd(expression):
    for glob in globs(expression) or ():
        assert pattern(glob) is not None
