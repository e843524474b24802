"""Other shapes of repositories: bare, SHA-256, worktrees, borrowed objects, and incomplete ones.

What is not there is named, the exit code says so, and all the rest is still found.
"""

import os
import shutil

import places_checkout  # noqa: F401 - registers its cases
import places_content  # noqa: F401 - likewise
import places_history  # noqa: F401 - likewise
import places_refs  # noqa: F401 - likewise
import pytest
from planting import CASES, Leak, Repository, at, check_places, check_truth, git, leak, scan

HISTORY = (
    *("in_head", "deleted_file", "edited_out", "renamed", "commit_message", "author_name"),
    *("annotated_tag_message", "note", "branch_name", "file_name", "directory_name"),
    *("tag_on_a_blob", "tag_on_a_tree", "merge_only_content_in_a_new_file", "pull_request_ref"),
    *("merge_only_content_in_a_conflict", "removed_by_a_merge", "symlink_target"),
    *("key_completed_by_a_second_commit", "utf_16_le", "zip_in_a_tar_gz", "nested_base64"),
)
LOOSE = ("unreachable_commit", "amended_commit", "stashes", "dangling_blob")
CHECKOUT = ("staged", "unstaged_modification", "untracked", "hook_file", "remote_with_a_password")


def plant(repository, *names):
    """Plant cases; return all leaks."""
    repository.commit("Begin")
    leaks = []
    for name in names:
        made = CASES[name](repository)
        leaks += [made] if isinstance(made, Leak) else made
    return leaks


def check(found, leaks, path):
    for planted in leaks:
        check_places(found, planted)
        for place in found.places[planted.secret] if planted.verifiable else ():
            check_truth(path, planted.secret, place)


def in_a_bare_repository(planted):
    """Return the leak as a bare repository has it, which checks out nothing."""
    return planted._replace(places=tuple(p for p in planted.places if p["state"] != "worktree"))


def two_leaks(repository):
    """Commit two files, of which the first is gone from HEAD; return both leaks and commits."""
    past, now = repository.token(), repository.token()
    first = repository.commit_file("past.env", b"TOKEN=%b\n" % past)
    os.unlink(repository.path / "past.env")
    second = repository.commit_file("now.env", b"TOKEN=%b\n" % now)
    return (
        leak(past, at("file", "past.env", "history", introduced=first, removed=second)),
        leak(now, at("file", "now.env", "head", introduced=second)),
        first,
        second,
    )


def object_path(repository, object_id):
    return repository / ".git/objects" / object_id[:2] / object_id[2:]


def test_sha256(tmp_path):
    repository = Repository(tmp_path / "repository", "--object-format=sha256")
    leaks = plant(repository, *HISTORY, *LOOSE, *CHECKOUT)
    found = scan(repository.path, home=tmp_path)
    assert found.code == 1
    assert found.codes() == set()
    assert len(found.report["head"]) == 64
    check(found, leaks, repository.path)


def test_sha256_packed(tmp_path):
    repository = Repository(tmp_path / "repository", "--object-format=sha256")
    leaks = plant(repository, *HISTORY)
    repository.git("gc", "--quiet")
    found = scan(repository.path, home=tmp_path)
    check(found, leaks, repository.path)


def test_bare_mirror(tmp_path):
    repository = Repository(tmp_path / "repository")
    leaks = plant(repository, *HISTORY)
    git(tmp_path, "clone", "-q", "--mirror", repository.path.as_uri(), "mirror.git")
    found = scan(tmp_path / "mirror.git", home=tmp_path)
    assert found.code == 1
    assert found.codes() == set()
    check(found, leaks, tmp_path / "mirror.git")


def test_several_packs_and_a_multi_pack_index(tmp_path):
    repository = Repository(tmp_path / "repository")
    leaks = []
    for name in HISTORY:
        leaks += plant(repository, name)
        repository.git("repack", "-q", "-d")
    repository.git("multi-pack-index", "write")
    assert (repository.path / ".git/objects/pack/multi-pack-index").exists()
    check(scan(repository.path, home=tmp_path), leaks, repository.path)


