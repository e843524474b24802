"""What only a pre-push hook meets: remotes by URL, first pushes, forgotten history, pre-commit."""

import pytest
from planting import Repository, git, run
from pushing import NEW, OLD, OTHER, Push, hook, leak, pair, short

ZERO = "0" * 40


@pytest.fixture
def sides(tmp_path):
    local, bare = pair(tmp_path)
    hook(local.path / ".git", "pre-push")
    return local, bare


@pytest.fixture
def local(sides):
    return sides[0]


def guard(repository, *arguments, lines="", **environ):
    home = repository.path.parent
    where = repository.path
    return run("guard", *arguments, home=home, cwd=where, stdin=lines.encode(), **environ)


def test_first_push_of_all(tmp_path):
    bare = tmp_path / "bare.git"
    git(tmp_path, "init", "-q", "--bare", str(bare))
    first = Repository(tmp_path / "first")
    first.git("remote", "add", "origin", str(bare))
    hook(first.path / ".git", "pre-push")
    commit = first.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    first.commit_file("new.env", b"TOKEN=\n")
    assert Push(first.path).blocked(leak("new.env:1:7", commit))


def test_a_remote_that_has_nothing_gets_the_whole_history(local, tmp_path):
    """What another remote has is no secret there, but news to this one."""
    git(tmp_path, "init", "-q", "--bare", "other.git")
    local.git("remote", "add", "other", str(tmp_path / "other.git"))
    first = local.git("rev-parse", "HEAD")
    assert Push(local.path, "other", "main").blocked(leak("old.env:2:7", first))


def test_a_url_without_a_remote_gets_what_no_remote_has(sides, tmp_path):
    local, bare = sides
    git(tmp_path, "clone", "-q", "--bare", str(bare), "fork.git")
    url = f"file://{tmp_path}/fork.git"
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path, url, "main").blocked(leak("new.env:1:7", commit))


def test_a_remote_s_commit_that_is_not_here(sides, tmp_path):
    local, bare = sides
    other = Repository(tmp_path / "other")
    other.git("pull", "-q", str(bare), "main")
    other.commit_file("theirs.txt", b"theirs\n")
    other.git("push", "-q", str(bare), "HEAD:main")
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    push = Push(local.path, "--force", "origin", "main")
    assert push.blocked(leak("new.env:1:7", commit))
    assert b"git fetch" in push.said


def test_credentials_in_a_url_are_not_printed(sides):
    local, _ = sides
    local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    url = "https://ann:pa55word-of-ann@git.example/app.git"
    line = f"refs/heads/main {local.head()} refs/heads/main {ZERO}\n"
    for lines, code in ((line, 1), ("", 0), ("what\n", 2)):
        done = guard(local, "pre-push", url, url, lines=lines)
        assert done.returncode == code
        assert b"pa55word" not in done.stdout + done.stderr


def test_what_is_pushed_may_be_named_by_an_expression(local):
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    push = Push(local.path, "origin", "HEAD^{/Change a file}:refs/heads/topic")
    assert push.blocked(leak("new.env:1:7", commit))


def test_a_push_that_is_forced_past_the_guard(local):
    local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path, "--no-verify", "origin", "main").passed()


def test_an_object_that_is_not_there_is_not_clean(local):
    lost = "b" * 40
    done = guard(local, "pre-push", "origin", lines=f"x {lost} refs/heads/x {ZERO}\n")
    assert done.returncode == 3
    assert b"not here" in done.stderr
    blob = local.blob(b"nothing\n")
    commit = local.loose_commit(b"nothing\n", "a.txt")
    path = local.path / ".git/objects" / blob[:2] / blob[2:]
    path.unlink()
    done = guard(local, "pre-push", "origin", lines=f"x {commit} refs/heads/x {ZERO}\n")
    assert done.returncode == 3
    assert b"not read: a.txt" in done.stderr
    tree = local.git("rev-parse", f"{commit}^{{tree}}")
    (local.path / ".git/objects" / tree[:2] / tree[2:]).unlink()
    done = guard(local, "pre-push", "origin", lines=f"x {commit} refs/heads/x {ZERO}\n")
    assert done.returncode == 3
    assert b"not read: what is pushed: " in done.stderr
    assert b"could not be searched; push blocked" in done.stderr


