"""`leakseal cache` and what `leakseal scan` does with the cache, as real processes."""

import json
import os
import stat
import subprocess
import sys

import pytest

from scanner.cache.key import Key
from scanner.cache.store import ResultCache

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX owners, modes and links")


class Home:
    """A home directory of its own for each test."""

    def __init__(self, path):
        path.mkdir()
        self.path = path
        self.root = path / ".cache" / "leakseal"
        self.results = self.root / "results"

    def run(self, *arguments, cwd=None, **changes):
        environ = {k: v for k, v in os.environ.items() if k not in _NOT_PASSED_ON}
        environ |= {"HOME": str(self.path), **changes}
        command = [sys.executable, "-m", "scanner", *map(str, arguments)]
        environ = {k: v for k, v in environ.items() if v is not None}
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, check=False, cwd=cwd
        )
        return done.returncode, done.stdout, done.stderr

    def fill(self, count):
        cache = ResultCache.open({"HOME": str(self.path)})
        for index in range(count):
            cache.put(Key("test", bytes([index]), "rules"), b"value")
        return cache.info()


_NOT_PASSED_ON = ("XDG_CACHE_HOME", "LEAKSEAL_CACHE_DIR", "LEAKSEAL_KEY")


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


@pytest.fixture
def repository(tmp_path):
    path = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", path], check=True)
    (path / "a.txt").write_text("nothing")
    return path


def files(path):
    return sorted(p for p in path.rglob("*") if not p.is_dir())


def test_both_commands_work_before_there_is_a_cache_and_make_none(home):
    assert home.run("cache", "info") == (0, f"{home.results}: 0 results, 0 bytes\n", "")
    code, output, error = home.run("cache", "info", "--json")
    nothing = {"path": str(home.results), "entries": 0, "bytes": 0, "oldest": None, "newest": None}
    assert (code, json.loads(output), error) == (0, nothing, "")
    said = f"Removed 0 results, 0 bytes from {home.results}\n"
    assert home.run("cache", "clear") == (0, said, "")
    assert list(home.path.iterdir()) == []


def test_info_tells_what_is_kept(home):
    home.fill(3)
    for index, path in enumerate(p for p in files(home.results) if len(p.name) == 64):
        os.utime(path, (0, 86400 * index))
    size = sum(p.stat().st_size for p in files(home.results) if p.name != "key")
    _, output, _ = home.run("cache", "info")
    assert output.splitlines() == [
        f"{home.results}: 3 results, {size} bytes",
        "Last used between 1970-01-01T00:00:00Z and 1970-01-03T00:00:00Z",
    ]
    assert json.loads(home.run("cache", "info", "--json")[1]) == {
        "path": str(home.results),
        "entries": 3,
        "bytes": size,
        "oldest": "1970-01-01T00:00:00Z",
        "newest": "1970-01-03T00:00:00Z",
    }


def test_clear_says_what_went_and_leaves_what_is_not_its_own(home):
    found = home.fill(2)
    (home.root / "fingerprints.jsonl").write_text("kept")
    (home.results / "notes").write_text("kept")
    code, output, _ = home.run("cache", "clear")
    assert (code, output) == (0, f"Removed 2 results, {found.bytes} bytes from {home.results}\n")
    assert files(home.root) == [home.root / "fingerprints.jsonl", home.results / "notes"]
    assert home.run("cache", "clear")[1].startswith("Removed 0 results")


@posix
@pytest.mark.parametrize("arguments", [("info",), ("info", "--json"), ("clear",)])
def test_a_cache_that_cannot_be_trusted_is_a_usage_error(home, arguments):
    home.fill(1)
    before = files(home.path)
    home.results.chmod(0o777)
    code, output, error = home.run("cache", *arguments)
    assert (code, output) == (2, "")
    assert error == f"leakseal: {home.results} can be written by others; chmod go-w it\n"
    home.results.chmod(0o700)
    (home.path / "moved").mkdir()
    home.results.rename(home.path / "moved" / "results")
    home.results.symlink_to(home.path / "moved" / "results")
    code, output, error = home.run("cache", *arguments)
    assert (code, output, "symbolic link" in error) == (2, "", True)
    assert len(files(home.path / "moved")) == len(before)


@pytest.mark.parametrize("arguments", [("info",), ("clear",)])
def test_without_a_home_there_is_a_usage_error(home, arguments):
    code, output, error = home.run("cache", *arguments, HOME=None)
    assert (code, output) == (2, "")
    assert error == (
        "leakseal: there is no home directory; set LEAKSEAL_CACHE_DIR to a directory elsewhere\n"
    )


def test_a_path_is_shown_without_what_a_terminal_would_act_upon(home, tmp_path):
    place = f"{tmp_path}/\x1b[31m"
    _, output, _ = home.run("cache", "info", LEAKSEAL_CACHE_DIR=place)
    assert "\x1b" not in output
    os.mkdir(place)
    os.chmod(place, 0o777)
    assert "\x1b" not in home.run("cache", "info", LEAKSEAL_CACHE_DIR=place)[2]


def test_wrong_usage_of_the_group(home):
    assert home.run("cache", "nonsense")[0] == 2
    assert home.run("cache", "info", "more")[0] == 2
    code, output, _ = home.run("cache", "--help")
    assert code == 0
    assert "clear" in output
    assert list(home.path.iterdir()) == []


@posix
def test_a_scan_opens_the_cache_for_the_user_alone(home, repository):
    assert home.run("scan", repository)[0] == 0
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.results.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "options", [["--no-cache"], ["--staged"], ["--no-history"], ["--since", "2 days ago"]]
)
def test_a_scan_that_has_no_use_for_the_cache_makes_none(home, repository, options):
    assert home.run("scan", repository, *options)[0] == 0
    assert not home.results.exists()


def test_a_file_or_standard_input_needs_no_cache(home, repository):
    assert home.run("scan", repository / "a.txt")[0] == 0
    assert home.run("scan", "-")[0] == 0
    assert not home.results.exists()


@posix
def test_a_scan_works_without_a_cache_and_says_so_only_if_asked(home, repository):
    (home.path / "file").write_text("")
    home.results.mkdir(parents=True)
    home.results.chmod(0o777)
    expected = home.run("scan", repository, "-f", "json", "--no-cache")[1]
    for changes in (
        {},
        {"HOME": None},
        {"HOME": str(home.path / "file")},
        {"LEAKSEAL_CACHE_DIR": "relative"},
        {"LEAKSEAL_CACHE_DIR": "/proc/nowhere"},
        {"LEAKSEAL_CACHE_DIR": str(repository / "cache")},
    ):
        code, output, error = home.run("scan", repository, "-v", "-f", "json", **changes)
        assert (code, json.loads(output)["findings"]) == (0, json.loads(expected)["findings"])
        assert error.startswith("leakseal: no cache: ")
        assert len(error.splitlines()) == 1
    assert home.run("scan", repository)[::2] == (0, "")
    assert not (repository / "cache").exists()


def test_the_repository_cannot_bring_a_cache(home, repository):
    (repository / ".cache").mkdir()
    code, _, error = home.run("scan", ".", "-v", cwd=repository, HOME=str(repository))
    assert (code, "lies in the repository" in error) == (0, True)
    assert not (repository / ".cache" / "leakseal" / "results").exists()
