"""The manual pages: as `--help` says, up to date, and sound for those who format them."""

import shutil
import subprocess
from pathlib import Path

import pytest

import scanner
from scanner.cli import man

FOLDER = Path(scanner.__file__).parents[1] / "man"


@pytest.fixture(scope="module")
def pages():
    return man.pages()


def test_the_pages_are_up_to_date(pages):
    there = {path.name: path.read_text("ascii") for path in FOLDER.iterdir()}
    assert there == pages, "make them anew: python -m scanner.cli.man man"


def test_every_option_of_every_command_is_in_its_page(pages):
    page = pages["leakseal-scan.1"].replace("\\-", "-")
    for option in ("--no-history", "--format", "--show-secrets", "--audit", "-h"):
        assert f"\\fB{option}\\fR" in page
    assert "leakseal rules import" in pages["leakseal-rules.1"]
    assert "--answer" not in pages["leakseal-completion.1"].replace("\\-", "-"), "it is hidden"


def test_every_page_tells_the_exit_codes_of_its_command(pages):
    told = {name: exit_codes(page) for name, page in pages.items()}
    assert all(codes["2"] for name, codes in told.items())
    assert told["leakseal.1"] == told["leakseal-scan.1"] == told["leakseal-guard.1"]
    assert told["leakseal-scan.1"]["1"] == "leaks were found"
    assert list(told["leakseal-import.1"]) == ["0", "1", "2", "3"]
    assert told["leakseal-import.1"]["2"] == "a file cannot be used, or nobody agreed"
    assert list(told["leakseal-migrate.1"]) == ["0", "1", "2", "3", "4", "5"]
    assert told["leakseal-run.1"]["126, 127"] == "the command cannot be run"
    assert "1" not in told["leakseal-init.1"]


def exit_codes(page):
    """What a page's section of that name says, by code."""
    section = page.partition(".SH EXIT STATUS\n")[2].partition(".SH ")[0].replace("\\-", "-")
    items = [item.splitlines() for item in section.split(".TP\n")[1:]]
    return {label[3:-3]: " ".join(meaning) for label, *meaning in items}


def test_pages_are_written_where_asked(tmp_path, pages):
    assert man.main([str(tmp_path / "new")]) == 0
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(pages)
    assert man.main([]) == 2


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_groff_has_nothing_to_say_against_any_page():
    files = sorted(FOLDER.glob("*.1"))
    command = ["groff", "-man", "-Tutf8", "-ww", *files]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    for file in files:
        assert file.stem.upper().encode() in done.stdout.replace("\u2010".encode(), b"-")


@pytest.mark.skipif(not shutil.which("man"), reason="man is not installed")
def test_man_shows_a_page():
    command = ["man", "--warnings", "-l", str(FOLDER / "leakseal-install-hook.1")]
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"}
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert done.stderr == b""
    assert b"--uninstall" in done.stdout
