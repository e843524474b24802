"""`leakseal guard pre-push` and `pre-receive` as hooks of real pushes: the same cases for both."""

import base64

import pytest
from planting import Repository, git, token
from pushing import NEW, OLD, OTHER, Push, hook, leak, pair, short


@pytest.fixture(params=["pre-push", "pre-receive", "sha256"])
def sides(request, tmp_path):
    options = ["--object-format=sha256"] if request.param == "sha256" else []
    local, bare = pair(tmp_path, *options)
    if request.param == "pre-receive":
        hook(bare, "pre-receive")
    else:
        hook(local.path / ".git", "pre-push")
    return local, bare


@pytest.fixture
def local(sides):
    return sides[0]


def test_nothing_new(local):
    local.commit_file("a.txt", b"nothing\n")
    assert Push(local.path).passed()
    assert Push(local.path).passed()


def test_a_leak_names_its_place_and_commit(sides):
    local, bare = sides
    before = git(bare, "rev-parse", "main")
    commit = local.commit_file("conf/new.env", b"\nTOKEN=%b\n" % NEW)
    push = Push(local.path)
    assert push.blocked(leak("conf/new.env:2:7", commit))
    assert b"github-personal-token" in push.said
    assert b"rebase" in push.said
    assert git(bare, "rev-parse", "main") == before


def test_a_leak_that_a_later_commit_removes_is_still_one(local):
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    local.commit_file("new.env", b"TOKEN=\n")
    assert Push(local.path).blocked(leak("new.env:1:7", commit))
    local.git("reset", "-q", "--soft", "HEAD~2")
    local.commit("Both in one")
    assert Push(local.path).passed()


def test_a_new_branch_brings_only_its_own_commits(local):
    local.git("checkout", "-q", "-b", "topic")
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path).blocked(leak("new.env:1:7", commit))
    local.git("reset", "-q", "--hard", "main")
    local.commit_file("b.txt", b"nothing\n")
    assert Push(local.path).passed()


def test_a_deletion_brings_nothing(local):
    name = f"refs/heads/{NEW.decode()}"
    local.git("push", "-q", "--no-verify", "origin", "HEAD:refs/heads/topic")
    assert Push(local.path, "origin", ":refs/heads/topic").passed()
    push = Push(local.path, "origin", f"HEAD:{name}")
    assert push.blocked("refs/heads/ghp_…[40 characters]:in the name of the ref")


def test_a_leaking_name_that_is_there_already_may_be_deleted(sides):
    local, bare = sides
    name = f"refs/heads/{NEW.decode()}"
    git(bare, "update-ref", name, "main")
    local.git("fetch", "-q")
    push = Push(local.path, "origin", f":{name}")
    assert push.code == 0, push.said


def test_lightweight_tags(local):
    assert Push(local.path, "origin", "HEAD:refs/tags/clean").passed()
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    local.git("tag", "v1")
    local.git("reset", "-q", "--hard", "HEAD^")
    assert Push(local.path, "origin", "v1").blocked(leak("new.env:1:7", commit))


def test_the_message_of_an_annotated_tag(local):
    local.git("tag", "-a", "-m", "Version 1", "clean")
    assert Push(local.path, "origin", "clean").passed()
    local.git("tag", "-a", "-m", f"Version 1\n\ntoken {NEW.decode()}", "v1")
    id_ = short(local.git("rev-parse", "v1"))
    place = f"tag refs/tags/v1 {id_}, line 8 of git cat-file -p {id_}"
    assert Push(local.path, "origin", "v1").blocked(place)


def test_a_tag_that_is_moved(local):
    local.git("tag", "-a", "-m", "Nothing", "v1")
    assert Push(local.path, "origin", "v1").passed()
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    local.git("tag", "-f", "-a", "-m", f"token {OTHER.decode()}", "v1")
    id_ = short(local.git("rev-parse", "v1"))
    place = f"tag refs/tags/v1 {id_}, line 6 of git cat-file -p {id_}"
    assert Push(local.path, "--force", "origin", "v1").blocked(place, leak("new.env:1:7", commit))


