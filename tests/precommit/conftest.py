import shutil
import subprocess

import pytest
from adopting import PROJECT, git


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return str(tmp_path_factory.mktemp("pre-commit"))
