"""`leakseal install-hook` in real repositories: what is blocked, what is kept, what is put back."""

import shutil
from pathlib import Path

import pytest
from desk import PROGRAM, script, snapshot, token, write

from scanner.adopt.hooks import carried_out, installation
from scanner.errors import UsageError

HOOKS = ["pre-commit", "commit-msg", "pre-push"]


@pytest.fixture
def repository(desk):
    return desk.repository("a 'quoted' repository")


def hooks_of(repository):
    return repository / ".git" / "hooks"


def samples_removed(repository):
    for path in hooks_of(repository).glob("*.sample"):
        path.unlink()
    return hooks_of(repository)


def installed(desk, repository, *options):
    done = desk.leakseal("install-hook", *options, cwd=repository)
    assert done.returncode == 0, done.stderr
    return done.stdout


def staged(desk, repository, name, content):
    write(repository / name, content)
    desk.git(repository, "add", "-A")


def test_a_leak_is_blocked_in_files_in_messages_and_at_the_push(desk, repository):
    installed(desk, repository)
    staged(desk, repository, "a.txt", "nothing\n")
    desk.git(repository, "commit", "-qm", "Clean")
    said = desk.git(repository, "commit", "--allow-empty", "-qm", f"Use {token(1)}", expect=1)
    assert "github-personal-token" in said
    assert token(1) not in said
    staged(desk, repository, "b.txt", f"token = '{token(1)}'\n")
    assert "b.txt:1:" in desk.git(repository, "commit", "-qm", "Leak", expect=1)
    desk.git(repository, "commit", "-qnm", "Leak all the same")
    desk.remote(repository)
    said = desk.git(repository, "push", "-q", "origin", "main", expect=1)
    assert "b.txt:1:" in said
    assert desk.git(repository, "ls-remote", "origin") == ""
    desk.git(repository, "push", "-q", "origin", "HEAD~1:refs/heads/main")


def test_a_second_run_finds_nothing_to_do(desk, repository):
    assert installed(desk, repository).count("Installed ") == 3
    before = snapshot(hooks_of(repository))
    assert installed(desk, repository) == "Nothing to do.\n"
    assert snapshot(hooks_of(repository)) == before


def test_only_the_hooks_asked_for_are_installed(desk, repository):
    folder = samples_removed(repository)
    installed(desk, repository, "--hook", "pre-push", "--hook", "commit-msg")
    assert sorted(path.name for path in folder.iterdir()) == ["commit-msg", "pre-push"]
    installed(desk, repository, "--uninstall", "--hook", "pre-push")
    assert [path.name for path in folder.iterdir()] == ["commit-msg"]


def test_hooks_that_were_there_run_too_and_are_put_back_byte_for_byte(desk, repository):
    folder = hooks_of(repository)
    for hook in HOOKS:
        script(folder / hook, f"echo {hook} was here: $# >&2")
    (folder / "commit-msg").chmod(0o700)
    script(repository / "real.sh", "echo through a link >&2")
    (folder / "pre-push").unlink()
    (folder / "pre-push").symlink_to("../../real.sh")
    before = snapshot(folder)
    installed(desk, repository)
    desk.remote(repository)
    said = desk.git(repository, "commit", "--allow-empty", "-qm", "Clean")
    assert "pre-commit was here: 0" in said
    assert "commit-msg was here: 1" in said
    assert "through a link" in desk.git(repository, "push", "-q", "origin", "main")
    assert "Put back" in installed(desk, repository, "--uninstall")
    assert snapshot(folder) == before
    assert installed(desk, repository, "--uninstall") == "Nothing to do.\n"


def test_a_hook_that_was_there_still_blocks_and_its_code_is_passed_on(desk, repository):
    for hook in HOOKS:
        script(hooks_of(repository) / hook, "exit 7")
    installed(desk, repository)
    desk.git(repository, "commit", "--allow-empty", "-qm", "Not so", expect=1)
    desk.git(repository, "commit", "--allow-empty", "-qnm", "Anyway")
    desk.remote(repository)
    assert "failed to push" in desk.git(repository, "push", "-q", "origin", "main", expect=1)
    done = desk.run(hooks_of(repository) / "pre-commit", cwd=repository)
    assert done.returncode == 7


def test_a_hook_that_is_not_executable_stays_off(desk, repository):
    script(hooks_of(repository) / "pre-commit", "exit 7").chmod(0o644)
    installed(desk, repository)
    desk.git(repository, "commit", "--allow-empty", "-qm", "Fine")
    installed(desk, repository, "--uninstall")
    assert (hooks_of(repository) / "pre-commit").stat().st_mode & 0o777 == 0o644


