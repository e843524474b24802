import os
import subprocess

import pytest

from scanner.cache.place import Refused, directory


def test_the_environment_decides_where_it_is(tmp_path):
    home, xdg, own = (str(tmp_path / name) for name in ("home", "xdg", "own"))
    environ = {"HOME": home}
    assert directory(environ, "linux") == f"{home}/.cache/leakseal"
    assert directory(environ, "darwin") == f"{home}/Library/Caches/leakseal"
    environ["XDG_CACHE_HOME"] = xdg
    assert directory(environ, "linux") == f"{xdg}/leakseal"
    environ["LEAKSEAL_CACHE_DIR"] = own
    assert directory(environ, "linux") == own


def test_on_windows_it_is_below_the_local_application_data(tmp_path):
    assert directory({"LOCALAPPDATA": str(tmp_path)}, "win32") == str(tmp_path / "leakseal")
    there = tmp_path / "AppData" / "Local" / "leakseal"
    assert directory({"USERPROFILE": str(tmp_path)}, "win32") == str(there)


def test_a_relative_or_empty_xdg_cache_home_counts_as_none(tmp_path):
    for value in ("", "cache", "./cache"):
        environ = {"HOME": str(tmp_path), "XDG_CACHE_HOME": value}
        assert directory(environ, "linux") == str(tmp_path / ".cache" / "leakseal")


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}, {"HOME": "relative"}])
def test_without_a_home_there_is_none(environ):
    with pytest.raises(Refused, match="no home directory"):
        directory(environ, "linux")


def test_a_relative_directory_could_be_in_the_repository():
    with pytest.raises(Refused, match="absolute"):
        directory({"LEAKSEAL_CACHE_DIR": "cache", "HOME": "/"}, "linux")


@pytest.mark.parametrize("options", [[], ["--bare"]], ids=["work tree", "bare"])
def test_never_in_a_repository(tmp_path, options):
    subprocess.run(["git", "init", "-q", *options, tmp_path / "home"], check=True)
    (tmp_path / "link").symlink_to(tmp_path / "home")
    for home in ("home", "link"):
        with pytest.raises(Refused, match=r"lies in the repository .*home; set LEAKSEAL_CACHE_DIR"):
            directory({"HOME": str(tmp_path / home)}, "linux")
    environ = {"HOME": str(tmp_path / "home"), "LEAKSEAL_CACHE_DIR": str(tmp_path / "away")}
    assert directory(environ, "linux") == os.path.join(str(tmp_path), "away")


def test_nor_in_a_linked_work_tree_whose_git_is_a_file(tmp_path):
    (tmp_path / ".git").write_text("gitdir: elsewhere")
    with pytest.raises(Refused, match="lies in the repository"):
        directory({"HOME": str(tmp_path)}, "linux")
