"""The hooks of `.pre-commit-hooks.yaml`, run by the real pre-commit from a clone."""

import os
import sys
from pathlib import Path

import pytest
from adopting import git, pre_commit, run

from scanner.rulepack import samples

pytestmark = pytest.mark.slow
TOKEN = samples.expand("<<checksum ghp_ 30>>")
QUICK = {"CC": "/bin/false"}  # each try-repo installs anew


def adopted(tmp_path, hooks, home, *ids, **extra):
    """Return a repository that uses the hooks with these ids, and the environment to work in."""
    repository = tmp_path / "repository"
    repository.mkdir()
    git(repository, "init", "-q", "-b", "main")
    listed = "".join(f"  - id: {name}\n" for name in ids)
    (repository / ".pre-commit-config.yaml").write_text(
        "default_install_hook_types: [pre-commit, commit-msg, pre-push]\n"
        f"repos:\n- repo: {hooks.as_uri()}\n  rev: v0\n  hooks:\n{listed}"
    )
    git(repository, "add", "-A")
    environment = {"PRE_COMMIT_HOME": home, **extra}
    pre_commit(repository, "install", "--install-hooks", **environment)
    git(repository, "commit", "-qm", "first", **environment)
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    git(repository, "remote", "add", "origin", str(tmp_path / "bare.git"))
    return repository, environment


def kernels(home):
    """Return what the leakseal that pre-commit has installed says of itself."""
    (program,) = Path(home).glob("repo*/py_env-*/bin/leakseal")
    return run(str(program), "--version", cwd=home)


def check_commits(repository, environment):
    (repository / "app.py").write_text(f"import os\ntoken = '{TOKEN}'\n")
    git(repository, "add", "-A")
    said = git(repository, "commit", "-qm", "leak", expect=1, **environment)
    assert "app.py:2:" in said
    assert "github-personal-token" in said
    assert TOKEN not in said
    (repository / "app.py").write_text("import os\ntoken = os.environ['TOKEN']\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "fixed", **environment)
    said = pre_commit(repository, "run", "--all-files", **environment)
    assert "Passed" in said


def check_messages(repository, environment):
    message = f"token {TOKEN}"
    said = git(repository, "commit", "--allow-empty", "-qm", message, expect=1, **environment)
    assert "commit message:1:7: GitHub" in said
    assert TOKEN not in said
    git(repository, "commit", "--allow-empty", "-qm", "nothing", **environment)


def check_pushes(repository, environment):
    """First a whole history, then a range, then a new branch: pre-commit tells them differently."""
    for branch in ("main", "main", "topic"):
        if branch == "topic":
            git(repository, "checkout", "-qb", branch)
        (repository / "app.py").write_text(f"token = '{TOKEN}'\n")
        git(repository, "commit", "-qam", "leak", "--no-verify")
        (repository / "app.py").write_text(f"token = os.environ['{branch}']\n")
        git(repository, "commit", "-qam", "removed", "--no-verify", "--allow-empty")
        said = git(repository, "push", "origin", branch, expect=1, **environment)
        commit = git(repository, "rev-parse", "HEAD^").strip()
        assert f"app.py:1:10 in commit {commit[:12]}: GitHub" in said
        assert TOKEN not in said
        git(repository, "reset", "-q", "--soft", "HEAD~2")
        git(repository, "commit", "-qm", "both", "--no-verify", "--allow-empty")
        git(repository, "push", "-q", "origin", branch, **environment)


def check_all(repository, environment):
    check_commits(repository, environment)
    check_messages(repository, environment)
    check_pushes(repository, environment)


def test_hooks_that_install_themselves(tmp_path, hooks, home):
    check_all(*adopted(tmp_path, hooks, home, "leakseal", "leakseal-commit-msg", "leakseal-push"))
    assert "kernels: compiled" in kernels(home)


def test_hooks_that_install_themselves_without_a_compiler(tmp_path, hooks, tmp_path_factory):
    fresh = str(tmp_path_factory.mktemp("pre-commit-pure"))
    ids = ("leakseal", "leakseal-commit-msg", "leakseal-push")
    check_all(*adopted(tmp_path, hooks, fresh, *ids, CC="/bin/false"))
    assert "kernels: python" in kernels(fresh)


def test_hooks_of_an_installed_leakseal(tmp_path, hooks, home):
    path = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    ids = ("leakseal-system", "leakseal-commit-msg-system", "leakseal-push-system")
    check_all(*adopted(tmp_path, hooks, home, *ids, PATH=path))


def test_try_repo(tmp_path, hooks, home):
    repository = tmp_path / "repository"
    repository.mkdir()
    git(repository, "init", "-q", "-b", "main")
    (repository / "a.txt").write_text(f"key: {TOKEN}\n")
    git(repository, "add", "-A")
    wanted = (hooks.as_uri(), "leakseal", "--ref", "v0", "--all-files")
    said = pre_commit(repository, "try-repo", *wanted, expect=1, PRE_COMMIT_HOME=home, **QUICK)
    assert "a.txt:1:6" in said


def test_try_repo_at_other_stages(tmp_path, hooks, home):
    repository = tmp_path / "repository"
    repository.mkdir()
    git(repository, "init", "-q", "-b", "main")
    git(repository, "commit", "-q", "--allow-empty", "-m", "first")
    (repository / "a.txt").write_text(f"key: {TOKEN}\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "leak")
    (tmp_path / "message").write_text(f"token {TOKEN}\n")
    wanted = {
        "leakseal-commit-msg": ("commit-msg", "--commit-msg-filename", str(tmp_path / "message")),
        "leakseal-push": ("pre-push", "--from-ref", "HEAD^", "--to-ref", "HEAD"),
    }
    for name, (stage, *options) in wanted.items():
        command = ("try-repo", hooks.as_uri(), name, "--ref", "v0", "--hook-stage", stage)
        said = pre_commit(repository, *command, *options, expect=1, PRE_COMMIT_HOME=home, **QUICK)
        assert "GitHub personal access token" in said
        assert TOKEN not in said