def test_what_a_hook_stages_is_searched_as_well(desk, repository):
    script(
        hooks_of(repository) / "pre-commit",
        f"echo 'token = {token(2)}' > made.txt; git add made.txt",
    )
    installed(desk, repository)
    assert "made.txt:1:" in desk.git(
        repository, "commit", "--allow-empty", "-qm", "Format", expect=1
    )


def test_both_hooks_of_a_push_read_the_same_lines(desk, repository):
    script(hooks_of(repository) / "pre-push", 'echo "to $1" > ../seen; cat >> ../seen')
    installed(desk, repository)
    remote = desk.remote(repository)
    desk.git(repository, "commit", "--allow-empty", "-qm", "Clean")
    desk.git(repository, "tag", "v1")
    desk.git(repository, "push", "-q", "origin", "main", "v1")
    head = desk.git(repository, "rev-parse", "HEAD").strip()
    seen = (desk.folder / "seen").read_text().splitlines()
    assert seen[0] == "to origin"
    assert sorted(line.split()[:2] for line in seen[1:]) == [
        ["refs/heads/main", head],
        ["refs/tags/v1", head],
    ]
    assert desk.git(remote, "rev-parse", "v1").strip() == head
    desk.git(repository, "push", "-q", "origin", "main")
    assert (desk.folder / "seen").read_text() == "to origin\n", "nothing to push: no lines"


def test_a_leak_is_not_handed_to_a_hook_that_sends_something(desk, repository):
    script(hooks_of(repository) / "pre-push", "touch ../sent")
    installed(desk, repository)
    desk.remote(repository)
    staged(desk, repository, "a.txt", f"token = '{token(3)}'\n")
    desk.git(repository, "commit", "-qnm", "Leak")
    desk.git(repository, "push", "-q", "origin", "main", expect=1)
    assert not (desk.folder / "sent").exists()


def test_linked_worktrees_and_git_dir_are_honoured(desk, repository):
    desk.git(repository, "commit", "--allow-empty", "-qm", "First")
    other = desk.folder / "linked"
    desk.git(repository, "worktree", "add", "-q", other)
    installed(desk, other)
    assert (hooks_of(repository) / "pre-commit").exists()
    staged(desk, other, "a.txt", f"token = '{token(4)}'\n")
    assert "a.txt:1:" in desk.git(other, "commit", "-qm", "Leak", expect=1)
    elsewhere = desk.repository("elsewhere")
    done = desk.leakseal("install-hook", GIT_DIR=str(elsewhere / ".git"))
    assert done.returncode == 0, done.stderr
    assert (hooks_of(elsewhere) / "pre-push").exists()


def test_a_git_that_is_too_old_is_named(desk, repository):
    real = shutil.which("git")
    old = desk.folder / "old" / "git"
    told = 'case "$*" in *--show-scope*) echo usage >&2; exit 129;; version)'
    told += " echo git version 2.25.1; exit;; *' version') echo git version 2.25.1; exit;; esac"
    script(old, f'{told}\nexec {real} "$@"')
    done = desk.leakseal("install-hook", cwd=repository, PATH=str(old.parent))
    assert (done.returncode, "git 2.26" in done.stderr) == (2, True), done.stderr


def test_the_folder_that_core_hooks_path_names_is_used(desk, repository):
    desk.git(repository, "config", "core.hooksPath", ".githooks")
    script(repository / ".githooks" / "pre-commit", "echo own >&2")
    before = snapshot(hooks_of(repository))
    done = desk.leakseal("install-hook", cwd=repository)
    assert "is in the work tree" in done.stderr
    assert snapshot(hooks_of(repository)) == before
    desk.git(repository, "reset", "-q")
    assert "own" in desk.git(repository, "commit", "--allow-empty", "-qm", "Clean")


def test_hooks_shared_with_other_repositories_are_left_alone(desk, repository):
    desk.git(repository, "config", "--global", "core.hooksPath", "~/shared")
    done = desk.leakseal("install-hook", cwd=repository)
    assert done.returncode == 2
    assert "--global" in done.stderr
    assert not (desk.home / "shared").exists()


