"""`leakseal install-hook --global`: all repositories are guarded, and keep their own hooks."""

import os
import pty
import sys
from pathlib import Path

import pytest
from desk import PROGRAM, script, snapshot, token, write

OWN = ".config/leakseal/hooks"


@pytest.fixture
def everywhere(desk):
    done = desk.leakseal("install-hook", "--global", "--yes")
    assert done.returncode == 0, done.stderr
    return desk.home / OWN


def leaking(desk, repository):
    write(repository / "a.txt", f"token = '{token(1)}'\n")
    desk.git(repository, "add", "-A")
    return repository


def test_nothing_is_changed_without_consent(desk):
    done = desk.leakseal("install-hook", "--global")
    assert done.returncode == 2
    assert f"{OWN}/pre-commit" in done.stdout
    assert "core.hooksPath" in done.stdout
    assert "install-hook --global --yes" in done.stderr
    assert list(desk.home.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of POSIX")
@pytest.mark.parametrize(("answer", "changed"), [(b"y\n", True), (b"n\n", False)])
def test_on_a_terminal_it_asks(desk, answer, changed):
    pid, terminal = pty.fork()
    if not pid:
        os.execve(PROGRAM, ["leakseal", "install-hook", "--global"], desk.environment)
    os.write(terminal, answer)
    said = b""
    try:
        while part := os.read(terminal, 4096):
            said += part
    except OSError:
        pass  # the other end is closed
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == (0 if changed else 2), said
    assert b"Change this?" in said
    assert (desk.home / ".gitconfig").exists() == changed


@pytest.mark.usefixtures("everywhere")
def test_repositories_old_and_new_are_guarded_and_their_own_hooks_run(desk):
    repository = leaking(desk, desk.repository())
    hooks = repository / ".git" / "hooks"
    for hook in ("pre-commit", "post-commit", "prepare-commit-msg", "reference-transaction"):
        script(hooks / hook, f"echo own {hook} >&2")
    said = desk.git(repository, "commit", "-qm", "Leak", expect=1)
    assert "own pre-commit" in said
    assert "a.txt:1:" in said
    desk.git(repository, "rm", "-q", "-f", "--cached", "a.txt")
    said = desk.git(repository, "commit", "--allow-empty", "-qm", "Clean")
    assert "own prepare-commit-msg" in said
    assert "own post-commit" in said
    assert "own reference-transaction" in said
    script(hooks / "pre-commit", "exit 1")
    desk.git(repository, "commit", "--allow-empty", "-qm", "Blocked", expect=1)


@pytest.mark.usefixtures("everywhere")
def test_a_push_is_searched_and_both_sides_keep_their_hooks(desk):
    repository = desk.repository()
    remote = desk.remote(repository)
    script(repository / ".git" / "hooks" / "pre-push", "cat > ../seen")
    script(remote / "hooks" / "pre-receive", "echo received; cat >&2")
    desk.git(repository, "commit", "--allow-empty", "-qm", "Clean")
    said = desk.git(repository, "push", "origin", "main")
    assert "received" in said
    assert (desk.folder / "seen").read_text().startswith("refs/heads/main ")
    leaking(desk, repository)
    desk.git(repository, "commit", "-qnm", "Leak")
    assert "a.txt:1:" in desk.git(repository, "push", "origin", "main", expect=1)
    clone = desk.folder / "clone"
    assert "fatal" not in desk.git(desk.folder, "clone", "-q", remote, clone)
    leaking(desk, clone)
    assert "a.txt:1:" in desk.git(clone, "commit", "-qm", "Leak", expect=1)


def test_a_second_run_finds_nothing_to_do_and_uninstall_puts_everything_back(desk):
    write(desk.home / ".gitconfig", "# mine\n[user]\n\tname = Ann   ; me\n")
    before = snapshot(desk.home)
    assert desk.leakseal("install-hook", "--global", "--yes").returncode == 0
    installed = snapshot(desk.home)
    done = desk.leakseal("install-hook", "--global")
    assert (done.returncode, done.stdout) == (0, "Nothing to do.\n")
    assert snapshot(desk.home) == installed
    assert desk.leakseal("install-hook", "--global", "--uninstall").returncode == 2
    assert snapshot(desk.home) == installed
    done = desk.leakseal("install-hook", "--global", "--uninstall", "--yes")
    assert done.returncode == 0, done.stderr
    assert snapshot(desk.home) == before


def test_one_hook_of_several_is_taken_out_and_the_repositorys_still_runs(desk, everywhere):
    done = desk.leakseal("install-hook", "--global", "--uninstall", "--hook", "pre-commit", "--yes")
    assert done.returncode == 0, done.stderr
    repository = leaking(desk, desk.repository())
    script(repository / ".git" / "hooks" / "pre-commit", "echo own >&2")
    assert "own" in desk.git(repository, "commit", "-qm", "Leak")
    assert (everywhere / "commit-msg").exists()


def test_a_folder_the_user_has_for_all_hooks_is_used_as_it_is(desk):
    desk.git(desk.folder, "config", "--global", "core.hooksPath", "~/my hooks")
    script(desk.home / "my hooks" / "pre-commit", "echo mine >&2")
    before = snapshot(desk.home)
    assert desk.leakseal("install-hook", "--global", "--yes").returncode == 0
    assert not (desk.home / ".config").exists()
    said = desk.git(leaking(desk, desk.repository()), "commit", "-qm", "Leak", expect=1)
    assert "mine" in said
    assert "a.txt:1:" in said
    desk.leakseal("install-hook", "--global", "--uninstall", "--yes")
    assert snapshot(desk.home) == before


def test_what_the_user_put_beside_the_hooks_is_kept(desk, everywhere):
    script(everywhere / "push-to-checkout", "exit 1")
    done = desk.leakseal("install-hook", "--global", "--uninstall", "--yes")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in everywhere.iterdir()] == ["push-to-checkout"]
    assert "hooksPath" in (desk.home / ".gitconfig").read_text(), "git still uses it"


