"""Cases: links, attributes and odd names; and, last of all, index, working tree and git directory.

What stands in the index and on disk only must stay so: nothing may be committed after these.
"""

import hashlib
import os

from planting import Repository, at, case, git, leak

NAMES = {
    "spaces": b" two  spaces .env ",
    "double_quotes": b'say "hello".env',
    "single_quotes": b"it's.env",
    "line_feed": b"two\nlines.env",
    "tab": b"a\ttab.env",
    "escape_code": b"\x1b[31mred\x1b[0m.env",
    "not_utf_8": b"caf\xe9-\xff.env",
    "leading_dash": b"--output=x.env",
    "pathspec": b":(glob)*.env",
    "backslash": b"C:\\temp\\new.env",
    "bidirectional": "\u202egnp.env".encode(),
    "long": b"n" * 250,
}


def _odd_name(name, path):
    def plant(r):
        secret = r.token()
        commit = r.commit_file(b"odd/" + path, b"\nTOKEN=%b\n" % secret)
        place = at("file", b"odd/" + path, "head", introduced=commit, line=2, column=7)
        return leak(secret, place)

    plant.__name__ = f"name_with_{name}"
    case(plant)


for _name, _path in NAMES.items():
    _odd_name(_name, _path)


@case
def symlink_turned_file(r):
    secret = r.token()
    os.symlink("nowhere", r.path / "was-a-link")
    r.commit("Link")
    (r.path / "was-a-link").unlink()
    commit = r.commit_file("was-a-link", b"TOKEN=%b\n" % secret)
    return leak(secret, at("file", "was-a-link", "head", introduced=commit))


@case
def symlink_target(r):
    secret = r.token()
    os.symlink(b"/srv/" + secret, os.fsencode(r.path / "a-link"))
    commit = r.commit("Link")
    return leak(secret, at("file", "a-link", "head", introduced=commit, line=1, column=6))


@case
def no_diff_attribute(r):
    return _with_attribute(r, "no-diff.env", "-diff")


@case
def binary_attribute(r):
    return _with_attribute(r, "binary.env", "binary")


@case
def export_ignored(r):
    return _with_attribute(r, "ignored.env", "export-ignore -text filter=none")


def _with_attribute(r, path, attribute):
    secret = r.token()
    folder = f"attributes-{path}"
    r.write(f"{folder}/.gitattributes", f"*.env {attribute}\n".encode())
    commit = r.commit_file(f"{folder}/{path}", b"TOKEN=%b\n" % secret)
    return leak(secret, at("file", f"{folder}/{path}", "head", introduced=commit, line=1))


@case
def executable(r):
    secret = r.token()
    r.write("run.sh", b"#!/bin/sh\nexport T=%b\n" % secret)
    os.chmod(r.path / "run.sh", 0o755)
    return leak(secret, at("file", "run.sh", "head", introduced=r.commit(), line=2, column=10))


@case
def submodule(r):
    """Content of a submodule at work and in its past, and of one that was taken out again."""
    now, past, gone = r.token(), r.token(), r.token()
    inner = Repository(r.path.with_name("inner"))
    first = inner.commit_file("old.env", b"TOKEN=%b\n" % past)
    (inner.path / "old.env").unlink()
    second = inner.commit_file("now.env", b"TOKEN=%b\n" % now)
    removed = Repository(r.path.with_name("removed"))
    third = removed.commit_file("gone.env", b"TOKEN=%b\n" % gone)
    for other, path in ((inner, "libs/inner"), (removed, "libs/removed")):
        r.git("submodule", "--quiet", "add", "--name", other.path.name, str(other.path), path)
    r.commit("Add submodules")
    r.git("submodule", "--quiet", "deinit", "--force", "libs/removed")
    r.git("rm", "-q", "libs/removed")
    r.commit("Remove one")
    place = at("file", "libs/inner/now.env", "head", introduced=second)
    before = at("file", "libs/inner/old.env", "history", introduced=first, removed=second)
    kept = at("file", ".git/modules/removed/gone.env", "head", introduced=third)
    return [
        leak(now, place, verifiable=False),
        leak(past, before, verifiable=False),
        leak(gone, kept, verifiable=False),
    ]


@case
def lfs_object(r):
    """An object whose pointer is in HEAD, one whose pointer was deleted, and one without any."""
    current, deleted, alone = r.token(), r.token(), r.token()
    pointers = {}
    for secret in (current, deleted, alone):
        content = b"\x89DATA\n\nTOKEN=%b\n" % secret
        oid = hashlib.sha256(content).hexdigest()
        r.write(f".git/lfs/objects/{oid[:2]}/{oid[2:4]}/{oid}", content)
        pointers[secret] = (
            f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"
        ).encode()
    first = r.commit_file("large.bin", pointers[current])
    second = r.commit_file("larger.bin", pointers[deleted])
    (r.path / "larger.bin").unlink()
    third = r.commit()
    oid = hashlib.sha256(b"\x89DATA\n\nTOKEN=%b\n" % alone).hexdigest()
    path = f".git/lfs/objects/{oid[:2]}/{oid[2:4]}/{oid}"
    here = at("file", "large.bin", "head", introduced=first, via=("lfs",), line=3)
    there = {"introduced": second, "removed": third, "via": ("lfs",)}
    return [
        leak(current, here, verifiable=False),
        leak(deleted, at("file", "larger.bin", "history", **there), verifiable=False),
        leak(alone, at("git", path, "metadata", line=3)),
    ]


