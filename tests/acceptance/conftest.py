import sys
from pathlib import Path

import pytest
from planting import Repository, token

# Damaged packs and objects are made by the same hand as for the object database's own tests.
sys.path.append(str(Path(__file__).parents[1] / "gitdb"))


@pytest.fixture
def leaking(tmp_path):
    """A repository with a leak in HEAD, one staged, one in a file, and a stash."""
    repository = Repository(tmp_path / "repository")
    repository.commit_file("a.txt", b"nothing\n")
    repository.commit_file("leak.env", b"TOKEN=%b\n" % token("head"))
    repository.write("a.txt", b"stash\n")
    repository.git("stash", "-q")
    repository.write("staged.env", b"TOKEN=%b\n" % token("staged"))
    repository.git("add", "staged.env")
    repository.write("a.txt", b"TOKEN=%b\n" % token("file"))
    return repository
