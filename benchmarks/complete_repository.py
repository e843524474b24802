"""Copies a repository that lacks objects, with stand-ins for the blobs that are absent.

    python benchmarks/complete_repository.py SOURCE TARGET

Some scanners stop at the first absent object, or cannot clone at all, so a mirror that was stored
without its largest files says nothing about them. The copy has the same history, but every absent
blob is one small stand-in; commits after it get other ids. What no ref reaches is left behind.
"""

import shutil
import subprocess
import sys
from pathlib import Path

STAND_IN = b"This file was not stored with the repository.\n"


def complete(source: Path, target: Path) -> int:
    """Make the bare repository `target` from `source`; return how many blobs were absent."""
    gone = absent(source)
    subprocess.run(["git", "init", "-q", "--bare", target], check=True)
    borrowed = target / "borrowed"
    alternates = target / "objects" / "info" / "alternates"
    alternates.write_text(f"{borrowed.resolve()}\n")
    _borrow(source, borrowed)
    hashed = ["git", "-C", target, "hash-object", "-w", "--stdin"]
    stand_in = subprocess.run(hashed, input=STAND_IN, check=True, capture_output=True).stdout
    _rewrite(source, target, gone, stand_in.strip())
    head = (source / "HEAD" if (source / "HEAD").exists() else source / ".git" / "HEAD").read_text()
    (target / "HEAD").write_text(head)
    # -f is not given: the deltas stay as the source has them.
    subprocess.run(["git", "-C", target, "repack", "-adq"], check=True)
    alternates.unlink()
    shutil.rmtree(borrowed)
    subprocess.run(
        ["git", "-C", target, "fsck", "--connectivity-only", "--no-dangling"], check=True
    )
    return len(gone)


def absent(source: Path) -> frozenset[bytes]:
    """Return the ids of objects that are named, but are not there."""
    walk = ["git", "-C", source, "rev-list", "--objects", "--all", "--missing=print"]
    lines = subprocess.run(walk, check=True, capture_output=True).stdout.splitlines()
    return frozenset(line[1:] for line in lines if line.startswith(b"?"))


def _borrow(source: Path, borrowed: Path) -> None:
    """Make `borrowed` an object directory of links to the objects of `source`."""
    where = ["git", "-C", source, "rev-parse", "--git-path", "objects"]
    said = subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip()
    objects = (source / said).resolve()
    (borrowed / "pack").mkdir(parents=True)
    for folder in objects.glob("[0-9a-f][0-9a-f]"):
        (borrowed / folder.name).symlink_to(folder)
    # Without their .promisor files: git would leave packs of a partial clone as they are.
    for file in (objects / "pack").glob("pack-*"):
        if file.suffix in (".pack", ".idx"):
            (borrowed / "pack" / file.name).symlink_to(file)


def _rewrite(source: Path, target: Path, gone: frozenset[bytes], stand_in: bytes) -> None:
    export = ["git", "-C", source, "fast-export", "--all", "--no-data", "--reencode=no"]
    export += ["--signed-tags=strip", "--tag-of-filtered-object=drop", "--use-done-feature"]
    load = ["git", "-C", target, "fast-import", "--quiet", "--force", "--done"]
    load += ["--date-format=raw-permissive"]
    with (
        subprocess.Popen(export, stdout=subprocess.PIPE) as reader,
        subprocess.Popen(load, stdin=subprocess.PIPE) as writer,
    ):
        assert reader.stdout
        assert writer.stdin
        for line in reader.stdout:
            if line.startswith(b"data "):
                writer.stdin.write(line)
                writer.stdin.write(reader.stdout.read(int(line[5:])))
                continue
            # filemodify: M SP mode SP id SP path (git-fast-import(1))
            fields = line.split(b" ", 3)
            if fields[0] == b"M" and fields[2] in gone:
                fields[2] = stand_in
            writer.stdin.write(b" ".join(fields))
        writer.stdin.close()
    if reader.returncode or writer.returncode:
        raise SystemExit("the history could not be rewritten")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    print(f"{complete(Path(sys.argv[1]), Path(sys.argv[2]))} absent blobs replaced")
