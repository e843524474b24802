"""The hooks of `.pre-commit-hooks.yaml`, run by the real pre-commit from a clone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.rulepack import samples

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).resolve().parents[2]
TOKEN = samples.expand("<<checksum ghp_ 30>>")


def run(*command, cwd, expect=0, **extra):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | extra
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


def git(cwd, *arguments, expect=0, **extra):
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    return run("git", *identity, *arguments, cwd=cwd, expect=expect, **extra)


def pre_commit(cwd, *arguments, expect=0, **extra):
    return run(sys.executable, "-m", "pre_commit", *arguments, cwd=cwd, expect=expect, **extra)


@pytest.fixture(scope="module")
def hooks(tmp_path_factory):
    """A repository with the project as it is on disk now, tagged v0."""
    target = tmp_path_factory.mktemp("hooks")
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"],
        cwd=PROJECT, capture_output=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.decode().split("\0")):
        source = PROJECT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    git(target, "init", "-q", "-b", "main")
    git(target, "add", "-A", "-f")
    git(target, "commit", "-qm", "as it is")
    git(target, "tag", "v0")
    return target


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return str(tmp_path_factory.mktemp("pre-commit"))


def adopted(tmp_path, hooks, hook, home, **extra):
    repository = tmp_path / "repository"
    repository.mkdir()
    git(repository, "init", "-q", "-b", "main")
    (repository / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hooks.as_uri()}\n  rev: v0\n  hooks:\n  - id: {hook}\n"
    )
    git(repository, "add", "-A")
    environment = {"PRE_COMMIT_HOME": home, **extra}
    run(
        sys.executable,
        "-m",
        "pre_commit",
        "install",
        "--install-hooks",
        cwd=repository,
        **environment,
    )
    git(repository, "commit", "-qm", "first", **environment)
    return repository, environment


def check_blocks(repository, environment):
    (repository / "app.py").write_text(f"import os\ntoken = '{TOKEN}'\n")
    git(repository, "add", "-A")
    said = git(repository, "commit", "-qm", "leak", expect=1, **environment)
    assert "app.py:2:" in said
    assert "github-personal-token" in said
    assert TOKEN not in said
    (repository / "app.py").write_text("import os\ntoken = os.environ['TOKEN']\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "fixed", **environment)
    said = run(
        sys.executable, "-m", "pre_commit", "run", "--all-files", cwd=repository, **environment
    )
    assert "Passed" in said


def test_hook_that_installs_itself(tmp_path, hooks, home):
    check_blocks(*adopted(tmp_path, hooks, "leakseal", home))


def test_hook_that_installs_itself_without_a_compiler(tmp_path, hooks, tmp_path_factory):
    fresh = str(tmp_path_factory.mktemp("pre-commit-pure"))
    check_blocks(*adopted(tmp_path, hooks, "leakseal", fresh, CC="/bin/false"))


def test_hook_of_an_installed_leakseal(tmp_path, hooks, home):
    path = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    check_blocks(*adopted(tmp_path, hooks, "leakseal-system", home, PATH=path))


def test_try_repo(tmp_path, hooks, home):
    repository = tmp_path / "repository"
    repository.mkdir()
    git(repository, "init", "-q", "-b", "main")
    (repository / "a.txt").write_text(f"key: {TOKEN}\n")
    git(repository, "add", "-A")
    wanted = (hooks.as_uri(), "leakseal", "--ref", "v0", "--all-files")
    said = pre_commit(repository, "try-repo", *wanted, expect=1, PRE_COMMIT_HOME=home)
    assert "a.txt:1:6" in said