def test_a_hook_that_the_user_put_in_place_of_ours_stays_in_use(desk, everywhere):
    script(everywhere / "post-commit", "echo mine >&2")
    before = snapshot(everywhere)
    assert desk.leakseal("install-hook", "--global").stdout == "Nothing to do.\n"
    assert snapshot(everywhere) == before
    script(everywhere / "pre-commit", "echo mine too >&2")
    done = desk.leakseal("install-hook", "--global", "--yes")
    assert done.returncode == 2
    assert "pre-commit is not leakseal's" in done.stderr


def test_a_relative_folder_is_another_one_in_each_repository(desk):
    desk.git(desk.folder, "config", "--global", "core.hooksPath", ".githooks")
    done = desk.leakseal("install-hook", "--global", "--yes")
    assert done.returncode == 2
    assert "run leakseal install-hook there" in done.stderr


@pytest.mark.usefixtures("everywhere")
def test_pre_commit_can_be_installed_as_the_note_says(desk):
    repository = leaking(desk, desk.repository())
    write(repository / ".pre-commit-config.yaml", "repos: []\n")
    python = str(Path(PROGRAM).with_name("python"))
    command = (python, "-m", "pre_commit", "install")
    assert desk.run(*command, cwd=repository).returncode == 1
    other = desk.repository("other")
    done = desk.leakseal("init", "--yes", "--no-ci", "--source", "/srv/leakseal", cwd=other)
    assert "  GIT_CONFIG_GLOBAL=/dev/null pre-commit install " in done.stdout
    done = desk.run(*command, cwd=repository, GIT_CONFIG_GLOBAL=os.devnull)
    assert done.returncode == 0, done.stdout
    assert "a.txt:1:" in desk.git(repository, "commit", "-qm", "Leak", expect=1)
