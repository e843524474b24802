"""What only a pre-receive hook meets: quarantine, settings that are not trusted, time limits."""

import os
import time

import pytest
from planting import Repository, git, run
from pushing import NEW, OTHER, Push, hook, leak, pair

SETTINGS = b"allow: [{paths: ['*.env'], reason: Not real}]\n"
SLOW = """
import sys, time
import scanner.sources.additions as additions
additions.Additions.sightings = lambda *_: time.sleep(600)
from scanner.__main__ import main
sys.argv[1:] = ["guard", "pre-receive", "--timeout", "1"]
main()
"""


@pytest.fixture
def sides(tmp_path):
    return pair(tmp_path)


def test_who_pushes_is_told_where_but_not_how_to_get_round_it(sides):
    local, bare = sides
    hook(bare, "pre-receive")
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    push = Push(local.path, "--no-verify", "origin", "main")
    assert push.blocked(leak("new.env:1:7", commit))
    assert b"push refused" in push.said
    assert b"github-personal-token" in push.said
    assert b"--no-verify" not in push.said


def test_nothing_of_a_refused_push_stays(sides):
    local, bare = sides
    hook(bare, "pre-receive")
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    Push(local.path)
    assert not git(bare, "cat-file", "-t", commit, check=False)
    assert [name for name in os.listdir(bare / "objects") if "incoming" in name] == []


def test_a_push_in_a_pack(sides):
    """Many objects stay packed in quarantine, and deltas there build on what was there before."""
    local, bare = sides
    git(bare, "config", "receive.unpackLimit", "1")
    local.write("long.txt", b"".join(b"line %d\n" % n for n in range(5000)))
    local.commit()
    local.git("push", "-q", "origin", "main")
    hook(bare, "pre-receive")
    lines = [b"line %d\n" % n for n in range(5000)]
    local.write("long.txt", b"".join([*lines, b"TOKEN=%b\n" % NEW]))
    commit = local.commit()
    assert Push(local.path).blocked(leak("long.txt:5001:7", commit))


def test_the_settings_of_what_is_pushed_and_around_do_not_count(sides, tmp_path):
    local, bare = sides
    hook(bare, "pre-receive")
    for folder in (bare, tmp_path):
        (folder / ".leakseal.yaml").write_bytes(SETTINGS)
    (tmp_path / ".git").mkdir()
    local.write(".leakseal.yaml", SETTINGS)
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path).blocked(leak("new.env:1:7", commit))


def test_settings_that_the_administrator_names_count(sides, tmp_path):
    local, bare = sides
    path = tmp_path / "settings.yaml"
    path.write_bytes(SETTINGS)
    hook(bare, "pre-receive", "--config", str(path), "--confidence=high", "--max-size", "1")
    local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path).passed()
    commit = local.commit_file("new.txt", b"TOKEN=%b\n" % OTHER)
    assert Push(local.path).blocked(leak("new.txt:1:7", commit))
    local.git("reset", "-q", "--hard", "HEAD^")
    local.commit_file("large.bin", bytes(2 << 20))
    assert Push(local.path).blocked()
    path.write_bytes(b"allow: nonsense\n")
    push = Push(local.path)
    assert push.code
    assert b"allow must be a list" in push.said


def test_into_a_repository_with_a_working_tree(tmp_path):
    local = Repository(tmp_path / "local")
    local.commit_file("a.txt", b"a\n")
    target = Repository(tmp_path / "target")
    hook(target.path / ".git", "pre-receive")
    local.git("remote", "add", "origin", str(target.path))
    assert Push(local.path, "origin", "main:one").passed()
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path, "origin", "main:one").blocked(leak("new.env:1:7", commit))


def test_a_path_with_the_separator_of_path_lists(tmp_path):
    (tmp_path / "a:b").mkdir()
    local, bare = pair(tmp_path / "a:b")
    hook(bare, "pre-receive")
    local.commit_file("a.txt", b"a\n")
    assert Push(local.path).passed()


def test_a_fork_that_borrows_objects(sides, tmp_path):
    local, bare = sides
    fork = tmp_path / "fork.git"
    git(tmp_path, "clone", "-q", "--bare", "--shared", str(bare), str(fork))
    hook(fork, "pre-receive")
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path, str(fork), "main").blocked(leak("new.env:1:7", commit))


def test_a_quarantine_outside_of_the_repository_is_refused(sides, tmp_path):
    local, bare = sides
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    line = f"{git(bare, 'rev-parse', 'main').decode().strip()} {commit} refs/heads/main\n"
    outside = str(local.path / ".git/objects")
    for name in ("GIT_OBJECT_DIRECTORY", "GIT_QUARANTINE_PATH"):
        where = {"GIT_DIR": str(bare), name: outside}
        done = run("guard", "pre-receive", home=tmp_path, cwd=bare, stdin=line.encode(), **where)
        assert done.returncode == 2
        assert b"do not wait inside this repository" in done.stderr
    alone = {"GIT_DIR": str(bare), "GIT_ALTERNATE_OBJECT_DIRECTORIES": outside}
    done = run("guard", "pre-receive", home=tmp_path, cwd=bare, stdin=line.encode(), **alone)
    assert done.returncode == 3, "what another directory holds is not in the repository"


def test_a_time_limit_refuses(sides, tmp_path):
    """However little of the time the search itself looks at the clock."""
    local, bare = sides
    hook(bare, "pre-receive")
    local.commit_file("a.txt", b"nothing\n")
    script = bare / "hooks/pre-receive"
    started = script.read_text().replace("-m scanner guard pre-receive", f"-c '{SLOW}'")
    assert "time.sleep" in started
    script.write_text(started)
    began = time.monotonic()
    push = Push(local.path)
    assert push.code
    assert time.monotonic() - began < 600
    assert b"time limit" in push.said


def test_deletions_are_let_through_at_once(sides):
    local, bare = sides
    local.git("push", "-q", "origin", "HEAD:refs/heads/topic")
    hook(bare, "pre-receive")
    assert Push(local.path, "origin", ":topic").passed()


def test_comments_in_what_is_pushed_do_not_count(sides):
    local, bare = sides
    hook(bare, "pre-receive")
    hook(local.path / ".git", "pre-push")
    commit = local.commit_file("new.env", b"TOKEN=%b  # leakseal:allow it is made up\n" % NEW)
    assert Push(local.path).blocked(leak("new.env:1:7", commit))
    (bare / "hooks/pre-receive").unlink()
    assert Push(local.path).passed(), "it is for whoever writes it"


def test_what_a_pusher_says_a_ref_was_hides_nothing(sides):
    """Git itself compares that with the ref only after the hook, and one ref at a time."""
    local, bare = sides
    hook(bare, "pre-receive")
    before = local.head()
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    revisions = f"{commit}\n^{before}\n".encode()
    pack = git(local.path, "pack-objects", "-q", "--stdout", "--revs", stdin=revisions)
    decoy = f"{commit} {before} refs/heads/decoy\0report-status".encode()
    lines = (decoy, f"{before} {commit} refs/heads/main".encode())
    sent = b"".join(b"%04x%b" % (len(line) + 4, line) for line in lines) + b"0000" + pack
    git(bare, "receive-pack", ".", stdin=sent, check=False)
    assert git(bare, "rev-parse", "main").decode().strip() == before
