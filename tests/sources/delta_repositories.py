"""Repositories whose files go through generated edits, packed by git in every way it knows."""

import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from delta_contents import KINDS, piece, token
from delta_edits import Edit, apply, contents, edit, joined

_TELLING = token(random.Random(0)).decode() + ".md"
PATHS = ("app/settings.py", "deploy/secret.yaml", "app/settings.py.bak", _TELLING)
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.fsync",  # these repositories need not outlive the machine
    "GIT_CONFIG_VALUE_0": "none",
    "LC_ALL": "C",
}
_PERSON = b"A U Thor <author@acme.io> %d +0530"


class Version(NamedTuple):
    """A commit's change to one file; with a message, that has a credential in it."""

    path: int
    edits: tuple[Edit, ...]
    message: tuple[str, int] | None


class Packing(NamedTuple):
    """How git stores the objects; `batches` is how many times it packs while history grows."""

    layout: str
    window: int
    depth: int
    compression: int
    batches: int
    hash_name: str


class History(NamedTuple):
    """The pieces of the first content of some files, then their versions."""

    files: tuple[tuple, ...]
    versions: tuple[Version, ...]
    packing: Packing


def git(directory, *args, stdin=b""):
    """Run the real git, as a user without any configuration would, and return its output."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        ["git", *args],
        cwd=directory,
        input=stdin,
        capture_output=True,
        env=kept | _ENVIRONMENT,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"git {args}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def history(seed, most=60):
    """Return a history of up to `most` versions, always the same for one seed."""
    rng = random.Random(seed)

    def version():
        made = tuple(edit(rng) for _ in range(rng.choice((1, 1, 2, 3))))
        message = (rng.choice(KINDS), rng.getrandbits(12)) if rng.random() < 0.2 else None
        return Version(rng.randrange(len(PATHS)), made, message)

    packing = Packing(
        rng.choice([*LAYOUTS, "anew", "anew"]),
        rng.choice((2, 10, 50)),
        rng.choice((1, 2, 5, 50, 200)),
        rng.choice((-1, 0, 1, 9)),
        rng.randint(1, 4),
        rng.choice(("sha1", "sha1", "sha1", "sha256")),
    )
    files = tuple(contents(rng, 8) for _ in range(rng.randint(1, len(PATHS))))
    return History(files, tuple(version() for _ in range(rng.randint(most // 4, most))), packing)


def write(history, directory):
    """Make the repository of a history in `directory`, which must not exist; it is a bare one."""
    packing = history.packing
    _init(directory, packing.hash_name)
    commits = _commits(history)
    step = -(-len(commits) // packing.batches)
    for start in range(0, len(commits), step):
        _import(directory, packing, commits[: start + step], start)
        LAYOUTS[packing.layout](directory, packing, start + step >= len(commits))


def contents_of(history):
    """Return the content of the changed file after each change, the first ones before."""
    held = dict(enumerate(map(joined, history.files)))
    versions = list(held.items())
    for version in history.versions:
        others = [data for _, data in versions[-6:]] + [data for _, data in versions[:2]]
        data = held.get(version.path, b"")
        for change in version.edits:
            data = apply(change, data, others)
        held[version.path] = data
        versions.append((version.path, data))
    return versions


def _commits(history):
    """Return commits as (path, content, message)."""
    messages = [None] * len(history.files) + [version.message for version in history.versions]
    return [
        (PATHS[path], data, piece(*message) if message else b"Change something\n")
        for (path, data), message in zip(contents_of(history), messages, strict=True)
    ]


def _init(directory, hash_name):
    """Make an empty repository without the cost of a process."""
    directory = Path(directory)
    for folder in ("objects/pack", "objects/info", "refs/heads"):
        (directory / folder).mkdir(parents=True)
    (directory / "HEAD").write_text("ref: refs/heads/main\n")
    extension = f"[extensions]\n\tobjectFormat = {hash_name}\n" if hash_name != "sha1" else ""
    version = int(bool(extension))
    config = f"[core]\n\trepositoryformatversion = {version}\n\tbare = true\n{extension}"
    (directory / "config").write_text(config)


def _import(directory, packing, commits, start):
    """Add `commits` from number `start` on, and an annotated tag."""
    lines = []
    for number, (path, data, message) in enumerate(commits[start:], start):
        lines.append(b"commit refs/heads/main\nmark :%d\n" % (number + 1))
        lines.append(b"committer %b\n" % (_PERSON % (1_700_000_000 + number)))
        lines.append(b"data %d\n%b\n" % (len(message), message))
        if number and number == start:
            lines.append(b"from refs/heads/main^0\n")
        lines.append(b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(data), data))
    message = commits[-1][2]
    lines.append(b"tag t%d\nfrom :%d\n" % (start, len(commits)))
    lines.append(b"tagger %b\ndata %d\n%b\n" % (_PERSON % 1, len(message), message))
    unpack = 1 << 20 if packing.layout in ("loose", "incremental", "thin") else 0
    options = ("-c", f"fastimport.unpackLimit={unpack}", "-c", f"pack.depth={packing.depth}")
    settings = (f"--depth={packing.depth}", "--quiet")
    compression = ("-c", f"core.compression={packing.compression}")
    git(directory, *options, *compression, "fast-import", *settings, stdin=b"".join(lines))


def _how(packing):
    return (f"--window={packing.window}", f"--depth={packing.depth}")


def _repack(directory, packing, *args, config=()):
    settings = (f"pack.compression={packing.compression}", *config)
    options = (word for setting in settings for word in ("-c", setting))
    git(directory, *options, "repack", "-q", *args, *_how(packing))


def _as_it_is(directory, packing, last):
    """Leave what fast-import made: loose objects, or a pack for each batch."""


def _anew(directory, packing, last):
    if last:
        _repack(directory, packing, "-adf")


def _reused(directory, packing, last):
    if last:
        _repack(directory, packing, "-ad")


def _by_id(directory, packing, last):
    if last:
        _repack(directory, packing, "-adf", config=("repack.useDeltaBaseOffset=false",))


def _incremental(directory, packing, last):
    """Pack each batch for itself; the last may stay loose."""
    if not last or packing.window != 10:
        _repack(directory, packing, "-d")
    if last and packing.depth == 5 and any(Path(directory, "objects/pack").glob("*.pack")):
        git(directory, "multi-pack-index", "write")


def _listed(directory, packing, refs, *args):
    """Return a pack, as it is sent, of what `refs` reach."""
    options = ("--revs", "--stdout", "-q", *_how(packing), *args)
    return git(directory, "pack-objects", *options, stdin=refs)


def _thin(directory, packing, last):
    """Store each batch as a fetch does: a pack without its deltas' bases, which are appended."""
    mark = Path(directory, "refs/heads/before")
    refs = b"refs/heads/main\n" + (b"^refs/heads/before\n" if mark.exists() else b"")
    content = _listed(directory, packing, refs, "--thin")
    git(directory, "index-pack", "--fix-thin", "--stdin", stdin=content)
    git(directory, "prune-packed", "-q")
    shutil.copy(Path(directory, "refs/heads/main"), mark)


def _twice(directory, packing, last):
    """Keep packs as they are and add one that holds everything, with other deltas."""
    if last:
        content = _listed(directory, packing, b"", "--all", "--no-reuse-delta")
        git(directory, "index-pack", "--stdin", stdin=content)


def _beside(directory, packing, last):
    """Move what there is after the first batch to an object directory that is an alternate."""
    objects, beside = Path(directory, "objects"), Path(directory, "beside")
    if not beside.exists() and not last:
        shutil.move(objects, beside)
        for folder in ("pack", "info"):
            (objects / folder).mkdir(parents=True)
        (objects / "info" / "alternates").write_text("../beside\n")
    elif last:
        _repack(directory, packing, "-dl")


LAYOUTS = {
    "loose": _as_it_is,
    "imported": _as_it_is,
    "anew": _anew,
    "reused": _reused,
    "by id": _by_id,
    "incremental": _incremental,
    "thin": _thin,
    "twice": _twice,
    "beside": _beside,
}