def test_hooks_path_of_an_included_file_and_of_one_worktree_count(desk, repository):
    write(desk.home / "work.config", "[core]\n\thooksPath = .hooks-of-work\n")
    include = f'[includeIf "gitdir:{desk.folder}/"]\n\tpath = ~/work.config\n'
    write(desk.home / ".gitconfig", include)
    installed(desk, repository, "--hook", "pre-commit")
    assert (repository / ".hooks-of-work" / "pre-commit").exists()
    desk.git(repository, "config", "extensions.worktreeConfig", "true")
    desk.git(repository, "config", "--worktree", "core.hooksPath", ".hooks-of-tree")
    installed(desk, repository, "--hook", "pre-commit")
    assert (repository / ".hooks-of-tree" / "pre-commit").exists()


@pytest.mark.parametrize(
    ("hook", "lines", "advice"),
    [
        ("pre-commit", ["# File generated by pre-commit: https://pre-commit.com"], "leakseal init"),
        ("pre-push", ["# husky"], 'leakseal guard pre-push "$@"'),
        ("commit-msg", ['call_lefthook run "commit-msg" "$@"'], "leakseal guard commit-msg {1}"),
    ],
)
def test_who_keeps_the_hooks_is_told_what_fits_better(desk, repository, hook, lines, advice):
    script(hooks_of(repository) / hook, *lines)
    before = snapshot(hooks_of(repository))
    done = desk.leakseal("install-hook", cwd=repository)
    assert done.returncode == 2
    assert advice in done.stderr
    assert snapshot(hooks_of(repository)) == before


def test_husky_is_known_by_its_folder(desk, repository):
    desk.git(repository, "config", "core.hooksPath", ".husky/_")
    done = desk.leakseal("install-hook", cwd=repository)
    assert done.returncode == 2
    assert "add this line to .husky/pre-commit:\nleakseal guard pre-commit\n" in done.stderr


def test_a_hook_whose_leakseal_is_gone_blocks_and_says_how_to_go_on(desk, repository):
    installed(desk, repository)
    hook = hooks_of(repository) / "pre-commit"
    hook.write_text(hook.read_text().replace(PROGRAM, "/gone/bin/leakseal"))
    away = desk.folder / "bin"
    away.mkdir()
    for name in ("git", "sh", "dirname"):
        (away / name).symlink_to(shutil.which(name))
    said = desk.git(repository, "commit", "--allow-empty", "-qm", "x", expect=1, PATH=str(away))
    assert "/gone/bin/leakseal" in said
    assert ".git/hooks/pre-commit" in said
    assert "git commit --no-verify" in said
    (away / "leakseal").symlink_to(PROGRAM)
    desk.git(repository, "commit", "--allow-empty", "-qnm", "x", PATH=str(away))


def test_a_leakseal_on_path_stands_in_for_the_one_that_is_gone(desk, repository):
    installed(desk, repository, "--hook", "pre-commit")
    hook = hooks_of(repository) / "pre-commit"
    hook.write_text(hook.read_text().replace(PROGRAM, "/gone/bin/leakseal"))
    staged(desk, repository, "a.txt", f"token = '{token(5)}'\n")
    path = f"{PROGRAM.rpartition('/')[0]}:{desk.environment['PATH']}"
    assert "a.txt:1:" in desk.git(repository, "commit", "-qm", "Leak", expect=1, PATH=path)
    assert installed(desk, repository, "--hook", "pre-commit").startswith("Renewed ")


def test_pre_commit_may_be_installed_over_the_hooks(desk, repository):
    script(hooks_of(repository) / "pre-commit", "echo first of all >&2")
    before = (hooks_of(repository) / "pre-commit").read_bytes()
    installed(desk, repository, "--hook", "pre-commit")
    write(repository / ".pre-commit-config.yaml", "repos: []\n")
    python = str(Path(PROGRAM).with_name("python"))
    done = desk.run(python, "-m", "pre_commit", "install", cwd=repository)
    assert done.returncode == 0, done.stderr
    staged(desk, repository, "a.txt", f"token = '{token(6)}'\n")
    said = desk.git(repository, "commit", "-qm", "Leak", expect=1)
    assert "first of all" in said
    assert "a.txt:1:" in said
    installed(desk, repository, "--uninstall")
    assert (hooks_of(repository) / "pre-commit.legacy").read_bytes() == before


def test_no_hook_is_lost_where_two_stand_in_the_way(desk, repository):
    script(hooks_of(repository) / "pre-commit", "echo one")
    script(hooks_of(repository) / "pre-commit.leakseal-before", "echo two")
    before = snapshot(hooks_of(repository))
    done = desk.leakseal("install-hook", cwd=repository)
    assert done.returncode == 2
    assert "remove the one" in done.stderr
    assert snapshot(hooks_of(repository)) == before


