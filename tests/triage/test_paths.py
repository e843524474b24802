import pytest

from scanner.model import Occurrence, State
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
        ("conf", b"conf/a/b", True),
        ("conf", b"x/conf/a", True),
        ("/conf/a", b"conf/a", True),
        ("conf", b"config/a", False),
        ("a?c", b"abc", True),
        ("a?c", b"a/c", False),
        ("[!x]bc", b"abc", True),
        ("[!x]bc", b"xbc", False),
        ("a.c", b"abc", False),
        ("a[", b"a[", True),
        ("été", "été".encode(), True),
    ],
)
def test_globs(glob, path, expected):
    assert inside([glob])(at(path)) is expected


def test_only_files_have_paths():
    assert not inside(["**"])(at(b"refs/heads/main", "ref"))
    assert inside(["x", "*.py"])(at(b"a.py"))