def test_a_tag_that_names_an_expression_hides_nothing(local):
    tree = local.tree(**{"new.env": local.blob(b"TOKEN=%b\n" % NEW)})
    text = b"object ^%b blob\ntype blob\ntag x\ntagger A <a> 0 +0000\n\nx\n" % tree.encode()
    options = ("hash-object", "-w", "-t", "tag", "--literally", "--stdin")
    tag = local.git(*options, stdin=text)
    lines = "".join(f"x {id_} refs/tags/{id_} {ZERO}\n" for id_ in (tree, tag))
    done = guard(local, "pre-push", "origin", lines=lines)
    assert done.returncode == 3
    assert b"new.env:1:7" in done.stderr
    assert b"not read: object " + tag.encode() in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("pre-push", "a", "b", "c"),
        ("commit-msg",),
        ("pre-receive", "x"),
        ("post-commit",),
        ("pre-push", "--timeout", "0"),
        ("pre-push", "--timeout=soon"),
        ("--max-size",),
        ("--verbose",),
    ],
    ids=" ".join,
)
def test_arguments_that_make_no_sense(local, arguments):
    done = guard(local, *arguments)
    assert done.returncode == 2
    assert b"usage: leakseal guard" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("lines", ["x\n", "a b c d\n", f"a {ZERO} b\n", f"{ZERO} {ZERO}\n", "\n"])
def test_lines_that_git_does_not_write(local, lines):
    for name in ("pre-push", "pre-receive"):
        assert guard(local, name, lines=lines).returncode == 2


