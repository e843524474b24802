"""One repository, one planted token for each place a secret can be in, one scan: all are found.

And what the report says of each is true: git itself is asked. The same repository is then packed by
`git gc` and has to give the same report.
"""

import shutil

import places_checkout
import places_content
import places_history
import places_refs
import pytest
from planting import CASES, Leak, Repository, check_places, check_truth, git, scan

# The last must stay the last: what it stages must not be committed.
_MODULES = [m.__name__ for m in (places_history, places_refs, places_content, places_checkout)]
ORDER = sorted(CASES, key=lambda name: _MODULES.index(CASES[name].__module__))
# Object storage changes midway: packs, and what came after them loose, with deltas in between.
REPACKED_AFTER = ("in_two_files", "note", "crlf", "docx", "executable")
NEVER_PRUNE = (
    *("-c", "gc.pruneExpire=never"),
    *("-c", "gc.reflogExpire=never"),
    *("-c", "gc.reflogExpireUnreachable=never"),
)


@pytest.fixture(scope="session")
def planted(tmp_path_factory):
    """The repository, and the leaks by case."""
    repository = Repository(tmp_path_factory.mktemp("planted") / "repository")
    repository.commit("Begin")
    leaks = {}
    for name in ORDER:
        made = CASES[name](repository)
        leaks[name] = [made] if isinstance(made, Leak) else made
        if name in REPACKED_AFTER:
            repository.git("repack", "-q", "-d")
    packs = list((repository.path / ".git/objects/pack").glob("*.pack"))
    assert len(packs) > 2, "several packs"
    assert repository.git("count-objects").split()[0] != "0", "and loose objects"
    return repository, leaks


@pytest.fixture(scope="session")
def found(planted, tmp_path_factory):
    return scan(planted[0].path, home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def packed(planted, tmp_path_factory):
    """A scan of a copy in which `git gc` has packed all that it keeps."""
    folder = tmp_path_factory.mktemp("packed")
    shutil.copytree(planted[0].path.parent, folder / "copy", symlinks=True)
    copy = folder / "copy" / planted[0].path.name
    git(copy, *NEVER_PRUNE, "gc", "--quiet", "--prune=never")
    return copy, scan(copy, home=tmp_path_factory.mktemp("home"))


def test_leaks_are_what_the_scan_exits_with(found):
    assert found.code == 1
    assert found.codes() == set()
    assert found.report["coverage"]["complete"]


@pytest.mark.parametrize("case", ORDER)
def test_found_where_it_was_planted(planted, found, case):
    for leak in planted[1][case]:
        check_places(found, leak)


@pytest.mark.parametrize("case", ORDER)
def test_what_is_said_of_it_is_true(planted, found, case):
    repository, leaks = planted
    for leak in leaks[case]:
        for place in found.places[leak.secret] if leak.verifiable else ():
            check_truth(repository.path, leak.secret, place)


def test_nothing_else_is_reported(planted, found):
    """Everything that was found was planted; a second rule that claims a token counts as noise."""
    secrets = {leak.secret for leaks in planted[1].values() for leak in leaks}
    assert set(found.places) == secrets
    assert len(found.report["findings"]) == len(secrets)


@pytest.mark.parametrize("case", ORDER)
def test_found_again_after_gc(planted, packed, case):
    for leak in planted[1][case]:
        check_places(packed[1], leak)


def test_gc_changes_nothing_else(found, packed):
    def summary(scan):
        return {f["fingerprint"]: f["rule"]["id"] for f in scan.report["findings"]}

    assert summary(packed[1]) == summary(found)
    assert packed[1].report["coverage"]["complete"]
