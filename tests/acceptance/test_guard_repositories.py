"""The guard in repositories of all shapes and states: before the first commit, in a merge, …"""

import subprocess

import pytest
from committing import NEW, OLD, Attempt, guard, guarded, install, stage
from planting import IDENTITY, Repository, environment, git, run, token


@pytest.fixture
def repository(tmp_path):
    return guarded(tmp_path / "repository")


def test_first_commit(tmp_path):
    repository = Repository(tmp_path / "first")
    install(repository.path / ".git")
    stage(repository, "new.env", b"TOKEN=%b\n" % NEW)
    assert Attempt(repository.path).blocked(b"new.env:1:7")
    stage(repository, "new.env", b"TOKEN=\n")
    assert Attempt(repository.path).passed()


def test_amend(repository):
    """What the commit to be amended holds is there already."""
    stage(repository, "clean.txt", b"\n")
    assert Attempt(repository.path, "--amend", "-m", "Again").passed()


def conflicting(repository):
    """Begin a merge in which `both.txt` conflicts and the other branch brings a leak."""
    repository.commit_file("both.txt", b"0\n", "Both")
    repository.git("checkout", "-q", "-b", "other")
    repository.write("theirs.env", b"TOKEN=%b\n" % token("theirs"))
    repository.write("both.txt", b"1\n")
    repository.git("add", "-A")
    repository.git("commit", "-q", "--no-verify", "-m", "Theirs")
    repository.git("checkout", "-q", "main")
    repository.commit_file("both.txt", b"2\n", "Ours")
    repository.git("merge", "-q", "other", check=False)
    assert (repository.path / ".git/MERGE_HEAD").exists()


def test_merge_is_not_blamed_for_the_other_branch(repository):
    conflicting(repository)
    stage(repository, "both.txt", b"3\n")
    assert Attempt(repository.path).passed()


def test_leak_in_the_resolution_of_a_conflict(repository):
    conflicting(repository)
    stage(repository, "both.txt", b"3\nTOKEN=%b\n" % NEW)
    assert Attempt(repository.path).blocked(b"both.txt:2:7")


def test_leak_in_a_file_that_only_the_merge_has(repository):
    conflicting(repository)
    stage(repository, "both.txt", b"3\n")
    stage(repository, "evil.env", b"TOKEN=%b\n" % NEW)
    assert Attempt(repository.path).blocked(b"evil.env:1:7")


def test_leak_beside_what_the_other_branch_brought(repository):
    conflicting(repository)
    stage(repository, "both.txt", b"3\n")
    stage(repository, "theirs.env", b"TOKEN=%b\nNEW=%b\n" % (token("theirs"), NEW))
    assert Attempt(repository.path).blocked(b"theirs.env:2:5")


def test_unresolved_conflict(repository):
    """Both sides are in the index; neither is new."""
    conflicting(repository)
    assert guard(repository).returncode == 0


def test_commit_all(repository):
    repository.write("old.env", b"TOKEN=%b\nNEW=%b\n" % (OLD, NEW))
    assert Attempt(repository.path, "-a", "-m", "All").blocked(b"old.env:2:5")


def test_commit_one_file(repository):
    """Git makes a temporary index for it: what else is staged does not count."""
    stage(repository, "leak.env", b"TOKEN=%b\n" % NEW)
    repository.write("old.env", b"# settings\nTOKEN=%b\nA=1\n" % OLD)
    assert Attempt(repository.path, "-m", "One", "old.env").passed()
    repository.write("old.env", b"# settings\nTOKEN=%b\nB=%b\n" % (OLD, NEW))
    assert Attempt(repository.path, "-m", "One", "old.env").blocked(b"old.env:3:3")


def test_linked_worktree(repository):
    linked = repository.path.with_name("linked")
    repository.git("worktree", "add", "-q", "-b", "linked", str(linked))
    (linked / "new.env").write_bytes(b"TOKEN=%b\n" % NEW)
    git(linked, "add", "new.env")
    assert Attempt(linked).blocked(b"new.env:1:7")
    stage(repository, "clean.txt", b"in the main one\n")
    assert Attempt(repository.path).passed()


