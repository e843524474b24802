"""`leakseal guard commit-msg` as the hook of real commits, with and without an editor."""

import os
import shlex

import pytest
from committing import NEW, OLD, Attempt
from planting import IDENTITY, Repository, run
from pushing import hook

SECRET = f"token {NEW.decode()}"


@pytest.fixture
def repository(tmp_path):
    repository = Repository(tmp_path / "repository")
    repository.commit_file("old.env", b"TOKEN=%b\n" % OLD)
    hook(repository.path / ".git", "commit-msg")
    return repository


def edited(repository, text, *options, **settings):
    """Commit with an editor that puts `text` above what git offers there."""
    editor = repository.path.parent / "editor"
    content = shlex.quote(text)
    editor.write_text(f'#!/bin/sh\n(printf %s {content}; cat "$1") >"$1.new"; mv "$1.new" "$1"\n')
    editor.chmod(0o755)
    for name, value in {"core.editor": str(editor), **settings}.items():
        repository.git("config", name.replace("__", "."), value)
    return Attempt(repository.path, "--allow-empty", *options)


def blocked(attempt, line=1):
    assert not attempt.committed
    assert NEW not in attempt.said
    assert f"commit message:{line}:7: GitHub personal".encode() in attempt.said
    assert b"commit blocked" in attempt.said
    return True


def test_a_clean_message(repository):
    assert Attempt(repository.path, "--allow-empty", "-m", "Nothing").passed()


def test_a_message_that_leaks_and_is_kept_for_another_try(repository):
    attempt = Attempt(repository.path, "--allow-empty", "-m", "Subject", "-m", SECRET)
    assert blocked(attempt, 3)
    (command,) = (line for line in attempt.said.splitlines() if line.startswith(b"git commit --e"))
    kept = repository.git("rev-parse", "--git-path", "COMMIT_EDITMSG")
    assert SECRET in (repository.path / kept).read_text()
    repository.git("config", "alias.again", command.decode().removeprefix("git "))
    fix = "sed -i s/token.*/nothing/"
    script = f"GIT_EDITOR={shlex.quote(fix)} {command.decode()} -q --allow-empty"
    home = repository.path.parent
    done = run(home=home, cwd=repository.path, command=["sh", "-c", script], **IDENTITY)
    assert done.returncode == 0, done.stderr
    assert repository.git("log", "-1", "--format=%b") == "nothing"


def test_no_verify(repository):
    assert Attempt(repository.path, "--allow-empty", "--no-verify", "-m", SECRET).passed()


def test_without_an_editor_git_keeps_lines_that_look_like_comments(repository):
    attempt = Attempt(repository.path, "--allow-empty", "-m", "A", "-m", f"#oken {NEW.decode()}")
    assert blocked(attempt, 3)


def test_with_an_editor_git_strips_comments(repository):
    assert edited(repository, f"Subject\n\n# {SECRET}\n").passed()
    assert blocked(edited(repository, f"Subject\n\n# a comment\n{SECRET}\n"), 4)


def test_comments_that_git_is_told_to_keep(repository):
    text = f"Subject\n\n#oken {NEW.decode()}\n"
    assert blocked(edited(repository, text, commit__cleanup="whitespace"), 3)


@pytest.mark.parametrize("character", [";", "auto"])
def test_another_comment_character(repository, character):
    settings = {"core__commentChar": character}
    assert edited(repository, f"Subject\n\n; {SECRET}\n", core__commentChar=";").passed()
    if character == "auto":  # the message that git offers begins with what would be a comment
        repository.write("template", b"#1: subject\n")
        settings["commit__template"] = str(repository.path / "template")
    assert blocked(edited(repository, f"Subject\n\n#oken {NEW.decode()}\n", **settings), 3)


def test_the_comment_character_of_the_user_s_own_settings(repository):
    home = repository.path.parent
    path = home / "gitconfig"
    path.write_text('[core]\n\tcommentChar = ";"\n')
    message = repository.path / ".git/COMMIT_EDITMSG"
    message.write_text(f"Subject\n; {SECRET}\n;\n")
    settings = {"GIT_CONFIG_GLOBAL": str(path)}
    where = {"home": home, "cwd": repository.path}
    assert run("guard", "commit-msg", message, **where, **settings).returncode == 0
    assert run("guard", "commit-msg", message, **where).returncode == 1
    with_c = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.commentChar"}
    done = run("guard", "commit-msg", message, **where, **with_c, GIT_CONFIG_VALUE_0=";")
    assert done.returncode == 0


def test_the_diff_below_the_scissors(repository):
    """It has the secret that the commit takes out."""
    repository.write("old.env", b"TOKEN=\n")
    assert edited(repository, "Take it out\n", "-a", "--verbose").passed()
    repository.write("old.env", b"TOKEN=%b\n" % OLD)
    attempt = edited(repository, f"{SECRET}\n", "-a", "--verbose", commit__cleanup="scissors")
    assert blocked(attempt)


def test_a_merge_s_message(repository):
    repository.git("checkout", "-q", "-b", "side")
    repository.commit_file("side.txt", b"side\n")
    repository.git("checkout", "-q", "main")
    before = repository.head()
    repository.git("merge", "-q", "--no-ff", "-m", SECRET, "side", check=False)
    assert repository.head() == before


def test_the_allowances_of_the_project(repository):
    """They speak of files, and a message is in none."""
    repository.write(".leakseal.yaml", b"allow: [{paths: ['**'], reason: Not real}]\n")
    assert blocked(Attempt(repository.path, "--allow-empty", "-m", SECRET))


@pytest.mark.parametrize("kind", ["absent", "folder", "pipe"])
def test_a_file_that_cannot_be_read(repository, kind):
    path = repository.path / NEW.decode()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    done = run("guard", "commit-msg", path, home=repository.path.parent, cwd=repository.path)
    assert done.returncode == 2
    assert b"cannot be read" in done.stderr
    assert NEW not in done.stderr


def test_a_message_that_is_too_long_is_not_clean(repository):
    path = repository.path / "message"
    path.write_bytes(b"\n" * (2 << 20))
    where = {"home": repository.path.parent, "cwd": repository.path}
    assert run("guard", "commit-msg", "--max-size=1", path, **where).returncode == 3
    assert run("guard", "commit-msg", path, **where).returncode == 0


def test_scissors_that_are_not_git_s_cut_nothing(repository):
    scissors = "# ------------------------ >8 ------------------------"
    assert blocked(edited(repository, f"Try\n\n{scissors}\n{SECRET}\n", "--allow-empty"), line=4)