def test_linked_worktree(tmp_path):
    """Its own HEAD, index and files count; history is the common one."""
    repository = Repository(tmp_path / "repository")
    past, now, *_ = two_leaks(repository)
    staged, new, dropped = (repository.token() for _ in range(3))
    linked = tmp_path / "linked"
    repository.git("worktree", "add", "-q", "--detach", str(linked))
    commit = repository.commit_file("main-only.env", b"TOKEN=%b\n" % dropped)
    (linked / "staged.env").write_bytes(b"TOKEN=%b\n" % staged)
    git(linked, "add", "staged.env")
    (linked / "new.env").write_bytes(b"TOKEN=%b\n" % new)
    found = scan(linked, home=tmp_path)
    assert found.codes() == set()
    check_places(found, past)
    check_places(found, now)
    check_places(found, leak(staged, at("file", "staged.env", "staged")))
    check_places(found, leak(new, at("file", "new.env", "worktree")))
    check_places(found, leak(dropped, at("file", "main-only.env", "history", introduced=commit)))


def test_worktree_inside_the_working_tree(tmp_path):
    """History is not told a second time for it."""
    repository = Repository(tmp_path / "repository")
    past, *_ = two_leaks(repository)
    new = repository.token()
    repository.git("worktree", "add", "-q", "--detach", ".worktrees/fix")
    repository.write(".worktrees/fix/new.env", b"TOKEN=%b\n" % new)
    found = scan(repository.path, home=tmp_path)
    assert found.codes() == set()
    check_places(found, past)
    check_places(found, leak(new, at("file", ".worktrees/fix/new.env", "worktree")))


def test_directory_of_repositories(tmp_path):
    """A directory that is no repository is scanned as files; repositories inside it are audited."""
    folder = tmp_path / "projects"
    repository = Repository(folder / "acme/site")
    past, now, first, second = two_leaks(repository)
    loose = repository.token()
    (folder / "notes.txt").write_bytes(b"\nTOKEN=%b\n" % loose)
    found = scan(folder, home=tmp_path)
    assert found.code == 1
    check_places(found, leak(loose, at("file", "notes.txt", "worktree", line=2)))
    place = at("file", "acme/site/now.env", "head", introduced=second)
    check_places(found, leak(now.secret, place))
    place = at("file", "acme/site/past.env", "history", introduced=first, removed=second)
    check_places(found, leak(past.secret, place))


def test_alternates(tmp_path):
    repository = Repository(tmp_path / "repository")
    leaks = plant(repository, *HISTORY)
    git(tmp_path, "clone", "-q", "--shared", str(repository.path), "borrower")
    borrower = Repository(tmp_path / "borrower")
    own = borrower.token()
    commit = borrower.commit_file("own.env", b"TOKEN=%b\n" % own)
    found = scan(borrower.path, home=tmp_path)
    assert found.codes() == set()
    check_places(found, leak(own, at("file", "own.env", "head", introduced=commit)))
    for planted in leaks:
        assert planted.secret in found.places or planted.places[0]["place"] == "ref"


def test_absent_alternate(tmp_path):
    repository = Repository(tmp_path / "repository")
    two_leaks(repository)
    git(tmp_path, "clone", "-q", "--shared", str(repository.path), "borrower")
    borrower = Repository(tmp_path / "borrower")
    own = borrower.token()
    borrower.commit_file("own.env", b"TOKEN=%b\n" % own)
    repository.path.rename(tmp_path / "elsewhere")
    found = scan(borrower.path, home=tmp_path)
    assert found.code == 3
    assert "unreadable-alternate" in found.codes()
    assert own in found.places


def test_shallow_clone(tmp_path):
    repository = Repository(tmp_path / "repository")
    past, now, *_ = two_leaks(repository)
    git(tmp_path, "clone", "-q", "--depth=1", repository.path.as_uri(), "shallow")
    found = scan(tmp_path / "shallow", home=tmp_path)
    assert found.code == 3
    assert found.codes() == {"shallow"}
    # The commit where the clone was cut off holds it, but who introduced it is unknown.
    (place,) = found.places[now.secret]
    assert (place["state"], place["introduced"]) == ("head", None)
    assert past.secret not in found.places


