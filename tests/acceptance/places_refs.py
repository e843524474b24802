"""Cases: merges, refs of all kinds, what they lead to, and what nothing leads to."""

from planting import at, case, leak


@case
def annotated_tag_message(r):
    secret = r.token()
    r.git("tag", "-a", "v1", "-m", f"Release with {secret.decode()}")
    tag = r.git("rev-parse", "refs/tags/v1")
    return leak(secret, at("tag", "refs/tags/v1", "history", object_id=tag, column=14))


@case
def dangling_tag_message(r):
    secret = r.token()
    r.git("tag", "-a", "gone", "-m", f"Never {secret.decode()}")
    tag = r.git("rev-parse", "refs/tags/gone")
    r.git("tag", "-d", "gone")
    return leak(secret, at("tag", "", "unreachable", object_id=tag))


@case
def note(r):
    secret = r.token()
    commit = r.head()
    r.git("notes", "add", "-m", f"See {secret.decode()}", commit)
    notes = r.git("rev-parse", "refs/notes/commits")
    return leak(
        secret,
        at("note", f"refs/notes/commits:{commit}", "history", introduced=notes, line=1, column=5),
    )


@case
def note_among_many(r):
    """git puts notes into folders when they are many, and people keep some elsewhere."""
    secret = r.token()
    commit = r.head()
    tree = r.tree(**{commit[2:]: r.blob(secret)})
    above = r.git("mktree", stdin=f"040000 tree {tree}\t{commit[:2]}\n".encode())
    notes = r.git("commit-tree", "-m", "Notes", above)
    r.git("update-ref", "refs/notes/team/review", notes)
    path = f"refs/notes/team/review:{commit[:2]}/{commit[2:]}"
    return leak(secret, at("note", path, "history", introduced=notes))


@case
def file_named_like_a_note(r):
    secret = r.token()
    name = "ab" * 20
    r.write(name, b"TOKEN=%b\n" % secret)
    came = r.commit("Add")
    r.git("update-ref", "refs/notes/odd", came)
    return leak(secret, at("file", name, "head", introduced=came))


@case
def branch_name(r):
    secret = r.token()
    r.git("branch", f"fix/{secret.decode()}")
    return leak(secret, at("ref", b"refs/heads/fix/" + secret, "history"))


@case
def pull_request_ref(r):
    secret = r.token()
    commit = r.loose_commit(b"TOKEN=%b\n" % secret, "pull.env", r.head())
    r.git("update-ref", "refs/pull/7/head", commit)
    return leak(secret, at("file", "pull.env", "history", introduced=commit))


@case
def other_branch(r):
    secret = r.token()
    commit = r.loose_commit(b"TOKEN=%b\n" % secret, "branch.env", r.head())
    r.git("update-ref", "refs/remotes/origin/other", commit)
    return leak(secret, at("file", "branch.env", "history", introduced=commit))


@case
def tag_on_a_blob(r):
    secret = r.token()
    blob = r.blob(b"\n\n TOKEN=%b\n" % secret)
    r.git("tag", "blob", blob)
    place = at("object", "refs/tags/blob", "history", object_id=blob, line=3, column=8)
    return leak(secret, place)


@case
def annotated_tag_on_a_blob(r):
    secret = r.token()
    blob = r.blob(b"TOKEN=%b\n" % secret)
    r.git("tag", "-a", "-m", "A blob", "annotated-blob", blob)
    return leak(secret, at("object", "refs/tags/annotated-blob", "history", object_id=blob))


@case
def tag_on_a_tree(r):
    secret = r.token()
    blob = r.blob(b"TOKEN=%b\n" % secret)
    r.git("tag", "tree", r.tree(**{"tree.env": blob}))
    return leak(secret, at("file", "tree.env", "history", object_id=blob))


@case
def dangling_blob(r):
    secret = r.token()
    blob = r.blob(b"TOKEN=%b\n" % secret)
    return leak(secret, at("object", "", "unreachable", object_id=blob, line=1, column=7))


@case
def blob_of_a_dangling_tree(r):
    secret = r.token()
    blob = r.blob(b"#\nTOKEN=%b\n" % secret)
    r.tree(**{"nobody.env": blob})
    return leak(secret, at("object", "", "unreachable", object_id=blob, line=2))


@case
def merge_only_content_in_a_new_file(r):
    secret = r.token()
    _branch_off(r, "evil-new", "evil-new-side.txt", b"side\n")
    r.git("merge", "-q", "--no-commit", "--no-ff", "evil-new")
    commit = r.commit_file("evil-new.env", b"TOKEN=%b\n" % secret, "Merge")
    assert len(r.git("rev-parse", "HEAD^@").split()) == 2
    return leak(secret, at("file", "evil-new.env", "head", introduced=commit))


@case
def merge_only_content_in_a_conflict(r):
    secret = r.token()
    r.commit_file("conflict.env", b"A=0\n")
    _branch_off(r, "conflict", "conflict.env", b"A=1\n")
    r.commit_file("conflict.env", b"A=2\n")
    r.git("merge", "-q", "conflict", check=False)
    commit = r.commit_file("conflict.env", b"A=2\nTOKEN=%b\n" % secret, "Merge")
    return leak(secret, at("file", "conflict.env", "head", introduced=commit, line=2))


@case
def removed_by_a_merge(r):
    secret = r.token()
    before = r.commit_file("evil-gone.env", b"TOKEN=%b\n" % secret)
    _branch_off(r, "evil-gone", "evil-gone-side.txt", b"side\n")
    r.git("merge", "-q", "--no-commit", "--no-ff", "evil-gone")
    gone = r.commit_file("evil-gone.env", b"TOKEN=\n", "Merge")
    return leak(secret, at("file", "evil-gone.env", "history", introduced=before, removed=gone))


@case
def merged_from_a_branch(r):
    """The branch is where it came in; the merge adds nothing."""
    secret = r.token()
    _branch_off(r, "feature", "feature.env", b"TOKEN=%b\n" % secret)
    r.git("merge", "-q", "--no-ff", "-m", "Merge", "feature")
    commit = r.git("rev-parse", "feature")
    return leak(secret, at("file", "feature.env", "head", introduced=commit))


@case
def replaced_commit_and_its_replacement(r):
    original, replacement = r.token(), r.token()
    parent = r.head()
    old = r.loose_commit(b"TOKEN=%b\n" % original, "replaced.env", parent)
    new = r.loose_commit(b"TOKEN=%b\n" % replacement, "replaced.env", parent)
    r.git("update-ref", "refs/heads/replaced", old)
    r.git("replace", old, new, GIT_NO_REPLACE_OBJECTS="")
    return [
        leak(original, at("file", "replaced.env", "history", introduced=old)),
        leak(replacement, at("file", "replaced.env", "history", introduced=new)),
    ]


@case
def replaced_blob(r):
    secret = r.token()
    commit = r.commit_file("replaced-blob.env", b"TOKEN=%b\n" % secret)
    blob = r.git("rev-parse", "HEAD:replaced-blob.env")
    r.git("replace", blob, r.blob(b"TOKEN=\n"))
    return leak(secret, at("file", "replaced-blob.env", "head", introduced=commit))


def _branch_off(r, name, path, content):
    """Commit a file on a new branch, and come back."""
    r.git("checkout", "-q", "-b", name)
    r.commit_file(path, content, f"On {name}")
    r.git("checkout", "-q", "main")
