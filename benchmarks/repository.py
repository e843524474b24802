"""The repositories that are measured: their names, sizes, and copies with a working tree."""

import os
import subprocess
from pathlib import Path

_ENVIRONMENT = os.environ | {"GIT_LFS_SKIP_SMUDGE": "1", "LC_ALL": "C"}


def name(path: Path) -> str:
    """Return what to call a repository: its folder's name, `owner/name` for `owner+name`."""
    path = path.resolve()
    while path.name in (".git", "repo") and path.parent.name:
        path = path.parent
    return path.name.removesuffix(".git").replace("+", "/")


def is_bare(path: Path) -> bool:
    """Return whether there is no working tree around the object database."""
    return not (path / ".git").exists()


def size(path: Path) -> dict[str, int]:
    """Return commits, objects, packed bytes, and objects that are named but absent."""
    counts = dict(line.split(": ") for line in _git(path, "count-objects", "-v").splitlines())
    walked = _git(path, "rev-list", "--objects", "--all", "--missing=print").splitlines()
    return {
        "commits": int(_git(path, "rev-list", "--all", "--count")),
        "objects": int(counts["in-pack"]) + int(counts["count"]),
        "packed_bytes": int(counts["size-pack"]) * 1024,
        "absent": sum(line.startswith("?") for line in walked),
    }


def read_once(path: Path) -> None:
    """Read every file under `path`, so that no tool pays for a cold page cache."""
    for folder, _, files in os.walk(path):
        for file in files:
            try:
                with open(Path(folder, file), "rb") as opened:
                    while opened.read(1 << 20):
                        pass
            except OSError:  # a dangling link
                continue


def clone(path: Path, target: Path) -> None:
    """Clone `path` and check HEAD out, but for files whose contents are absent."""
    subprocess.run(
        ["git", "clone", "-q", "--no-hardlinks", "--no-checkout", path.resolve(), target],
        check=True,
        env=_ENVIRONMENT,
    )
    _git(target, "read-tree", "HEAD")
    subprocess.run(
        ["git", "checkout-index", "--all", "--quiet"],
        cwd=target,
        env=_ENVIRONMENT,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def tiny(target: Path) -> None:
    """Make a repository of one commit, for every tool to start on once before the clock runs."""
    _git(target.parent, "init", "-q", str(target))
    (target / "README").write_text("A repository of one file.\n")
    _git(target, "add", "README")
    author = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.com")
    _git(target, *author, "commit", "-q", "-m", "Begin")


def _git(path: Path, *arguments: str) -> str:
    command = ["git", "-C", str(path), *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, errors="replace", env=_ENVIRONMENT
    ).stdout
