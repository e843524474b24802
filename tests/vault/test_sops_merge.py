"""Two branches that each added an entry, merged by git itself."""

import os
import subprocess

import pytest
from sops_files import NAME, Home

from scanner.model import Secret
from scanner.vault.store import IntegrityError, Outcome

ACCEPT = f"sops://{NAME}?merged=accept"
SETTINGS = ("init.defaultBranch=main", "user.name=a", "user.email=a@b.example", "commit.gpgSign=no")


def git(home: Home, *arguments: str, status: int = 0) -> None:
    environ = {"PATH": os.environ["PATH"], "HOME": str(home.folder), "GIT_CONFIG_NOSYSTEM": "1"}
    options = [word for setting in SETTINGS for word in ("-c", setting)]
    command = ["git", *options, *arguments]
    done = subprocess.run(command, cwd=home.file.parent, env=environ, capture_output=True)
    assert done.returncode == status, done.stderr.decode()


def branches(home: Home, on_main: str, on_other: str) -> None:
    """Commit three entries; then one more on each of two branches, and stay on main."""
    git(home, "init")
    for name in ("app/A", "app/C", "app/E"):
        home.put(name, name.encode(), {"rule": "x"})
    git(home, "add", NAME)
    git(home, "commit", "-m", "three")
    git(home, "checkout", "-b", "other")
    home.put(on_other, b"other", {"rule": "y"})
    git(home, "commit", "-am", "other")
    git(home, "checkout", "main")
    home.put(on_main, b"main", {"rule": "z"})
    git(home, "commit", "-am", "main")


def without_markers(home: Home) -> None:
    """Keep what both sides have, and of the seal what ours has."""
    kept, theirs = [], False
    for line in home.lines():
        if line.startswith(("<<<<<<<", "=======", ">>>>>>>")):
            theirs = line[0] == "="
        elif not (theirs and line.lstrip().startswith(("mac:", "lastmodified:"))):
            kept.append(line)
    home.file.write_text("\n".join(kept) + "\n")


@pytest.mark.parametrize("style", ["merge", "diff3"])
def test_entries_merge_and_the_seals_conflict(home: Home, style: str) -> None:
    branches(home, "app/B", "app/D")
    git(home, "-c", f"merge.conflictStyle={style}", "merge", "other", status=1)
    text = home.file.read_text()
    assert text.count("<<<<<<<") == 1
    with pytest.raises(IntegrityError, match="conflict markers"):
        home.store().names()
    assert home.store(ACCEPT).names() == [f"app/{letter}" for letter in "ABCDE"]
    assert home.file.read_text() == text
    put = home.store(ACCEPT).put_new("app/B", Secret(b"main"), "", {})
    assert put.outcome is Outcome.SAME
    assert home.value("app/B") == b"main"
    assert home.value("app/D") == b"other"
    assert home.store().read("app/D").facts == {"rule": "y"}
    git(home, "commit", "-am", "merged")


def test_entries_at_one_place_are_for_people_to_merge(home: Home) -> None:
    branches(home, "app/B1", "app/B2")
    git(home, "merge", "other", status=1)
    with pytest.raises(IntegrityError, match="conflict markers"):
        home.store(ACCEPT).names()
    without_markers(home)
    with pytest.raises(IntegrityError, match="every value decrypts, but the MAC") as raised:
        home.store().names()
    assert ACCEPT in str(raised.value)
    assert home.store(ACCEPT).put_new("app/NEW", Secret(b"new"), "", {}).outcome is Outcome.CREATED
    assert home.store().names() == [f"app/{x}" for x in ("A", "B1", "B2", "C", "E", "NEW")]


def test_both_added_the_same_entry(home: Home) -> None:
    branches(home, "app/B", "app/B")
    git(home, "merge", "other", status=1)
    without_markers(home)
    with pytest.raises(IntegrityError, match="second time"):
        home.store(ACCEPT).names()


def test_a_merge_that_is_accepted_still_has_every_value_checked(home: Home) -> None:
    branches(home, "app/B", "app/D")
    git(home, "merge", "other", status=1)
    without_markers(home)
    text = home.file.read_text()
    home.file.write_text(text.replace("app/B:", "app/X:"))
    with pytest.raises(IntegrityError, match="app/X does not decrypt"):
        home.store(ACCEPT).put_new("app/NEW", Secret(b"new"), "", {})


def test_conflict_is_no_reason_to_seal(home: Home) -> None:
    branches(home, "app/B", "app/D")
    git(home, "merge", "other", status=1)
    text = home.file.read_text()
    put = home.store(ACCEPT).put_new("app/B", Secret(b"else"), "", {})
    assert put.outcome is Outcome.CONFLICT
    assert home.file.read_text() == text
