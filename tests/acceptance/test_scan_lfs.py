"""What ranges, staged content and whole repositories make of files in Git LFS."""

import json

import pytest
from large_files import pointer, store
from planting import Repository, run, scan, token

NEW, OLD = token("new"), token("old")
CONTENT = b"\x89DATA\n\nTOKEN=%b\n" % NEW
LARGE = CONTENT + bytes(1 << 20)


@pytest.fixture
def repository(tmp_path):
    repository = Repository(tmp_path / "repository")
    repository.commit_file("old.env", b"TOKEN=%b\n" % OLD)
    return repository


def scanned(repository, *options):
    return scan(".", *options, home=repository.path.parent, cwd=repository.path)


def notes(found):
    """Return what was noted of LFS objects that are not here."""
    skipped = found.report["coverage"]["skipped"]
    return [s for s in skipped if s["code"] == "lfs-missing"]


def test_a_range(repository):
    commit = repository.commit_file("large.bin", store(repository, CONTENT))
    repository.commit_file("large.bin", store(repository, b"nothing\n"))
    found = scanned(repository, "--range", "HEAD~2..HEAD")
    assert found.code == 1
    (place,) = found.places[NEW]
    assert (place["introduced"], place["line"], place["via"]) == (commit, 3, ("lfs",))
    assert found.report["coverage"]["counts"]["lfs objects"] == 2


def test_a_range_where_the_object_before_held_it(repository):
    repository.commit_file("large.bin", store(repository, b"1\nTOKEN=%b\n" % NEW))
    repository.commit_file("large.bin", store(repository, b"2\n\nTOKEN=%b\n" % NEW))
    repository.git("mv", "large.bin", "moved.bin")
    repository.commit()
    found = scanned(repository, "--range", "HEAD~2..HEAD")
    assert (found.code, found.places) == (0, {})


def test_what_head_still_holds_is_told_of_as_it_stands_there(repository):
    repository.commit_file("large.bin", store(repository, b"1\nTOKEN=%b\n" % NEW))
    repository.commit_file("large.bin", store(repository, b"2\n\n\nTOKEN=%b\n" % NEW))
    (place,) = scanned(repository, "--since", "2000-01-01").places[NEW]
    assert (place["state"], place["line"]) == ("head", 4)


def test_ci(repository):
    base = repository.head()
    repository.commit_file("large.bin", store(repository, CONTENT))
    options = ("--base", base, "--head", "HEAD", "--format", "json")
    done = run("ci", repository.path, *options, home=repository.path.parent)
    assert done.returncode == 1, done.stderr
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["occurrences"][0]["via"] == ["lfs"]


def test_staged(repository):
    repository.write("large.bin", store(repository, CONTENT))
    repository.git("add", "large.bin")
    (place,) = scanned(repository, "--staged").places[NEW]
    assert (place["state"], place["via"]) == ("staged", ("lfs",))


def test_without_history(repository):
    """The file on disk, as the filters of LFS leave it there, is the same leak."""
    repository.commit_file("large.bin", store(repository, CONTENT))
    repository.write("large.bin", CONTENT)
    (place,) = scanned(repository, "--no-history").places[NEW]
    assert (place["state"], place["via"]) == ("head", ("lfs",))


@pytest.mark.parametrize("scope", [("--range", "HEAD~2..HEAD"), (), ("--no-history",)])
def test_objects_that_are_not_here_are_noted_once(repository, scope):
    repository.write("1.bin", pointer(b"1"))
    repository.write("2.bin", pointer(b"2"))
    repository.commit()
    repository.git("mv", "1.bin", "3.bin")
    repository.commit()
    found = scanned(repository, *scope)
    assert found.code == (0 if "--range" in scope else 1)
    (note,) = notes(found)
    assert note["subject"] == "LFS objects (2)"
    assert not note["incomplete"]
    assert "git lfs fetch" in note["detail"]


def test_objects_that_are_here_are_not_noted(repository):
    repository.commit_file("large.bin", store(repository, CONTENT))
    assert not notes(scanned(repository))
    assert not notes(scanned(repository, "--range", "HEAD~1..HEAD"))


@pytest.mark.parametrize("scope", [("--range", "HEAD~1..HEAD"), (), ("--no-history",)])
def test_an_object_over_the_limit_makes_a_scan_incomplete(repository, scope):
    repository.commit_file("large.bin", store(repository, LARGE))
    found = scanned(repository, "--max-size", "1", *scope)
    assert found.code == 3
    assert found.codes() == {"over-size"}


def test_settings_do_not_lead_a_scan_out_of_the_repository(repository, tmp_path):
    repository.git("config", "lfs.storage", str(tmp_path / "shared"))
    store(repository, CONTENT, "../shared")
    repository.commit_file("large.bin", pointer(CONTENT))
    found = scanned(repository, "--range", "HEAD~1..HEAD")
    assert (found.code, found.places) == (0, {})
    assert notes(found)


def test_a_comment_in_the_pointer_accepts_nothing_in_the_object(repository):
    content = b"1\nTOKEN=%b\n" % NEW
    version, rest = store(repository, content).split(b"\n", 1)
    lines = version, b"TOKEN=%b # leakseal:allow" % NEW, rest
    repository.commit_file("large.bin", b"\n".join(lines))
    for scope in (), ("--range", "HEAD~1..HEAD"):
        places = scanned(repository, *scope).places[NEW]
        assert {place["via"] for place in places} == {("lfs",)}
