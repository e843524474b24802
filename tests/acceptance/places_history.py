"""Cases: commits and everything that leads to them, or to a blob, or to nothing."""

from planting import at, case, leak


@case
def in_head(r):
    secret = r.token()
    commit = r.commit_file("app/settings.py", b"# settings\n\nTOKEN = '%b'\n" % secret)
    place = at("file", "app/settings.py", "head", introduced=commit, line=3, column=10)
    return leak(secret, place)


@case
def in_head_and_edited_since(r):
    secret = r.token()
    commit = r.commit_file("edited.env", b"TOKEN=%b\n" % secret)
    r.commit_file("edited.env", b"# moved by a line\nTOKEN=%b\n" % secret)
    return leak(
        secret,
        at("file", "edited.env", "head", introduced=commit, line=2),
        at("file", "edited.env", "history", introduced=commit, line=1),
    )


@case
def in_two_files(r):
    secret = r.token()
    first = r.commit_file("two/a.env", b"A=%b\n" % secret)
    second = r.commit_file("two/b.env", b"# b\nB=%b\n" % secret)
    return leak(
        secret,
        at("file", "two/a.env", "head", introduced=first, line=1, column=3),
        at("file", "two/b.env", "head", introduced=second, line=2, column=3),
    )


@case
def deleted_file(r):
    secret = r.token()
    commit = r.commit_file("deleted.env", b"TOKEN=%b" % secret)
    (r.path / "deleted.env").unlink()
    gone = r.commit("Delete it")
    return leak(secret, at("file", "deleted.env", "history", introduced=commit, removed=gone))


@case
def edited_out(r):
    secret = r.token()
    commit = r.commit_file("out.env", b"A=1\nTOKEN=%b\n" % secret)
    gone = r.commit_file("out.env", b"A=1\n")
    place = at("file", "out.env", "history", introduced=commit, removed=gone, line=2, column=7)
    return leak(secret, place)


@case
def introduced_twice(r):
    secret = r.token()
    contents = (b"K=%b\n" % secret, b"K=\n", b"\nK=%b\n" % secret, b"K=none\n")
    a, b, c, d = [r.commit_file("twice.env", content) for content in contents]
    return leak(
        secret,
        at("file", "twice.env", "history", introduced=a, removed=b, line=1),
        at("file", "twice.env", "history", introduced=c, removed=d, line=2),
    )


@case
def unreachable_commit(r):
    secret = r.token()
    commit = r.loose_commit(b"TOKEN=%b\n" % secret, "lost.env", r.head())
    return leak(secret, at("file", "lost.env", "unreachable", introduced=commit))


@case
def amended_commit(r):
    secret = r.token()
    commit = r.commit_file("amended.env", b"TOKEN=%b\n" % secret)
    r.write("amended.env", b"TOKEN=\n")
    r.commit("Change a file", "--amend")
    return leak(secret, at("file", "amended.env", "reflog", introduced=commit))


@case
def reset_commit(r):
    secret = r.token()
    commit = r.commit_file("reset.env", b"TOKEN=%b\n" % secret)
    r.git("reset", "-q", "--hard", "HEAD~1")
    return leak(secret, at("file", "reset.env", "reflog", introduced=commit))


@case
def stashes(r):
    """An older stash with staged content and an untracked file, and a newer one."""
    older, staged, untracked, newest = (r.token() for _ in range(4))
    r.commit_file("stashed.env", b"TOKEN=\n")
    r.write("stashed.env", b"TOKEN=%b\n" % older)
    r.write("stashed-new.env", b"TOKEN=%b\n" % staged)
    r.git("add", "stashed-new.env")
    r.write("stashed-untracked.env", b"TOKEN=%b\n" % untracked)
    r.git("stash", "push", "-q", "--include-untracked")
    first = r.git("rev-parse", "stash@{0}")
    r.write("stashed.env", b"TOKEN=%b\n" % newest)
    r.git("stash", "push", "-q")
    second = r.git("rev-parse", "stash@{0}")
    index = r.git("rev-parse", f"{first}^2")
    files = r.git("rev-parse", f"{first}^3")
    return [
        leak(older, at("file", "stashed.env", "stash", introduced=first)),
        leak(staged, at("file", "stashed-new.env", "stash", introduced=index)),
        leak(untracked, at("file", "stashed-untracked.env", "stash", introduced=files)),
        leak(newest, at("file", "stashed.env", "stash", introduced=second)),
    ]