@case
def staged(r):
    """Staged and also on disk; staged and changed since; staged and deleted since."""
    same, changed, deleted = r.token(), r.token(), r.token()
    leaks = []
    for name, secret in (("same", same), ("changed", changed), ("deleted", deleted)):
        path = f"staged-{name}.env"
        r.write(path, b"#\nTOKEN=%b\n" % secret)
        r.git("add", path)
        blob = r.git("rev-parse", f":{path}")
        leaks.append(leak(secret, at("file", path, "staged", object_id=blob, line=2, column=7)))
    r.write("staged-changed.env", b"TOKEN=\n")
    (r.path / "staged-deleted.env").unlink()
    return leaks


@case
def unstaged_modification(r):
    secret = r.token()
    assert r.git("ls-files", "app/settings.py"), "a file that is tracked"
    content = (r.path / "app/settings.py").read_bytes()
    r.write("app/settings.py", content + b"OTHER = '%b'\n" % secret)
    place = at("file", "app/settings.py", "worktree", object_id="", line=4, column=10)
    return leak(secret, place)


@case
def untracked(r):
    secret = r.token()
    r.write("new/untracked.env", b"TOKEN=%b\n" % secret)
    return leak(secret, at("file", "new/untracked.env", "worktree", line=1, column=7))


@case
def untracked_name(r):
    secret = r.token()
    r.write(b"new/" + secret, b"")
    return leak(secret, at("path", b"new/" + secret, "worktree"))


@case
def untracked_symlink(r):
    secret = r.token()
    os.symlink(secret, os.fsencode(r.path / "new-link"))
    return leak(secret, at("file", "new-link", "worktree", line=1, column=1))


@case
def ignored(r):
    secret = r.token()
    r.write(".git/info/exclude", b"ignored/\n*.secret\n")
    r.write("ignored/app.secret", b"TOKEN=%b\n" % secret)
    assert "ignored" not in r.git("status", "--porcelain", "--untracked-files=all")
    return leak(secret, at("file", "ignored/app.secret", "worktree"))


@case
def nested_untracked_clone(r):
    """A clone that lies about in the working tree, with a history of its own."""
    now, past = r.token(), r.token()
    inner = Repository(r.path / "vendor/clone")
    first = inner.commit_file("old.env", b"TOKEN=%b\n" % past)
    (inner.path / "old.env").unlink()
    second = inner.commit_file("now.env", b"TOKEN=%b\n" % now)
    return [
        leak(
            now,
            at("file", "vendor/clone/now.env", "head", introduced=second),
            verifiable=False,
        ),
        leak(
            past,
            at("file", "vendor/clone/old.env", "history", introduced=first, removed=second),
            verifiable=False,
        ),
    ]


@case
def remote_with_a_password(r):
    secret = r.token()
    r.git("remote", "add", "origin", f"https://ann:{secret.decode()}@git.acme.example/site.git")
    return leak(secret, at("git", ".git/config", "metadata"))


@case
def hook_file(r):
    secret = r.token()
    r.write(".git/hooks/post-commit", b"#!/bin/sh\ncurl -H 'X: %b' acme.example\n" % secret)
    return leak(secret, at("git", ".git/hooks/post-commit", "metadata", line=2, column=13))


@case
def fetched_message(r):
    """Files that git leaves behind, such as FETCH_HEAD and an unfinished commit's message."""
    secret = r.token()
    r.write(".git/COMMIT_EDITMSG", b"Add %b\n" % secret)
    return leak(secret, at("git", ".git/COMMIT_EDITMSG", "metadata", line=1, column=5))


@case
def linked_worktree(r):
    """A worktree elsewhere: its detached HEAD, and what is staged in its own index."""
    head, index = r.token(), r.token()
    other = r.path.with_name("linked")
    r.git("worktree", "add", "-q", "--detach", str(other))
    (other / "linked.env").write_bytes(b"TOKEN=%b\n" % head)
    git(other, "add", "linked.env")
    git(other, "commit", "-q", "-m", "Detached")
    commit = git(other, "rev-parse", "HEAD").decode().strip()
    (other / "linked-index.env").write_bytes(b"TOKEN=%b\n" % index)
    git(other, "add", "linked-index.env")
    blob = git(other, "rev-parse", ":linked-index.env").decode().strip()
    return [
        leak(head, at("file", "linked.env", "history", introduced=commit)),
        leak(index, at("object", "", "unreachable", object_id=blob)),
    ]