def test_submodule(repository):
    """A hook in the submodule guards it; in the outer repository there is only its commit."""
    inner = Repository(repository.path.with_name("inner"))
    inner.commit_file("a.txt", b"a\n")
    repository.git("submodule", "--quiet", "add", str(inner.path), "sub")
    assert Attempt(repository.path).passed()
    install(repository.path / ".git/modules/sub")
    sub = repository.path / "sub"
    (sub / "new.env").write_bytes(b"TOKEN=%b\n" % NEW)
    git(sub, "add", "new.env")
    assert Attempt(sub).blocked(b"new.env:1:7")
    git(sub, "commit", "-q", "--no-verify", "-m", "Anyway")
    repository.git("add", "sub")
    assert Attempt(repository.path).passed()


def test_submodule_replaced_by_a_file(repository):
    inner = Repository(repository.path.with_name("inner"))
    inner.commit_file("a.txt", b"a\n")
    repository.git("submodule", "--quiet", "add", str(inner.path), "sub")
    assert Attempt(repository.path).passed()
    repository.git("rm", "-q", "sub")
    stage(repository, "sub", b"TOKEN=%b\n" % NEW)
    assert Attempt(repository.path).blocked(b"sub:1:7")


def test_first_commit_seen_from_a_folder(tmp_path):
    repository = Repository(tmp_path / "repository")
    repository.write("folder/clean.txt", b"clean\n")
    repository.write("new.env", b"TOKEN=%b\n" % NEW)
    repository.git("add", "-A")
    done = run("guard", home=tmp_path, cwd=repository.path / "folder")
    assert done.returncode == 1
    assert b"new.env:1:7" in done.stderr


def test_what_is_accepted_for_its_path_is_new_where_it_is_moved_to(repository):
    repository.write(".leakseal.yaml", b"allow: [{paths: ['fixtures/**'], reason: Not real}]\n")
    stage(repository, "fixtures/key", b"TOKEN=%b\n" % NEW)
    assert Attempt(repository.path).passed()
    repository.git("mv", "fixtures/key", "fixtures/other")
    assert Attempt(repository.path).passed()
    repository.git("mv", "fixtures/other", "key")
    assert Attempt(repository.path).blocked(b"key:1:7")


def test_the_name_of_a_new_submodule(repository):
    before = repository.head()
    folder = f"modules/{NEW.decode()}"
    module = Repository(repository.path / folder)
    module.commit_file("clean.txt", b"clean\n")
    repository.git("add", folder)
    done = guard(repository)
    assert done.returncode == 1
    assert b"in the file's name" in done.stderr
    assert NEW not in done.stderr
    repository.commit("Add it", "--no-verify")
    lines = f"main {repository.head()} refs/heads/main {before}\n".encode()
    pushed = run("guard", "pre-push", home=repository.path.parent, cwd=repository.path, stdin=lines)
    assert pushed.returncode == 1


def test_what_a_comment_accepts_is_new_without_it(repository):
    stage(repository, "new.env", b"TOKEN=%b # leakseal:allow not real\n" % NEW)
    assert Attempt(repository.path).passed()
    stage(repository, "new.env", b"\nTOKEN=%b # leakseal:allow not real\n" % NEW)
    assert Attempt(repository.path).passed()
    stage(repository, "new.env", b"TOKEN=%b\n" % NEW)
    assert Attempt(repository.path).blocked(b"new.env:1:7")
    assert Attempt(repository.path, "--no-verify", "-m", "Drop it").passed()
    stage(repository, "new.env", b"\nTOKEN=%b\n" % NEW)
    assert Attempt(repository.path).passed()


def renamed_in_a_merge(repository):
    """Begin a merge of a branch that renames the file to which a leak came here meanwhile."""
    lines = b"".join(b"line %d\n" % number for number in range(40))
    repository.write("both.txt", b"0\n")
    repository.commit_file("before/key", lines)
    repository.git("checkout", "-q", "-b", "other")
    repository.git("mv", "before/key", "key")
    repository.commit_file("both.txt", b"1\n", "Rename")
    repository.git("checkout", "-q", "main")
    repository.write("both.txt", b"2\n")
    repository.write("before/key", lines + b"TOKEN=%b\n" % NEW)
    repository.git("add", "-A")
    repository.git("commit", "-q", "--no-verify", "-m", "Leak")
    repository.git("merge", "-q", "other", check=False)
    stage(repository, "both.txt", b"3\n")


