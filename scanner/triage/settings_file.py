"""Where a project's own settings lie. It reads no file, so the guard may ask at every commit."""

import os

NAME = ".leakseal.yaml"


def around() -> str | None:
    """Return the path of the settings of the repository around the current directory, if any."""
    return at_root(NAME)


def at_root(name: str) -> str | None:
    """Return the path of the file `name` in the root of that repository, None if there is none."""
    folder = root()
    path = os.path.join(folder, name) if folder else ""
    return path if path and os.path.lexists(path) else None


def root() -> str | None:
    """Return the root of the repository around the current directory, None if there is none.

    Git may have been told of another one, whose working tree need not hold its `.git`. In a linked
    worktree git itself tells its hooks, and takes any directory that they go to for the root.
    """
    if os.environ.get("GIT_DIR") or os.environ.get("GIT_WORK_TREE"):
        return _told()
    try:
        folder = os.getcwd()
    except OSError:  # it is gone; git says so
        return None
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


def _told() -> str | None:
    from scanner.gitdb.git import Git, GitError  # noqa: PLC0415 - nearly always there is no need

    def asked(git: Git, what: str) -> str:
        return os.fsdecode(git.run("rev-parse", what).removesuffix(b"\n"))

    told = Git(None, hook=True)
    try:
        top = asked(told, "--show-toplevel")
    except GitError:  # it is bare, or this is outside of its working tree
        return None
    if os.environ.get("GIT_WORK_TREE") or os.path.lexists(os.path.join(top, ".git")):
        return top or None
    plain = {name: value for name, value in os.environ.items() if name != "GIT_DIR"}
    around = Git(None, environ=plain, hook=True)
    option = "--absolute-git-dir"
    try:
        same = os.path.realpath(asked(around, option)) == os.path.realpath(asked(told, option))
        return asked(around, "--show-toplevel") if same else top or None
    except GitError:
        return top or None
