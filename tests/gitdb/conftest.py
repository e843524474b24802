import shutil

import pytest
from grown import git, grow


@pytest.fixture(scope="session")
def _template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template")
    git(path, "init", "-q")
    grow(path, 12)
    git(path, "tag", "-a", "v1", "-m", "first")
    git(path, "hash-object", "-w", "--stdin", stdin=b"nothing reaches this")
    return path


@pytest.fixture
def repository(_template, tmp_path):
    """A repository with some history, a tag, and a blob that nothing reaches."""
    return shutil.copytree(_template, tmp_path / "repository", symlinks=True)


@pytest.fixture
def objects_dir(tmp_path):
    """An empty object directory."""
    path = tmp_path / "objects"
    (path / "pack").mkdir(parents=True)
    (path / "info").mkdir()
    return path
