"""Where others are told to install leakseal from."""

import json
import subprocess

import pytest

from scanner import __version__
from scanner.adopt import source as module
from scanner.adopt.source import source
from scanner.errors import UsageError

RELEASE = f"v{__version__}"


class Distribution:
    """What pip notes of an installation."""

    def __init__(self, noted):
        self._noted = noted

    def read_text(self, name):
        assert name == "direct_url.json"
        return None if self._noted is None else json.dumps(self._noted)


@pytest.fixture
def installed(monkeypatch):
    def install(noted):
        monkeypatch.setattr(module.metadata, "distribution", lambda _: Distribution(noted))

    return install


@pytest.fixture
def clone(tmp_path):
    def git(*arguments):
        command = ["git", "-c", "user.name=A", "-c", "user.email=a@b.example", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True)
        return done.stdout.strip()

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "First")
    return git


@pytest.mark.parametrize(
    ("asked", "revision"), [(RELEASE, RELEASE), ("main", "c" * 40), (None, "c" * 40)]
)
def test_what_pip_took_from_git_is_named_by_its_tag_or_commit(installed, asked, revision):
    vcs = {"vcs": "git", "commit_id": "c" * 40}
    if asked:
        vcs["requested_revision"] = asked
    installed({"url": "https://user:word@git.example/leakseal", "vcs_info": vcs})
    found = source(None, None)
    assert found == ("https://git.example/leakseal", revision)
    assert found.released == (asked == RELEASE)
    assert found.requirement == f"git+https://git.example/leakseal@{revision}"


def test_a_clone_is_named_by_its_origin_and_what_it_is_at(installed, clone, tmp_path):
    installed({"url": tmp_path.as_uri(), "dir_info": {}})
    head = clone("rev-parse", "HEAD")
    assert source(None, None) == (tmp_path.as_uri(), head)
    assert source(None, None).is_local
    clone("tag", "-am", "Release", RELEASE)
    clone("remote", "add", "origin", "ssh://git:word@git.example/leakseal.git")
    assert source(None, None) == ("ssh://git@git.example/leakseal.git", RELEASE)
    assert source("https://mirror.example/l", None) == ("https://mirror.example/l", RELEASE)
    clone("commit", "-q", "--allow-empty", "-m", "Second")
    assert source(None, None).revision == clone("rev-parse", "HEAD")


@pytest.mark.parametrize(
    "noted", [None, {}, {"url": "file:///gone"}, {"url": "https://x.example/l.whl"}]
)
def test_what_is_not_known_is_asked_for(installed, noted):
    installed(noted)
    with pytest.raises(UsageError, match="--source"):
        source(None, None)
    assert source("https://git.example/l", None).revision == RELEASE


def test_pip_gets_urls_that_it_understands():
    for url, taken in {
        "git@git.example:acme/l.git": "git+ssh://git@git.example/acme/l.git@v1",
        "/srv/git/l l": "git+file:///srv/git/l%20l@v1",
        "https://git.example/l": "git+https://git.example/l@v1",
    }.items():
        assert source(url, "v1").requirement == taken


@pytest.mark.parametrize("text", ["a b", "a\nb", "$(id)", "a'b", 'a"b', "-x", "a`b", "a;b", "é"])
def test_what_a_shell_or_yaml_would_act_upon_is_refused(text):
    with pytest.raises(UsageError):
        source(text, "v1")
    with pytest.raises(UsageError):
        source("https://git.example/l", text)