def test_outside_of_a_repository_and_in_a_bare_one_there_is_nothing_to_guard(desk, repository):
    done = desk.leakseal("install-hook", cwd=desk.home)
    assert (done.returncode, done.stdout) == (2, "")
    assert "not in a git repository" in done.stderr
    done = desk.leakseal("install-hook", cwd=desk.repository("bare.git", "--bare"))
    assert done.returncode == 2
    assert "is bare" in done.stderr


def test_a_hook_that_came_meanwhile_is_not_lost(desk, repository):
    folder = hooks_of(repository)
    own = script(folder / "pre-commit", "echo own").read_text()
    plans = [
        installation(str(folder), ["pre-commit"], PROGRAM, everywhere=False, own=False)
        for _ in range(2)
    ]
    assert len(list(carried_out(plans[0]))) == 1
    with pytest.raises(UsageError, match="has changed meanwhile"):
        list(carried_out(plans[1]))
    assert (folder / "pre-commit.leakseal-before").read_text() == own
    empty = installation(str(folder), ["pre-push"], PROGRAM, everywhere=False, own=False)
    write(folder / "pre-push", own)
    with pytest.raises(UsageError, match="has changed meanwhile"):
        list(carried_out(empty))
    assert (folder / "pre-push").read_text() == own


def test_a_directory_in_place_of_a_hook_is_refused(desk, repository):
    (hooks_of(repository) / "pre-commit").mkdir()
    done = desk.leakseal("install-hook", cwd=repository)
    assert done.returncode == 2
    assert "is not a regular file" in done.stderr


def test_a_condition_in_the_repository_s_own_configuration_is_followed(desk, repository):
    named = write(desk.folder / "hooks.cfg", "[core]\n\thooksPath = .hooks\n")
    with (repository / ".git" / "config").open("a") as file:
        file.write(f'[includeIf "onbranch:main"]\n\tpath = {named}\n')
    installed(desk, repository, "--hook", "pre-commit")
    assert (repository / ".hooks" / "pre-commit").exists()


@pytest.mark.parametrize(
    "written",
    [
        "[core] hooksPath = own",
        '[CORE]\n  HOOKSPATH = "own hooks" ; mine',
        "[core]\n\thooksPath = ~/own",
        "[core]\n\thooksPath = one\n[core]\n\thooksPath = o\\\nther",
        '[core "x"]\n\thooksPath = own',
    ],
)
def test_hooks_are_put_where_git_looks_for_them(desk, repository, written):
    with (repository / ".git" / "config").open("a") as file:
        file.write(f"{written}\n")
    place = desk.git(repository, "rev-parse", "--git-path", "hooks").rstrip("\n")
    installed(desk, repository, "--hook", "pre-commit")
    assert (repository / place / "pre-commit").exists()


def test_what_only_another_worktree_setting_would_name_does_not_count(desk, repository):
    """Git reads this file only where extensions.worktreeConfig says so."""
    write(repository / ".git" / "config.worktree", "[core]\n\thooksPath = .stale\n")
    installed(desk, repository, "--hook", "pre-commit")
    assert (hooks_of(repository) / "pre-commit").exists()


def test_where_git_runs_no_hooks_none_is_installed(desk, repository):
    desk.git(repository, "config", "core.hooksPath", "")
    done = desk.leakseal("install-hook", cwd=repository)
    assert done.returncode == 2
    assert "is empty" in done.stderr
    with (repository / ".git" / "config").open("a") as file:
        file.write("[core]\n\thooksPath\n")
    done = desk.leakseal("install-hook", cwd=repository)
    assert done.returncode == 2
    assert "git cannot tell" in done.stderr


@pytest.mark.parametrize("options", [(), ("--uninstall",)])
def test_lines_added_to_a_hook_are_not_lost(desk, repository, options):
    installed(desk, repository, "--hook", "pre-commit")
    hook = hooks_of(repository) / "pre-commit"
    hook.write_text(hook.read_text().replace("\nif ", "\nmake lint || exit\nif ", 1))
    before = snapshot(hooks_of(repository))
    done = desk.leakseal("install-hook", *options, cwd=repository)
    assert done.returncode == 2
    assert "changes would be lost" in done.stderr
    assert snapshot(hooks_of(repository)) == before