def test_a_tag_of_a_tag(local):
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    local.git("tag", "-a", "-m", f"token {OTHER.decode()}", "inner")
    inner = short(local.git("rev-parse", "inner"))
    local.git("tag", "-a", "-m", "Nothing", "outer", "inner")
    place = f"tag refs/tags/outer {inner}, line 6 of git cat-file -p {inner}"
    assert Push(local.path, "origin", "outer").blocked(place, leak("new.env:1:7", commit))


def test_tags_of_a_blob_and_of_a_tree(local):
    blob = local.blob(b"TOKEN=%b\n" % NEW)
    local.git("tag", "blob", blob)
    object_ = f"in object {short(blob)}"
    assert Push(local.path, "origin", "blob").blocked(f"{short(blob)}:1:7 {object_}")
    local.git("tag", "-a", "-m", "A tree", "tree", local.tree(**{"new.env": blob}))
    assert Push(local.path, "origin", "tree").blocked(f"new.env:1:7 {object_}")
    local.git("tag", "known", "HEAD^{tree}")
    assert Push(local.path, "origin", "known").passed(), "the other side has it"


def test_a_message(local):
    commit = local.commit_file("a.txt", b"a\n", f"Change\n\nwith {NEW.decode()}\n")
    id_ = short(commit)
    assert Push(local.path).blocked(f"commit {id_}, line 8 of git cat-file -p {id_}")


def test_a_force_push_brings_what_it_rewrites(local):
    local.commit_file("a.txt", b"a\n")
    assert Push(local.path).passed()
    local.write("new.env", b"TOKEN=%b\n" % NEW)
    commit = local.commit("Again", "--amend")
    assert Push(local.path, "--force", "origin", "main").blocked(leak("new.env:1:7", commit))
    local.git("rm", "-q", "--cached", "new.env")
    local.write("new.env", b"\n")
    local.commit("Again", "--amend")
    assert Push(local.path, "--force", "origin", "main").passed()