def test_partial_clone(tmp_path):
    """What was not fetched is named, and nobody fetches it now."""
    repository = Repository(tmp_path / "repository")
    past, now, *_ = two_leaks(repository)
    message = repository.token()
    repository.commit(f"Use {message.decode()}")
    repository.git("config", "uploadpack.allowFilter", "true")
    source = repository.path.as_uri()
    git(tmp_path, "clone", "-q", "--filter=blob:none", source, "partial")
    missing = git(tmp_path / "partial", "rev-list", "--all", "--objects", "--missing=print")
    assert b"\n?" in missing
    found = scan(tmp_path / "partial", home=tmp_path)
    assert found.code == 3
    assert found.codes() == {"partial-clone"}
    check_places(found, now)
    assert message in found.places
    assert past.secret not in found.places
    again = git(tmp_path / "partial", "rev-list", "--all", "--objects", "--missing=print")
    assert again == missing


def test_missing_object(tmp_path):
    repository = Repository(tmp_path / "repository")
    past, now, first, _ = two_leaks(repository)
    blob = repository.git("rev-parse", f"{first}:past.env")
    object_path(repository.path, blob).unlink()
    found = scan(repository.path, home=tmp_path)
    assert found.code == 3
    assert found.codes() == {"missing-object"}
    assert any(s["subject"] == blob for s in found.report["coverage"]["skipped"])
    check_places(found, now)
    assert past.secret not in found.places


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "directory"])
def test_corrupt_object(tmp_path, damage):
    repository = Repository(tmp_path / "repository")
    _, now, first, _ = two_leaks(repository)
    blob = repository.git("rev-parse", f"{first}:past.env")
    path = object_path(repository.path, blob)
    content = path.read_bytes()
    os.chmod(path, 0o644)
    if damage == "directory":
        path.unlink()
        path.mkdir()
    else:
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 0x55]) + content[middle + 1 :]
        path.write_bytes({"cut": content[:middle], "flipped": flipped, "empty": b""}[damage])
    found = scan(repository.path, home=tmp_path)
    assert found.code == 3
    assert any(blob in str(s) for s in found.report["coverage"]["skipped"])
    check_places(found, now)


def test_missing_commit_and_tree(tmp_path):
    repository = Repository(tmp_path / "repository")
    past, now, first, second = two_leaks(repository)
    tree = repository.git("rev-parse", f"{first}^{{tree}}")
    object_path(repository.path, tree).unlink()
    found = scan(repository.path, home=tmp_path)
    assert found.code == 3
    assert any(s["subject"] == tree for s in found.report["coverage"]["skipped"])
    assert now.secret in found.places
    assert past.secret in found.places, "its blob is still there"
    object_path(repository.path, first).unlink()
    found = scan(repository.path, home=tmp_path)
    assert found.code == 3
    assert {now.secret, past.secret} <= set(found.places)
    assert second == found.report["head"]


@pytest.mark.parametrize("what", ["ref", "index"])
def test_missing_object_that_no_commit_names(tmp_path, what):
    repository = Repository(tmp_path / "repository")
    _, now, *_ = two_leaks(repository)
    lost = "5" * 40
    if what == "ref":
        repository.write(".git/refs/heads/lost", f"{lost}\n".encode())
    else:
        repository.git("update-index", "--add", "--cacheinfo", f"100644,{lost},lost.env")
    found = scan(repository.path, home=tmp_path)
    assert found.code == 3
    assert found.codes() == {"missing-object"}
    check_places(found, now)


def test_complete_all_the_same(tmp_path):
    """What every other clone has: a remote's HEAD that leads nowhere, a file only announced."""
    repository = Repository(tmp_path / "repository")
    _, now, *_ = two_leaks(repository)
    repository.write(".git/refs/remotes/origin/HEAD", b"ref: refs/remotes/origin/master\n")
    repository.write("announced.txt", b"x")
    repository.git("add", "--intent-to-add", "announced.txt")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{'6' * 40},submodule")
    found = scan(repository.path, home=tmp_path)
    assert found.code == 1
    assert found.codes() == set()
    check_places(found, now)


@pytest.mark.parametrize("broken", ["HEAD", "objects", "config"])
def test_broken_repository(tmp_path, broken):
    """A directory that git itself takes for no repository is not called clean."""
    repository = Repository(tmp_path / "repository")
    _, now, *_ = two_leaks(repository)
    path = repository.path / ".git" / broken
    if broken == "objects":
        shutil.rmtree(path)
    elif broken == "HEAD":
        path.unlink()
    else:
        path.write_bytes(b"[core\nnonsense")
    found = scan(repository.path, home=tmp_path)
    assert found.code == 3
    assert now.secret in found.places