@case
def abandoned_removals(r):
    """What a commit that nobody reaches takes out is not gone; what a later one takes out is.

    The former is in a pack, so that it is met first.
    """
    still, gone = r.token(), r.token()
    commit = r.commit_file("abandoned.env", b"A=%b\nB=%b\n" % (still, gone))
    abandoned = r.loose_commit(b"", "abandoned.env", commit)
    r.git("update-ref", "refs/heads/abandoned", abandoned)
    r.git("repack", "-q", "-d")
    r.git("update-ref", "-d", "refs/heads/abandoned")
    removed = r.commit_file("abandoned.env", b"A=%b\n" % still)
    fields = {"introduced": commit, "column": 3}
    return [
        leak(still, at("file", "abandoned.env", "head", line=1, **fields)),
        leak(gone, at("file", "abandoned.env", "history", line=2, removed=removed, **fields)),
    ]


@case
def commit_message(r):
    secret = r.token()
    commit = r.commit(f"Rotate\n\nThe old one was {secret.decode()}, sorry.")
    line = r.git("cat-file", "commit", commit).split("\n").index("Rotate") + 3
    place = at("commit", "", "history", introduced=commit, object_id=commit, line=line, column=17)
    return leak(secret, place)


@case
def message_of_an_unreachable_commit(r):
    secret = r.token()
    commit = r.loose_commit(b"", "empty", r.head(), message=f"Use {secret.decode()}")
    return leak(secret, at("commit", "", "unreachable", introduced=commit))


@case
def author_name(r):
    secret = r.token()
    commit = r.commit("Sign", GIT_AUTHOR_NAME=f"Ann {secret.decode()}")
    return leak(secret, at("commit", "", "history", introduced=commit, object_id=commit))


@case
def committer_email(r):
    secret = r.token()
    commit = r.commit("Mail", GIT_COMMITTER_EMAIL=f"{secret.decode()}@acme.example")
    return leak(secret, at("commit", "", "history", introduced=commit, object_id=commit))


@case
def file_name(r):
    secret = r.token()
    path = b"names/key-%b.txt" % secret
    return leak(secret, at("path", path, "head", introduced=r.commit_file(path, b"")))


@case
def directory_name(r):
    secret = r.token()
    path = b"names/%b" % secret
    commit = r.commit_file(path + b"/deep/file.txt", b"nothing\n")
    return leak(secret, at("path", path, "head", introduced=commit))


@case
def deleted_file_name(r):
    secret = r.token()
    commit = r.commit_file(secret + b".log", b"")
    (r.path / f"{secret.decode()}.log").unlink()
    gone = r.commit()
    return leak(secret, at("path", secret + b".log", "history", introduced=commit, removed=gone))


@case
def rename_with_edit(r):
    secret = r.token()
    body = b"".join(b"line %d of a long file\n" % n for n in range(50))
    r.commit_file("old-name.txt", body)
    r.git("mv", "old-name.txt", "new-name.txt")
    commit = r.commit_file("new-name.txt", body + b"TOKEN=%b\n" % secret)
    return leak(secret, at("file", "new-name.txt", "head", introduced=commit, line=51))


@case
def renamed(r):
    secret = r.token()
    first = r.commit_file("before.env", b"TOKEN=%b\n" % secret)
    r.git("mv", "before.env", "after.env")
    second = r.commit("Rename")
    return leak(
        secret,
        at("file", "before.env", "history", introduced=first, removed=second),
        at("file", "after.env", "head", introduced=second),
    )


@case
def key_completed_by_a_second_commit(r):
    from scanner.rulepack.samples import expand

    lines = expand("<<der 600>>").splitlines(keepends=True)
    begun = expand("-----BEGIN <<>>RSA PRIVATE KEY-----\n") + lines[0]
    ended = "".join(lines[1:]) + expand("\n-----END <<>>RSA PRIVATE KEY-----\n")
    r.commit_file("completed.pem", begun.encode())
    second = r.commit_file("completed.pem", (begun + ended).encode())
    place = at("file", "completed.pem", "head", introduced=second, line=1, column=1)
    return leak("".join(lines).replace("\n", "").encode(), place, verifiable=False)