def test_an_evil_merge(local):
    local.git("checkout", "-q", "-b", "side")
    local.commit_file("side.txt", b"side\n")
    local.git("checkout", "-q", "main")
    local.commit_file("main.txt", b"main\n")
    local.git("merge", "-q", "--no-commit", "--no-ff", "side")
    merge = local.commit_file("evil.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path).blocked(leak("evil.env:1:7", merge))


def test_what_a_merge_brings_is_reported_where_it_entered(local):
    local.git("checkout", "-q", "-b", "side")
    side = local.commit_file("side.env", b"TOKEN=%b\n" % NEW)
    local.git("checkout", "-q", "main")
    local.commit_file("main.txt", b"main\n")
    local.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    assert Push(local.path).blocked(leak("side.env:1:7", side))


def test_what_a_merge_brings_from_a_pushed_branch_is_not_reported_again(sides):
    local, bare = sides
    local.git("checkout", "-q", "-b", "side")
    local.commit_file("side.env", b"TOKEN=%b\n" % NEW)
    git(bare, "fetch", "-q", str(local.path), "side:side")  # no hook sees it
    local.git("fetch", "-q")
    local.git("checkout", "-q", "main")
    local.commit_file("main.txt", b"main\n")
    local.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    assert Push(local.path).passed()


def test_moved_and_renamed_secrets_are_not_reported_again(local):
    local.git("mv", "old.env", "renamed.env")
    local.commit("Rename")
    local.commit_file("renamed.env", b"# settings\n\n\nTOKEN = '%b'\n" % OLD)
    assert Push(local.path).passed()


def test_several_refs_report_each_commit_once(local):
    shared = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    local.git("branch", "one")
    local.git("branch", "two")
    other = local.commit_file("other.env", b"TOKEN=%b\n" % OTHER)
    push = Push(local.path, "origin", "one", "two", "main")
    assert push.blocked(leak("new.env:1:7", shared), leak("other.env:1:7", other))


def test_from_a_linked_worktree(local):
    linked = local.path.with_name("linked")
    local.git("worktree", "add", "-q", "-b", "linked", str(linked))
    (linked / "new.env").write_bytes(b"TOKEN=%b\n" % NEW)
    git(linked, "add", "new.env")
    git(linked, "commit", "-q", "-m", "Linked")
    commit = git(linked, "rev-parse", "HEAD").decode().strip()
    assert Push(linked).blocked(leak("new.env:1:7", commit))


def test_from_a_shallow_clone(sides, tmp_path):
    local, bare = sides
    for number in range(3):
        local.commit_file("a.txt", b"%d\n" % number)
    local.git("push", "-q", "--no-verify", "origin", "main")
    clone = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{bare}", str(clone))
    hook(clone / ".git", "pre-push")
    shallow = Repository(clone)
    shallow.commit_file("b.txt", b"nothing\n")
    assert Push(clone).passed()
    commit = shallow.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(clone).blocked(leak("new.env:1:7", commit))


def test_a_file_that_is_too_large_to_be_read_blocks(local):
    with open(local.path / "large.bin", "wb") as file:
        file.truncate(65 << 20)
    local.commit("Large")
    push = Push(local.path)
    assert push.blocked()
    assert b"not read: large.bin: " in push.said


def test_a_secret_in_a_path_is_not_printed(local):
    commit = local.commit_file(b"keys/%b/new.env" % NEW, b"TOKEN=%b\n" % OTHER)
    assert Push(local.path).blocked(
        f"keys/ghp_…[40 characters]/new.env:in the file's name in commit {short(commit)}",
        leak("keys/ghp_…[40 characters]/new.env:1:7", commit),
    )


def test_a_secret_in_a_path_that_was_there_is_not_reported_again(sides):
    local, bare = sides
    local.commit_file(b"keys/%b/a.txt" % NEW, b"nothing\n")
    git(bare, "fetch", "-q", str(local.path), "main:main")  # no hook sees it
    local.git("fetch", "-q")
    local.git("mv", f"keys/{NEW.decode()}/a.txt", f"keys/{NEW.decode()}/b.txt")
    local.commit("Rename")
    assert Push(local.path).passed()


def test_other_forms_of_a_secret_in_a_path_are_not_printed(local):
    percents = "".join(f"%{byte:02X}" for byte in NEW).encode()
    forms = [base64.b64encode(NEW), NEW.hex().encode(), percents]
    for number, form in enumerate(forms):
        local.write(b"keys/%b/%d.env" % (form, number), b"TOKEN=%b\n" % NEW)
    local.commit()
    push = Push(local.path)
    assert push.code
    assert b".env:1:7" in push.said
    for form in (*forms, base64.b64encode(NEW).rstrip(b"="), NEW.hex().upper().encode()):
        assert form not in push.said


def test_many_leaks_are_counted_and_some_shown(local):
    lines = b"".join(b"TOKEN=%b\n" % token(f"many {n}") for n in range(60))
    local.commit_file("many.env", lines)
    push = Push(local.path)
    assert push.code
    assert len(push.leaks) == 50
    assert "… and 10 more places".encode() in push.said
    assert b"60 secrets pushed" in push.said


def test_a_merge_that_could_have_been_a_fast_forward_adds_nothing(sides):
    """It has the very tree of one parent, and git shows no difference to that at all."""
    local, bare = sides
    local.git("checkout", "-q", "-b", "side")
    side = local.commit_file("side.env", b"TOKEN=%b\n" % NEW)
    local.git("checkout", "-q", "main")
    local.git("merge", "-q", "--no-ff", "-m", "Merge", "side")
    assert Push(local.path).blocked(leak("side.env:1:7", side))
    git(bare, "fetch", "-q", str(local.path), "side:side")  # no hook sees it
    local.git("fetch", "-q")
    assert Push(local.path).passed()


def test_a_merge_that_keeps_one_side_only_adds_nothing(sides):
    local, bare = sides
    local.git("checkout", "-q", "-b", "side")
    local.commit_file("old.env", b"\n")
    git(bare, "fetch", "-q", str(local.path), "side:side")
    local.git("fetch", "-q")
    local.git("checkout", "-q", "main")
    local.git("merge", "-q", "-s", "ours", "-m", "Merge", "side")
    assert Push(local.path).passed()


def test_a_tag_of_a_tree_with_line_breaks_in_names(local):
    blob = local.blob(b"nothing\n")
    local.git("tag", "clean", local.tree(**{"a\rdeadbeef z": blob}))
    assert Push(local.path, "origin", "clean").passed()
    local.git("tag", "leak", local.tree(**{"a\rb": local.blob(b"TOKEN=%b\n" % NEW)}))
    push = Push(local.path, "origin", "leak")
    assert push.code != 0
    assert b"a\\x0db:1:7" in push.said