def test_the_settings_of_the_project_count(local):
    local.write(".leakseal.yaml", b"allow: [{paths: [new.env], reason: Not real}]\n")
    local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path).passed()
    other = local.commit_file("other.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path).blocked(leak("other.env:1:7", other))


def test_what_pre_commit_passes_on(local):
    """It has read standard input itself, and says in variables what it found there."""
    before = local.head()
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    named = {
        "PRE_COMMIT": "1",
        "PRE_COMMIT_REMOTE_NAME": "origin",
        "PRE_COMMIT_REMOTE_URL": "https://ann:pa55word-of-ann@git.example/app.git",
        "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main",
        "PRE_COMMIT_REMOTE_BRANCH": f"refs/heads/{OTHER.decode()}",
    }
    ends = {"PRE_COMMIT_FROM_REF": before, "PRE_COMMIT_TO_REF": commit}
    for environ in (named | ends, named):
        done = guard(local, "pre-push", **environ)
        assert done.returncode == 1
        assert b"new.env:1:7 in commit %b" % short(commit).encode() in done.stderr
        assert b"in the name of the ref" in done.stderr
        assert b"old.env" not in done.stderr
        for value in (NEW, OLD, OTHER, b"pa55word"):
            assert value not in done.stderr
    done = guard(local, "pre-push", PRE_COMMIT="1")
    assert done.returncode == 1
    assert b"old.env" not in done.stderr, "some remote has it"
    hook(local.path / ".git", "pre-push", before="exec </dev/null")
    assert Push(local.path, **named, **ends).leaks, "pre-commit closes standard input"
    gone = {"PRE_COMMIT": "1", "PRE_COMMIT_TO_REF": "nowhere"}
    assert guard(local, "pre-push", **gone).returncode == 2


@pytest.mark.parametrize("side", ["pre-push", "pre-receive"])
def test_a_hook_that_is_not_told_what_git_said_blocks(tmp_path, side):
    """So do programs that keep hooks, and containers, unless told to pass standard input on."""
    local, bare = pair(tmp_path)
    hook(local.path / ".git" if side == "pre-push" else bare, side, before="exec </dev/null")
    local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    push = Push(local.path)
    assert push.code != 0
    assert b"this hook reads from standard input what git tells it" in push.said


def test_a_remote_that_leads_elsewhere_now_has_nothing(local, tmp_path):
    """What was fetched before from another place says nothing of it."""
    git(tmp_path, "init", "-q", "--bare", "other.git")
    local.git("remote", "set-url", "origin", str(tmp_path / "other.git"))
    first = local.git("rev-parse", "HEAD")
    assert Push(local.path).blocked(leak("old.env:2:7", first))


def test_a_remote_of_the_user_s_own_settings(local, tmp_path):
    git(tmp_path, "init", "-q", "--bare", "other.git")
    settings = tmp_path / "settings"
    settings.write_text(f'[remote "public"]\n\turl = {tmp_path}/other.git\n')
    first = local.git("rev-parse", "HEAD")
    push = Push(local.path, "public", "main", GIT_CONFIG_GLOBAL=str(settings))
    assert push.blocked(leak("old.env:2:7", first))


def test_pre_commit_run_for_commits_searches_those(local):
    before = local.head()
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    ends = {"PRE_COMMIT_FROM_REF": before, "PRE_COMMIT_TO_REF": "HEAD"}
    done = guard(local, "pre-commit", PRE_COMMIT="1", **ends)
    assert done.returncode == 1
    assert b"new.env:1:7 in commit %b" % short(commit).encode() in done.stderr
    assert b"old.env" not in done.stderr


def test_what_is_accepted_for_its_path_is_new_where_it_is_moved_to(local):
    local.write(".leakseal.yaml", b"allow: [{paths: ['fixtures/**'], reason: Not real}]\n")
    local.commit_file("fixtures/key", b"TOKEN=%b\n" % NEW)
    assert Push(local.path).passed()
    local.git("mv", "fixtures/key", "key")
    commit = local.commit("Move it")
    assert Push(local.path).blocked(leak("key:1:7", commit))
    local.write("key", b"")
    local.commit("Take it out")
    assert Push(local.path).blocked(leak("key:1:7", commit))


def test_a_branch_that_the_remote_has_deleted_is_no_reason_to_search_all(sides):
    local, bare = sides
    local.git("checkout", "-q", "-b", "topic")
    local.commit_file("a.txt", b"1\n")
    assert Push(local.path).passed()
    git(bare, "branch", "-D", "topic")
    local.commit_file("a.txt", b"2\n")
    assert Push(local.path).passed()
    git(bare, "branch", "-D", "topic")
    local.git("commit", "-q", "--amend", "-m", "Again")
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path, "origin", "topic").blocked(leak("new.env:1:7", commit))


def test_what_a_deleted_branch_had_is_new_again(sides):
    local, bare = sides
    local.git("checkout", "-q", "-b", "topic")
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path, "--no-verify", "origin", "topic").passed()
    git(bare, "branch", "-D", "topic")
    assert Push(local.path).blocked(leak("new.env:1:7", commit))


def test_the_branches_of_a_remote_whose_name_begins_alike(sides, tmp_path):
    local, _ = sides
    git(tmp_path, "init", "-q", "--bare", "other.git")
    for key, value in (
        ("url", str(tmp_path / "other.git")),
        ("fetch", "+refs/heads/*:refs/remotes/origin/fork/*"),
    ):
        local.git("config", f"remote.origin/fork.{key}", value)
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path, "--no-verify", "origin/fork", "main").passed()
    assert local.git("rev-parse", "refs/remotes/origin/fork/main") == commit
    assert Push(local.path).blocked(leak("new.env:1:7", commit))


def test_an_encoding_for_logs_does_not_matter(local):
    local.git("config", "i18n.logOutputEncoding", "UTF-16")
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path).blocked(leak("new.env:1:7", commit))


def test_what_the_remote_has_taken_back_is_new_to_it(sides):
    local, bare = sides
    commit = local.commit_file("new.env", b"TOKEN=%b\n" % NEW)
    assert Push(local.path, "--no-verify", "origin", "main").passed()
    local.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    git(bare, "update-ref", "refs/heads/main", f"{commit}~1")
    local.commit_file("a.txt", b"on top\n")
    assert Push(local.path).blocked(leak("new.env:1:7", commit))
