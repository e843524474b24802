import re

import pace
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Occurrence, State
from scanner.triage.globs import pattern
from scanner.triage.paths import inside


def at(path, place="file"):
    return Occurrence(place, path, "", 1, 1, 0, 1, (), State.HEAD)


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("*.env", b"conf/prod.env", True),
        ("*.env", b"prod.environment", False),
        ("conf/*.env", b"conf/prod.env", True),
        ("conf/*.env", b"conf/a/prod.env", False),
        ("conf/**", b"conf/a/prod.env", True),
        ("conf/**/prod.env", b"conf/prod.env", True),
        ("conf/a**/b", b"conf/a/b", True),
        ("conf/a**/b", b"conf/ac/d/b", True),
        ("conf/a**/b", b"conf/ab", False),
        ("conf", b"conf/a/b", True),
        ("conf", b"x/conf/a", True),
        ("/conf/a", b"conf/a", True),
        ("conf", b"config/a", False),
        ("a?c", b"abc", True),
        ("a?c", b"a/c", False),
        ("[!x]bc", b"abc", True),
        ("[!x]bc", b"xbc", False),
        ("a[!x]c", b"a/c", False),
        ("a[+-9]c", b"a/c", False),
        ("a.c", b"abc", False),
        ("a[", b"a[", True),
        ("été", "été".encode(), True),
    ],
)
def test_globs(glob, path, expected):
    assert inside([glob])(at(path)) is expected


PLAIN = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]", "[!a]": "[^a/]"}
PIECES = st.lists(st.sampled_from(["a", "b", "/", *PLAIN]), min_size=1, max_size=8)
PATHS = st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=4).map("/".join)


@given(PIECES.map("".join), st.lists(PATHS, max_size=5))
def test_no_place_is_passed_over_that_would_match(glob, paths):
    found = pattern(glob)
    if found is None:
        return
    pieces = re.findall(r"(?<![^/])\*\*/|\*\*|\[!a\]|.", glob.strip("/"))
    rooted = "/" in glob.rstrip("/")
    body = "".join(PLAIN.get(piece, piece) for piece in pieces)
    plain = f"(?s:{'' if rooted else '(?:[^/]+/)*'}{body}(?:/.*)?)"
    for path in paths:
        assert bool(re.match(found, path)) == bool(re.fullmatch(plain, path))


@pytest.mark.parametrize(
    "glob",
    [
        *("*a" * 20 + "*b", "**/*test*x*.js", "**/a/" * 20 + "b", "**a" * 9),
        *("*a**a?*a**/a**/**a*a***a", "**a**/?**a**a**/a***a***a", "a**/" * 20 + "b"),
    ],
)
@pytest.mark.parametrize("path", [b"a" * 9000, b"test" * 4000, b"a/" * 4000])
def test_many_places_of_a_text_take_no_long_time(glob, path):
    assert pace.cost(lambda: inside([glob])(at(path + b"/z"))) < 200


def test_only_files_have_paths():
    assert not inside(["**"])(at(b"refs/heads/main", "ref"))
    assert inside(["x", "*.py"])(at(b"a.py"))