def test_a_merge_is_not_blamed_for_what_it_moves(repository):
    renamed_in_a_merge(repository)
    assert Attempt(repository.path).passed()


def test_what_is_accepted_for_its_path_is_new_where_a_merge_moves_it(repository):
    repository.write(".leakseal.yaml", b"allow: [{paths: ['before/**'], reason: Not real}]\n")
    renamed_in_a_merge(repository)
    assert Attempt(repository.path).blocked(b"key:41:7")
    repository.git("merge", "--abort")
    repository.git("checkout", "-q", "other")
    repository.git("merge", "-q", "main", check=False)
    stage(repository, "both.txt", b"3\n")
    assert Attempt(repository.path).blocked(b"key:41:7")


def test_settings_of_the_working_tree_that_git_is_told_of(tmp_path):
    """Neither that of another repository around it, nor none."""
    outer = Repository(tmp_path / "outer")
    outer.write(".leakseal.yaml", b"allow: [{paths: ['*'], reason: Not real}]\n")
    git(tmp_path, "init", "-q", "--bare", "inner.git")
    install(tmp_path / "inner.git")
    tree = outer.path / "inner"
    told = (f"--git-dir={tmp_path}/inner.git", f"--work-tree={tree}")
    outer.write("inner/new.env", b"TOKEN=%b\n" % NEW)
    git(tree, *told, "add", "new.env")
    done = git_commit(tree, told)
    assert done.returncode == 1
    assert b"new.env:1:7" in done.stderr
    outer.write("inner/.leakseal.yaml", b"allow: [{paths: [new.env], reason: Not real}]\n")
    assert git_commit(tree, told).returncode == 0


def git_commit(tree, told):
    return subprocess.run(
        ["git", *told, "commit", "-q", "-m", "Try"],
        cwd=tree,
        capture_output=True,
        env=environment(tree.parent) | IDENTITY,
        check=False,
        timeout=60,
    )


def test_settings_that_do_not_count_are_named(repository):
    (repository.path / "real.yaml").write_bytes(b"allow: [{paths: ['*'], reason: Not real}]\n")
    (repository.path / ".leakseal.yaml").symlink_to("real.yaml")
    stage(repository, "clean.txt", b"clean\n")
    done = guard(repository)
    assert done.returncode == 0
    assert b".leakseal.yaml: not read" in done.stderr
    stage(repository, "new.env", b"TOKEN=%b\n" % NEW)
    assert Attempt(repository.path).blocked(b"new.env:1:7")


def test_linked_worktree_in_a_folder_with_an_odd_name(repository):
    linked = repository.path.with_name("linked \udcff")
    repository.git("worktree", "add", "-q", "-b", "linked", str(linked))
    (linked / "new.env").write_bytes(b"TOKEN=%b\n" % NEW)
    git(linked, "add", "new.env")
    assert Attempt(linked).blocked(b"new.env:1:7")


def test_settings_count_in_a_folder_of_a_linked_worktree_that_a_hook_goes_to(repository):
    repository.write(".leakseal.yaml", b"allow: [{paths: ['tests/**'], reason: Not real}]\n")
    repository.git("add", ".leakseal.yaml")
    repository.git("commit", "-q", "--no-verify", "-m", "Settings")
    linked = repository.path.with_name("linked")
    repository.git("worktree", "add", "-q", "-b", "linked", str(linked))
    hook = repository.path / ".git/hooks/pre-commit"
    first, rest = hook.read_bytes().split(b"\n", 1)
    hook.write_bytes(first + b"\ncd tests\n" + rest)
    (linked / "tests").mkdir()
    (linked / "tests" / "new.env").write_bytes(b"TOKEN=%b\n" % NEW)
    git(linked, "add", "tests")
    assert Attempt(linked).passed()
    (linked / "new.env").write_bytes(b"TOKEN=%b\n" % token("other"))
    git(linked, "add", "new.env")
    assert Attempt(linked).blocked(b"new.env:1:7")
